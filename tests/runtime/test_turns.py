"""A turn: decided in order, written in one append, and nothing leaves before it is durable."""

from collections.abc import Sequence

from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.machine import Ask, Effect, Fact
from runtime.messages import Announced, Asked, Published, Pushed
from runtime.placement import Placement
from tests.runtime.bench import Bench
from tests.runtime.tally import (
    Add,
    Added,
    Forbidden,
    Hush,
    Several,
    Show,
    TallyMachine,
    TallyState,
    Think,
    Total,
    Whisper,
)

A, B, C = (ActorId(f"tally/{key}") for key in "abc")


def test_an_ack_waits_for_the_commit() -> None:
    bench = Bench()
    replies = bench.send(A, Add("one"))
    assert bench.poll() is not None
    assert len(replies) == 0
    bench.commit()
    assert replies.codes == ["ok"]
    assert replies.sequences == [1]
    assert bench.labels(A) == ["one"]


def test_commands_of_an_actor_run_in_order() -> None:
    bench = Bench()
    replies = bench.send(A, Add("one"), Add("two"), Several(("three", "four")), Add("five"))
    bench.settle()
    assert replies.sequences == [1, 2, 4, 5]
    assert bench.labels(A) == ["one", "two", "three", "four", "five"]


def test_a_command_without_consequences_is_acked_without_an_append() -> None:
    bench = Bench()
    replies = bench.send(A, Several(()))
    assert bench.poll() is None
    assert replies.codes == ["ok"]


def test_what_the_state_does_not_permit_changes_nothing() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.settle()
    replies = bench.send(A, Forbidden())
    assert bench.poll() is None
    refusal = replies.by_index[0].refusal
    assert refusal is not None
    assert (refusal.code, refusal.message, refusal.detail) == ("not_allowed", "Never.", {"why": "tally"})
    assert bench.state(A).labels == ["one"]
    assert bench.host.statistics.rejected == {"not_allowed": 1}


def test_a_rejection_between_commands_does_not_disturb_them() -> None:
    bench = Bench()
    replies = bench.send(A, Add("one"), Forbidden(), Add("two"))
    bench.settle()
    assert replies.codes == ["ok", "not_allowed", "ok"]
    assert replies.sequences == [1, 1, 2]


def test_all_actors_of_a_batch_share_one_append() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.send(B, Add("two"))
    append = bench.poll()
    assert append is not None
    assert {(one.actor, one.sequence) for one in append.records} == {(A, 1), (B, 1)}
    assert set(append.fences) == {bench.placement.scope_of(A), bench.placement.scope_of(B)}


def test_while_one_append_is_under_way_the_next_turn_gathers() -> None:
    bench = Bench()
    first = bench.send(A, Add("one"))
    under_way = bench.poll()
    second = bench.send(A, Add("two"))
    third = bench.send(B, Add("three"))
    assert bench.poll() is under_way
    assert bench.state(A).labels == ["one", "two"]
    bench.commit()
    assert (len(first), len(second), len(third)) == (1, 0, 0)
    after = bench.poll()
    assert after is not None
    assert [(one.actor, one.sequence) for one in after.records] == [(A, 2), (B, 1)]
    bench.commit()
    assert second.codes == third.codes == ["ok"]


def test_a_query_waits_for_what_it_has_seen() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.poll()
    asked = bench.send(A, Total())
    bench.poll()
    assert len(asked) == 0
    bench.commit()
    bench.settle()
    assert asked.by_index[0].value == b'{"labels":["one"],"rings":[],"present":[],"whispers":[]}'
    assert asked.by_index[0].sequence == 1


def test_a_signal_is_applied_and_never_journaled() -> None:
    bench = Bench()
    replies = bench.send(A, Whisper("psst"))
    assert bench.poll() is None
    assert replies.codes == ["ok"]
    assert bench.state(A).whispers == ["psst"]
    assert not bench.journal.records


