"""A client whose window hangs: it says hello, and reads nothing, until it is asked what it had been sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks.frames import JSON, Frame

QUIET_SECONDS = 2.0


class Deaf:
    """See `deaf`."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire

    async def say(self, frame: Frame) -> None:
        """Send a frame; its answer is not read either."""
        await self._wire.send(json.dumps(frame))

    async def hear_all(self) -> set[str]:
        """The types of all the frames that were sent meanwhile, and until nothing comes any more."""
        kinds: set[str] = set()
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            while True:
                async with asyncio.timeout(QUIET_SECONDS):
                    kinds.add(json.loads(await self._wire.recv())["type"])
        return kinds


@contextlib.asynccontextmanager
async def deaf(url: str, token: str) -> AsyncIterator[Deaf]:
    """Connected and greeted; from here on it does not read."""
    async with connect(
        f"ws://{urlsplit(url).netloc}/ws", subprotocols=[Subprotocol(JSON)], proxy=None, max_queue=1,
        ping_interval=None, max_size=None, close_timeout=1,
    ) as wire:  # fmt: skip
        await wire.send(json.dumps({"type": "hello", "token": token}))
        await wire.recv()
        yield Deaf(wire)
