"""The hands of the wall clock that a server's processes read, to be set back while they run; the machine's stays.

Python imports `clockwork/sitecustomize.py` before anything else where it finds it on PYTHONPATH.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

CLOCKWORK = Path(__file__).with_name("clockwork")


class Hands:
    """`environment` is what the server must be started with."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(struct.pack("q", 0))
        self.environment: Mapping[str, str] = {
            "PYTHONPATH": str(CLOCKWORK),
            "LIVESUPPORT_TEST_CLOCK": str(self._file),
        }

    def set_back(self, seconds: float) -> None:
        """By so much from the true time."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", round(seconds * 1e9)))
