"""The time of a process: the wall clock's, but it never goes back.

It goes on at the pace of the monotonic clock, and forward with the wall clock; when that is set back, it does not
follow: a timer that was set before rings when it would have rung. Only a process that starts anew reads the wall.
"""

import time
from collections.abc import Callable


class Clock:
    """Milliseconds since the epoch. `wall` and `steady` return nanoseconds."""

    __slots__ = ("_ahead_ns", "_steady", "_wall")

    def __init__(self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns) -> None:
        self._wall = wall
        self._steady = steady
        self._ahead_ns = wall() - steady()

    def __call__(self) -> int:
        """The time now. Never less than the last."""
        steady_ns = self._steady()
        ahead_ns = self._wall() - steady_ns
        if ahead_ns > self._ahead_ns:
            self._ahead_ns = ahead_ns
        return (steady_ns + self._ahead_ns) // 1_000_000


wall_clock_ms = Clock()
"""This process's."""
