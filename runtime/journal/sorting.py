"""How one writer's log is put in order: as runs of one actor each, a piece of them at a time."""

from collections.abc import Iterable, Iterator, Sequence

from runtime.journal import Record
from runtime.journal.log import Log, Sums

PIECE_RECORDS = 500
"""A piece has at least so many, but for the last."""
RUN_RECORDS = 500
"""The longest run: whoever wants its last record reads it whole."""

Run = Sequence[Record]


def runs_of(histories: Iterable[Run]) -> Iterator[Run]:
    """The histories of actors, cut into runs."""
    for history in histories:
        for start in range(0, len(history), RUN_RECORDS):
            yield history[start : start + RUN_RECORDS]


class Sorting:
    """The runs of a log that are not put yet, and what it has counted. A piece that was not made durable is the next
    one again."""

    def __init__(self, log: Log, sums: Sums) -> None:
        self.sums = sums
        self.first = log.first
        self.last = log.last
        self._runs = list(runs_of(log.by_actor[actor] for actor in sorted(log.by_actor)))
        self._done = self._until = 0

    def piece(self) -> Sequence[Run]:
        """The runs to put now."""
        self._until = self._done
        records = 0
        while records < PIECE_RECORDS and self._until < len(self._runs):
            records += len(self._runs[self._until])
            self._until += 1
        return self._runs[self._done : self._until]

    @property
    def ends(self) -> bool:
        """The piece is the last one."""
        return self._until == len(self._runs)

    def durable(self) -> None:
        """The piece is."""
        self._done = self._until
