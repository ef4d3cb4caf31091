"""What the writers of a SQLite journal have written and nobody has put in order yet, as who reads it knows it."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from runtime.identity import ActorId
from runtime.journal import Count, Record

# The first and the last number of each writer's log: a few steps in the index for each, however long they are.
_LOGS = """
WITH RECURSIVE writers (writer) AS (
    SELECT min(writer) FROM logs
    UNION ALL SELECT (SELECT min(writer) FROM logs l WHERE l.writer > w.writer) FROM writers w WHERE w.writer NOT NULL)
SELECT writer, (SELECT min(number) FROM logs l WHERE l.writer = w.writer),
    (SELECT max(number) FROM logs l WHERE l.writer = w.writer)
FROM writers w WHERE writer NOT NULL
"""

decode_records = msgspec.msgpack.Decoder(list[Record]).decode
_decode_counts = msgspec.msgpack.Decoder(list[Count]).decode


class Sums:
    """Counts, added up: by name and place."""

    def __init__(self) -> None:
        self.by_name: dict[str, dict[int, float]] = {}

    def add(self, counts: Iterable[Count]) -> None:
        """Some more."""
        for one in counts:
            known = self.by_name.get(one.name)
            if known is None:
                self.by_name[one.name] = dict(one.numbers)
                continue
            for place, number in one.numbers.items():
                known[place] = known.get(place, 0.0) + number

    def counts(self) -> list[Count]:
        """The sums."""
        return [Count(name, numbers) for name, numbers in self.by_name.items()]

    def read(self, db: sqlite3.Connection, which: str = "", *values: int) -> "Sums":
        """Add what is counted in logs, or in those rows of them that are meant."""
        for (counts,) in db.execute(f"SELECT counts FROM logs {which}", values):
            self.add(_decode_counts(counts))
        return self


class Log:
    """A part of one writer's log, from its `first` batch to the `last`: the records by actor, in order."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first - 1
        self.by_actor: dict[ActorId, list[Record]] = {}
        self.records = 0
        self.size = 0
        """In bytes."""

    def add(self, number: int, records: Sequence[Record], size: int) -> None:
        """The next batch, which takes so many bytes."""
        self.last = number
        self.size += size
        self.records += len(records) or 1  # an empty one has counts
        by_actor = self.by_actor
        for one in records:
            known = by_actor.get(one.actor)
            if known is None:
                by_actor[one.actor] = [one]
            else:
                known.append(one)

    def read_on(self, db: sqlite3.Connection, writer: int) -> None:
        """Add what the writer has written since."""
        query = "SELECT number, records FROM logs WHERE writer = ? AND number > ? ORDER BY number"
        for number, records in db.execute(query, (writer, self.last)):
            self.add(number, decode_records(records), len(records))


def first_of(db: sqlite3.Connection, writer: int) -> int | None:
    """The number of the first batch of a writer's log; None when it is empty."""
    found: tuple[int | None] = db.execute("SELECT min(number) FROM logs WHERE writer = ?", (writer,)).fetchone()
    return found[0]


class Logs:
    """The logs of all writers. Each batch is decoded once; numbers are never given again, so a log that begins with
    another one has been put in order up to there."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._logs: dict[int, Log] = {}

    def __iter__(self) -> Iterator[Log]:
        """As they are now."""
        logs: dict[int, Log] = {}
        for writer, first, last in self._db.execute(_LOGS).fetchall():
            log = self._logs.get(writer)
            if log is None or log.first != first:
                log = Log(first)
            if log.last < last:
                log.read_on(self._db, writer)
            logs[writer] = log
        self._logs = logs
        return iter(logs.values())
