"""A client whose window hangs: it says hello, and reads nothing, until it is asked what it had been sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks.frames import JSON, Frame

RECEIVE_BYTES = 4_096
HEARING_BYTES = 4 * 1024 * 1024
QUIET_SECONDS = 2.0


class Deaf:
    """See `deaf`."""

    def __init__(self, wire: ClientConnection, narrow: socket.socket) -> None:
        self._wire, self._narrow = wire, narrow

    async def say(self, frame: Frame) -> None:
        """Send a frame; its answer is not read either."""
        await self._wire.send(json.dumps(frame))

    async def hear_all(self) -> set[str]:
        """The types of all the frames that were sent meanwhile, and until nothing comes any more."""
        self._narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HEARING_BYTES)
        kinds: set[str] = set()
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            while True:
                async with asyncio.timeout(QUIET_SECONDS):
                    kinds.add(json.loads(await self._wire.recv())["type"])
        return kinds


@contextlib.asynccontextmanager
async def deaf(url: str, token: str) -> AsyncIterator[Deaf]:
    """Connected and greeted; from here on it does not read."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        async with connect(
            f"ws://{parts.netloc}/ws", sock=narrow, subprotocols=[Subprotocol(JSON)], proxy=None, max_queue=1,
            ping_interval=None, max_size=None, close_timeout=1,
        ) as wire:  # fmt: skip
            await wire.send(json.dumps({"type": "hello", "token": token}))
            await wire.recv()
            yield Deaf(wire, narrow)
