"""Tokens that were given back before their time. An empty file each, below the data directory, for all gateways to see.

What is remembered is what a token says and not how it is written: base64 has several spellings of the same bytes.
"""

import hashlib
import time
from contextlib import suppress
from pathlib import Path

from gateway.tokens import AGENT_SECONDS, Claims


class Logouts:
    """Of agents. Kept until the tokens would have ended anyway."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def end(self, claims: Claims) -> None:
        """The token that says this is good for nothing from now on."""
        self._folder.mkdir(parents=True, exist_ok=True)
        oldest = time.time() - AGENT_SECONDS
        for file in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another gateway was faster
                if file.stat().st_mtime < oldest:
                    file.unlink()
        self._file(claims).touch()

    def ended(self, claims: Claims) -> bool:
        """Whether somebody has logged out with it."""
        return self._file(claims).exists()

    def _file(self, claims: Claims) -> Path:
        return self._folder / hashlib.sha256(f"{claims.id}\n{claims.expires_ms}".encode()).hexdigest()
