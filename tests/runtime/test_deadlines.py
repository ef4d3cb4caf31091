"""Time itself brings the one next command, once, whatever crashed meanwhile."""

from collections.abc import Sequence
from typing import Any

import pytest

from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.machine import Command, Fact, Origin
from tests.runtime.bench import Bench
from tests.runtime.tally import (
    Add,
    Forbidden,
    Rang,
    Ring,
    TallyMachine,
    TallyState,
    WakeMe,
    WakeSet,
    Whisper,
    Whispered,
)

A, B = ActorId("tally/a"), ActorId("tally/b")
START_MS = 1_000_000


def set_alarm(bench: Bench, in_ms: int) -> None:
    bench.send(A, WakeMe(START_MS + in_ms))
    bench.settle()


def test_a_deadline_rings_at_its_time_and_once() -> None:
    bench = Bench()
    set_alarm(bench, 10_000)
    assert bench.wake_at_ms <= START_MS + 10_000
    bench.later(9_999)
    assert bench.state(A).rings == []
    bench.later(1)
    bench.later(60_000)
    assert bench.state(A).rings == [START_MS + 10_000]


def test_the_host_asks_to_be_polled_when_the_deadline_comes() -> None:
    bench = Bench()
    set_alarm(bench, 700)
    while bench.now_ms < START_MS + 700:
        bench.now_ms = bench.wake_at_ms
        bench.settle()
    assert bench.now_ms == START_MS + 700
    assert bench.state(A).rings == [START_MS + 700]


def test_a_deadline_that_moves_later_rings_late_and_once() -> None:
    bench = Bench()
    set_alarm(bench, 1_000)
    set_alarm(bench, 5_000)
    bench.later(4_999)
    assert bench.state(A).rings == []
    bench.later(1)
    assert bench.state(A).rings == [START_MS + 5_000]


def test_a_deadline_that_moves_later_costs_no_row() -> None:
    bench = Bench(machines=[QuietMachine()])
    set_alarm(bench, 1_000)
    for in_ms in range(60_001, 60_100):
        bench.send(A, WakeMe(START_MS + in_ms))
        append = bench.poll()
        assert append is not None
        assert append.rows == []
        bench.commit()
    bench.later(HostLimits().row_delay_ms)
    assert list(bench.journal.alarms()) == [(A, START_MS + 1_000)]


def test_the_index_learns_of_the_later_deadline_when_the_earlier_one_comes() -> None:
    bench = Bench()
    set_alarm(bench, 1_000)
    set_alarm(bench, 60_000)
    for _ in range(3):
        bench.later(HostLimits().row_delay_ms)
    assert list(bench.journal.alarms()) == [(A, START_MS + 60_000)]
    assert bench.state(A).rings == []


def test_a_deadline_that_moves_earlier_is_in_the_index_with_its_event() -> None:
    bench = Bench(machines=[QuietMachine()])
    set_alarm(bench, 5_000)
    set_alarm(bench, 1_000)
    assert list(bench.journal.alarms()) == [(A, START_MS + 1_000)]
    bench.later(1_000)
    assert bench.state(A).rings == [START_MS + 1_000]


def test_a_deadline_that_is_called_off_does_not_ring() -> None:
    bench = Bench()
    set_alarm(bench, 1_000)
    bench.send(A, WakeMe(0))
    bench.later(60_000)
    assert bench.state(A).rings == []
    assert list(bench.journal.alarms()) == []


@pytest.mark.parametrize("late_ms", [0, 60_000])
def test_a_deadline_rings_after_a_restart_though_nobody_touches_the_actor(late_ms: int) -> None:
    bench = Bench()
    set_alarm(bench, 1_000)
    after = Bench(bench.journal, now_ms=START_MS + late_ms)
    after.settle()
    after.later(1_000)
    after.later(60_000)
    assert after.state(A).rings == [START_MS + 1_000]


def test_a_deadline_that_has_rung_does_not_ring_after_a_restart() -> None:
    bench = Bench()
    set_alarm(bench, 1_000)
    bench.later(1_000)
    after = Bench(bench.journal, now_ms=START_MS + 5_000)
    after.later(60_000)
    after.ask(A)
    assert after.state(A).rings == [START_MS + 1_000]


def test_a_deadline_rings_after_passivation() -> None:
    limits = HostLimits()
    bench = Bench()
    set_alarm(bench, limits.idle_ms * 3)
    bench.later(limits.idle_ms * 2)
    bench.later(limits.lease_ms)
    assert A not in bench.host.activations
    bench.later(limits.idle_ms)
    assert bench.state(A).rings == [START_MS + limits.idle_ms * 3]


