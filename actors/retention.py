"""Which conversations are over for so long that they may be forgotten, or carried away: the closed ones, by when."""

from collections.abc import Iterator, Sequence

import msgspec

from runtime.identity import ActorId
from runtime.journal import Journal

PAGE = 200
DAY_MS = 86_400_000


class _Closed(msgspec.Struct):
    closed_at_ms: int | None = None


_decode = msgspec.json.Decoder(_Closed).decode


def closed_before(journal: Journal, before_ms: int) -> Iterator[list[ActorId]]:
    """Every conversation that was closed before that time, page by page, the last opened first; pages may be empty.

    Pages are read as they are asked for, and whoever has read one may erase it. Raises `StoreFailed`.
    """
    cursor = f"{before_ms}~"  # who was opened later was closed later
    while rows := journal.find([["kind:conversation"], ["state:closed"]], PAGE, cursor):
        cursor = rows[-1].cursor
        yield [row.actor for row in rows if (_decode(row.body).closed_at_ms or before_ms) < before_ms]


def expired(days: int, journal: Journal, now_ms: int) -> Iterator[Sequence[ActorId]]:
    """Those that have been closed for that many days."""
    return closed_before(journal, now_ms - days * DAY_MS)
