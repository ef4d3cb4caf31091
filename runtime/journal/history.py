"""The records of a SQLite journal and its counts, in two steps: as they come, and then each where it belongs.

    append ── one row ──> batches ── now and then, sorted ──> runs of one actor ──> activation, history, search
                                                         └──> counts, added up

A turn writes a little of many actors. Put where they belong at once, every record would touch a page of its own; so
what a turn adds is written as one row, and thousands of records are later put in order together (a log-structured
merge of two levels). Whoever reads takes the batches that are not in order yet from memory, where each is decoded once.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

import msgspec

from runtime.identity import ActorId
from runtime.journal import Count, Record, StoreFailed
from runtime.journal.search import escaped, occurs

BATCHED_RECORDS = 8_192
"""So many records one writer leaves in batches at most: that many are read to learn what is not in order yet."""
RUN_RECORDS = 500
"""The longest run: whoever wants its last record reads it whole."""

_TABLES = """
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, records BLOB NOT NULL, counts BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, numbers BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
    actor TEXT NOT NULL, last INTEGER NOT NULL, records BLOB NOT NULL, PRIMARY KEY (actor, last));
"""

_TEXT = """
(EXISTS (SELECT 1 FROM runs r WHERE r.actor = t.actor
    AND instr(lower(CAST(r.records AS TEXT)), ?) AND occurs_in_run(?, r.records))
OR t.actor IN (SELECT value FROM json_each(?)))
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Record]).decode
_decode_counts = msgspec.msgpack.Decoder(list[Count]).decode


