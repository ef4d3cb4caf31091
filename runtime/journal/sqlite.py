"""The embedded journal: one SQLite file in WAL mode, shared by the processes of one machine.

With `synchronous=NORMAL` a commit survives any crash of processes; with FULL, power loss too. Writers take turns at
a file lock, which wakes the next one at once, where SQLite's own busy handler would sleep.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from runtime.identity import ActorId
from runtime.journal import (
    LAYOUT,
    Append,
    Count,
    Cut,
    Fenced,
    Listed,
    Record,
    Row,
    Snapshot,
    Stored,
    StoreFailed,
    need_layout,
    terms_of,
)
from runtime.journal.checkpoints import PAGES, Checkpoints
from runtime.journal.history import History, to_json
from runtime.journal.search import escaped, occurs

T = TypeVar("T")

# Summaries have rowids: turns write a little of many actors, and a page of the index by actor holds five times as many
# of them as a page of the summaries themselves would.
_TABLES = """
CREATE TABLE IF NOT EXISTS fences (scope TEXT PRIMARY KEY, fence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshots (
    actor TEXT PRIMARY KEY, sequence INTEGER NOT NULL, state BLOB NOT NULL, schema INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS summaries (
    actor TEXT PRIMARY KEY, sequence INTEGER NOT NULL, told INTEGER NOT NULL, wake_at_ms INTEGER,
    opened_ms INTEGER NOT NULL, terms TEXT, body BLOB);
CREATE INDEX IF NOT EXISTS alarms ON summaries (wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS terms (
    term TEXT, opened_ms INTEGER, actor TEXT, PRIMARY KEY (term, opened_ms, actor)) WITHOUT ROWID;
DROP INDEX IF EXISTS terms_of_actor;  -- of an earlier version: the terms of an actor are in its summary
"""

_PUT = """
INSERT INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (actor) DO UPDATE SET
    sequence = excluded.sequence, told = excluded.told, wake_at_ms = excluded.wake_at_ms,
    terms = coalesce(excluded.terms, terms), body = coalesce(excluded.body, body)
"""
_LIST = "INSERT INTO terms VALUES (?, ?, ?)"
_UNLIST = "DELETE FROM terms WHERE term = ? AND opened_ms = ? AND actor = ?"
_EVERY_KIND = "t.term >= 'kind:' AND t.term < 'kind;'"

_CLAIMS = ""
"""No scope's name: its fence counts all claims."""
_BUSY_SECONDS = 2.0
_PAGE = 500  # SQLite binds at most 32,766 variables; a page of them is plenty


class SqliteJournal:
    """A connection of its own: one for each thread that uses the file. One that `only_reads` makes no file and no
    table, and refuses what a writer would have to make or to change first."""

    def __init__(self, path: str, full_sync: bool = False, forgets: bool = False, only_reads: bool = False) -> None:
        self._claims: int | None = None
        self._held: dict[str, int] = {}  # what was found to be so, after so many claims
        with ExitStack() as opened:
            if only_reads:
                # "ro" would leave files of SQLite's behind.
                self._db = _connect(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True)
            else:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                self._lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT, 0o600)
                opened.callback(os.close, self._lock)
                new = not os.path.exists(path)
                self._db = _connect(path)
                if new:  # what visitors say is for the user of the system alone; SQLite's files beside it follow
                    os.chmod(path, 0o600)
            opened.callback(self._db.close)
            self._db.create_function("occurs", 2, occurs, deterministic=True)
            self._history = History(self._db)
            if only_reads:
                self._look()
            else:
                self._prepare(full_sync, forgets)
            self._checkpoints = Checkpoints(path, self._db)
            opened.callback(self._checkpoints.close)
            self._opened = opened.pop_all()

    def _layout(self) -> int:
        layout = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        need_layout(layout)
        return layout

    def _look(self) -> None:
        with self._reading():
            self._db.execute("PRAGMA query_only=ON")
            if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'fences'").fetchone():
                raise StoreFailed("no system has written it")
            if self._layout() < LAYOUT:
                raise StoreFailed("it was written by an earlier version; a system that is started takes it over")

    def _prepare(self, full_sync: bool, forgets: bool) -> None:
        with self._turn():
            layout = self._layout()
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(f"PRAGMA synchronous={'FULL' if full_sync else 'NORMAL'}")
            self._db.execute("PRAGMA cache_size=-65536")
            # Some builds overwrite all that is deleted with zeros. A log's pages are soon written anew, and their zeros
            # would be a quarter of all that is written: they are spared where nobody is ever erased.
            self._db.execute(f"PRAGMA secure_delete={'ON' if forgets else 'FAST'}")
            self._db.execute(f"PRAGMA wal_autocheckpoint={4 * PAGES}")  # should those beside not keep up
            self._db.executescript(_TABLES)
        with self._transaction():
            self._history.create()
            if layout < LAYOUT:
                self._db.execute(f"PRAGMA user_version={LAYOUT}")

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

    @contextmanager
    def _anew(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which all is in order, so that nothing has to be known of what was written before it."""
        with self._transaction() as db:
            self._history.sort()
            yield db
        self._history.sorted()

    def claim(self, scopes: Sequence[str]) -> dict[str, int]:
        with self._anew() as db:
            db.executemany(
                "INSERT INTO fences VALUES (?, 1) ON CONFLICT (scope) DO UPDATE SET fence = fence + 1",
                [(scope,) for scope in (*scopes, _CLAIMS)],
            )
            query = f"SELECT scope, fence FROM fences WHERE scope IN {_marks(scopes)}"
            return dict(db.execute(query, scopes))

    def append(self, append: Append) -> None:
        with self._transaction() as db:
            self._check(append.fences)
            self._history.append(append.records, append.counts)
            for page in _pages(append.rows):
                self._put(page)
            db.executemany(
                "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)",
                [(s.actor, s.sequence, s.state, s.schema) for s in append.snapshots],
            )
        self._checkpoints.committed(self._history.appended())

    def _check(self, fences: dict[str, int]) -> None:
        """Raises `Fenced`. A host has hundreds of them: they are looked up again only if there was a claim since."""
        (claims,) = self._db.execute("SELECT max(fence) FROM fences WHERE scope = ?", (_CLAIMS,)).fetchone()
        if claims != self._claims:
            self._held, self._claims = {}, claims
        if not fences.items() <= self._held.items():
            given = ",".join(["(?, ?)"] * len(fences))
            query = (
                f"WITH given (scope, fence) AS (VALUES {given}) SELECT count(*) FROM given JOIN fences"
                " USING (scope, fence)"
            )
            (held,) = self._db.execute(query, [value for pair in fences.items() for value in pair]).fetchone()
            if held != len(fences):
                raise Fenced("the scope has a newer owner")
            self._held |= fences

    def _listed(self, actors: Sequence[ActorId]) -> dict[ActorId, tuple[int, str | None]]:
        """Of those that have a row: when it was opened, and its terms."""
        query = "SELECT actor, opened_ms, terms FROM json_each(?) CROSS JOIN summaries ON actor = value"
        return {actor: (opened_ms, terms) for actor, opened_ms, terms in self._db.execute(query, (to_json(actors),))}

    def _put(self, rows: Sequence[Row]) -> None:
        old = self._listed([row.actor for row in rows])
        values, gone, new = [], [], []
        for row in rows:
            opened_ms, had = old.get(row.actor, (row.at_ms, None))
            terms = terms_of(row.actor, row.summary) if row.summary else []
            text = "\n".join(terms) or None
            body = row.summary.body if row.summary else None
            values.append((row.actor, row.sequence, row.told, row.wake_at_ms, opened_ms, text, body))
            if text is not None and text != had:
                before = had.split("\n") if had else []
                gone += [(term, opened_ms, row.actor) for term in before if term not in terms]
                new += [(term, opened_ms, row.actor) for term in dict.fromkeys(terms) if term not in before]
        self._db.executemany(_PUT, values)
        self._db.executemany(_UNLIST, gone)
        self._db.executemany(_LIST, new)

    def erase(self, actors: Sequence[ActorId], fences: dict[str, int]) -> None:
        with self._anew() as db:
            self._check(fences)
            for page in _pages(actors):
                for actor, (opened_ms, terms) in self._listed(page).items():
                    db.executemany(_UNLIST, [(term, opened_ms, actor) for term in (terms or "").split("\n")])
                for table in ("runs", "snapshots", "summaries"):
                    db.execute(f"DELETE FROM {table} WHERE actor IN {_marks(page)}", page)

    def cut(self, cuts: Sequence[Cut], fences: dict[str, int]) -> None:
        with self._anew():
            self._check(fences)
            for one in cuts:
                self._history.cut(one)

    def scrub(self) -> bool:
        self._checkpoints.copy()
        with self._turn():
            return self._checkpoints.cut_off()

    def settle(self) -> None:
        pass  # whoever calls this has its append behind it

    def load(self, actors: Sequence[ActorId], whole: bool = False) -> dict[ActorId, Stored]:
        found: dict[ActorId, Stored] = {}
        with self._reading():
            for page in _pages(actors):
                found.update(self._load(page, whole))
        return found

    def _load(self, actors: Sequence[ActorId], whole: bool) -> dict[ActorId, Stored]:
        marks, execute = _marks(actors), self._db.execute
        kept = [] if whole else execute(f"SELECT * FROM snapshots WHERE actor IN {marks}", actors)
        snapshots = {row[0]: Snapshot(*row) for row in kept}
        told = dict(execute(f"SELECT actor, told FROM summaries WHERE actor IN {marks}", actors))
        after = {actor: snapshots[actor].sequence if actor in snapshots else 0 for actor in actors}
        tails = self._history.tails(after)
        return {actor: Stored(snapshots.get(actor), tails[actor], told.get(actor, 0)) for actor in actors}

    def read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        with self._reading():
            return self._history.read(actor, after, limit)

    def alarms(self) -> Iterator[tuple[ActorId, int]]:
        with self._reading():
            found = self._db.execute("SELECT actor, wake_at_ms FROM summaries WHERE wake_at_ms IS NOT NULL").fetchall()
        return iter(found)

    def find(self, terms: Sequence[Sequence[str]], limit: int, before: str = "", text: str = "") -> list[Listed]:
        # The set with the fewest terms drives the scan: the index of one term is in the order of the answer.
        first, *others = sorted(terms, key=len) or [()]
        where: list[str] = [f"t.term IN {_marks(first)}" if terms else _EVERY_KIND]
        values: list[str | int] = [*first]
        for other in others:
            same = "x.opened_ms = t.opened_ms AND x.actor = t.actor"
            where.append(f"EXISTS (SELECT 1 FROM terms x WHERE x.term IN {_marks(other)} AND {same})")
            values += other
        if before:
            opened_ms, _, actor = before.partition("~")
            where.append("(t.opened_ms, t.actor) < (?, ?)")
            values += [int(opened_ms), actor]
        with self._reading():
            if text:
                in_records, its = self._history.having(text)
                where.append(f"((CAST(s.body AS TEXT) LIKE ? ESCAPE '\\' AND occurs(?, s.body)) OR {in_records})")
                values += [_like(text), text, *its]
            query = (
                f"SELECT t.actor, s.sequence, t.opened_ms || '~' || t.actor, s.body FROM terms t"
                f" JOIN summaries s ON s.actor = t.actor WHERE {' AND '.join(where)}"
                f" GROUP BY t.opened_ms, t.actor ORDER BY t.opened_ms DESC, t.actor DESC LIMIT ?"
            )
            return [Listed(*row) for row in self._db.execute(query, (*values, limit))]

    def count(self, term: str, unalarmed: bool = False) -> int:
        query = "SELECT count(*) FROM terms t WHERE t.term = ?"
        if unalarmed:
            query = query.replace("WHERE", "JOIN summaries s ON s.actor = t.actor WHERE s.wake_at_ms IS NULL AND")
        with self._reading():
            return int(self._db.execute(query, (term,)).fetchone()[0])

    def counts(self) -> list[Count]:
        with self._reading():
            return self._history.counts()

    def ping(self) -> None:
        with self._reading():
            self._db.execute("SELECT 1 FROM fences LIMIT 1").fetchone()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN")  # what is read together belongs together
            try:
                yield
            finally:
                self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreFailed(str(error)) from error

    def close(self) -> None:
        self._opened.close()


def _connect(path: str, uri: bool = False) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=uri)
    except sqlite3.Error as error:
        raise StoreFailed(str(error)) from error


def _marks(values: Sequence[str]) -> str:
    return f"({','.join('?' * len(values))})"


def _pages(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _PAGE] for start in range(0, len(values), _PAGE))


def _like(text: str) -> str:
    # LIKE knows upper and lower case of ASCII only: it sorts out most rows, and `occurs` has the last word.
    if not text.isascii():
        return "%"
    kept = escaped(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{kept}%"
