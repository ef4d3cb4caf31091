"""A connection in a thread of its own."""

import threading

import pytest

from runtime.journal import Journal, StoreFailed
from runtime.journal.memory import MemoryJournal
from runtime.journal.thread import JournalThread

pytestmark = pytest.mark.anyio


class Store:
    """Opens connections to one journal, once it is `there`."""

    def __init__(self) -> None:
        self.there = True
        self.opened = self.closed = 0

    def open(self) -> Journal:
        if not self.there:
            raise StoreFailed("away")
        self.opened += 1
        return Connection(self)


class Connection(MemoryJournal):
    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    def close(self) -> None:
        self._store.closed += 1


async def test_it_is_connected_once_when_it_is_first_needed_and_until_it_is_stopped() -> None:
    store = Store()
    thread = JournalThread(store.open, "test")
    assert store.opened == 0
    await thread.open()
    assert await thread.run(lambda journal: threading.current_thread().name) == "test_0"
    assert (store.opened, store.closed) == (1, 0)
    await thread.stop()
    assert (store.opened, store.closed) == (1, 1)


async def test_a_store_that_is_away_is_tried_again_at_the_next_need() -> None:
    store = Store()
    store.there = False
    thread = JournalThread(store.open, "test")
    with pytest.raises(StoreFailed):
        await thread.open()
    store.there = True
    assert await thread.run(lambda journal: journal.claim(["s"])) == {"s": 1}
    await thread.stop()
    assert (store.opened, store.closed) == (1, 1)


async def test_what_was_never_needed_is_never_opened() -> None:
    store = Store()
    await JournalThread(store.open, "test").stop()
    assert (store.opened, store.closed) == (0, 0)
