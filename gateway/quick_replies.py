"""Prepared answers: those of the configuration, and over them what managers have changed, in one file of JSON.

The file is replaced as a whole and written by one gateway at a time, so readers need no lock. Variables stay as they
are written: whoever uses a reply fills them in.
"""

import fcntl
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from actors.settings import QuickReply
from gateway.errors import ProtocolError
from gateway.files import Draft

REPLIES_MAX = 2_000

Changes = dict[str, QuickReply | None]
"""By id; None: deleted."""

_decode = msgspec.json.Decoder(Changes).decode


class QuickReplies:
    """Waits for the disk. `configured` are the replies to begin with."""

    def __init__(self, configured: Sequence[QuickReply], file: Path) -> None:
        self._configured: Changes = {_id_of(reply): reply for reply in configured}
        self._file = file

    def all(self) -> dict[str, QuickReply]:
        """Every reply by its id: those of the configuration first, as they stand there."""
        merged = self._configured | self._changes()
        return {id: reply for id, reply in merged.items() if reply is not None}

    def get(self, id: str) -> QuickReply:
        """The reply of that id. Raises `not_found`."""
        found = self.all().get(id)
        if found is None:
            raise ProtocolError("not_found", "There is no such quick reply.")
        return found

    def put(self, reply: QuickReply | None, id: str = "") -> str:
        """Write a reply, a new one without an id, or with None delete it. Its id."""
        id = id or secrets.token_hex(8)
        with self._turn():
            changes = self._changes() | {id: reply}
            if len(changes) > REPLIES_MAX:
                raise ProtocolError("too_large", f"There can be {REPLIES_MAX} quick replies.", limit=REPLIES_MAX)
            kept = {one: value for one, value in changes.items() if value is not None or one in self._configured}
            with Draft(self._file.parent) as draft:
                draft.file.write(msgspec.json.format(msgspec.json.encode(kept)))
                draft.publish(self._file)
        return id

    def _changes(self) -> Changes:
        try:
            return _decode(self._file.read_bytes())
        except FileNotFoundError:
            return {}

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with open(f"{self._file}-lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _id_of(reply: QuickReply) -> str:
    """The same at every start, though the text be improved: changes refer to it."""
    named = "\n".join((reply.shortcut, *sorted(reply.bots)))
    return "c" + hashlib.sha256(named.encode()).hexdigest()[:15]
