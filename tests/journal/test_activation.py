"""However long its history, an actor is activated from a snapshot and a bounded tail."""

from runtime.decider import HostLimits
from runtime.identity import ActorId
from runtime.journal import Journal
from tests.runtime.bench import Bench
from tests.runtime.tally import Add

A = ActorId("tally/a")
EVENTS, A_TURN = 10_000, 100


def test_who_has_ten_thousand_events_is_activated_from_a_bounded_tail(journal: Journal) -> None:
    bench = Bench(journal)  # type: ignore[arg-type]
    for start in range(0, EVENTS, A_TURN):
        bench.send(A, *(Add(str(number)) for number in range(start, start + A_TURN)))
        bench.settle()
    stored = journal.load([A])[A]
    assert stored.snapshot is not None
    assert len(stored.records) < HostLimits().snapshot_events + A_TURN
    after = Bench(journal)  # type: ignore[arg-type]
    assert after.ask(A).sequence == EVENTS
    assert after.state(A).labels == [str(number) for number in range(EVENTS)]
