"""From the handshake to the welcome: who does not say the right hello in time is closed with a code that says why."""

import asyncio
from typing import Any, cast

import pytest
from starlette.requests import HTTPConnection

from gateway import socket
from gateway.edge import Edge
from gateway.tokens import Claims, Tokens
from runtime.clock import wall_clock_ms
from tests.gateway.api.system import System
from tests.gateway.client import JSON, Client, connected

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("hello", ["{", "[]", '{"type": "ping"}', '{"type": "hello"}', '{"type": "hello", "token": 1}'])
async def test_a_bad_hello_closes_with_4400(system: System, hello: str) -> None:
    async with connected(system, None) as client:
        await client.connection.send(hello)
        assert await client.close_code() == 4400


async def test_a_forged_or_expired_token_closes_with_4401(system: System) -> None:
    token, _conversation = await system.visitor()
    now_ms = wall_clock_ms()
    expired = Tokens("a secret for tests").issue(Claims.of_visitor("v", "shop", now_ms - 31 * 86_400_000))
    forged = Tokens("another secret").issue(Claims.of_visitor("v", "shop", now_ms))
    for wrong in (expired, forged, token[:-2], "nonsense"):
        async with connected(system, wrong) as client:
            assert await client.close_code() == 4401


async def test_a_foreign_website_is_closed_with_4403(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token, origin="https://elsewhere.example") as client:
        assert await client.close_code() == 4403
    async with connected(system, token, origin="https://shop.example") as client:
        assert (await client.next())["type"] == "welcome"


async def test_no_hello_in_time_closes_with_4408(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_SECONDS", 0.05)
    async with connected(system, None) as client:
        assert await client.close_code() == 4408


@pytest.mark.sources
async def test_who_does_not_read_has_no_more_time_for_a_hello(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_SECONDS", 0.05)
    closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Line:
        def close(self, code: int, reason: str) -> None:
            closed.set_result(code)

    connection = socket.Connection(socket.SocketEndpoint(cast(Edge, None)))
    connection.websocket = cast(Any, Line())
    connection.opened(HTTPConnection({"type": "websocket", "headers": [], "path": "/ws"}), JSON)
    connection.paused()
    connection.resumed()
    assert await asyncio.wait_for(closed, 5) == 4408


async def test_too_many_connections_close_with_4429(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(socket.CONNECTIONS_MAX, "visitor", 1)
    token, _ = await system.visitor()
    async with connected(system, token) as first:
        await first.next(type="welcome")
        async with connected(system, token) as second:
            assert await second.close_code() == 4429


async def test_what_nobody_foresaw_in_a_greeting_closes_the_connection_and_is_logged(
    system: System, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumbles(*terms: Any) -> Any:
        raise ZeroDivisionError

    token, _ = await system.visitor()
    monkeypatch.setattr(system.edge.archive, "find", stumbles)
    async with connected(system, token) as client:
        assert await client.close_code() == 1011
    assert system.edge.hub.sessions == set()
    assert any(one.startswith("connection failed sender=visitor/") for one in caplog.messages)


def in_one_go(client: Client, *frames: bytes, close: bool = False) -> None:
    """The frames, and a close, in one write."""
    protocol = client.connection.protocol
    for frame in frames:
        protocol.send_text(frame)
    if close:
        protocol.send_close(1000)
    client.connection.transport.write(b"".join(protocol.data_to_send()))


async def test_what_comes_right_behind_the_hello_is_answered_in_order_after_the_welcome(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, None) as visitor:
        pings = [b'{"type":"ping","ref":"%d"}' % number for number in range(3)]
        in_one_go(visitor, b'{"type":"hello","token":"%b"}' % token.encode(), *pings)
        await visitor.next(ref="2")
        assert [frame.get("ref", frame["type"]) for frame in visitor.frames] == ["welcome", "0", "1", "2"]


async def test_who_closes_right_behind_the_hello_leaves_nothing_behind(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, None) as visitor:
        in_one_go(visitor, b'{"type":"hello","token":"%b"}' % token.encode(), close=True)
        assert await visitor.close_code() == 1000
    async with connected(system, token) as back:
        await back.next(type="welcome")
        assert len(system.edge.hub.sessions) == 1
