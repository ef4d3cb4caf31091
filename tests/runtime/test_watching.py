"""Sessions attached to an actor: told of what is durable, and gone with their gateway."""

from collections.abc import Sequence
from typing import Any

import pytest

from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.link import BACKLOG_BYTES
from runtime.machine import Attached, Effect, Fact, Origin, Push, Rejected
from runtime.messages import Announced, Attach, Deliver, Detach, Follow, Forgotten, Hello, Published, Pushed, encode
from tests.runtime.bench import Bench
from tests.runtime.tally import Add, Added, Shouted, Show, TallyMachine, TallyState, Whisper, Whispered

A, B = ActorId("tally/a"), ActorId("tally/b")
LEASE_MS = HostLimits().lease_ms


def sequences(bench: Bench, peer: str = "gateway/0") -> list[int]:
    return [one.sequence for one in bench.sent(peer) if type(one) is Published]


def test_the_answer_is_the_last_sequence_and_the_summary() -> None:
    bench = Bench()
    bench.send(A, Add("one"), Add("two"))
    replies = bench.attach(A)
    bench.settle()
    assert (replies.by_index[0].sequence, replies.by_index[0].value) == (2, b"2")


def test_events_follow_from_there_without_a_gap_or_a_repeat() -> None:
    bench = Bench()
    replies = bench.deliver(
        Deliver(A, "visitor/v", "", Add("one")), Attach(A, "visitor/v", "s"), Deliver(A, "visitor/v", "", Add("two"))
    )
    bench.settle()
    assert replies.by_index[1].sequence == 1
    assert sequences(bench) == [2]


def test_a_gateway_whose_link_is_full_is_told_that_it_was_forgotten_and_misses_nothing() -> None:
    bench = Bench()
    bench.attach(A)
    bench.attach(A, peer="gateway/1")
    bench.settle()
    bench.sent("gateway/0")
    bench.links.send("gateway/0", encode(Announced("t", "k", b" " * (BACKLOG_BYTES - 400))))
    for number in range(20):
        bench.send(A, Add(str(number)))
        bench.settle()
    announced, *events, end = bench.sent("gateway/0")
    assert type(announced) is Announced
    assert type(end) is Forgotten
    heard = [one.sequence for one in events]
    assert heard == list(range(1, len(heard) + 1))
    assert 0 < len(heard) < 20
    assert sequences(bench, "gateway/1") == list(range(1, 21))
    again = bench.attach(A)
    bench.send(A, Add("more"))
    bench.settle()
    assert (again.by_index[0].sequence, sequences(bench)) == (20, [21])


def test_after_an_event_that_found_no_room_no_smaller_one_slips_through() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.links.send("gateway/0", encode(Announced("t", "k", b" " * (BACKLOG_BYTES - 400))))
    bench.send(A, Add("long" * 200), Add("short"), Show("a push that comes with it"))
    bench.settle()
    assert [type(one) for one in bench.sent("gateway/0")] == [Announced, Forgotten]


def test_a_gateway_whose_link_has_no_room_at_all_is_told_all_the_same() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    around = len(encode(Announced("t", "k", b" " * BACKLOG_BYTES))) - BACKLOG_BYTES
    bench.links.send("gateway/0", encode(Announced("t", "k", b" " * (BACKLOG_BYTES - around))))
    assert bench.links.to("gateway/0").backlog == BACKLOG_BYTES
    bench.send(A, Add("one"))
    bench.settle()
    assert [type(one) for one in bench.sent("gateway/0")] == [Announced, Forgotten]


def test_a_gateway_gets_one_copy_whoever_watches_there() -> None:
    bench = Bench()
    bench.attach(A, "s")
    bench.attach(A, "t")
    bench.attach(A, "u", peer="gateway/1")
    bench.send(A, Add("one"))
    bench.settle()
    assert sequences(bench) == [1]
    assert sequences(bench, "gateway/1") == [1]


def test_the_machine_hears_who_comes_and_goes() -> None:
    bench = Bench()
    bench.attach(A, "s")
    bench.attach(A, "t")
    bench.settle()
    assert bench.state(A).present == ["s", "t"]
    bench.detach(A, "s")
    bench.settle()
    assert bench.state(A).present == ["t"]


