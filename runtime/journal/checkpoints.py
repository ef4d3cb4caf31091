"""Copies what SQLite's write-ahead log holds into the file, most of it beside whoever writes.

SQLite would do it in the commit that finds the log long, and that one would wait: 40 ms for 16 MB. A checkpoint in a
thread of its own holds up nobody; what was added meanwhile is little, and the next commit copies it. Then everything
is copied, and the log begins anew.
"""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from runtime.lines import Line

log = logging.getLogger(__name__)

PAGES = 4_000
"""When about so many are in the log, they are copied: 16 MB."""
PAGES_A_COMMIT = 16
"""So many of the indices one commit changes, more or less. The log's true length is in a file that SQLite has locks on,
and whoever closes it again gives up all locks that this process has there."""
PAGE_BYTES = 4_096
READ_SECONDS = 0.2
"""Of whoever reads, to wait for; who wants to write waits so long too."""


class Checkpoints:
    """Of the journal at this path, which this connection writes."""

    def __init__(self, path: str, db: sqlite3.Connection) -> None:
        self._path = path
        self._db = db
        self._pages = 0
        self._thread: threading.Thread | None = None

    def committed(self, size: int) -> None:
        """So many bytes of records were, and whatever index they touch: copy, if it is time, or what is left of it.
        Waits for no other thread."""
        self._pages += size // PAGE_BYTES + PAGES_A_COMMIT
        if self._thread is None and self._pages >= PAGES:
            self._pages = 0
            self._thread = threading.Thread(target=self._copy_beside, name="checkpoint", daemon=True)
            self._thread.start()
        elif self._thread is not None and not self._thread.is_alive():
            self._thread = None
            self.copy()

    def _copy_beside(self) -> None:
        with _said(), closing(sqlite3.connect(self._path)) as db:
            _copy(db)

    def copy(self) -> None:
        """Copy now what can be copied while others read and write."""
        with _said():
            _copy(self._db)

    def cut_off(self) -> bool:
        """Copy what is left, and make the log empty: what it still held of earlier times is gone. Nobody may write
        meanwhile; it is left as it is, and the answer False, if somebody reads for longer than `READ_SECONDS`."""
        busy = True
        with _said(), closing(sqlite3.connect(self._path, timeout=READ_SECONDS)) as db:
            (busy, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                log.info(Line("log not cut off", why="somebody reads"))
        return not busy

    def close(self) -> None:
        """Copy no more; what is under way ends first."""
        if self._thread is not None:
            self._thread.join()


def _copy(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as why:  # what was written is in the log, and one of the next commits tries again
        log.warning(Line("checkpoint failed", why=why))
