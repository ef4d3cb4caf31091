"""A tell of an event is taken once by its receiver, whatever crashes; one of a signal at most once."""

from collections.abc import Sequence
from typing import Any

import pytest

from runtime.host import OVERLOADED
from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.link import Link
from runtime.machine import Command, Effect, Fact, Tell
from runtime.messages import Deliver, Refusal, Reply
from tests.runtime.bench import HOSTS, TWO_HOSTS, Bench, actor_at
from tests.runtime.tally import Add, Forward, Hush, Hushed, Several, TallyMachine, TallyState, Whisper

A, B = actor_at("host/0"), actor_at("host/0", 1)
ELSEWHERE = actor_at("host/1")
LABEL = f"x from {A.partition('/')[2]}"


def bench(journal: Bench | None = None, **limits: int) -> Bench:
    return Bench(journal.journal if journal else None, HostLimits(**limits), placement=TWO_HOSTS)


def alarms(one: Bench) -> dict[ActorId, int]:
    return dict(one.journal.alarms())


def answer(link: Link, reply: Reply) -> list[Any]:
    """The messages of the link's batch, each of which has this reply now."""
    flight = link.take()
    assert flight is not None
    messages: list[Any] = HOSTS.decode(link.batch(flight)).messages
    link.delivered(flight)
    for ticket, index in flight.tokens:
        ticket.settle(index, reply)
    return messages


def test_a_neighbour_is_told_after_the_commit() -> None:
    one = bench()
    one.send(A, Forward(B, "x"))
    one.poll()
    assert B not in one.host.activations
    one.commit()
    one.settle()
    assert one.labels(B) == [LABEL]


def test_an_actor_elsewhere_is_told_over_the_link() -> None:
    one = bench()
    one.send(A, Add("before"), Forward(ELSEWHERE, "x"))
    one.settle()
    assert one.sent("host/1") == [Deliver(ELSEWHERE, A, "2.0", Add(LABEL))]


def test_while_a_tell_is_under_way_the_index_wakes_its_sender_after_a_crash() -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"))
    one.settle()
    assert alarms(one) == {A: 0}
    one.sent("host/1")
    one.later(HostLimits().row_delay_ms)
    one.later(HostLimits().row_delay_ms)
    assert alarms(one) == {}
    assert one.journal.rows[A].told == 1


def test_after_a_crash_what_may_not_have_been_taken_is_told_again_with_the_same_ref() -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"), Forward(ELSEWHERE, "y"))
    one.settle()
    told = one.sent("host/1")
    after = bench(one)
    after.settle()
    assert after.sent("host/1") == told
    assert len(told) == 2
    for _ in range(3):
        after.later(HostLimits().row_delay_ms)
    again = bench(after)
    again.settle()
    assert again.sent("host/1") == []


def test_the_receiver_does_it_once() -> None:
    one = bench()
    one.send(A, Forward(B, "x"))
    one.settle()
    assert one.labels(B) == [LABEL]
    after = bench(one)
    after.settle()
    after.later(10_000)
    assert A in after.host.activations  # it did tell again
    assert after.labels(B) == [LABEL]


def test_a_crash_before_the_commit_tells_nobody() -> None:
    one = bench()
    one.send(A, Forward(B, "x"))
    one.poll()
    after = bench(one)
    after.later(10_000)
    assert after.labels(A) == after.labels(B) == []


@pytest.mark.parametrize("written", [False, True])
def test_an_append_of_unknown_outcome_tells_once_or_never(written: bool) -> None:
    one = bench()
    one.send(A, Forward(B, "x"))
    one.poll()
    one.fail(written)
    one.later(10_000)
    assert one.labels(B) == ([LABEL] if written else [])


def test_a_neighbour_without_room_is_told_again_later() -> None:
    one = bench(mailbox_commands=1)
    one.send(A, Forward(B, "x"))
    one.poll()
    one.send(B, Add("first"))
    one.poll(load=False)
    one.commit()  # the tell finds B's mailbox full
    one.settle()
    assert one.labels(B) == ["first"]
    one.later(HostLimits().retry_ms)
    assert one.labels(B) == ["first", LABEL]
    one.later(10_000)
    one.later(10_000)
    assert alarms(one) == {}


