"""What the dispatch waits for: needs, holds and rounds that lapse at any time; answers that are due after a fixed one.

Both are reminders: whoever is reminded looks whether there is anything to do. `next_ms` is no later than the first one,
and kept where that changes: it is read after every command.
"""

import sys
from collections import OrderedDict
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import takewhile
from operator import attrgetter

NEVER_MS = sys.maxsize
"""Later than any time."""
next_ms_of = attrgetter("next_ms")
"""When something of a `Timers`, an `Answers` or the like is due."""


class Timers:
    """Reminders of names."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []
        self.next_ms = NEVER_MS

    def add(self, when_ms: int, name: str) -> None:
        """Remind of the name at that time."""
        heappush(self._heap, (when_ms, name))
        self.next_ms = self._heap[0][0]

    def due(self, now_ms: int) -> Iterator[str]:
        """Take out the names whose time has come; what is added meanwhile and due comes too."""
        while self.next_ms <= now_ms:
            name = heappop(self._heap)[1]
            self.next_ms = self._heap[0][0] if self._heap else NEVER_MS
            yield name


class Answers:
    """Answers that are awaited for the same time each, so that they fall due in the order of asking."""

    def __init__(self, seconds: int) -> None:
        self._wait_ms = seconds * 1000
        self._due_ms: OrderedDict[str, int] = OrderedDict()
        self.next_ms = NEVER_MS

    def add(self, asked_ms: int, name: str) -> None:
        """The name was asked just now, and was not asked before."""
        due_ms = self._due_ms[name] = asked_ms + self._wait_ms
        if due_ms < self.next_ms:
            self.next_ms = due_ms

    def drop(self, name: str) -> None:
        """The answer is there, or awaited no more."""
        self._due_ms.pop(name, None)

    def overdue(self, now_ms: int) -> list[str]:
        """Take out the names that have not answered in time."""
        if now_ms < self.next_ms:
            return []
        due = list(takewhile(lambda name: self._due_ms[name] <= now_ms, self._due_ms))
        for name in due:
            del self._due_ms[name]
        self.next_ms = next(iter(self._due_ms.values()), NEVER_MS)
        return due
