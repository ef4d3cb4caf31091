"""How long work waits for more of it, when a round costs something whatever it carries: as busy as it was just now."""

BUSY = 50
"""A round that carries so much, messages or sockets, is a busy one: the next waits a whole linger."""
REMEMBERED = 10
"""For so many lingers after a round, what it carried tells how busy it is."""


def linger(seconds: float, carried: int, least: float = 0.0) -> float:
    """The seconds that a round waits after one that carried so much; at the `least` this part of the linger."""
    return seconds * min(1.0, max(least, carried / BUSY))


class Rounds:
    """Rounds that gather what comes on different ways at nearly the same time. Times in seconds of one clock."""

    def __init__(self, linger_seconds: float) -> None:
        self._seconds = linger_seconds
        self._carried = 0
        self._ended = float("-inf")

    def pause(self, now: float) -> float:
        """How long the next round waits for more; 0: it begins at once, since it is not busy."""
        recent = now - self._ended <= REMEMBERED * self._seconds
        return self._seconds if recent and self._carried >= BUSY else 0.0

    def ended(self, carried: int, now: float) -> None:
        """A round carried so much."""
        self._carried, self._ended = carried, now
