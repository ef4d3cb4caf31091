"""The embedded journal: one SQLite file in WAL mode, shared by the processes of one machine.

With `synchronous=NORMAL` a commit survives any crash of processes; with FULL, power loss too. Writers take turns at
a file lock, which wakes the next one at once, where SQLite's own busy handler would sleep.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from runtime.identity import ActorId, kind_of
from runtime.journal import SCHEMA, Append, Fenced, Listed, Record, Row, Snapshot, Stored, StoreFailed
from runtime.machine import Summary

_TABLES = """
CREATE TABLE IF NOT EXISTS fences (scope TEXT PRIMARY KEY, fence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    actor TEXT, sequence INTEGER, at_ms INTEGER NOT NULL, ref TEXT NOT NULL, body BLOB NOT NULL,
    schema INTEGER NOT NULL, PRIMARY KEY (actor, sequence)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshots (
    actor TEXT PRIMARY KEY, sequence INTEGER NOT NULL, state BLOB NOT NULL, schema INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS summaries (
    actor TEXT PRIMARY KEY, sequence INTEGER NOT NULL, told INTEGER NOT NULL, wake_at_ms INTEGER,
    opened_ms INTEGER NOT NULL, terms TEXT NOT NULL DEFAULT '', body BLOB NOT NULL DEFAULT x'') WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alarms ON summaries (wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS terms (
    term TEXT, opened_ms INTEGER, actor TEXT, PRIMARY KEY (term, opened_ms, actor)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS terms_of_actor ON terms (actor, term);
"""

_BUSY_SECONDS = 2.0
_ACTORS_A_QUERY = 500  # SQLite binds at most 32,766 variables; a page of them is plenty


class SqliteJournal:
    """A connection of its own: one for each thread that uses the file."""

    def __init__(self, path: str, full_sync: bool = False) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        with self._turn():
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(f"PRAGMA synchronous={'FULL' if full_sync else 'NORMAL'}")
            self._db.execute("PRAGMA cache_size=-65536")
            self._db.executescript(_TABLES)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        except sqlite3.Error as error:
            raise StoreFailed(str(error)) from error
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._turn():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def claim(self, scopes: Sequence[str]) -> dict[str, int]:
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO fences VALUES (?, 1) ON CONFLICT (scope) DO UPDATE SET fence = fence + 1",
                [(scope,) for scope in scopes],
            )
            return self._fences(scopes)

    def _fences(self, scopes: Sequence[str]) -> dict[str, int]:
        marks = ",".join("?" * len(scopes))
        return dict(self._db.execute(f"SELECT scope, fence FROM fences WHERE scope IN ({marks})", scopes))

    def append(self, append: Append) -> None:
        with self._transaction() as db:
            if self._fences(list(append.fences)) != append.fences:
                raise Fenced("the scope has a newer owner")
            try:
                db.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", map(_record_row, append.records))
            except sqlite3.IntegrityError as error:
                raise StoreFailed("a sequence is taken") from error
            for row in append.rows:
                self._put(row)
            db.executemany(
                "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)",
                [(s.actor, s.sequence, s.state, s.schema) for s in append.snapshots],
            )

    def _put(self, row: Row) -> None:
        db = self._db
        old = db.execute("SELECT opened_ms, terms FROM summaries WHERE actor = ?", (row.actor,)).fetchone()
        opened_ms, old_terms = old or (row.at_ms, "")
        marks = (row.sequence, row.told, row.wake_at_ms)
        if row.summary is None:
            db.execute(
                "INSERT INTO summaries (actor, sequence, told, wake_at_ms, opened_ms) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (actor) DO UPDATE SET sequence = ?, told = ?, wake_at_ms = ?",
                (row.actor, *marks, opened_ms, *marks),
            )
            return
        terms = "\n".join(_terms(row.actor, row.summary))
        db.execute(
            "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.actor, *marks, opened_ms, terms, row.summary.body),
        )
        if terms != old_terms:
            before, after = set(filter(None, old_terms.split("\n"))), set(terms.split("\n"))
            db.executemany(
                "DELETE FROM terms WHERE term = ? AND opened_ms = ? AND actor = ?",
                [(term, opened_ms, row.actor) for term in before - after],
            )
            db.executemany(
                "INSERT INTO terms VALUES (?, ?, ?)", [(term, opened_ms, row.actor) for term in after - before]
            )

    def load(self, actors: Sequence[ActorId]) -> dict[ActorId, Stored]:
        found: dict[ActorId, Stored] = {}
        with _reading():
            for start in range(0, len(actors), _ACTORS_A_QUERY):
                found.update(self._load(actors[start : start + _ACTORS_A_QUERY]))
        return found

    def _load(self, actors: Sequence[ActorId]) -> dict[ActorId, Stored]:
        marks = ",".join("?" * len(actors))
        execute = self._db.execute
        snapshots = {
            row[0]: Snapshot(*row) for row in execute(f"SELECT * FROM snapshots WHERE actor IN ({marks})", actors)
        }
        told = dict(execute(f"SELECT actor, told FROM summaries WHERE actor IN ({marks})", actors))
        records: dict[ActorId, list[Record]] = {actor: [] for actor in actors}
        tails = (
            f"SELECT r.* FROM records r LEFT JOIN snapshots s ON s.actor = r.actor"
            f" WHERE r.actor IN ({marks}) AND r.sequence > coalesce(s.sequence, 0) ORDER BY r.actor, r.sequence"
        )
        for row in execute(tails, actors):
            records[row[0]].append(Record(*row))
        return {actor: Stored(snapshots.get(actor), records[actor], told.get(actor, 0)) for actor in actors}

    def read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        query = "SELECT * FROM records WHERE actor = ? AND sequence > ? ORDER BY sequence LIMIT ?"
        with _reading():
            return [Record(*row) for row in self._db.execute(query, (actor, after, limit))]

    def alarms(self) -> Iterator[tuple[ActorId, int]]:
        with _reading():
            yield from self._db.execute("SELECT actor, wake_at_ms FROM summaries WHERE wake_at_ms IS NOT NULL")

    def find(self, terms: Sequence[Sequence[str]], limit: int, before: str = "", text: str = "") -> list[Listed]:
        # The set with one term, if there is one, drives the scan: its index is in the order of the answer.
        first, *others = sorted(terms, key=len)
        where, values = [f"t.term IN ({','.join('?' * len(first))})"], list[str | int](first)
        for others_set in others:
            marks = ",".join("?" * len(others_set))
            where.append(f"EXISTS (SELECT 1 FROM terms x WHERE x.actor = t.actor AND x.term IN ({marks}))")
            values += others_set
        if before:
            opened_ms, _, actor = before.partition("~")
            where.append("(t.opened_ms, t.actor) < (?, ?)")
            values += [int(opened_ms), actor]
        if text:
            where.append(
                "(s.body LIKE ? ESCAPE '\\' OR EXISTS"
                " (SELECT 1 FROM records r WHERE r.actor = t.actor AND r.body LIKE ? ESCAPE '\\'))"
            )
            values += [_like(text)] * 2
        query = (
            f"SELECT t.actor, s.sequence, t.opened_ms || '~' || t.actor, s.body FROM terms t"
            f" JOIN summaries s ON s.actor = t.actor WHERE {' AND '.join(where)}"
            f" GROUP BY t.opened_ms, t.actor ORDER BY t.opened_ms DESC, t.actor DESC LIMIT ?"
        )
        with _reading():
            return [Listed(*row) for row in self._db.execute(query, (*values, limit))]

    def ping(self) -> None:
        with _reading():
            self._db.execute("SELECT 1 FROM fences LIMIT 1").fetchone()

    def close(self) -> None:
        self._db.close()
        os.close(self._lock)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreFailed(str(error)) from error


def _record_row(record: Record) -> tuple[str, int, int, str, bytes, int]:
    return record.actor, record.sequence, record.at_ms, record.ref, record.body, SCHEMA


def _terms(actor: ActorId, summary: Summary) -> list[str]:
    return [f"kind:{kind_of(actor)}", *summary.terms]


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
