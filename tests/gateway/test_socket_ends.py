"""How a connection ends that was welcomed: whose client is slow, silent or wrong, or who stumbled here."""

import asyncio
import secrets
from pathlib import Path
from typing import Any, cast

import pytest

from gateway import edge, socket
from gateway.sessions import Session
from gateway.tokens import VISITOR_SECONDS, Claims
from gateway.websocket import WebSocket
from runtime.clock import wall_clock_ms
from tests.gateway.api.system import System, limits, running
from tests.gateway.client import MSGPACK, connected

pytestmark = pytest.mark.anyio


async def test_a_client_that_reads_nothing_is_sent_away_and_slows_nobody(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "STALLED_SECONDS", 0.2)
    visitor, conversation = await system.visitor()
    async with connected(system, await system.agent("mara")) as deaf, connected(system, visitor) as hearing:
        await deaf.next(type="welcome")
        await deaf.ack("watch", "1", conversation=conversation)
        await hearing.next(type="welcome")
        deaf.connection.transport.pause_reading()
        session = next(one for one in system.edge.hub.sessions if one.id == "mara")
        while not session.closed:  # what the kernel takes for it is a matter of the machine
            session.send(b'{"filler":"%b"}' % (b"x" * 60_000))
            assert (await hearing.ack("ping", secrets.token_hex(4)))["type"] == "pong"
        deaf.connection.transport.resume_reading()
        assert await deaf.close_code() in (1006, 4000)


@pytest.mark.sources
async def test_a_silent_client_is_asked_and_dropped_if_it_does_not_answer(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "HEARTBEAT_SECONDS", 0.05)
    token, _ = await system.visitor()
    async with connected(system, token) as silent, connected(system, await system.agent("mara")) as alive:
        await silent.next(type="welcome")
        await alive.next(type="welcome")
        silent.connection.transport.pause_reading()  # it answers no ping
        while any(one.role == "visitor" for one in system.edge.hub.sessions):
            assert (await alive.ack("set_status", secrets.token_hex(4), status="online"))["type"] == "ack"
        assert [one.id for one in system.edge.hub.sessions] == ["mara"]
        silent.connection.transport.resume_reading()
        assert await silent.close_code() == 1011


@pytest.mark.sources
async def test_a_token_that_ends_ends_its_connections_and_no_others(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "HEARTBEAT_SECONDS", 0.05)
    now_ms, (visitor, _) = wall_clock_ms(), await system.visitor()
    short = Claims.of_visitor("v", "shop", now_ms - VISITOR_SECONDS * 1000 + 60_000)
    async with (
        connected(system, await system.agent("mara")) as leaving,
        connected(system, system.edge.tokens.issue(short)) as late,
        connected(system, visitor) as staying,
        connected(system, await system.agent("alice")) as working,
    ):
        for one in (leaving, late, staying, working):
            await one.next(type="welcome")
        await system.call("POST", "/api/logout", await system.agent("mara"))
        monkeypatch.setattr(edge, "wall_clock_ms", lambda: now_ms + 60_000)
        assert await leaving.close_code() == 4401
        assert await late.close_code() == 4401
        for one in (staying, working):
            await one.send({"type": "ping", "ref": "1"})
            await one.next(type="pong")


