"""Frames by hand, against the ones of a library that knows the RFC."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from benchmarks.load.websocket import PONG, Frames, Lost, frame, header


def served(payload: bytes, opcode: Opcode = Opcode.TEXT) -> bytes:
    return Frame(opcode, payload).serialize(mask=False)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_of_every_size_is_found_whole(size: int) -> None:
    payload = b"x" * size
    received = served(payload)
    begin, end = header(received, 0) or (0, 0)
    assert received[begin:end] == payload
    assert Frames().whole(received + b"\x81") == len(received)
    masked = frame(payload)
    assert masked[-size:] == payload or not size
    assert len(masked) == len(received) + 4


def test_an_incomplete_frame_is_left_for_later_wherever_it_is_cut() -> None:
    first, second = served(b"a" * 10), served(b"b" * 300)
    for cut in range(len(second)):
        assert Frames().whole(first + second[:cut]) == len(first)
    assert Frames().whole(first + second) == len(first + second)


def test_a_ping_is_owed_a_pong() -> None:
    frames = Frames()
    received = served(b"text") + served(b"hi", Opcode.PING)
    assert frames.whole(received) == len(received)
    assert frames.owed == frame(b"hi", PONG)


def test_a_heartbeat_of_the_protocol_above_is_answered() -> None:
    frames = Frames({b"2": b"3"})
    frames.whole(served(b"2"))
    assert frames.owed == frame(b"3")
    frames.owed = b""
    frames.whole(served(b"7"))
    assert frames.owed == b""


def test_a_close_ends_it_with_its_code() -> None:
    with pytest.raises(Lost, match="1012: later"):
        Frames().whole(served((1012).to_bytes(2, "big") + b"later", Opcode.CLOSE))
