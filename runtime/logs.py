"""Where a process's log lines go: one file a machine, which all its processes write to, and which never grows full.

Ray keeps what its workers print in a directory of its own, and shows it nobody; so we write our own file. Each line is
one `write` to the end of the file, so lines of several processes never mix; whoever finds the file full moves it
aside for all, and the others see that it is another file now.
"""

import fcntl
import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path

from runtime.lines import Format, Formatter

OURS = ("runtime", "actors", "gateway", "metrics")
"""Whose lines are written from the level that is configured; other libraries' from warnings on."""

FILE_BYTES = 16 * 1024 * 1024
FILES_KEPT = 5
"""Files that were full, besides the one that is written."""


class SharedFile(WatchedFileHandler):
    """Writes to the end of a file that others write to. Full files become `NAME.1`, and what was that `NAME.2`.

    Whoever logs is in the middle of something, perhaps of seeing to a full disk: a line that cannot be written is lost.
    """

    def __init__(self, path: Path, bytes_max: int = FILE_BYTES, kept: int = FILES_KEPT) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace")
        self._path, self._bytes_max, self._kept = path, bytes_max, kept
        self._losing, self._lost = False, 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; in a new file if this one is full."""
        try:
            if self.stream is not None and os.fstat(self.stream.fileno()).st_size >= self._bytes_max:
                self._turn_over()
            lost = self._lost
            super().emit(record)
            if self._lost == lost:
                self._losing = False
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that lines are lost, once until one is written again: not each, with an exception and its text."""
        self._lost += 1
        why = sys.exc_info()[1]
        if not isinstance(why, OSError):
            super().handleError(record)
        elif not self._losing:
            self._losing = True
            print(f"livesupport: lines of the log are lost: {why.strerror} ({self._path})", file=sys.stderr, flush=True)

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def _turn_over(self) -> None:
        if not self._path.exists():
            return  # somebody took it away, perhaps with its folder: both are made again
        with open(f"{self._path}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Another process may have been first: then this one's file has another name already.
            if self._path.exists() and self._path.stat().st_size >= self._bytes_max:
                for number in range(self._kept - 1, 0, -1):
                    if self._aside(number).exists():
                        self._aside(number).replace(self._aside(number + 1))
                self._path.replace(self._aside(1))

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def log_file(data: Path) -> Path:
    """The file, below the data directory."""
    return data / "logs" / "livesupport.log"


def write_logs(process: str, data: Path, how: Format, level: str) -> None:
    """From now on, all that this process logs goes to the file, under the process's name."""
    handler = SharedFile(log_file(data))
    handler.setFormatter(Formatter(process, how))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