def test_a_deadline_in_the_past_rings_at_once() -> None:
    bench = Bench()
    set_alarm(bench, -5)
    assert bench.state(A).rings == [START_MS - 5]


class QuietMachine(TallyMachine):
    """Its deadlines move without a row."""

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        return [
            Nudged(one.at_ms) if isinstance(one, WakeSet) else one for one in super().decide(state, command, origin)
        ]

    def apply(self, state: TallyState, fact: Fact, at_ms: int) -> TallyState:
        return super().apply(state, WakeSet(fact.at_ms) if isinstance(fact, Nudged) else fact, at_ms)


class Nudged(WakeSet, frozen=True, tag="nudged"):
    quiet = True


QuietMachine.events = QuietMachine.events | Nudged


PATIENCE_MS = 10_000


class PatientMachine(QuietMachine):
    """Nobody moves its deadline nearer than that."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def patience_ms(self, state: TallyState) -> int:
        return PATIENCE_MS

    def deadline(self, state: TallyState) -> tuple[int, Command] | None:
        self.asked += 1
        return super().deadline(state)


def talk(bench: Bench, messages: int, every_ms: int = 100) -> int:
    """Each moves the deadline on; the last one's."""
    for _ in range(messages):
        bench.later(every_ms)
        bench.send(A, WakeMe(bench.now_ms + PATIENCE_MS))
        bench.poll()
        bench.commit()
    return bench.now_ms + PATIENCE_MS


def test_in_steady_talk_nobody_asks_for_the_deadline_until_the_first_one_comes() -> None:
    machine = PatientMachine()
    bench = Bench(machines=[machine])
    set_alarm(bench, PATIENCE_MS)
    bench.later(HostLimits().row_delay_ms)
    asked = machine.asked
    for number in range(20):
        bench.send(A, WakeMe(bench.now_ms + PATIENCE_MS + number))
        bench.poll()
        bench.commit()
    assert machine.asked == asked


@pytest.mark.parametrize("messages", [1, 99, 100, 101, 250])
def test_in_steady_talk_the_last_deadline_rings_at_its_time_and_once(messages: int) -> None:
    bench = Bench(machines=[PatientMachine()])
    set_alarm(bench, PATIENCE_MS)
    last_ms = talk(bench, messages)
    bench.later(last_ms - bench.now_ms - 1)
    assert bench.state(A).rings == []
    bench.later(1)
    bench.later(3 * PATIENCE_MS)
    assert bench.state(A).rings == [last_ms]


@pytest.mark.parametrize("messages", [1, 99, 100, 101, 250])
def test_in_steady_talk_a_crash_loses_no_deadline(messages: int) -> None:
    bench = Bench(machines=[PatientMachine()])
    set_alarm(bench, PATIENCE_MS)
    last_ms = talk(bench, messages)
    after = Bench(bench.journal, now_ms=bench.now_ms, machines=[PatientMachine()])
    after.later(last_ms - after.now_ms)
    after.later(3 * PATIENCE_MS)
    assert after.state(A).rings == [last_ms]


def test_what_is_said_just_when_the_deadline_comes_moves_it_on_all_the_same() -> None:
    bench = Bench(machines=[PatientMachine()])
    set_alarm(bench, PATIENCE_MS)
    talk(bench, 1)
    bench.now_ms = START_MS + PATIENCE_MS
    bench.send(A, WakeMe(bench.now_ms + PATIENCE_MS))
    bench.settle()
    bench.later(3 * PATIENCE_MS)
    assert bench.state(A).rings == [START_MS + 2 * PATIENCE_MS]


class BothMachine(PatientMachine):
    """Quiet about what is far, loud about what is near."""

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        near = isinstance(command, WakeMe) and command.at_ms < origin.now_ms + PATIENCE_MS
        return (TallyMachine if near else QuietMachine).decide(self, state, command, origin)


def test_a_loud_event_among_quiet_ones_may_bring_any_deadline() -> None:
    bench = Bench(machines=[BothMachine()])
    set_alarm(bench, PATIENCE_MS)
    talk(bench, 5)
    bench.send(A, WakeMe(bench.now_ms + 100))
    bench.send(A, WakeMe(bench.now_ms + PATIENCE_MS))
    bench.send(A, WakeMe(bench.now_ms + 50))
    bench.settle()
    bench.later(50)
    assert bench.state(A).rings == [bench.now_ms]


def called_off(bench: Bench) -> None:
    """A deadline was set and called off: it still rings here, and nobody who comes after a crash knows of it."""
    set_alarm(bench, 5_000)
    bench.send(A, WakeMe(0))
    bench.settle()


