"""How fast the line moves, and so how long a place in it may take.

What is measured is the work of one place: how many milliseconds slots were taken for each conversation that left the
line for an agent, over the last ones within an hour. With so many slots online at once, the line moves on by one place
every `work / slots`. That holds for an idle morning as for a rush, where the mere rate of assignments would take a lack
of visitors for a lack of agents.
"""

from collections import deque

SAMPLES = 50
RECENT_MS = 3_600_000
GUESS_SECONDS = (60, 300)
"""The range for one place when nothing is known yet."""


class Pace:
    """See the module. `observe` is called before whatever changes the number of slots taken."""

    def __init__(self) -> None:
        self._now_ms = 0
        self._work_ms = 0
        self._assigned: deque[tuple[int, int]] = deque(maxlen=SAMPLES)
        """When somebody who waited got an agent, and the work that was done until then."""

    def observe(self, now_ms: int, taken: int) -> None:
        """So many slots have been taken since the last time."""
        if now_ms <= self._now_ms:
            return
        self._work_ms += taken * (now_ms - self._now_ms) if self._now_ms else 0
        self._now_ms = now_ms
        while self._assigned and self._assigned[0][0] < now_ms - RECENT_MS:
            self._assigned.popleft()

    def assigned(self) -> None:
        """Somebody who waited has an agent."""
        self._assigned.append((self._now_ms, self._work_ms))

    def place_seconds(self, slots: int) -> tuple[float, float]:
        """The range for the line to move on by one place: from half to twice what was measured, or a guess.

        Work that nobody has been assigned after yet counts: when nothing moves for a while, it takes longer.
        """
        slots = max(1, slots)
        if len(self._assigned) < 2:
            return GUESS_SECONDS[0] / slots, GUESS_SECONDS[1] / slots
        seconds = (self._work_ms - self._assigned[0][1]) / len(self._assigned) / 1000 / slots
        return seconds / 2, seconds * 2

    def eta_seconds(self, position: int, slots: int) -> tuple[int, int]:
        """An honest range for the wait at that place. The first slot may become free at any moment."""
        low, high = self.place_seconds(slots)
        return int((position - 1) * low), max(1, round(position * high))
