"""However long its history, an actor is activated from a snapshot and a bounded tail."""

from typing import Any

from runtime.identity import ActorId
from runtime.journal import Journal
from runtime.limits import HostLimits
from runtime.machine import Event, Fact
from runtime.messages import Deliver
from tests.runtime.bench import Bench
from tests.runtime.tally import Add, TallyMachine, Total

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


class Stumbling(TallyMachine):
    """Cannot take in what another version has written."""

    def apply(self, state: Any, event: Fact, now_ms: int) -> Any:
        if isinstance(event, Event):
            raise ZeroDivisionError
        return super().apply(state, event, now_ms)


def test_an_actor_whose_history_its_machine_stumbles_over_is_refused_and_holds_up_no_other(journal: Journal) -> None:
    bench = Bench(journal)  # type: ignore[arg-type]
    bench.send(A, Add("one"))
    bench.settle()
    after = Bench(journal, machines=[Stumbling()])  # type: ignore[arg-type]
    replies = after.deliver(Deliver(A, "visitor/v", "", Total()), Deliver(ActorId("tally/b"), "visitor/v", "", Total()))
    after.settle()
    assert replies.codes == ["internal", "ok"]
