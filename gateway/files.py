"""Files that are there as a whole or not at all, whatever is killed meanwhile."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

PREFIX = ".draft-"
"""How drafts are called: whoever lists a folder leaves them out, and what a killed process has left is known by it."""


class Draft:
    """A new file in the folder, which only its owner can read. Gone at the end of the block unless it was published."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, self._path = tempfile.mkstemp(dir=folder, prefix=PREFIX)
        self.file: BinaryIO = os.fdopen(descriptor, "wb")

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        with suppress(FileNotFoundError):
            os.unlink(self._path)

    def publish(self, path: Path) -> None:
        """Durable first, then under its name, whatever was there before."""
        self._settle(path)
        os.replace(self._path, path)

    def publish_first(self, path: Path) -> None:
        """The same, unless something is there: of those who try at once, one does it for all."""
        self._settle(path)
        with suppress(FileExistsError):
            os.link(self._path, path)

    def _settle(self, path: Path) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
