"""`python -m benchmarks.peers.bare_keeper PORT FILE`: the journal of `bare.py`.

Messages get a number in their conversation, and what has come while a commit is under way is the next one, a row.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import uvloop

_LENGTH = 4


class Said(msgspec.Struct, array_like=True):
    """What an end of a conversation has said."""

    conversation: str
    end: str
    ref: str
    text: str


class Kept(msgspec.Struct, array_like=True):
    """It is durable, as this event with this number."""

    conversation: str
    end: str
    ref: str
    sequence: int
    event: bytes


class Event(msgspec.Struct):
    """What is kept of it, and shown."""

    end: str
    at_ms: int
    text: str


_said = msgspec.msgpack.Decoder(list[Said]).decode
_to_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


def framed(batch: bytes) -> bytes:
    """With its length before it."""
    return len(batch).to_bytes(_LENGTH, "big") + batch


def whole(data: bytes) -> tuple[list[bytes], bytes]:
    """The batches that are complete, and the rest."""
    batches, at = [], 0
    while len(data) - at >= _LENGTH:
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        if end > len(data):
            break
        batches.append(data[at + _LENGTH : end])
        at = end
    return batches, data[at:]


class Keeper(asyncio.Protocol):
    """One connection of an edge, and the file."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=4000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY, records BLOB)")
        self._writer = ThreadPoolExecutor(1)
        self._sequences: dict[str, int] = {}
        self._rest = b""
        self._next: list[Kept] = []
        self._writing = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        batches, self._rest = whole(self._rest + data)
        at_ms = int(time.time() * 1000)
        for one in (one for batch in batches for one in _said(batch)):
            sequence = self._sequences[one.conversation] = self._sequences.get(one.conversation, 0) + 1
            event = _to_json(Event(one.end, at_ms, one.text))
            self._next.append(Kept(one.conversation, one.end, one.ref, sequence, event))
        if self._next and not self._writing:
            self._write()

    def _write(self) -> None:
        self._writing, kept, self._next = True, self._next, []
        batch = _pack(kept)
        written = asyncio.get_running_loop().run_in_executor(self._writer, self._commit, batch)
        written.add_done_callback(lambda _: self._written(batch))

    def _commit(self, batch: bytes) -> None:
        self._db.execute("INSERT INTO batches (records) VALUES (?)", (batch,))

    def _written(self, batch: bytes) -> None:
        self._transport.write(framed(batch))
        self._writing = False
        if self._next:
            self._write()


async def main(port: int, path: str) -> None:
    """Until it is told to end."""
    server = await asyncio.get_running_loop().create_server(lambda: Keeper(path), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
