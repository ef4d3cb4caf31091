"""The journal: each actor's append-only history, one summary row an actor, and the fences that keep one writer each.

Implementations do blocking I/O and are called from threads of their own. Their contract is tests/journal/.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from runtime.identity import ActorId, kind_of
from runtime.machine import Summary

SCHEMA = 1
"""Of events: whatever was written under it is understood for ever."""
STATES = 2
"""Of snapshots. It grows when the same events add up to another state than before: what was kept under a smaller one
is passed over, and all events are read instead."""
LAYOUT = 1
"""Of a store's tables or keys, kept in it. It grows when an older version would look for what is there in the wrong
place, find nothing, and begin everybody anew: that version then refuses the store."""


class Fenced(Exception):
    """Another host has claimed one of the scopes: nothing was appended."""


class StoreFailed(Exception):
    """The store did not take the append, or may have: the outcome is unknown, read again before going on.

    So too when a sequence is not the next one: an append that had failed was written after all, later than anyone
    thought; or the store has lost the last ones.
    """


def need_layout(layout: int) -> None:
    """Raises `StoreFailed` for a layout that is newer than this version."""
    if layout > LAYOUT:
        raise StoreFailed("it was written by a newer version, and this one would not find anything in it")


class Record(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One event of one actor. `ref` names the command that this record completes: `sender ref`, or empty."""

    actor: ActorId
    sequence: int
    at_ms: int
    ref: str
    body: bytes
    schema: int = SCHEMA


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the index says of an actor. `told`: the sequence up to which its tells have been settled.

    `summary` None leaves the listed row as it is.
    """

    actor: ActorId
    at_ms: int
    sequence: int
    told: int
    wake_at_ms: int | None
    summary: Summary | None = None


class Snapshot(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The state after a sequence, so that activation reads a bounded tail."""

    actor: ActorId
    sequence: int
    state: bytes
    schema: int = STATES


class Count(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Numbers under a name, by their places; in an append, what is to be added to them. A place that is not there is 0.

    They are no actor's: any number of writers add to the same ones.
    """

    name: str
    numbers: dict[int, float]


class Cut(msgspec.Struct, frozen=True):
    """Of an actor's records before a sequence, only those that are `kept` are to stay."""

    actor: ActorId
    before: int
    kept: Sequence[Record]


def terms_of(actor: ActorId, summary: Summary) -> list[str]:
    """What a row is listed by: its kind, and its own terms. Each is one line: they are kept as the lines of a text."""
    return [f"kind:{kind_of(actor)}", *(term.replace("\n", " ") for term in summary.terms)]


class Append(msgspec.Struct, frozen=True):
    """All that a host's turn has to write: taken as a whole or not at all."""

    fences: dict[str, int]
    records: Sequence[Record]
    rows: Sequence[Row]
    snapshots: Sequence[Snapshot]
    counts: Sequence[Count] = ()


class Stored(msgspec.Struct, frozen=True):
    """What activation reads: the snapshot, the records after it, and the row's marks."""

    snapshot: Snapshot | None
    records: Sequence[Record]
    told: int


NOTHING = Stored(None, (), 0)
"""What there is of an actor that nothing has happened to."""


class Listed(msgspec.Struct, array_like=True, frozen=True):
    """A row of a listing. `cursor` continues after it."""

    actor: ActorId
    sequence: int
    cursor: str
    body: bytes


class Journal(Protocol):
    """See the module. Every method may raise `StoreFailed`."""

    def claim(self, scopes: Sequence[str]) -> dict[str, int]:
        """Take over the scopes: a new fence for each, which refuses whoever held them."""

    def append(self, append: Append) -> None:
        """Write it all durably, or nothing. Raises `Fenced` if a fence is stale."""

    def erase(self, actors: Sequence[ActorId], fences: dict[str, int]) -> None:
        """Forget all there is of these actors, or nothing. Raises `Fenced` if a fence is stale."""

    def cut(self, cuts: Sequence[Cut], fences: dict[str, int]) -> None:
        """Forget parts of these actors' histories, or nothing; the sequences of what is left stay as they are. Raises
        `Fenced` if a fence is stale."""

    def scrub(self) -> bool:
        """Leave nothing of what was erased in the store's files either, of a journal that was opened with `forgets`.

        False: somebody has read for long meanwhile, so that some of it is left until the next time."""

    def settle(self) -> None:
        """Returns once an append of this connection that has failed can no longer be written: now `load` is true."""

    def load(self, actors: Sequence[ActorId], whole: bool = False) -> dict[ActorId, Stored]:
        """What there is of each actor; of a new one, an empty history. `whole`: all records, and no snapshot."""

    def read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        """The records after a sequence, in order."""

    def alarms(self) -> Iterator[tuple[ActorId, int]]:
        """Every actor that waits for a time, with that time."""

    def find(self, terms: Sequence[Sequence[str]], limit: int, before: str = "", text: str = "") -> list[Listed]:
        """Rows that have, of each set, at least one term; newest first; `text` occurs in the row or a record."""

    def count(self, term: str, unalarmed: bool = False) -> int:
        """How many rows have the term; or of those, how many wait for no time. Cheap enough to ask now and then."""

    def counts(self) -> list[Count]:
        """All that was ever added, in no order."""

    def ping(self) -> None:
        """Returns if the store answers."""

    def close(self) -> None:
        """Release what is held."""


def open_journal(url: str, sync: str = "normal", forgets: bool = False, only_reads: bool = False) -> Journal:
    """The journal at `sqlite:///PATH` or `redis://HOST:PORT/DB`. Raises `ValueError` for any other address.

    `forgets`: somebody will be erased, so that no text may stay in a part of the file that is not in use any more. It
    costs SQLite a quarter more of writing. Redis alone decides when it writes its append-only file anew.
    `only_reads`: what is there stays as it is, and nothing is made; raises `StoreFailed` if there is nothing to read.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in ("redis", "rediss") and rest:
        from runtime.journal.redis import RedisJournal

        return RedisJournal(url, full_sync=sync == "full")
    if scheme == "sqlite" and separator and rest.startswith("/") and len(rest) > 1:
        from runtime.journal.sqlite import SqliteJournal

        return SqliteJournal(rest[1:], full_sync=sync == "full", forgets=forgets, only_reads=only_reads)
    raise ValueError(f"store {url!r}: expected sqlite:///PATH or redis://HOST:PORT/DB")
