"""Who was told of a conversation, and when first."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from benchmarks.configuration import Setup
from benchmarks.fanout import Openings, Watcher, Watchers
from benchmarks.load.http import ask, post
from benchmarks.load.line import Line
from benchmarks.load.websocket import Frames
from benchmarks.peers import Lobby
from benchmarks.peers.livesupport import Livesupport
from benchmarks.peers.registry import lobby as lobby_of
from benchmarks.peers.registry import missing

pytestmark = pytest.mark.anyio
LOBBY = Livesupport(Setup(agents=0))


def lobby(*keys: str) -> bytes:
    changed = ",".join(f'{{"id":"{key}","bot":"demo","state":"assistant"}}' for key in keys)
    return f'{{"type":"lobby","bot":"demo","changed":[{changed}],"removed":[]}}'.encode()


def test_a_conversation_counts_when_it_is_first_told_of() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        watchers = Watchers(LOBBY)
        watcher = watchers.join(Watcher(Line(ours, str.encode, Frames())))
        for now, frame in ((1.0, lobby("C-1", "C-2")), (2.0, lobby("C-2", "C-3"))):
            assert watchers.heard(watcher, frame, len(frame), now) == b""
        assert watcher.told == {b"C-1": 1.0, b"C-2": 1.0, b"C-3": 2.0}
        assert watchers.tellings == 3
        watchers.members.append(watcher)
        watchers.forget()
        assert (watcher.told, watchers.tellings) == ({}, 0)
        watchers.close()


def test_what_is_not_whole_is_not_heard() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        watchers = Watchers(LOBBY)
        watcher = watchers.join(Watcher(Line(ours, str.encode, Frames())))
        frame = lobby("C-1")
        watchers.heard(watcher, frame + lobby("C-2"), len(frame), 1.0)
        assert list(watcher.told) == [b"C-1"]
        watchers.close()


class Door(BaseHTTPRequestHandler):
    """Opens a conversation for each request."""

    protocol_version = "HTTP/1.1"
    opened = itertools.count(1)

    def do_POST(self) -> None:
        body = b'{"conversation":{"id":"C-%d"}}' % next(self.opened)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[Lobby]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield cast(Lobby, SimpleNamespace(port=server.server_port, opening=post("/", {})))
    server.shutdown()
    thread.join()
    server.server_close()


def test_openings_are_known_by_their_keys_and_when_they_were_asked_for(door: Lobby) -> None:
    openings = Openings(door, 5, 1_000.0)
    begun = time.perf_counter()
    openings.start()
    openings.join()
    assert len(openings.asked) == 5
    assert all(begun <= asked <= time.perf_counter() for asked in openings.asked.values())


def test_openings_that_are_told_to_end_open_no_more(door: Lobby) -> None:
    openings = Openings(door, 1_000, 0.001)
    openings.start()
    openings.end()
    assert not openings.is_alive()
    assert len(openings.asked) <= 1


async def test_socket_io_tells_its_lobby_what_opens() -> None:
    if absent := missing(["socketio"]):
        pytest.skip(absent["socketio"])
    async with lobby_of("socketio") as server:
        watchers = Watchers(server)
        await asyncio.to_thread(watchers.enter, 2, lambda _: None)
        body = (await asyncio.to_thread(ask, server.port, [server.opening])).bodies[0]
        give_up_at = time.perf_counter() + 10
        while watchers.tellings < 2 and time.perf_counter() < give_up_at:
            watchers.turn(time.perf_counter() + 0.05)
        key = msgspec.json.decode(body)["conversation"]["id"].encode()
        assert [list(member.told) for member in watchers.members] == [[key]] * 2
        watchers.close()
