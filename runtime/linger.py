"""How long work waits for more of it, when a round costs something whatever it carries: as busy as it was just now."""

REMEMBERED = 10
"""For so many lingers after a round, what it carried tells how busy it is."""


def linger(seconds: float, carried: int, busy: int, least: float = 0.0) -> float:
    """The seconds that a round waits after one that carried so much: a whole linger if that is `busy`, else that part
    of it, and at the `least` this one."""
    return seconds * min(1.0, max(least, carried / busy))


class Rounds:
    """Rounds that gather what comes on different ways at nearly the same time. Times in seconds of one clock."""

    def __init__(self, linger_seconds: float, busy: int) -> None:
        self._seconds = linger_seconds
        self._busy = busy
        self._carried = 0
        self._ended = float("-inf")

    def pause(self, now: float) -> float:
        """How long the next round waits for more; 0: it begins at once, since the last was not `busy`."""
        recent = now - self._ended <= REMEMBERED * self._seconds
        return self._seconds if recent and self._carried >= self._busy else 0.0

    def ended(self, carried: int, now: float) -> None:
        """A round carried so much."""
        self._carried, self._ended = carried, now
