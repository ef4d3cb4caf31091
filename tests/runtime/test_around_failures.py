"""What a failed append does to those around it: who waits, who watches, who is read, and who wrote nothing."""

from typing import Any, cast

import pytest

from runtime.identity import ActorId
from runtime.journal import STATES, Snapshot
from runtime.limits import HostLimits
from runtime.machine import Machine
from tests.runtime.bench import Bench
from tests.runtime.tally import Add, Hush, Move, TallyMachine, Whisper
from tests.runtime.test_loss import unknown

A, B, C = (ActorId(f"tally/{key}") for key in "abc")


def test_what_others_did_beside_a_failed_append_leaves_all_the_same_and_in_its_order() -> None:
    bench = Bench()
    bench.host.attachments.follow("square", "gateway/1", True)
    bench.send(B, Add("before"))
    bench.settle()
    bench.sent("gateway/1")
    bench.send(A, Add("one"))
    bench.send(B, Whisper("first", C), Move(7))
    bench.poll()
    bench.send(B, Whisper("second", C), Move(8))
    bench.poll()
    bench.fail()
    bench.settle()
    bench.later(5_000)
    assert bench.labels(C) == ["first", "second"]
    announced = [one.body for one in bench.sent("gateway/1") if one.key == B]
    assert announced[-1] == b"8"


def test_who_has_written_nothing_yet_does_not_wait_for_a_store_that_has_failed() -> None:
    bench = Bench()
    bench.send(B, Add("before"))
    bench.settle()
    bench.send(A, Add("one"))
    bench.poll()
    waiting = bench.send(B, Add("two"))
    bench.fail(settled=False)
    assert waiting.codes == ["overloaded"]


def test_who_has_left_while_an_append_failed_is_gone_all_the_same() -> None:
    bench = Bench()
    bench.attach(B)
    bench.settle()
    bench.send(A, Add("one"))
    bench.poll()
    bench.host.peer_gone("gateway/0", bench.now_ms)
    bench.fail()
    bench.settle()
    assert bench.state(B).present == []


def test_who_leaves_an_actor_whose_append_fails_is_gone() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("one"))
    bench.poll()
    bench.detach(A)
    bench.fail()
    assert bench.host.attachments.count == 0
    bench.later(5_000)
    assert bench.state(A).present == []


def test_who_attaches_again_while_an_append_fails_was_there_before_and_stays() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("one"))
    bench.attach(A)
    bench.poll()
    bench.fail()
    bench.later(5_000)
    assert bench.state(A).present == ["s"]


def test_a_silent_watcher_is_not_heard_of_after_a_failed_append() -> None:
    bench = Bench()
    bench.attach(A, told=False)
    bench.settle()
    bench.send(A, Add("one"))
    bench.poll()
    bench.fail()
    bench.later(5_000)
    assert bench.state(A).present == []
    assert bench.host.attachments.count == 1


def test_who_is_just_to_be_read_whole_is_told_too_when_an_append_fails() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.settle()
    bench.journal.snapshots[A] = Snapshot(A, 1, b"of another version", STATES + 1)
    after = Bench(bench.journal)
    after.send(B, Add("two"))
    after.poll()
    waiting = after.send(A, Add("three"))
    after.poll(load=False)
    after.host.loaded(after.journal.load(after.loading))
    after.loading = []
    after.fail()
    assert waiting.codes == ["overloaded"]
    again = after.send(A, Add("three"))
    after.settle()
    assert again.codes == ["ok"]


def test_a_row_that_lags_behind_what_never_happened_is_not_written() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.settle()
    bench.send(A, Hush("two"))
    bench.poll()
    bench.fail()
    bench.later(HostLimits().row_delay_ms)
    bench.later(HostLimits().row_delay_ms)
    assert bench.journal.rows[A].sequence == 1


def test_what_was_seen_again_once_is_not_seen_again_after_the_next_failure() -> None:
    bench = unknown()
    bench.later(5_000)
    bench.send(A, Add("three"))
    bench.poll()
    bench.fail(written=True)
    bench.later(5_000)
    assert [one.sequence for one in bench.sent("gateway/0")] == [1, 2, 3]


class Unnumbered:
    """A tally whose events nobody knows by their numbers."""

    def __init__(self) -> None:
        self._tally = TallyMachine()

    def __getattr__(self, name: str) -> Any:
        if name == "lost":
            raise AttributeError(name)
        return getattr(self._tally, name)


def test_where_nobody_knows_events_by_their_numbers_they_are_given_again() -> None:
    bench = Bench(machines=[cast(Machine, Unnumbered())])
    bench.attach(A)
    bench.send(A, Add("one"), Add("two"))
    bench.settle()
    del bench.journal.records[A][1:]
    bench.send(A, Add("three"), ref="r")
    bench.settle()
    again = bench.send(A, Add("three"), ref="r")
    bench.settle()
    assert again.sequences == [2]
    assert bench.host.statistics.lost_events == 1


def test_what_the_store_has_lost_is_written_to_the_log_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    for actor in (A, B):
        bench.send(actor, Add("one"), Add("two"), Add("three"))
    bench.settle()
    del bench.journal.records[A][1:], bench.journal.records[B][2:]
    for actor in (A, B):
        bench.send(actor, Add("four"))
        bench.settle()
        bench.send(actor, Add("four"))
        bench.settle()
    assert caplog.messages == [f"events lost actor={A} after=1 events=2", f"events lost actor={B} after=2 events=1"]
    assert bench.host.statistics.lost_events == 3
