"""Telling those who wait their places: when they have changed, at most once a second, and never the whole line at
once. Those near the front are told of every change; the others in turn, as many at a time."""

from collections.abc import Iterator

from actors.supervisor.line import Line, Waiting

EVERY_MS = 1_000
AT_ONCE = 300


class Places:
    """See the module."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._told_ms = 0
        self._front = False
        self._cursor = AT_ONCE
        self._left = 0

    def moved(self) -> None:
        """Somebody has come or gone."""
        self._front = True
        self._left = len(self._line.all) - AT_ONCE

    def next_ms(self) -> int | None:
        """When `changed` has something to tell."""
        return self._told_ms + EVERY_MS if self._front or self._left > 0 else None

    def changed(self, now_ms: int) -> Iterator[tuple[int, Waiting]]:
        """The places that are due to be told, and who has them."""
        due_ms = self.next_ms()
        if due_ms is None or due_ms > now_ms:
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

    def _news(self, start: int) -> Iterator[tuple[int, Waiting]]:
        for position, one in self._line.places(start, start + AT_ONCE):
            if one.told != position:
                yield position, one
