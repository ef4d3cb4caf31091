"""A fault in a machine's code is one actor's trouble: it is read again, its commands are refused, the others go on."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.lines import Formatter
from runtime.machine import Effect, Fact, Origin, Signal, Summary
from tests.runtime.bench import Bench
from tests.runtime.tally import Add, Added, Hush, TallyMachine, TallyState, Total

A, B = ActorId("tally/a"), ActorId("tally/b")


@pytest.fixture(autouse=True)
def clumsy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine stumbles over a label, after its state has changed."""
    effects = TallyMachine.effects

    def stumbling(machine: TallyMachine, state: TallyState, fact: Fact, at_ms: int) -> Sequence[Effect]:
        if isinstance(fact, Added) and fact.label.startswith("trip"):
            raise ZeroDivisionError(fact.label)
        return effects(machine, state, fact, at_ms)

    monkeypatch.setattr(TallyMachine, "effects", stumbling)


def test_what_was_not_durable_is_refused_and_the_others_go_on() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.settle()
    replies = bench.send(A, Add("two"), Add("trip"), Add("three"))
    others = bench.send(B, Add("one"))
    bench.settle()
    assert replies.codes == ["internal"] * 3
    assert others.codes == ["ok"]
    assert A not in bench.host.activations
    again = bench.send(A, Add("four"))
    bench.settle()
    assert again.codes == ["ok"]
    assert bench.labels(A) == ["one", "four"]


def test_what_is_being_written_is_acked_once_it_is_durable() -> None:
    bench = Bench()
    written = bench.send(A, Add("one"))
    assert bench.poll() is not None
    replies = bench.send(A, Add("trip"))
    bench.poll()
    assert replies.codes == ["internal"]
    bench.settle()
    assert written.codes == ["ok"]
    assert bench.labels(A) == ["one"]


class Faulty(TallyMachine):
    """Stumbles over one label before anything has changed, and over every query."""

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        if command == Add("bad"):
            raise ZeroDivisionError
        return super().decide(state, command, origin)

    def answer(self, state: TallyState, query: Any, origin: Origin) -> Any:
        raise ZeroDivisionError


def test_what_changed_nothing_is_refused_alone() -> None:
    bench = Bench(machines=[Faulty()])
    replies = bench.send(A, Add("good"), Add("bad"), Total(), Add("better"))
    bench.settle()
    assert replies.codes == ["ok", "internal", "internal", "ok"]
    assert bench.labels(A) == ["good", "better"]


def test_who_stumbles_over_its_own_row_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.send(A, Hush("one"))
    bench.send(B, Hush("one"))
    bench.settle()
    summary = TallyMachine.summary

    def stumbling(machine: TallyMachine, state: TallyState) -> Summary | None:
        if state.key == "a":
            raise ZeroDivisionError
        return summary(machine, state)

    monkeypatch.setattr(TallyMachine, "summary", stumbling)
    bench.later(bench.host.limits.row_delay_ms)
    bench.later(bench.host.limits.row_delay_ms)
    assert bench.journal.rows[B].sequence == 1
    assert A not in bench.host.activations
    others = bench.send(B, Hush("two"))
    bench.settle()
    assert others.codes == ["ok"]
    assert bench.labels(B) == ["one", "two"]


def test_the_log_says_whose_fault_it_is_and_not_what_was_written(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.send(A, Add("trip over my secret"))
    bench.settle()
    [line] = [Formatter("host/0", "json").format(record) for record in caplog.records]
    assert {"event": "stumbled", "actor": A, "error": "ZeroDivisionError"}.items() <= json.loads(line).items()
    assert "secret" not in line


def test_nothing_is_left_of_what_was_to_be_written_with_what_others_write() -> None:
    bench = Bench(limits=HostLimits(snapshot_events=1))
    bench.send(B, Add("one"))
    bench.poll()
    bench.send(A, Add("one"))
    bench.send(B, Add("two"))
    bench.poll()
    bench.send(A, Add("trip"))
    bench.settle()
    assert bench.labels(B) == ["one", "two"]
    assert (A in bench.journal.records, A in bench.journal.rows, A in bench.journal.snapshots) == (False,) * 3


def test_who_is_read_again_in_the_same_turn_stays_until_what_it_writes_is_durable() -> None:
    bench = Bench()
    bench.send(B, Add("one"))
    bench.poll()
    bench.send(A, Add("one"))
    bench.poll()
    bench.send(A, Add("trip"))
    bench.poll()
    bench.send(A, Add("two"))
    bench.poll()
    bench.now_ms += bench.host.limits.idle_ms + 1
    bench.poll()
    assert bench.state(A).labels == ["two"]


class Drowsy(TallyMachine):
    """Stumbles as it wakes."""

    def activated(self, state: TallyState, now_ms: int) -> Sequence[Signal]:
        if state.key == "a":
            raise ZeroDivisionError
        return super().activated(state, now_ms)


def test_who_stumbles_as_it_wakes_is_refused_and_nobody_else() -> None:
    bench = Bench(machines=[Drowsy()])
    for _ in range(2):
        refused, taken = bench.send(A, Add("one")), bench.send(B, Add("one"))
        bench.settle()
        assert (refused.codes, taken.codes) == (["internal"], ["ok"])
    assert bench.labels(A) == []


def test_what_is_being_written_is_not_acked_by_a_host_that_was_replaced() -> None:
    bench = Bench()
    written = bench.send(A, Add("one"), Total())
    bench.poll()
    bench.send(A, Add("trip"))
    bench.poll()
    Bench(bench.journal)  # which has taken over
    bench.commit()
    bench.poll()
    assert written.codes == ["overloaded"] * 2


def test_who_stumbles_while_it_is_being_written_is_not_read_before_that_is_durable() -> None:
    bench = Bench()
    written = bench.send(A, Add("one"))
    bench.poll()
    bench.send(A, Add("trip"))
    bench.poll()
    early, others = bench.send(A, Add("two")), bench.send(B, Add("one"))
    bench.settle()
    assert (written.codes, early.codes, others.codes) == (["ok"], ["overloaded"], ["ok"])
    again = bench.send(A, Add("two"))
    bench.settle()
    assert again.sequences == [2]
    assert bench.labels(A) == ["one", "two"]
    assert bench.host.statistics.lost_events == 0