class Listening(TallyMachine):
    """Knows what it was told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        self.heard.append(command)
        return super().decide(state, command, origin)


def test_the_machine_does_not_hear_of_a_silent_watcher() -> None:
    machine = Listening()
    bench = Bench(machines=[machine])
    bench.attach(A, told=False)
    bench.settle()
    bench.send(A, Add("one"))
    bench.settle()
    assert sequences(bench) == [1]
    bench.detach(A)
    bench.settle()
    assert machine.heard == [Add("one")]
    assert bench.host.attachments.count == 0


def test_who_leaves_in_the_batch_in_which_it_came_is_gone() -> None:
    bench = Bench()
    bench.deliver(Attach(A, "visitor/v", "s"), Detach(A, "visitor/v", "s"))
    bench.settle()
    assert bench.host.attachments.count == 0
    assert bench.state(A).present == []


def test_who_leaves_while_the_actor_is_read_is_gone() -> None:
    bench = Bench()
    replies = bench.attach(A)
    bench.poll(load=False)
    bench.detach(A)
    bench.settle()
    assert replies.codes == ["ok"]
    assert bench.host.attachments.count == 0
    assert bench.state(A).present == []


def test_leaving_is_heard_even_at_a_full_mailbox() -> None:
    bench = Bench(limits=HostLimits(mailbox_commands=3))
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("1"), Add("2"), Add("3"))
    bench.detach(A)
    bench.settle()
    assert bench.state(A).present == []


def test_a_gateway_that_is_gone_takes_its_sessions_along() -> None:
    bench = Bench()
    bench.attach(A, "s")
    bench.attach(B, "t")
    bench.attach(A, "u", peer="gateway/1")
    bench.settle()
    bench.host.peer_gone("gateway/0", bench.now_ms)
    bench.settle()
    assert bench.state(A).present == ["u"]
    assert bench.state(B).present == []


def test_a_gateway_that_is_gone_is_heard_even_at_a_full_mailbox() -> None:
    bench = Bench(limits=HostLimits(mailbox_commands=2))
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("1"), Add("2"))
    bench.host.peer_gone("gateway/0", bench.now_ms)
    bench.settle()
    assert bench.state(A).present == []


def test_a_gateway_that_is_gone_before_its_session_came_in_leaves_none_behind() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    loading = bench.attach(A)
    bench.poll(load=False)
    bench.host.peer_gone("gateway/0", bench.now_ms)
    bench.settle()
    assert loading.codes == ["overloaded"]
    assert bench.labels(A) == ["one"]
    waiting = bench.attach(A)
    bench.host.peer_gone("gateway/0", bench.now_ms)
    bench.settle()
    assert waiting.codes == ["overloaded"]
    assert bench.host.attachments.count == 0
    assert bench.state(A).present == []


def test_a_gateway_that_is_silent_for_a_lease_is_gone() -> None:
    bench = Bench()
    bench.attach(A, "s")
    bench.attach(A, "u", peer="gateway/1")
    for _ in range(6):
        bench.deliver(Hello(), peer="gateway/1")
        bench.later(LEASE_MS // 4)
    assert bench.state(A).present == ["u"]


def test_a_gateway_that_was_silent_for_a_lease_learns_that_it_is_forgotten() -> None:
    bench = Bench()
    bench.attach(A)
    bench.deliver(Hello(), peer="host/1")
    bench.deliver(Follow("square"), peer="gateway/1")
    bench.settle()
    for _ in range(8):
        bench.later(LEASE_MS // 4)
    assert bench.sent("gateway/0") == bench.sent("gateway/1") == [Forgotten()]
    assert bench.sent("host/1") == []


def test_a_host_that_hung_itself_does_not_take_its_gateways_for_gone() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.later(LEASE_MS * 6)
    assert bench.state(A).present == ["s"]
    bench.later(LEASE_MS // 2)
    bench.deliver(Hello())
    bench.later(LEASE_MS // 2)
    assert bench.state(A).present == ["s"]


def test_a_store_that_is_away_for_long_does_not_cost_the_gateways_their_sessions() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("one"))
    for _ in range(60):  # the gateway's batch is in flight: it cannot send another
        bench.now_ms += LEASE_MS // 10
        bench.poll()
    bench.commit()
    bench.settle()
    assert bench.state(A).present == ["s"]


def test_a_journal_that_cannot_be_read_for_long_does_not_cost_the_gateways_their_sessions() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.send(B, Add("one"))
    for _ in range(60):
        bench.now_ms += LEASE_MS // 10
        bench.poll(load=False)
    bench.settle()
    assert bench.state(A).present == ["s"]


def test_after_a_calm_lease_the_silent_are_gone_all_the_same() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    for _ in range(8):
        bench.later(LEASE_MS // 4)
    assert bench.host.attachments.count == 0


@pytest.mark.sources
def test_who_is_gone_is_not_found_gone_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    gone: list[str] = []
    forget = bench.host.attachments.forget_peer
    monkeypatch.setattr(bench.host.attachments, "forget_peer", lambda peer: gone.append(peer) or forget(peer))
    for _ in range(20):
        bench.later(LEASE_MS // 4)
    assert gone == ["gateway/0"]


class Private(TallyMachine):
    """Nobody may watch it."""

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        if isinstance(command, Attached):
            raise Rejected("forbidden", "No.")
        return super().decide(state, command, origin)


def test_who_may_not_watch_is_not_attached_and_sees_nothing() -> None:
    bench = Bench(machines=[Private()])
    refused = bench.attach(A)
    bench.send(A, Add("one"))
    bench.settle()
    assert refused.codes == ["forbidden"]
    assert bench.host.attachments.count == 0
    assert bench.sent("gateway/0") == []


class Shouting(TallyMachine):
    """Whispers are pushed to whoever watches."""

    def effects(self, state: TallyState, fact: Fact, at_ms: int) -> Sequence[Effect]:
        return [Push(Shouted(fact.label))] if isinstance(fact, Whispered) else []


def test_what_a_signal_pushes_leaves_in_its_place_among_the_events() -> None:
    bench = Bench(machines=[Shouting()])
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("one"), Whisper("two"), Add("three"))
    bench.settle()
    assert [type(one) for one in bench.sent("gateway/0")] == [Published, Pushed, Published]


class Secret(Added, frozen=True, tag="secret"):
    published = False


class Secretive(TallyMachine):
    """Nobody is shown what happens."""

    events = TallyMachine.events | Secret

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        return [Secret(command.label)] if isinstance(command, Add) else super().decide(state, command, origin)


def test_what_is_not_to_be_published_nobody_sees() -> None:
    bench = Bench(machines=[Secretive()])
    bench.attach(A)
    bench.send(A, Add("one"))
    bench.settle()
    assert bench.journal.last_sequence(A) == 1
    assert bench.sent("gateway/0") == []