def test_a_deadline_that_was_called_off_rings_for_nobody_else() -> None:
    bench = Bench(machines=[BothMachine()])
    called_off(bench)
    set_alarm(bench, 8_000)
    bench.now_ms = START_MS + 5_000
    bench.send(A, WakeMe(bench.now_ms + PATIENCE_MS))
    bench.settle()
    bench.later(3 * PATIENCE_MS)
    assert bench.state(A).rings == [START_MS + 5_000 + PATIENCE_MS]


def test_a_deadline_after_one_that_was_called_off_is_not_lost_in_a_crash() -> None:
    bench = Bench(machines=[BothMachine()])
    called_off(bench)
    bench.send(A, WakeMe(START_MS + PATIENCE_MS))
    bench.settle()
    after = Bench(bench.journal, now_ms=bench.now_ms, machines=[BothMachine()])
    after.later(3 * PATIENCE_MS)
    assert after.state(A).rings == [START_MS + PATIENCE_MS]


def test_a_deadline_before_one_that_is_far_is_not_lost_in_a_crash() -> None:
    bench = Bench(machines=[BothMachine()])
    called_off(bench)
    set_alarm(bench, 10 * PATIENCE_MS)
    bench.send(A, WakeMe(bench.now_ms + PATIENCE_MS))
    bench.settle()
    after = Bench(bench.journal, now_ms=bench.now_ms, machines=[BothMachine()])
    after.later(PATIENCE_MS)
    assert after.state(A).rings == [bench.now_ms + PATIENCE_MS]


class WhisperedMachine(PatientMachine):
    """What is whispered brings a deadline at once."""

    def apply(self, state: TallyState, fact: Fact, at_ms: int) -> TallyState:
        state = super().apply(state, fact, at_ms)
        if isinstance(fact, Whispered):
            state.wake_at_ms = at_ms + 1
        return state


def test_a_signal_may_bring_any_deadline() -> None:
    bench = Bench(machines=[WhisperedMachine()])
    set_alarm(bench, PATIENCE_MS)
    talk(bench, 5)
    bench.send(A, Whisper("now"))
    bench.settle()
    bench.later(1)
    assert bench.state(A).rings == [bench.now_ms]


class StubbornMachine(TallyMachine):
    """Its deadline is always in the past, and its command always refused."""

    def deadline(self, state: TallyState) -> tuple[int, Command] | None:
        return 1, Forbidden()


def test_a_deadline_that_stays_in_the_past_does_not_hold_the_host() -> None:
    bench = Bench(machines=[StubbornMachine()])
    bench.send(A, Add("one"))
    bench.settle()
    assert bench.host.statistics.rejected == {"not_allowed": 1}
    assert bench.wake_at_ms > bench.now_ms
    bench.later(HostLimits().retry_ms)
    assert bench.host.statistics.rejected["not_allowed"] == 2


class ChainMachine(TallyMachine):
    """When one deadline has rung, an earlier or later one is next, three times."""

    def apply(self, state: TallyState, fact: Fact, at_ms: int) -> TallyState:
        state = super().apply(state, fact, at_ms)
        if isinstance(fact, Rang) and len(state.rings) < 3:
            state.wake_at_ms = fact.at_ms + 10
        return state


def test_deadlines_that_were_missed_one_after_another_ring_without_delay() -> None:
    bench = Bench(machines=[ChainMachine()])
    set_alarm(bench, 1_000)
    after = Bench(bench.journal, now_ms=START_MS + 60_000, machines=[ChainMachine()])
    after.settle()
    assert after.state(A).rings == [START_MS + 1_000, START_MS + 1_010, START_MS + 1_020]


def test_many_deadlines_at_once_are_paced_and_nobody_is_forgotten() -> None:
    bench = Bench()
    actors = [ActorId(f"tally/{number}") for number in range(50)]
    for actor in actors:
        bench.send(actor, WakeMe(START_MS + 1_000))
    bench.settle()
    after = Bench(bench.journal, now_ms=START_MS + 5_000, limits=HostLimits(wakes_a_poll=7))
    step = after.host.poll(after.now_ms)
    assert len(step.load) == 7
    after.host.loaded(after.journal.load(step.load))
    after.settle()
    assert all(after.state(actor).rings == [START_MS + 1_000] for actor in actors)


def test_residents_are_active_from_the_start() -> None:
    bench = Bench(residents=[B])
    bench.settle()
    assert B in bench.host.activations


def test_the_deadline_comes_from_the_actor_itself() -> None:
    seen: list[tuple[str, Any]] = []

    class Listening(TallyMachine):
        def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
            seen.append((origin.sender, command))
            return super().decide(state, command, origin)

    bench = Bench(machines=[Listening()])
    set_alarm(bench, 1_000)
    bench.later(1_000)
    assert seen[-1] == (A, Ring(START_MS + 1_000))
