"""One connection to `/ws`: handshake, hello, welcome, then frames both ways until it is lost, in whichever way.

It never reconnects and keeps nothing for later: that is client.py's. It ends by raising Disconnected with a close code.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from benchmarks.frames import DECODE, ENCODE, JSON, Disconnected, Frame

FRAME_BYTES_MAX = 16 * 1024 * 1024
INCOMING_FRAMES_MAX = 1024
WELCOME_SECONDS = 30.0
SILENT_HEARTBEATS_MAX = 3
"""Heartbeats without a frame from the server, after which the connection counts as dead."""
PING_REF = "ping"


class Connection:
    """Use `await Connection.open(...)`, then `read`. `send` never waits: one task writes what gathers, in order."""

    def __init__(self, wire: ClientConnection, subprotocol: str) -> None:
        self.welcome: Frame = {}
        self._wire, self._text = wire, subprotocol == JSON
        self._encode, self._decode = ENCODE[subprotocol], DECODE[subprotocol]
        self._outbox: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._silent_heartbeats = 0

    @classmethod
    async def open(cls, url: str, subprotocol: str, hello: Frame) -> Connection:
        """Returns when the server has welcomed us. Raises Disconnected."""
        with _ends_named():
            wire = await connect(
                url,
                subprotocols=[Subprotocol(subprotocol)],
                compression=None,
                proxy=None,
                ping_interval=None,
                max_size=FRAME_BYTES_MAX,
                max_queue=INCOMING_FRAMES_MAX,
                close_timeout=2,
            )
        self = cls(wire, subprotocol)
        try:
            with _ends_named():
                await wire.send(self._encode(hello), text=self._text)
                async with asyncio.timeout(WELCOME_SECONDS):
                    self.welcome = self._decode(await wire.recv(decode=False))
                    if self.welcome["type"] != "welcome":
                        await wire.wait_closed()
                        raise Disconnected(wire.close_code or 1006, f"no welcome, but {self.welcome}")
        except BaseException:
            wire.transport.abort()
            raise
        return self

    def send(self, encoded: bytes) -> None:
        """Write a frame as soon as those before it are written."""
        self._outbox.append(encoded)
        self._wake.set()

    async def read(self, receive: Callable[[Frame], None]) -> None:
        """Calls `receive` for each frame that comes. Ends only by raising: Disconnected, or what `receive` raised."""
        writer = asyncio.create_task(self._write())
        heartbeat = asyncio.create_task(self._heartbeat())
        recv, decode = self._wire.recv, self._decode
        try:
            with _ends_named():
                while True:
                    receive(decode(await recv(decode=False)))
                    self._silent_heartbeats = 0
        finally:
            writer.cancel()
            heartbeat.cancel()

    async def close(self) -> None:
        """Says goodbye."""
        await self._wire.close()

    def abort(self) -> None:
        """Cuts the connection without a goodbye."""
        self._wire.transport.abort()

    async def _write(self) -> None:
        with suppress(ConnectionClosed):  # the reader is told of the same end, and says so
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outbox:
                    await self._wire.send(self._outbox.popleft(), text=self._text)

    async def _heartbeat(self) -> None:
        seconds = float(self.welcome.get("heartbeat_seconds") or 30)
        ping = self._encode({"type": "ping", "ref": PING_REF})
        while self._silent_heartbeats < SILENT_HEARTBEATS_MAX:
            await asyncio.sleep(seconds)
            self._silent_heartbeats += 1
            self.send(ping)
        self.abort()


@contextmanager
def _ends_named() -> Iterator[None]:
    """Every way a connection can fail, as Disconnected. A handshake that was refused for good becomes 4403."""
    try:
        yield
    except InvalidStatus as error:
        status = error.response.status_code
        refused = 400 <= status < 500 and status != 429
        raise Disconnected(4403 if refused else 1006, f"HTTP {status} to the handshake") from None
    except ConnectionClosed as error:
        close = error.rcvd
        raise Disconnected(close.code if close else 1006, close.reason if close else "connection lost") from None
    except (OSError, InvalidHandshake, InvalidMessage) as error:
        raise Disconnected(1006, f"{type(error).__name__}: {error}") from None