class History:
    """See the module. It belongs to one connection, whose owner says where transactions begin and end."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._ends: dict[ActorId, int] = {}  # of those written here: at least of those that are not in order yet
        self._batched = 0
        self._recent: dict[ActorId, list[Record]] = {}
        self._known = (0, 0)  # the first and the last batch that `_recent` holds
        db.create_function("occurs_in_run", 2, _occurs_in_run, deterministic=True)

    def create(self) -> None:
        """Make the tables; what an earlier version wrote, a row for each record, is taken over."""
        for statement in _TABLES.split(";"):
            self._db.execute(statement)
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'records'").fetchone():
            rows = self._db.execute("SELECT actor, sequence, at_ms, ref, body, schema FROM records ORDER BY 1, 2")
            records = (Record(*row) for row in rows)
            self._put(list(history) for _, history in groupby(records, attrgetter("actor")))
            self._db.execute("DROP TABLE records")

    # Writing

    def append(self, records: Sequence[Record], counts: Sequence[Count]) -> dict[ActorId, int]:
        """Add all that; what to tell `appended` once it is durable. Raises `StoreFailed` if a sequence is taken.

        Whoever appends has had `sort` since it claimed the actors' scopes: their last records are known from then on.
        """
        if not records and not counts:
            return {}
        stored = self._stored_ends({one.actor for one in records} - self._ends.keys())
        ends: dict[ActorId, int] = {}
        for one in records:
            actor = one.actor
            if one.sequence <= (ends.get(actor) or self._ends.get(actor) or stored.get(actor, 0)):
                raise StoreFailed("a sequence is taken")
            ends[actor] = one.sequence
        row = (_encode(records), _encode(counts))
        self._db.execute("INSERT INTO batches (records, counts) VALUES (?, ?)", row)
        return ends

    def _stored_ends(self, actors: set[ActorId]) -> dict[ActorId, int]:
        query = "SELECT value, (SELECT max(last) FROM runs WHERE actor = value) FROM json_each(?)"
        rows = self._db.execute(query, (to_json(actors),)) if actors else ()
        return {actor: last for actor, last in rows if last is not None}

    def appended(self, records: int, ends: Mapping[ActorId, int]) -> None:
        """So many records, which end so, are durable."""
        self._batched += records or 1
        self._ends.update(ends)

    @property
    def due(self) -> bool:
        """It is time to `sort`."""
        return self._batched >= BATCHED_RECORDS

    def sort(self) -> None:
        """Put all that is in batches where it belongs."""
        by_actor = self._lately()
        self._put(by_actor[actor] for actor in sorted(by_actor))
        self._db.executemany("INSERT OR REPLACE INTO counts VALUES (?, ?)", list(self._sums()))
        self._db.execute("DELETE FROM batches")

    def sorted(self) -> None:
        """That is durable."""
        self._batched, self._recent, self._known = 0, {}, (0, 0)
        if len(self._ends) > BATCHED_RECORDS:
            self._ends.clear()

    def forget(self) -> None:
        """Others may have written for the same actors, or what is in order was erased: what is known may not be so."""
        self._ends.clear()

    def _put(self, histories: Iterable[Sequence[Record]]) -> None:
        runs = (
            history[start : start + RUN_RECORDS]
            for history in histories
            for start in range(0, len(history), RUN_RECORDS)
        )
        rows = ((run[-1].actor, run[-1].sequence, _encode(run)) for run in runs)
        self._db.executemany("INSERT INTO runs VALUES (?, ?, ?)", rows)

    # Reading

    def read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        """The actor's records after a sequence, in order, so many at most."""
        found: list[Record] = []
        query = "SELECT records FROM runs WHERE actor = ? AND last > ? ORDER BY last"
        for (records,) in self._db.execute(query, (actor, after)):
            found += [one for one in _decode(records) if one.sequence > after]
            if len(found) >= limit:
                return found[:limit]
        found += [one for one in self._lately().get(actor, ()) if one.sequence > after]
        return found[:limit]

    def tails(self, after: Mapping[ActorId, int]) -> dict[ActorId, list[Record]]:
        """Of each actor, the records after that sequence, in order."""
        tails: dict[ActorId, list[Record]] = {actor: [] for actor in after}
        wanted = ",".join(["(?, ?)"] * len(after))
        query = (
            f"WITH wanted (actor, after) AS (VALUES {wanted}) SELECT r.actor, r.records"
            " FROM wanted w JOIN runs r ON r.actor = w.actor AND r.last > w.after ORDER BY r.actor, r.last"
        )
        for actor, records in self._db.execute(query, [value for pair in after.items() for value in pair]):
            tails[actor] += [one for one in _decode(records) if one.sequence > after[actor]]
        recent = self._lately()
        for actor, tail in tails.items():
            tail += [one for one in recent.get(actor, ()) if one.sequence > after[actor]]
        return tails

    def counts(self) -> list[Count]:
        """All that was ever counted."""
        stored = dict(self._db.execute("SELECT name, numbers FROM counts")) | dict(self._sums())
        return [Count(name, _places(numbers)) for name, numbers in stored.items()]

    def _sums(self) -> Iterator[tuple[str, bytes]]:
        """Of each name that the batches count: all that was ever counted, place after place."""
        added: dict[str, dict[int, float]] = {}
        for (counts,) in self._db.execute("SELECT counts FROM batches"):
            for one in _decode_counts(counts):
                known = added.setdefault(one.name, {})
                for place, number in one.numbers.items():
                    known[place] = known.get(place, 0.0) + number
        for name, numbers in added.items():
            row = self._db.execute("SELECT numbers FROM counts WHERE name = ?", (name,)).fetchone()
            sums = array("d", row[0] if row is not None else b"")
            sums.extend([0.0] * (max(numbers) + 1 - len(sums)))
            for place, number in numbers.items():
                sums[place] += number
            yield name, sums.tobytes()

    def having(self, text: str) -> tuple[str, tuple[str, ...]]:
        """A condition on `t.actor`, and its values: the text occurs in one of the actor's records."""
        # SQL knows upper and lower case of ASCII only: it sorts out most runs, and `occurs` has the last word.
        least = escaped(text).lower() if text.isascii() else ""
        recent = [actor for actor, records in self._lately().items() if any(occurs(text, one.body) for one in records)]
        return _TEXT, (least, text, to_json(recent))

    def _lately(self) -> Mapping[ActorId, Sequence[Record]]:
        """What is not in order yet, by actor. Numbers are never given again, so a new first batch says that what was
        there has been sorted."""
        query = "SELECT (SELECT min(number) FROM batches), (SELECT max(number) FROM batches)"
        first, last = self._db.execute(query).fetchone()
        if first != self._known[0]:
            self._recent, self._known = {}, (first, 0)
        if last is not None and last > self._known[1]:
            newer = self._db.execute("SELECT records FROM batches WHERE number > ? ORDER BY number", (self._known[1],))
            for (records,) in newer:
                for one in _decode(records):
                    self._recent.setdefault(one.actor, []).append(one)
            self._known = (first, last)
        return self._recent


def to_json(actors: Iterable[ActorId]) -> str:
    """For SQLite's `json_each`: a query for any number of actors that is always the same, and prepared once."""
    return msgspec.json.encode(actors).decode()


def _places(numbers: bytes) -> dict[int, float]:
    return {place: number for place, number in enumerate(array("d", numbers)) if number}


def _occurs_in_run(text: str, records: bytes) -> bool:
    return any(occurs(text, one.body) for one in _decode(records))