def test_an_actor_elsewhere_without_room_is_told_again_later() -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"))
    one.settle()
    link = one.links.to("host/1")
    messages = answer(link, OVERLOADED)
    one.settle()
    assert link.take() is None
    assert one.wake_at_ms == one.now_ms + HostLimits().retry_ms
    one.later(HostLimits().retry_ms)
    assert answer(link, Reply(1)) == messages
    one.later(10_000)
    one.later(10_000)
    assert alarms(one) == {}


def test_a_tell_that_is_refused_is_settled() -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"))
    one.settle()
    answer(one.links.to("host/1"), Reply(refusal=Refusal("not_allowed", "", {})))
    one.later(10_000)
    one.later(10_000)
    assert one.links.to("host/1").take() is None
    assert alarms(one) == {}


def test_a_full_link_is_tried_again_later() -> None:
    one = bench()
    one.links.to("host/1")._backlog_bytes = 0
    one.send(A, Forward(ELSEWHERE, "x"))
    one.settle()
    assert one.links.to("host/1").idle
    one.links.to("host/1")._backlog_bytes = 10_000
    one.later(HostLimits().retry_ms)
    assert len(one.sent("host/1")) == 1


@pytest.mark.parametrize("command", [Forward(ELSEWHERE, "x"), Whisper("x", ELSEWHERE)])
def test_what_finds_no_room_again_and_again_is_told_again_each_time_that_it_is_due(command: Command) -> None:
    one = bench(lease_ms=3_600_000, retry_ms=100)
    one.links.to("host/1")._backlog_bytes = 0
    one.send(A, command)
    one.settle()
    for _ in range(3):
        assert one.wake_at_ms == one.now_ms + 100
        one.later(100)
    one.links.to("host/1")._backlog_bytes = 10_000
    one.later(100)
    assert len(one.sent("host/1")) == 1


def test_a_snapshot_waits_until_every_tell_was_taken() -> None:
    one = bench(snapshot_events=2)
    one.send(A, Add("1"), Add("2"), Forward(ELSEWHERE, "x"))
    one.settle()
    assert one.journal.snapshots == {}
    one.sent("host/1")
    one.later(500)
    one.later(500)
    assert one.journal.snapshots[A].sequence == 3


def test_quiet_talk_writes_no_row_until_it_has_lagged_enough() -> None:
    one = bench()
    one.send(A, Add("one"))
    one.settle()
    for number in range(20):
        one.send(A, Hush(str(number)))
        append = one.poll()
        assert append is not None
        assert append.rows == []
        one.commit()
    assert one.journal.rows[A].sequence == 1
    one.later(HostLimits().row_delay_ms)
    assert one.journal.rows[A].sequence == 21
    assert [row.body for row in one.journal.find([["kind:tally"]], 9)] == [b"21"]


def test_lagging_rows_are_written_a_bounded_number_at_a_time() -> None:
    one = bench(turn_commands=10)
    actors = [actor_at("host/0", number) for number in range(25)]
    for actor in actors:
        one.send(actor, Hush("one"))
    one.settle()
    one.now_ms += HostLimits().row_delay_ms
    sizes = []
    for _ in range(10):
        append = one.poll()
        if append is not None:
            sizes.append(len(append.rows))
            one.commit()
    assert sum(sizes) == 25
    assert max(sizes) <= 10


