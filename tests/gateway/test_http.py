"""Clients over raw connections that never begin, never end or never read: they are sent away, and nobody else is."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway import http, listening
from gateway.http import BODY_BYTES_MIN, HEAD_BYTES, PATIENCE_SECONDS, Http
from gateway.listening import Server, listen, server_of
from tests.serving import served

pytestmark = pytest.mark.anyio

POST = b"POST /%b HTTP/1.1\r\nHost: a\r\n"
GET = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Says that it is there, then how long the body was; `/quiet` says no more, and `/endless` more than is read."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here", "more_body": True})
    length, more = 0, True
    while more or scope["path"] == "/quiet":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message["body"]), message["more_body"]
    body = b"x" * 16_000_000 if scope["path"] == "/endless" else b"%d bytes" % length
    await send({"type": "http.response.body", "body": body})


class Peer:
    """A server, and a client's connection to it."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer

    async def until_there(self) -> Http:
        """The connection as the server has it."""
        async with asyncio.timeout(5):
            while not (found := [one for one in self.server.server_state.connections if isinstance(one, Http)]):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
        return found[0]

    async def rest(self) -> bytes:
        """All that comes until the connection is over."""
        data = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                while piece := await self.reader.read(65_536):
                    data += piece
        return data

    async def pour(self, piece: bytes) -> None:
        """The same again and again, until nobody takes it any more."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                while not self.writer.transport.is_closing():
                    self.writer.write(piece)
                    await self.writer.drain()


@contextlib.asynccontextmanager
async def connected(said: bytes) -> AsyncIterator[Peer]:
    server, listener = server_of(app), listen("127.0.0.1", 0)
    listener.listen()
    async with served(server, listener):
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
        writer.write(said)
        try:
            yield Peer(server, reader, writer)
        finally:
            writer.transport.abort()


@pytest.fixture(autouse=True)
def _looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "LOOK_TICKS", 1_000_000)  # only the tests look


@pytest.mark.parametrize(
    ("said", "piece"),
    [
        (GET[:5], b"a" * 1_000),
        (POST % b"", b"X-A: %b\r\n" % (b"a" * 1_000)),
        (POST % b"" + b"X-A: ", b"a" * 1_000),
    ],
)
async def test_a_head_without_end_is_not_taken(said: bytes, piece: bytes) -> None:
    async with connected(said) as peer:
        pouring = asyncio.create_task(peer.pour(piece))
        assert await peer.rest() in (
            http._TOO_LARGE,
            b"",
        )  # if the kernel tells of the rest that nobody took, only that
        await pouring


@pytest.mark.parametrize("before", [b"", b"X-A: "])
async def test_neither_is_a_trailer(before: bytes) -> None:
    async with connected(POST % b"quiet" + CHUNKED) as peer:
        await peer.reader.readuntil(b"here\r\n")
        peer.writer.write(b"0\r\n" + before)
        await peer.pour(b"a" * 1_000 if before else b"X-A: a\r\n")


async def test_a_request_that_is_large_but_not_too_large_is_answered() -> None:
    head = POST % b"" + b"X-A: %b\r\nConnection: close\r\n" % (b"a" * (HEAD_BYTES - 1_000))
    async with connected(head + b"Content-Length: 1000000\r\n\r\n") as peer:
        peer.writer.write(b"x" * 1_000_000)
        assert b"1000000 bytes" in await peer.rest()


async def received(connection: Http, size: int) -> None:
    """Returns when so much has come."""
    async with asyncio.timeout(5):
        while connection._received < size:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("said", "heard", "more"),
    [
        (b"", b"", b""),
        (GET[:9], b"", b""),
        (POST % b"" + b"Content-Length: 100\r\n\r\nhalf", b"here\r\n", b""),
        (GET % b"", b"0\r\n\r\n", GET[:9]),
        (GET % b"endless", b"here\r\n", b""),
    ],
    ids=["silent", "in its head", "in its body", "in its next head", "not reading"],
)
async def test_who_makes_us_wait_is_sent_away_in_time(said: bytes, heard: bytes, more: bytes) -> None:
    async with connected(said) as peer:
        connection = await peer.until_there()
        if heard:
            await peer.reader.readuntil(heard)
        if more:
            peer.writer.write(more)
            await received(connection, len(said + more))
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for now, over in ((0, False), (PATIENCE_SECONDS - 1, False), (PATIENCE_SECONDS, True)):
            connection.look(now)
            assert connection.transport.is_closing() is over


async def test_who_waits_for_us_or_goes_on_is_not() -> None:
    async with connected(POST % b"quiet" + b"Content-Length: %d\r\n\r\n" % (3 * BODY_BYTES_MIN)) as peer:
        connection = await peer.until_there()
        await peer.reader.readuntil(b"here\r\n")
        before = connection._received
        for now in range(3):
            connection.look(now * PATIENCE_SECONDS)
            peer.writer.write(b"x" * BODY_BYTES_MIN)
            await received(connection, before + (now + 1) * BODY_BYTES_MIN)
        for now in range(4, 8):  # all is said, and the answer goes on
            connection.look(now * PATIENCE_SECONDS)
        assert not connection.transport.is_closing()
