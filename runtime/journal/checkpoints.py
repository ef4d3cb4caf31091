"""Copies what SQLite's write-ahead log holds into the file, most of it beside whoever writes.

SQLite would do it in the commit that finds the log long, and that one would wait: 40 ms for 16 MB. A checkpoint in a
thread of its own holds up nobody; what was added meanwhile is little, and the next commit copies it. Then everything
is copied, and the log begins anew.
"""

import logging
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from runtime.lines import Line

log = logging.getLogger(__name__)

PAGES = 4_000
"""When so many are in the log, they are copied: 16 MB."""

# https://www.sqlite.org/walformat.html, 2.1: `mxFrame`, the number of valid frames, as the machine writes numbers.
_FRAMES = struct.Struct("=I")
_FRAMES_AT = 16


class Checkpoints:
    """Of the journal at this path, which this connection writes."""

    def __init__(self, path: str, db: sqlite3.Connection) -> None:
        self._path = path
        self._db = db
        self._index = open(f"{path}-shm", "rb", buffering=0)  # noqa: SIM115 - until it is closed
        self._thread: threading.Thread | None = None

    def mind(self) -> None:
        """After a commit: copy, if it is time, or what is left. Waits for no other thread."""
        if self._thread is None:
            self._index.seek(_FRAMES_AT)
            (frames,) = _FRAMES.unpack(self._index.read(_FRAMES.size))
            if frames >= PAGES:
                self._thread = threading.Thread(target=self._copy_beside, name="checkpoint", daemon=True)
                self._thread.start()
        elif not self._thread.is_alive():
            self._thread = None
            with _said():
                _copy(self._db)

    def _copy_beside(self) -> None:
        with _said(), closing(sqlite3.connect(self._path)) as db:
            _copy(db)

    def close(self) -> None:
        """Copy no more; what is under way ends first."""
        if self._thread is not None:
            self._thread.join()
        self._index.close()


def _copy(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as why:  # what was written is in the log, and one of the next commits tries again
        log.warning(Line("checkpoint failed", why=why))
