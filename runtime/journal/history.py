"""The records of a SQLite journal and its counts, in two steps: as they come, and then each where it belongs.

    append ── one row ──> writer's log ── sorted, by pieces ──> runs of one actor ──> activation, history, search
                                                           └──> the next log, its counts added up

A turn writes a little of many actors. Put where they belong at once, every record would touch a page of its own; so
what a turn adds is one row of its writer's log, and thousands of records are later put in order together (a
log-structured merge of two levels): a piece of them with every append, so that none waits for all. What is in a run
may be in the log too until the last piece is put, so whoever reads takes of each next part what comes after the last.
"""

import secrets
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

import msgspec

from runtime.identity import ActorId
from runtime.journal import Count, Cut, Record, StoreFailed
from runtime.journal.log import Log, Logs, Sums, decode_records, first_of
from runtime.journal.search import escaped, occurs
from runtime.journal.sorting import Run, Sorting, runs_of

LOGGED_RECORDS = 8_192
"""When its log has so many, a writer begins to put them in order: twice that many are read to learn what is not."""
LOGGED_BYTES = 4 * 1024 * 1024
"""Or when they take so much."""

# Logs have rowids: their keys would else be in rows of many pages, and to compare two SQLite reads the whole row.
_TABLES = """
CREATE TABLE IF NOT EXISTS logs (
    writer INTEGER NOT NULL, number INTEGER NOT NULL, records BLOB NOT NULL, counts BLOB NOT NULL,
    PRIMARY KEY (writer, number));
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


class History:
    """See the module. It belongs to one connection, whose owner says where transactions begin and end."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._writer = secrets.randbits(62)
        self._log = Log(1)  # of what is written here
        self._sums = Sums()
        self._sorting: Sorting | None = None
        self._ends: dict[ActorId, int] = {}  # of those written here: at least of those that are not in order yet
        self._added: tuple[Sequence[Record], Sequence[Count], dict[ActorId, int], int] | None = None
        self._logs = Logs(db)
        db.create_function("occurs_in_run", 2, _occurs_in_run, deterministic=True)

    def create(self) -> None:
        """Make the tables; what an earlier version wrote, a row for each record, is taken over."""
        for statement in _TABLES.split(";"):
            self._db.execute(statement)
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'records'").fetchone():
            rows = self._db.execute("SELECT actor, sequence, at_ms, ref, body, schema FROM records ORDER BY 1, 2")
            records = (Record(*row) for row in rows)
            self._put(runs_of(list(history) for _, history in groupby(records, attrgetter("actor"))))
            self._db.execute("DROP TABLE records")

    # Writing

    def append(self, records: Sequence[Record], counts: Sequence[Count]) -> None:
        """Add all that, and put a piece of what is due in order; `appended` says that it is durable. Raises
        `StoreFailed` if a sequence is taken.

        Whoever appends has had `sort` since it claimed the actors' scopes: their last records are known from then on.
        """
        self._added = None
        counts = [*self._tidy(), *counts]
        if not records and not counts:
            return
        ends = self._ends_of({one.actor for one in records})
        for one in records:
            if one.sequence != ends[one.actor] + 1:
                raise StoreFailed("a sequence is taken")
            ends[one.actor] = one.sequence
        row = (self._writer, self._log.last + 1, _encode(records), _encode(counts))
        self._db.execute("INSERT INTO logs VALUES (?, ?, ?, ?)", row)
        self._added = (records, counts, ends, len(row[2]) + len(row[3]))

    def _ends_of(self, actors: Iterable[ActorId]) -> dict[ActorId, int]:
        """The last sequence of each; 0 of who has none."""
        known = self._ends
        ends = {actor: known.get(actor, 0) for actor in actors}
        unknown = [actor for actor, end in ends.items() if not end]
        if unknown:
            query = "SELECT value, (SELECT max(last) FROM runs WHERE actor = value) FROM json_each(?)"
            ends.update((actor, last or 0) for actor, last in self._db.execute(query, (to_json(unknown),)))
        return ends

    def appended(self) -> int:
        """That is durable; its size in bytes."""
        sorting = self._sorting
        if sorting is not None:
            sorting.durable()
            if sorting.ends:
                self._sorting = None
                self._ends = {actor: records[-1].sequence for actor, records in self._log.by_actor.items()}
        if self._added is None:
            return 0
        records, counts, ends, size = self._added
        self._log.add(self._log.last + 1, records, size)
        self._sums.add(counts)
        self._ends.update(ends)
        return size

    def _tidy(self) -> Sequence[Count]:
        """Put the next piece of what is due where it belongs. Of a log that is gone with it, the counts, added up: a
        row for each name, now and then, would cost more than to carry them from log to log."""
        if self._sorting is None and self._log.records < LOGGED_RECORDS and self._log.size < LOGGED_BYTES:
            return ()
        if first_of(self._db, self._writer) != (self._sorting or self._log).first:
            self._read_own()
            return ()
        if self._sorting is None:
            self._sorting = Sorting(self._log, self._sums)
            self._begin_log(self._sorting.last + 1)
        self._put(self._sorting.piece())
        if not self._sorting.ends:
            return ()
        own = (self._writer, self._sorting.last)
        self._db.execute("DELETE FROM logs WHERE writer = ? AND number <= ?", own)
        return self._sorting.sums.counts()

    def _begin_log(self, number: int) -> None:
        self._log, self._sums = Log(number), Sums()

    def _read_own(self) -> None:
        """Who took over a scope has put all in order: what is left has been written since."""
        self._sorting = None
        self._begin_log(first_of(self._db, self._writer) or self._log.last + 1)
        self._log.read_on(self._db, self._writer)
        self._sums.read(self._db, "WHERE writer = ?", self._writer)

    def sort(self) -> None:
        """Put all that is in logs where it belongs; `sorted` says that it is durable."""
        by_actor: dict[ActorId, list[Record]] = {}
        for log in self._logs:
            for actor, records in log.by_actor.items():
                by_actor.setdefault(actor, []).extend(records)
        self._put(runs_of(by_actor[actor] for actor in sorted(by_actor)))
        self._store(Sums().read(self._db))
        self._db.execute("DELETE FROM logs")

    def sorted(self) -> None:
        """That is durable. Others may have written for the same actors, or what is in order was erased since: what was
        known of them may not be so."""
        self._sorting = None
        self._begin_log(self._log.last + 1)
        self._ends.clear()

    def _put(self, runs: Iterable[Run]) -> None:
        # The same run may be there: who took over a scope has put in order what its writer was just about to.
        rows = ((run[-1].actor, run[-1].sequence, _encode(run)) for run in runs)
        self._db.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", rows)

    def cut(self, cut: Cut) -> None:
        """Let what is kept take the place of all before a sequence. All must be in order."""
        query = "SELECT records FROM runs WHERE actor = ? AND last >= ? ORDER BY last LIMIT 1"
        row = self._db.execute(query, (cut.actor, cut.before)).fetchone()
        within = decode_records(row[0]) if row is not None else []  # the run that the sequence is in, or begins
        rest = [one for one in within if one.sequence >= cut.before]
        self._db.execute("DELETE FROM runs WHERE actor = ? AND last < ?", (cut.actor, cut.before))
        self._put(runs_of([cut.kept, rest]))

    # Reading

    def read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        """The actor's records after a sequence, in order, so many at most."""
        found: list[Record] = []
        query = "SELECT records FROM runs WHERE actor = ? AND last > ? ORDER BY last"
        for (records,) in self._db.execute(query, (actor, after)):
            _extend(found, decode_records(records), after)
            if len(found) >= limit:
                return found[:limit]
        for log in self._logs:
            _extend(found, log.by_actor.get(actor, ()), after)
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
            _extend(tails[actor], decode_records(records), after[actor])
        for log in self._logs:
            for actor, tail in tails.items():
                _extend(tail, log.by_actor.get(actor, ()), after[actor])
        return tails

    def counts(self) -> list[Count]:
        """All that was ever counted."""
        stored = dict(self._db.execute("SELECT name, numbers FROM counts"))
        stored |= self._added_up(Sums().read(self._db))
        return [Count(name, _places(numbers)) for name, numbers in stored.items()]

    def _store(self, sums: Sums) -> None:
        self._db.executemany("INSERT OR REPLACE INTO counts VALUES (?, ?)", list(self._added_up(sums)))

    def _added_up(self, sums: Sums) -> Iterator[tuple[str, bytes]]:
        """Of each name: all that was ever counted, place after place."""
        for name, numbers in sums.by_name.items():
            row = self._db.execute("SELECT numbers FROM counts WHERE name = ?", (name,)).fetchone()
            places = array("d", row[0] if row is not None else b"")
            places.extend([0.0] * (max(numbers, default=-1) + 1 - len(places)))
            for place, number in numbers.items():
                places[place] += number
            yield name, places.tobytes()

    def having(self, text: str) -> tuple[str, tuple[str, ...]]:
        """A condition on `t.actor`, and its values: the text occurs in one of the actor's records."""
        # SQL knows upper and lower case of ASCII only: it sorts out most runs, and `occurs` has the last word.
        least = escaped(text).lower() if text.isascii() else ""
        recent = [
            actor
            for log in self._logs
            for actor, records in log.by_actor.items()
            if any(occurs(text, one.body) for one in records)
        ]
        return _TEXT, (least, text, to_json(recent))


def _extend(found: list[Record], records: Sequence[Record], after: int) -> None:
    """Add what comes after the last one found."""
    last = found[-1].sequence if found else after
    found += [one for one in records if one.sequence > last]


def to_json(actors: Iterable[ActorId]) -> str:
    """For SQLite's `json_each`: a query for any number of actors that is always the same, and prepared once."""
    return msgspec.json.encode(actors).decode()


def _places(numbers: bytes) -> dict[int, float]:
    return {place: number for place, number in enumerate(array("d", numbers)) if number}


def _occurs_in_run(text: str, records: bytes) -> bool:
    return any(occurs(text, one.body) for one in decode_records(records))
