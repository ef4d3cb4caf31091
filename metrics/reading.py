"""Reading the journal where it may take a while: in a thread of its own, with a connection opened at the first need."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from runtime.identity import ActorId
from runtime.journal import Journal, Record

T = TypeVar("T")

PAGE = 5_000


def records(journal: Journal, actor: ActorId, after: int = 0) -> Iterator[Record]:
    """All of an actor's records after a sequence, in order, however many they are. Raises `StoreFailed`."""
    while page := journal.read(actor, after, PAGE):
        yield from page
        after = page[-1].sequence


class Reading:
    """One thing at a time, in the order of asking."""

    def __init__(self, open_journal: Callable[[], Journal], name: str) -> None:
        self._open_journal = open_journal
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._journal: Journal | None = None

    async def run(self, function: Callable[[Journal], T]) -> T:
        """What the function makes of the journal. Raises `StoreFailed`."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, function)

    def _run(self, function: Callable[[Journal], T]) -> T:
        if self._journal is None:
            self._journal = self._open_journal()
        return function(self._journal)

    async def stop(self) -> None:
        """Let what is under way end."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._close)
        self._pool.shutdown()

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
