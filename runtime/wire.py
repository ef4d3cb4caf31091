"""Batches from process to process over TCP, and their answers. It knows no Ray: who asks tells where a process listens.

    caller ── key, then length and batch, again and again ──> listener
           <── length, the batch's number, answer ───────────

Batches are numbered by the order in which they come, and each is answered when it is done, whatever came before it.

A call through Ray costs over a millisecond of CPU, both sides together, and one here a tenth to a thirtieth of that
(benchmarks.ingress); so Ray places, names and restarts processes, and their links run here. The key is told with the
address: whoever may not ask a process where it listens cannot speak to it. A connection that breaks leaves the outcome
of what was under way unknown.
"""

import asyncio
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import cast

import msgspec

from runtime.courier import Unreachable
from runtime.lines import Line

log = logging.getLogger(__name__)

Handler = Callable[[bytes], Awaitable[bytes]]
"""Takes a batch, returns its answers."""

CONNECT_SECONDS = 2.0
KEY_SECONDS = 10.0
"""How long a connection may take to say the key."""
STRANGERS_MAX = 100
"""Connections that have not said it yet: anybody on the network may open them."""
FRAME_BYTES = 128 * 1024 * 1024
_LENGTH_BYTES = 4
_NUMBER_BYTES = 8
_KEY_CHARACTERS = 43

# A machine that is cut off says nothing: its peers find out in this time, and not in the two hours of the kernel's own,
# or in its quarter of an hour while something is under way: then it asks nothing, and sends again and again.
_ALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 11_000}


class Address(msgspec.Struct, array_like=True, frozen=True):
    """Where a process listens, and the key that it expects."""

    host: str
    port: int
    key: str


class _Framed(asyncio.Protocol):
    """Cuts what comes into frames."""

    def __init__(self) -> None:
        self._rest = b""
        self._transport = cast(asyncio.Transport, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        _keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        at = 0
        while len(data) - at >= _LENGTH_BYTES:
            end = at + _LENGTH_BYTES + int.from_bytes(data[at : at + _LENGTH_BYTES], "big")
            if end - at > FRAME_BYTES:
                self._transport.abort()
                return
            if end > len(data):
                break
            self._frame(data[at + _LENGTH_BYTES : end])
            at = end
        self._rest = data[at:]

    def _frame(self, frame: bytes) -> None:
        raise AssertionError("each side says what a frame is")

    def _write(self, frame: bytes, before: bytes = b"") -> None:
        self._transport.write((len(before) + len(frame)).to_bytes(_LENGTH_BYTES, "big") + before + frame)


class Wire(_Framed):
    """The calling end of a connection."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._calls = 0
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._called_at = self._loop.time()
        self.broken = False

    def idle_since(self, time: float) -> bool:
        """Nothing is under way, and nothing was called since that time of the loop."""
        return not self._waiting and self._called_at < time

    async def call(self, batch: bytes) -> bytes:
        """The answer to the batch. Raises `Unreachable`: whether it was taken is unknown."""
        if self.broken:
            raise Unreachable("the connection is broken")
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._waiting[self._calls] = answer
        self._calls += 1
        self._called_at = self._loop.time()
        self._write(batch)
        return await answer

    def _frame(self, frame: bytes) -> None:
        answer = self._waiting.pop(int.from_bytes(frame[:_NUMBER_BYTES], "big"))
        if not answer.done():
            answer.set_result(frame[_NUMBER_BYTES:])

    def connection_lost(self, exc: Exception | None) -> None:
        self.broken = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Unreachable("the connection broke"))
        self._waiting.clear()

    def close(self) -> None:
        """Call no more."""
        self._transport.abort()


async def connect(address: Address) -> Wire:
    """A connection to the process that listens there. Raises `Unreachable`."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, wire = await loop.create_connection(Wire, address.host, address.port)
    except (OSError, TimeoutError) as why:
        raise Unreachable(type(why).__name__) from None
    wire._transport.write(address.key.encode())
    return wire


class _Served(_Framed):
    """The listening end of a connection: batches are begun in order, and answered as they are done."""

    def __init__(self, listener: "Listener") -> None:
        super().__init__()
        self._listener = listener
        self._known = False
        self._timer = asyncio.get_running_loop().call_later(KEY_SECONDS, self.close)
        self._batches = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def data_received(self, data: bytes) -> None:
        if not self._known:
            data = self._rest = self._rest + data
            if len(data) < _KEY_CHARACTERS:
                return
            key, data, self._rest = data[:_KEY_CHARACTERS], data[_KEY_CHARACTERS:], b""
            if not compare_digest(key, self._listener.key):
                log.warning(Line("stranger refused", address=self._transport.get_extra_info("peername")[0]))
                self._transport.abort()
                return
            self._known = True
            self._timer.cancel()
            self._listener.strangers.pop(self, None)
        super().data_received(data)

    def _frame(self, frame: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(self._batches, frame), name="wire")
        self._batches += 1
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, batch: bytes) -> None:
        if self._transport.is_closing():
            return
        try:
            answer = await self._listener.handler(batch)
        except Exception:  # whatever the process met, the caller must hear that there is no answer
            log.exception(Line("batch not taken"))
            self._transport.abort()
            return
        if not self._transport.is_closing():
            self._write(answer, number.to_bytes(_NUMBER_BYTES, "big"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._listener.connections.add(self)
        self._listener.meet(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._listener.connections.discard(self)
        self._listener.strangers.pop(self, None)

    def close(self) -> None:
        """Take no more."""
        self._transport.abort()


class Listener:
    """Where a process takes batches."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections: set[_Served] = set()
        self.strangers: dict[_Served, None] = {}
        """Those that have not said the key, in the order in which they came."""
        self.key = secrets.token_urlsafe(32).encode()
        self._server: asyncio.Server | None = None

    async def start(self, host: str) -> Address:
        """Listen at this address of the machine, on a free port."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Served(self), host, 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return Address(host, port, self.key.decode())

    def meet(self, stranger: _Served) -> None:
        """Somebody has come. Who has the key says it at once, so it is who has been silent for longest that must go."""
        self.strangers[stranger] = None
        if len(self.strangers) > STRANGERS_MAX:
            oldest = next(iter(self.strangers))
            del self.strangers[oldest]
            oldest.close()

    def stop(self) -> None:
        """Listen no more, and end every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.close()


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _ALIVE.items():
        if hasattr(socket, option):  # they are called otherwise elsewhere than on Linux
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
