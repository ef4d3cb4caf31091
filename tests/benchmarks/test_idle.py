"""Who keeps idle sockets answers their pings, and tells when one was closed."""

from __future__ import annotations

import socket

import pytest
from websockets.frames import Frame, Opcode

from benchmarks.idle import Keeper
from benchmarks.load.crowd import Member
from benchmarks.load.line import Line
from benchmarks.load.websocket import PONG, Frames, Lost, frame


def test_an_idle_socket_answers_pings_until_everybody_leaves() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        keeper = Keeper()
        keeper.crowd.join(Member(Line(ours, str.encode, Frames())))
        theirs.sendall(Frame(Opcode.PING, b"hi").serialize(mask=False))
        theirs.settimeout(10)
        assert theirs.recv(100) == frame(b"hi", PONG)
        keeper.end()
        assert theirs.recv(100) == b""


def test_a_socket_that_the_server_closed_is_told_at_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    ours, theirs = socket.socketpair()
    keeper = Keeper()
    keeper.crowd.join(Member(Line(ours, str.encode, Frames())))
    theirs.close()
    keeper.join()
    with pytest.raises(Lost):
        keeper.end()
    assert capfd.readouterr().err == ""