def test_a_tell_of_a_signal_that_was_sent_twice_is_done_once() -> None:
    # The receiving host does it, crashes before it answers, and gets the very same batch again.
    one = bench()
    one.send(A, Whisper("w", ELSEWHERE))
    one.settle()
    (tell,) = one.sent("host/1")
    other = Bench(one.journal, name="host/1", placement=TWO_HOSTS)
    other.deliver(tell, peer="host/0")
    other.settle()
    after = Bench(one.journal, name="host/1", placement=TWO_HOSTS)
    after.deliver(tell, peer="host/0")
    after.settle()
    assert after.labels(ELSEWHERE) == ["w"]
    one.send(A, Whisper("w", ELSEWHERE))
    one.settle()
    after.deliver(*one.sent("host/1"), peer="host/0")
    after.settle()
    assert after.labels(ELSEWHERE) == ["w", "w"]


def test_a_tell_of_a_signal_is_not_taken_for_one_of_a_former_life() -> None:
    one = bench()
    one.send(A, Whisper("before", B))
    one.settle()
    one.later(1)
    after = bench(one)
    after.links.incarnation = "second"
    after.send(A, Whisper("after", B))
    after.settle()
    after.later(1)
    assert after.labels(B) == ["before", "after"]


class HushedTells(TallyMachine):
    """Tells with an event that is quiet, and changes no row."""

    def effects(self, state: TallyState, fact: Fact, at_ms: int) -> Sequence[Effect]:
        return [Tell(ELSEWHERE, Add(fact.label))] if isinstance(fact, Hushed) else []


def test_a_quiet_event_that_tells_has_its_sender_woken_all_the_same() -> None:
    one = Bench(placement=TWO_HOSTS, machines=[HushedTells()])
    one.send(A, Add("one"))
    one.settle()
    one.send(A, Hush("two"))
    one.settle()
    assert alarms(one) == {A: 0}


def test_events_of_one_command_tell_under_their_own_sequences() -> None:
    one = bench()
    one.send(A, Several(("1", "2")), Forward(ELSEWHERE, "x"), Forward(ELSEWHERE, "y"))
    one.settle()
    assert [tell.ref for tell in one.sent("host/1")] == ["3.0", "4.0"]


@pytest.mark.parametrize("refused", ["before", "meanwhile", "after"])
def test_who_was_replaced_leaves_what_was_not_taken_to_its_successor(refused: str) -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"))
    one.settle()
    link = one.links.to("host/1")
    if refused == "before":
        answer(link, OVERLOADED)
    one.send(A, Add("y"))
    one.poll()
    successor = bench(one)
    if refused == "meanwhile":
        answer(link, OVERLOADED)
    one.commit()
    if refused == "after":
        answer(link, OVERLOADED)
    for _ in range(2):
        one.later(10_000)
    assert one.host.lost
    assert link.take() is None
    successor.settle()
    assert len(successor.sent("host/1")) == 1


def test_what_the_index_has_lags_once_the_last_of_several_tells_was_taken_and_not_with_each() -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"), Forward(ELSEWHERE, "y"))
    one.settle()
    flight = one.links.to("host/1").take()
    assert flight is not None
    for (ticket, index), lags in zip(flight.tokens, (False, True), strict=True):
        ticket.settle(index, Reply())
        assert one.host.activations[A].dirty == lags


def test_while_one_of_its_tells_is_under_way_an_event_is_not_taken_for_told() -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"))
    one.settle()
    first = one.links.to("host/1").take()
    assert first is not None
    one.send(A, Forward(B, "y"))
    one.settle()
    one.later(HostLimits().row_delay_ms)
    assert one.journal.rows[A].told == 0


def test_a_row_that_is_written_again_in_the_same_turn_keeps_what_is_listed() -> None:
    one = bench()
    one.send(A, Forward(ELSEWHERE, "x"))
    one.send(B, Add("one"))
    one.settle()
    one.send(B, Add("two"))
    one.poll()
    one.send(A, Add("y"))
    one.poll()
    one.sent("host/1")  # it is taken: the index need not wake A any more
    one.poll()
    one.now_ms += HostLimits().row_delay_ms
    one.settle()
    assert one.journal.rows[A].told == 2
    listed = {row.actor: row.body for row in one.journal.find([["kind:tally"]], 9)}
    assert listed[A] == b"2"