def test_watchers_see_events_after_the_commit_in_order() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("one"), Add("two"))
    bench.poll()
    assert bench.sent("gateway/0") == []
    bench.commit()
    published = bench.sent("gateway/0")
    assert [(type(one), one.actor, one.sequence, one.body) for one in published] == [
        (Published, A, 1, b'{"type":"added","label":"one"}'),
        (Published, A, 2, b'{"type":"added","label":"two"}'),
    ]
    assert [one.at_ms for one in published] == [bench.now_ms] * 2


def test_a_visitor_sees_less_of_some_events() -> None:
    bench = Bench()
    bench.attach(A)
    bench.send(A, Add("one"), Add("secret"), Hush("three"))
    bench.settle()
    shown = [one.public for one in bench.sent("gateway/0") if type(one) is Published]
    assert shown == [None, b'{"type":"added","label":"a label"}', b""]


def test_effects_leave_after_the_commit() -> None:
    bench = Bench()
    bench.attach(A)
    bench.host.attachments.follow("square", "gateway/1", True)
    bench.settle()
    bench.send(A, Show("x"))
    bench.poll()
    worker = bench.placement.worker_of("thinkers", A, 0)
    assert bench.sent("gateway/0") == bench.sent("gateway/1") == bench.sent(worker) == []
    bench.commit()
    frame = b'{"type":"shouted","text":"x"}'
    assert bench.sent("gateway/0")[1:] == [Pushed(A, "all", frame)]
    assert bench.sent("gateway/1") == [Announced("square", "", frame)]
    assert bench.sent(worker) == [Asked(A, Think("x"))]


def test_a_find_is_answered_with_the_summaries() -> None:
    bench = Bench()
    bench.send(B, Add("one"), Add("two"))
    bench.settle()
    for actor in (A, C):
        bench.send(actor, Show("b"))
    bench.settle()
    assert bench.state(A).whispers == bench.state(C).whispers == ["found 2"]


def test_measures_count_after_the_commit_and_once() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.poll()
    assert bench.measured == []
    bench.commit()
    assert [one.labels for one in bench.measured] == [("one",)]
    bench.later(bench.host.limits.idle_ms * 2)
    assert A not in bench.host.activations
    bench.send(A, Add("two"))
    bench.settle()
    assert [one.labels for one in bench.measured] == [("one",), ("two",)]


def test_a_turn_has_a_bound_and_the_rest_is_next() -> None:
    bench = Bench(limits=HostLimits(turn_commands=3))
    replies = bench.send(A, *(Add(str(number)) for number in range(8)))
    sizes = []
    while (append := bench.poll()) is not None:
        sizes.append(len(append.records))
        bench.commit()
    assert sizes == [3, 3, 2]
    assert replies.sequences == list(range(1, 9))


def test_a_full_turn_does_not_keep_the_next_from_gathering() -> None:
    bench = Bench(limits=HostLimits(turn_commands=3))
    bench.send(A, *(Add(str(number)) for number in range(5)))
    bench.poll()
    assert bench.state(A).labels == ["0", "1", "2", "3", "4"]


def test_a_message_for_an_actor_of_another_host_is_refused() -> None:
    bench = Bench(placement=Placement(2))
    elsewhere = next(
        ActorId(f"tally/{n}") for n in range(9) if bench.placement.host_of(ActorId(f"tally/{n}")) != "host/0"
    )
    replies = bench.send(elsewhere, Add("one"))
    bench.settle()
    assert replies.codes == ["overloaded"]


class Insistent(TallyMachine):
    """Has the same work done twice."""

    def effects(self, state: TallyState, fact: Fact, at_ms: int) -> Sequence[Effect]:
        attempts = range(2) if isinstance(fact, Added) else ()
        return [Ask("thinkers", Think("x"), attempt) for attempt in attempts]


def test_another_attempt_is_another_workers() -> None:
    bench = Bench(machines=[Insistent()])
    bench.send(A, Add("one"))
    bench.settle()
    assert [bench.sent(f"thinkers/{number}") for number in range(2)] == [[Asked(A, Think("x"))]] * 2
