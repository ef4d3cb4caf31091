"""Reading an actor's whole history, a page at a time."""

from collections.abc import Iterator

from runtime.identity import ActorId
from runtime.journal import Journal, Record

PAGE = 5_000


def records(journal: Journal, actor: ActorId, after: int = 0) -> Iterator[Record]:
    """All of an actor's records after a sequence, in order, however many they are. Raises `StoreFailed`."""
    while page := journal.read(actor, after, PAGE):
        yield from page
        after = page[-1].sequence
