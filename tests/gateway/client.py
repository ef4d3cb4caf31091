"""A client of the socket that keeps what it gets."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.gateway.api.system import System

JSON, MSGPACK = "livesupport.json", "livesupport.msgpack"


class Client:
    """A connection, and the frames that came while something else was awaited."""

    def __init__(self, connection: ClientConnection, packed: bool) -> None:
        self.connection = connection
        self._packed = packed
        self.frames: list[dict[str, Any]] = []

    async def send(self, frame: Any) -> None:
        await self.connection.send(
            msgspec.msgpack.encode(frame) if self._packed else msgspec.json.encode(frame).decode()
        )

    async def next(self, **wanted: Any) -> dict[str, Any]:
        """The next frame that has these fields."""
        async with asyncio.timeout(10):
            while True:
                data = await self.connection.recv()
                assert isinstance(data, bytes) == self._packed
                decode: Any = msgspec.msgpack.decode if self._packed else msgspec.json.decode
                frame: dict[str, Any] = decode(data)
                self.frames.append(frame)
                if all(frame.get(name) == value for name, value in wanted.items()):
                    return frame

    async def event(self, type: str) -> dict[str, Any]:
        """The next event of this type."""
        while True:
            frame = await self.next(type="event")
            if frame["event"]["type"] == type:
                return frame

    async def ack(self, type: str, ref: str, **fields: Any) -> dict[str, Any]:
        """Send a command; its ack or error."""
        await self.send({"type": type, "ref": ref, **fields})
        return await self.next(ref=ref)

    async def close_code(self) -> int:
        """With which code the server closes."""
        async with asyncio.timeout(15):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        assert self.connection.close_code is not None
        return self.connection.close_code


@contextlib.asynccontextmanager
async def connected(
    system: System, token: str | None, subprotocol: str = JSON, resume: dict[str, int] | None = None, **options: Any
) -> AsyncIterator[Client]:
    url = str(system.http.base_url).replace("http", "ws", 1) + "/ws"
    async with connect(url, subprotocols=[subprotocol], proxy=None, **options) as connection:  # type: ignore[list-item]
        client = Client(connection, subprotocol == MSGPACK)
        if token is not None:
            await client.send({"type": "hello", "token": token, **({"resume": resume} if resume else {})})
        yield client
