"""Telling those who wait their places, and how long that may take: when it has changed, at most once a second, and
never the whole line at once. Those near the front are told of every change; the others in turn, as many at a time."""

from collections.abc import Iterator

from actors.supervisor.line import Line
from actors.supervisor.timers import NEVER_MS
from actors.supervisor.waiting import Waiting

EVERY_MS = 1_000
LOOK_MS = 10_000
"""While somebody waits, the pace is looked at this often though nothing has happened: time alone makes it slower."""
AT_ONCE = 300
CHANGE = 1.25
"""What is told again is a pace that is faster or slower by this factor."""


class Places:
    """See the module. `next_ms` is when there may be something to tell."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._told_ms = 0
        self._front = False
        self._cursor = AT_ONCE
        self._left = 0
        self._seconds = 0.0
        self.next_ms = NEVER_MS
        self.pace = 0
        """Grows whenever the pace is another."""

    def moved(self) -> None:
        """Somebody has come or gone."""
        self._front = True
        self._left = len(self._line.all) - AT_ONCE
        self.next_ms = self._told_ms + EVERY_MS

    def paced(self, seconds: float) -> None:
        """So long it takes at the most to move on by a place."""
        if not self._seconds / CHANGE <= seconds <= self._seconds * CHANGE:
            self._seconds = seconds
            self.pace += 1
            self.moved()

    def changed(self, now_ms: int) -> Iterator[tuple[int, Waiting]]:
        """The places that are due to be told, and who has them."""
        if self.next_ms > now_ms:
            return
        self._told_ms = now_ms
        if self._front:
            yield from self._news(0)
        if self._left > 0:
            if self._cursor >= len(self._line):
                self._cursor = AT_ONCE
            yield from self._news(self._cursor)
            self._cursor += AT_ONCE
            self._left -= AT_ONCE
        self._front = False
        if self._left > 0:
            self.next_ms = now_ms + EVERY_MS
        else:
            self.next_ms = now_ms + LOOK_MS if self._line.all else NEVER_MS

    def _news(self, start: int) -> Iterator[tuple[int, Waiting]]:
        for position, one in self._line.places(start, start + AT_ONCE):
            if one.told != (position, self.pace):
                yield position, one
