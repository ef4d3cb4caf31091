"""Activation reads a snapshot and the tail after it, and is none the wiser."""

import pytest
from msgspec.structs import replace

from runtime.identity import ActorId
from runtime.journal import STATES, Record, Snapshot
from runtime.limits import HostLimits
from tests.runtime.bench import Bench
from tests.runtime.tally import Add, Hush, Whisper

A, B = ActorId("tally/a"), ActorId("tally/b")


@pytest.mark.parametrize("snapshot_events", [1, 3, 7, 1_000])
def test_state_and_sequence_are_the_same_after_a_restart(snapshot_events: int) -> None:
    limits = HostLimits(snapshot_events=snapshot_events)
    bench = Bench(limits=limits)
    for number in range(20):
        bench.send(A, Add(str(number)))
        bench.settle()
    after = Bench(bench.journal, limits=limits)
    reply = after.ask(A)
    assert reply.sequence == 20
    assert after.state(A).labels == [str(number) for number in range(20)]
    after.send(A, Add("next"))
    after.settle()
    assert after.journal.last_sequence(A) == 21


def test_the_tail_that_is_read_is_bounded() -> None:
    bench = Bench(limits=HostLimits(snapshot_events=10))
    for number in range(95):
        bench.send(A, Add(str(number)))
        bench.settle()
    stored = bench.journal.load([A])[A]
    assert stored.snapshot is not None
    assert stored.snapshot.sequence == 90
    assert len(stored.records) == 5


def test_a_snapshot_goes_with_the_lagging_row_of_quiet_talk() -> None:
    bench = Bench(limits=HostLimits(snapshot_events=10))
    bench.send(A, *(Hush(str(number)) for number in range(25)))
    bench.settle()
    assert bench.journal.snapshots == {}
    bench.later(HostLimits().row_delay_ms)
    assert bench.journal.snapshots[A].sequence == 25


def test_a_snapshot_of_an_append_that_failed_is_taken_again() -> None:
    bench = Bench(limits=HostLimits(snapshot_events=3))
    bench.send(A, Add("1"), Add("2"), Add("3"), ref="r")
    bench.poll()
    bench.fail()
    assert bench.journal.snapshots == {}
    bench.send(A, Add("1"), Add("2"), Add("3"), ref="r")
    bench.settle()
    assert bench.journal.snapshots[A].sequence == 3


def test_what_was_not_durable_is_forgotten_though_it_was_in_a_snapshot() -> None:
    bench = Bench(limits=HostLimits(snapshot_events=1))
    bench.attach(A)
    bench.send(A, Whisper("psst"), Add("one"))
    bench.settle()
    assert bench.state(A).present == ["s"]
    after = Bench(bench.journal)
    after.ask(A)
    assert (after.state(A).present, after.state(A).whispers) == ([], [])


@pytest.mark.parametrize("schema", [STATES, STATES + 1])
def test_a_snapshot_of_another_version_is_passed_over_and_all_events_are_read(schema: int) -> None:
    bench = Bench()
    for number in range(5):
        bench.send(A, Add(str(number)))
        bench.settle()
    bench.journal.snapshots[A] = Snapshot(A, 4, b"\x93another shape", schema)
    after = Bench(bench.journal)
    assert after.ask(A).sequence == 5
    assert after.state(A).labels == ["0", "1", "2", "3", "4"]


def test_who_has_an_event_that_nobody_understands_is_refused_and_nobody_else() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.send(B, Add("two"))
    bench.settle()
    bench.journal.records[A].append(Record(A, 2, 5, "", b'{"type":"of another age"}'))
    after = Bench(bench.journal)
    refused, taken = after.send(A, Add("three")), after.send(B, Add("three"))
    after.settle()
    assert (refused.codes, taken.codes) == (["internal"], ["ok"])


def test_what_stays_in_memory_is_listed_anew_when_it_is_read_for_it_may_be_listed_otherwise_now() -> None:
    resident = ActorId("resident/r")
    bench = Bench()
    bench.send(resident, Add("one"))
    bench.settle()
    bench.journal.rows[resident] = replace(bench.journal.rows[resident], summary=None)
    after = Bench(bench.journal, residents=[resident])
    after.settle()
    assert [row.body for row in after.journal.find([["room:r"]], 9)] == [b"1"]
