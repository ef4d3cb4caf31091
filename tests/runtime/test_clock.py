"""The clock of a process goes forward, whatever is done to the wall clock."""

import pytest

from runtime.clock import Clock
from tests.runtime.bench import Bench
from tests.runtime.tally import WakeMe
from tests.runtime.test_deadlines import START_MS, A

SECOND_NS = 1_000_000_000


class Walls:
    """A wall clock and a steady one, set by hand."""

    def __init__(self) -> None:
        self.wall_ns = START_MS * 1_000_000
        self.steady_ns = 5 * SECOND_NS
        self.clock = Clock(lambda: self.wall_ns, lambda: self.steady_ns)

    def pass_by(self, seconds: float) -> None:
        self.wall_ns += round(seconds * SECOND_NS)
        self.steady_ns += round(seconds * SECOND_NS)


def test_it_is_the_wall_clock_s_time() -> None:
    walls = Walls()
    assert walls.clock() == START_MS
    walls.pass_by(1.5)
    assert walls.clock() == START_MS + 1_500


@pytest.mark.parametrize("back_seconds", [1, 3_600])
def test_set_back_it_goes_on_as_if_nothing_had_happened(back_seconds: int) -> None:
    walls = Walls()
    walls.wall_ns -= back_seconds * SECOND_NS
    assert walls.clock() == START_MS
    walls.pass_by(2)
    assert walls.clock() == START_MS + 2_000


def test_set_forward_it_follows_and_set_right_again_it_stays() -> None:
    walls = Walls()
    walls.wall_ns += 3_600 * SECOND_NS
    assert walls.clock() == START_MS + 3_600_000
    walls.wall_ns -= 3_600 * SECOND_NS
    walls.pass_by(1)
    assert walls.clock() == START_MS + 3_601_000


def test_an_alarm_that_was_set_rings_in_time_though_the_wall_clock_is_set_back() -> None:
    walls, bench = Walls(), Bench()
    bench.send(A, WakeMe(START_MS + 10_000))
    bench.settle()
    walls.wall_ns -= 500 * SECOND_NS
    for _ in range(10):
        walls.pass_by(1)
        bench.now_ms = walls.clock()
        bench.settle()
    assert bench.state(A).rings == [START_MS + 10_000]
    assert bench.journal.records[A][-1].at_ms == START_MS + 10_000