async def test_whose_session_ends_is_sent_away_and_leaves_nothing_behind(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(socket.CONNECTIONS_MAX, "visitor", 1)
    token, _ = await system.visitor()
    hub = system.edge.hub
    async with connected(system, token) as slow:
        await slow.next(type="welcome")
        (session,) = hub.sessions
        session.end()  # as when what was missed is not read
        assert await slow.close_code() == 4000
    assert (hub.sessions, session.watches) == (set(), {})
    async with connected(system, token) as back:
        assert (await back.next())["type"] == "welcome"
        async with connected(system, token) as second:
            assert await second.close_code() == 4429, "one seat was left, and not two"


async def test_what_cannot_be_sent_to_one_is_no_loss_to_the_others(system: System) -> None:
    alice, bob = await system.agent("alice"), await system.agent("bob")
    async with connected(system, alice, MSGPACK) as one, connected(system, bob) as other:
        await one.next(type="welcome")
        await other.next(type="welcome")
        sessions = {session.id: session for session in system.edge.hub.sessions}
        sessions["alice"].send(b"no JSON")
        sessions["bob"].send(b'{"type":"hearing"}')
        assert (await other.next())["type"] == "hearing"
        assert await one.close_code() == 1011


@pytest.mark.sources
async def test_what_nobody_foresaw_in_a_frame_closes_with_a_code(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*message: Any) -> None:
        raise ZeroDivisionError

    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        await visitor.next(type="welcome")
        monkeypatch.setattr(system.edge.hub, "deliver", stumbles)
        await visitor.send({"type": "mark_read", "ref": "1", "sequence": 1})
        assert await visitor.close_code() == 1011


async def test_a_frame_over_the_limit_closes_with_1009(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(frame_bytes=4_096)) as system:
        token, _ = await system.visitor()
        async with connected(system, token) as visitor:
            await visitor.send({"type": "send_message", "ref": "1", "text": "x" * 5_000})
            assert await visitor.close_code() == 1009


class Wire:
    """What a connection is written to, and closed by."""

    open = True
    reading = True
    heard = False

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.code = 0

    def send(self, frames: list[bytes], packed: bool) -> None:
        self.sent += frames

    def ping(self) -> None: ...

    def close(self, code: int, reason: str) -> None:
        self.code = code


def on_a_wire(system: System) -> tuple[socket.Connection, Wire, Session]:
    """A connection as it is once its client was welcomed."""
    connection, wire = socket.Connection(socket.SocketEndpoint(system.edge)), Wire()
    connection.websocket = cast(WebSocket, wire)
    session = connection._session = Session("agent", "alice", "Alice", connection._wake)
    return connection, wire, session


@pytest.mark.sources
async def test_what_waits_while_a_client_does_not_keep_up_is_written_once_it_does(system: System) -> None:
    connection, wire, session = on_a_wire(system)
    connection.paused()
    session.send(b"{}")
    for _ in range(3):
        await asyncio.sleep(0)
    assert wire.sent == []
    stalled = connection._timer
    assert stalled is not None
    connection.resumed()
    assert stalled.cancelled()
    for _ in range(3):
        await asyncio.sleep(0)
    assert wire.sent == [b"{}"]


@pytest.mark.sources
async def test_whose_commands_are_not_read_for_now_is_not_taken_for_silent(system: System) -> None:
    connection, wire, _ = on_a_wire(system)
    wire.reading = False
    for _ in range(3):
        connection.check()
    assert wire.code == 0
    wire.reading = True
    for _ in range(2):
        connection.check()
    assert wire.code == socket.GONE


@pytest.mark.sources
async def test_who_has_answered_is_asked_again_before_it_is_dropped(system: System) -> None:
    connection, wire, _ = on_a_wire(system)
    for _ in range(3):
        connection.check()
        wire.heard = True
        connection.check()
    assert wire.code == 0


@pytest.mark.sources
async def test_who_comes_after_all_had_left_is_looked_after_too(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()
    monkeypatch.setattr(socket.Connection, "check", lambda connection: looked.set())
    endpoint = socket.SocketEndpoint(system.edge)
    endpoint.accept(set())
    (first,), timer = endpoint._open, endpoint._sweeping
    endpoint.forget(first)
    assert timer is not None
    timer.cancel()
    endpoint._sweep()  # the time has come, and nobody is there
    monkeypatch.setattr(socket, "HEARTBEAT_SECONDS", 0)
    endpoint.accept(set())
    await asyncio.wait_for(looked.wait(), 2)
    await endpoint.drain()
    assert endpoint._sweeping is not None
    assert endpoint._sweeping.cancelled()
