"""A connection to the journal in a thread of its own: whoever asks it waits for the store, and nobody else does."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from runtime.journal import Journal

T = TypeVar("T")


class JournalThread:
    """One thing at a time, in the order of asking. It is connected at the first need; if that fails, at the next."""

    def __init__(self, open_journal: Callable[[], Journal], name: str) -> None:
        self._open_journal = open_journal
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._journal: Journal | None = None

    async def open(self) -> None:
        """Connect now. Raises what keeps it from that."""
        await self.run(lambda journal: None)

    async def run(self, function: Callable[[Journal], T]) -> T:
        """What the function makes of the journal. Raises what it meets there, `StoreFailed` above all."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, function)

    def _run(self, function: Callable[[Journal], T]) -> T:
        if self._journal is None:
            self._journal = self._open_journal()
        return function(self._journal)

    async def stop(self) -> None:
        """Let what is under way end, and disconnect."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._close)
        self._pool.shutdown()

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
