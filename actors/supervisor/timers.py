"""What the dispatch waits for: needs, holds and rounds that lapse at any time; answers that are due after a fixed one.

An entry is a reminder only. Whoever is reminded looks for herself whether there is anything to do, so nothing is ever
taken back.
"""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush


def earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two times, either of which may never come."""
    if one is None or other is None:
        return one if other is None else other
    return one if one < other else other


class Timers:
    """Reminders of names."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []

    def add(self, when_ms: int, name: str) -> None:
        """Remind of the name at that time."""
        heappush(self._heap, (when_ms, name))

    def next_ms(self) -> int | None:
        """When the next reminder is due."""
        return self._heap[0][0] if self._heap else None

    def due(self, now_ms: int) -> Iterator[str]:
        """Take out the names whose time has come; what is added meanwhile and due comes too."""
        while self._heap and self._heap[0][0] <= now_ms:
            yield heappop(self._heap)[1]


class Answers:
    """Answers that are awaited for the same time each, so that they fall due in the order of asking.

    `awaited(name, asked_ms)` says whether that answer is still outstanding. The oldest of those that are not are
    dropped with each new one; what is left of them is found out when it is due.
    """

    def __init__(self, seconds: int, awaited: Callable[[str, int], bool]) -> None:
        self._wait_ms = seconds * 1000
        self._awaited = awaited
        self._asked: deque[tuple[int, str]] = deque()

    def add(self, asked_ms: int, name: str) -> None:
        """The name was asked just now."""
        asked = self._asked
        while asked and not self._awaited(asked[0][1], asked[0][0]):
            asked.popleft()
        asked.append((asked_ms, name))

    def next_ms(self) -> int | None:
        """When the oldest answer is overdue, if it is still outstanding."""
        return self._asked[0][0] + self._wait_ms if self._asked else None

    def overdue(self, now_ms: int) -> Iterator[str]:
        """Take out the names that have not answered in time."""
        while self._asked and self._asked[0][0] + self._wait_ms <= now_ms:
            asked_ms, name = self._asked.popleft()
            if self._awaited(name, asked_ms):
                yield name
