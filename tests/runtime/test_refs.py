"""The same ref from the same sender is answered again, and not done again."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.machine import Fact, Origin
from runtime.messages import Deliver
from tests.runtime.bench import Bench, Replies
from tests.runtime.tally import Add, Count, Forbidden, Several, TallyMachine, TallyState

A = ActorId("tally/a")


def test_the_same_ref_in_a_later_batch() -> None:
    bench = Bench()
    bench.send(A, Several(("one", "two")), ref="r")
    bench.send(A, Add("three"))
    bench.settle()
    again = bench.send(A, Several(("one", "two")), ref="r")
    assert bench.poll() is None
    assert again.sequences == [2]
    assert bench.labels(A) == ["one", "two", "three"]


def test_the_same_ref_while_the_first_is_not_durable_waits_for_it() -> None:
    bench = Bench()
    bench.send(A, Add("one"), ref="r")
    bench.poll()
    again = bench.send(A, Add("one"), ref="r")
    bench.poll()
    assert len(again) == 0
    bench.commit()
    bench.settle()
    assert again.sequences == [1]
    assert bench.labels(A) == ["one"]


def test_the_same_ref_twice_in_one_batch() -> None:
    bench = Bench()
    replies = bench.deliver(*[Deliver(A, "visitor/v", "r", Add("one"))] * 2)
    bench.settle()
    assert replies.sequences == [1, 1]
    assert bench.labels(A) == ["one"]


def test_a_command_that_is_answered_is_answered_each_time_as_it_then_is() -> None:
    bench = Bench()
    first = bench.send(A, Count("one"), ref="r")
    bench.settle()
    bench.send(A, Add("two"))
    again = bench.send(A, Count("one"), ref="r")
    bench.settle()
    assert (told(first), told(again)) == ((1, ["one"]), (1, ["one", "two"]))


def test_the_answer_waits_for_what_it_tells() -> None:
    bench = Bench()
    first = bench.send(A, Count("one"))
    assert bench.poll() is not None
    assert len(first) == 0


def told(replies: Replies) -> tuple[int, list[str]]:
    (reply,) = replies.by_index.values()
    return reply.sequence, msgspec.json.decode(reply.value or b"{}")["labels"]


def test_another_sender_may_use_the_same_ref() -> None:
    bench = Bench()
    bench.send(A, Add("one"), ref="r", sender="visitor/v")
    bench.send(A, Add("two"), ref="r", sender="visitor/w")
    bench.settle()
    assert bench.labels(A) == ["one", "two"]


def test_no_ref_is_never_the_same() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.send(A, Add("one"))
    bench.settle()
    assert bench.labels(A) == ["one", "one"]


def test_a_rejected_command_may_be_tried_again_with_its_ref() -> None:
    bench = Bench()
    bench.send(A, Forbidden(), ref="r")
    bench.settle()
    replies = bench.send(A, Add("one"), ref="r")
    bench.settle()
    assert replies.codes == ["ok"]


@pytest.mark.parametrize("snapshot_events", [500, 1, 2])
def test_refs_are_known_after_a_restart(snapshot_events: int) -> None:
    limits = HostLimits(snapshot_events=snapshot_events)
    bench = Bench(limits=limits)
    bench.send(A, Add("one"), Several(("two", "three")), Add("four"), ref="r")
    bench.settle()
    assert bool(bench.journal.snapshots) == (snapshot_events < 5)
    after = Bench(bench.journal, limits=limits)
    again = after.send(A, Add("one"), Several(("two", "three")), Add("four"), Add("five"), ref="r")
    after.settle()
    assert again.sequences == [1, 3, 4, 5]
    assert after.labels(A) == ["one", "two", "three", "four", "five"]


def test_refs_are_known_after_passivation() -> None:
    bench = Bench()
    bench.send(A, Add("one"), ref="r")
    bench.settle()
    bench.later(bench.host.limits.idle_ms * 2)
    assert A not in bench.host.activations
    bench.send(A, Add("one"), ref="r")
    bench.settle()
    assert bench.labels(A) == ["one"]


@pytest.mark.parametrize("snapshot_events", [500, 10_000])
def test_a_whole_mailbox_that_was_done_is_known_after_a_crash(snapshot_events: int) -> None:
    limits = HostLimits(snapshot_events=snapshot_events)
    bench = Bench(limits=limits)
    flood = [Add(str(number)) for number in range(limits.mailbox_commands)]
    bench.send(A, *flood, ref="r")
    bench.settle()
    after = Bench(bench.journal, limits=limits)
    after.send(A, *flood, ref="r")
    after.settle()
    assert len(after.labels(A)) == limits.mailbox_commands


def test_refs_are_forgotten_in_the_end_and_never_sooner_than_a_mailbox_is_long() -> None:
    bench = Bench(limits=HostLimits(mailbox_commands=200))
    for number in range(500):
        bench.send(A, Add(str(number)), ref=str(number))
        bench.settle()
        known = bench.host.activations[A]
        assert len(known.refs) + len(known.older_refs) <= 400
        for earlier in (number, max(0, number - 199)):
            assert known.done(f"visitor/v {earlier}-0") == earlier + 1
    assert known.done("visitor/v 0-0") is None


def test_the_same_ref_of_what_left_no_event_is_not_done_in_another_state() -> None:
    bench = Bench(machines=[Fussy()])
    first = bench.send(A, Add("late"), ref="r")
    bench.settle()
    bench.send(A, Add("begin"))
    again = bench.send(A, Add("late"), ref="r")
    bench.settle()
    assert (first.sequences, again.sequences) == ([0], [0])
    assert bench.labels(A) == ["begin"]


class Fussy(TallyMachine):
    """What comes before the beginning leaves nothing behind."""

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        return [] if command == Add("late") and not state.labels else super().decide(state, command, origin)
