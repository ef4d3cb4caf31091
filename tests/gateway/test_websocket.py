"""A WebSocket on the wire, against the websockets library as the client: however it is cut, the same arrives."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.uri import parse_uri

from gateway.websocket import HEADERS_KEPT, SHARE_FRAMES, WebSocket

pytestmark = pytest.mark.anyio

FRAME_BYTES = 70_000


class Transport(asyncio.Transport):
    """What was written, and what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.reading = True
        self.ended = ""

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def write_eof(self) -> None:
        self.ended = "eof"

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return self.ended in ("closed", "aborted")

    def is_reading(self) -> bool:
        return self.reading

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Client:
    """Who is served: remembers what it was told."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.subprotocol: str | None = None
        self.gone = False

    def opened(self, request: HTTPConnection, subprotocol: str | None) -> None:
        self.origin = request.headers.get("origin")
        self.subprotocol = subprotocol

    def received(self, data: bytes) -> None:
        self.messages.append(data)

    def failed(self, why: Exception) -> None:
        self.met = why

    def paused(self) -> None: ...

    def resumed(self) -> None: ...

    def lost(self) -> None:
        self.gone = True


class Line:
    """A server's end and a client's end, with the bytes carried by hand."""

    def __init__(self, path: str = "/ws", subprotocols: tuple[str, ...] = ("b",)) -> None:
        self.served, self.transport, self.connections = Client(), Transport(), set[Any]()
        self.server = WebSocket(self.served, self.connections, ("a", "b"), FRAME_BYTES)
        self.server.connection_made(self.transport)
        self.client = ClientProtocol(parse_uri(f"ws://host{path}"), subprotocols=subprotocols)  # type: ignore[arg-type]
        request = self.client.connect()
        request.headers["Origin"] = "https://shop.example"
        self.client.send_request(request)
        self.carry()

    def carry(self, cut: int = 0) -> list[Any]:
        """Both ways; the client's bytes in pieces of `cut`. What the client has heard."""
        for data in self.client.data_to_send():
            pieces = [data[at : at + cut] for at in range(0, len(data), cut)] if cut else [data]
            for piece in pieces:
                self.server.data_received(piece)
        written, self.transport.written = self.transport.written, []
        for data in written:
            self.client.receive_data(data)
        return self.client.events_received()

    def carry_at_once(self) -> None:
        """All that the client has said, as one read."""
        self.server.data_received(b"".join(self.client.data_to_send()))

    def close_code(self) -> int | None:
        self.carry()
        assert self.client.close_rcvd is not None
        return self.client.close_rcvd.code


@pytest.fixture
async def line(anyio_backend: str) -> AsyncIterator[Line]:
    made = Line()
    yield made
    made.server.connection_lost(None)


async def test_the_handshake_tells_of_the_origin_and_takes_a_subprotocol_that_is_known(line: Line) -> None:
    assert (line.served.origin, line.served.subprotocol) == ("https://shop.example", "b")
    assert line.connections == {line.server}
    assert Line(subprotocols=("x", "b", "a")).served.subprotocol == "b"
    assert Line(subprotocols=("x",)).served.subprotocol is None


async def test_there_is_no_socket_elsewhere() -> None:
    line = Line(path="/elsewhere")
    assert isinstance(line.client.handshake_exc, Exception)
    assert "404" in str(line.client.handshake_exc)
    assert line.transport.ended == "closed"


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 5, 7, 1_000])
async def test_messages_arrive_whole_however_their_bytes_are_cut(line: Line, cut: int) -> None:
    sizes = [0, 1, 125, 126, 127, 65_535, 65_536, FRAME_BYTES]
    wanted = [bytes([65 + n]) * size for n, size in enumerate(sizes)]
    for message in wanted:
        line.client.send_text(message)
    line.client.send_binary(b"\x00\xff")
    line.carry(cut)
    assert line.served.messages == [*wanted, b"\x00\xff"]


async def test_who_sends_very_many_at_once_has_a_share_of_a_round_and_is_not_read_meanwhile(
    line: Line,
) -> None:
    wanted = [str(number).encode() for number in range(2 * SHARE_FRAMES + 10)]
    for message in wanted:
        line.client.send_text(message)
    line.carry_at_once()
    assert line.served.messages == wanted[:SHARE_FRAMES]
    assert not line.transport.reading
    line.client.send_text(b"late")
    line.carry()  # it was on its way when reading was paused
    assert line.served.messages == wanted[:SHARE_FRAMES]
    for shares in (2, 3):
        await asyncio.sleep(0)
        assert line.served.messages == [*wanted, b"late"][: shares * SHARE_FRAMES]
    assert line.transport.reading
    line.client.send_text(b"later")
    line.carry()
    assert line.served.messages == [*wanted, b"late", b"later"]


async def test_what_has_come_already_waits_too_while_reading_is_paused(line: Line) -> None:
    hear = line.served.received

    def enough(data: bytes) -> None:
        hear(data)
        line.server.pause_reading(True)

    line.served.received = enough  # type: ignore[method-assign]
    for message in (b"one", b"two", b"three"):
        line.client.send_text(message)
    line.carry_at_once()
    await asyncio.sleep(0)
    assert line.served.messages == [b"one"]
    assert not line.transport.reading
    for heard in (2, 3):
        line.server.pause_reading(False)
        await asyncio.sleep(0)
        assert line.served.messages == [b"one", b"two", b"three"][:heard]
    line.server.pause_reading(False)
    assert line.transport.reading


async def test_what_the_client_stumbles_over_it_is_told_and_the_next_message_comes(line: Line) -> None:
    hear = line.served.received

    def stumbles(data: bytes) -> None:
        hear(data)
        raise ZeroDivisionError

    line.served.received = stumbles  # type: ignore[method-assign]
    for message in (b"one", b"two"):
        line.client.send_text(message)
    line.carry_at_once()
    assert line.served.messages == [b"one", b"two"]
    assert isinstance(line.served.met, ZeroDivisionError)


async def test_many_messages_in_one_read_arrive_in_order(line: Line) -> None:
    for number in range(50):
        line.client.send_text(b"%d" % number)
    line.server.data_received(b"".join(line.client.data_to_send()))
    assert line.served.messages == [b"%d" % number for number in range(50)]


async def test_fragments_are_joined_and_a_ping_between_them_is_answered(line: Line) -> None:
    line.client.send_text(b"one ", fin=False)
    line.client.send_ping(b"there?")
    line.client.send_continuation(b"two ", fin=False)
    line.client.send_continuation(b"three", fin=True)
    line.client.send_text(b"four")
    heard = line.carry()
    assert line.served.messages == [b"one two three", b"four"]
    assert [(one.opcode, bytes(one.data)) for one in heard if isinstance(one, Frame)] == [(Opcode.PONG, b"there?")]


@pytest.mark.parametrize("fragments", [1, 2])
async def test_a_message_above_the_limit_closes_with_1009_and_whatever_follows_is_not_heard(
    line: Line, fragments: int
) -> None:
    if fragments == 1:
        line.client.send_text(b"x" * (FRAME_BYTES + 1))
    else:
        line.client.send_text(b"x" * FRAME_BYTES, fin=False)
        line.client.send_continuation(b"x", fin=True)
    line.client.send_text(b"and then")
    assert line.close_code() == 1009
    assert line.served.messages == []
    assert line.transport.ended == "eof", "closed at once, the code would be lost with what is unread"


async def test_what_is_not_masked_breaks_the_protocol(line: Line) -> None:
    line.server.data_received(b"\x81\x02hi")
    assert line.close_code() == 1002
    assert line.served.messages == []


async def test_a_batch_is_one_write_and_arrives_as_messages(line: Line) -> None:
    messages = [b"a" * size for size in (1, 125, 126, HEADERS_KEPT - 1, HEADERS_KEPT, 65_535, 65_536)]
    line.server.send(messages, binary=False)
    assert len(line.transport.written) == 1
    assert [bytes(one.data) for one in line.carry() if not isinstance(one, Response)] == messages
    line.server.send([b"\x80"], binary=True)
    assert [(one.opcode, bytes(one.data)) for one in line.carry()] == [(Opcode.BINARY, b"\x80")]


async def test_a_close_of_ours_is_agreed_upon_and_nothing_is_said_or_heard_after_it(line: Line) -> None:
    line.server.close(4000, "again")
    line.server.send([b"too late"], binary=False)
    line.client.send_text(b"not heard")
    assert line.close_code() == 4000
    line.carry()  # its agreement
    assert line.transport.ended == "closed"
    assert line.served.messages == []


async def test_a_close_of_the_clients_is_agreed_upon(line: Line) -> None:
    line.client.send_close(1000, "done")
    assert line.close_code() == 1000
    assert line.transport.ended == "closed"


async def test_a_close_is_heard_though_reading_was_paused(line: Line) -> None:
    line.server.pause_reading(True)
    assert not line.transport.reading
    line.server.close(4401, "no")
    assert line.transport.reading


async def test_anything_that_comes_counts_as_heard(line: Line) -> None:
    line.server.heard = False
    line.server.ping()
    line.carry()
    line.carry()  # the pong
    assert line.server.heard


async def test_the_end_is_told_and_the_connection_forgotten(line: Line) -> None:
    line.server.connection_lost(None)
    assert line.served.gone
    assert line.connections == set()


@pytest.mark.parametrize("fragment", [b"", b"ab"])
async def test_a_message_takes_the_room_of_its_bytes_in_however_many_fragments_it_comes(
    line: Line, fragment: bytes
) -> None:
    line.client.send_text(b"x", fin=False)
    for _ in range(FRAME_BYTES // 4):
        line.client.send_continuation(fragment, fin=False)
    line.carry()
    assert sys.getsizeof(line.server._pieces) < FRAME_BYTES
    line.client.send_continuation(b"z", fin=True)
    line.carry()
    assert line.served.messages == [b"x" + fragment * (FRAME_BYTES // 4) + b"z"]


async def test_who_pings_and_does_not_read_has_the_last_ping_answered_once_there_is_room(line: Line) -> None:
    line.server.pause_writing()
    for number in range(1_000):
        line.client.send_ping(b"%d" % number)
    line.carry()
    assert line.transport.written == []
    line.server.resume_writing()
    assert [(one.opcode, bytes(one.data)) for one in line.carry()] == [(Opcode.PONG, b"999")]
    line.server.pause_writing()
    line.client.send_ping(b"and")
    line.client.send_close(1000, "done")
    assert line.close_code() == 1000


async def test_the_request_is_not_kept(line: Line) -> None:
    def requests() -> int:
        gc.collect()
        return sum(type(one) is Request for one in gc.get_objects())

    before = requests()
    server = WebSocket(Client(), set(), ("a",), FRAME_BYTES)
    server.connection_made(Transport())
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    server.data_received(f"GET /ws HTTP/1.1\r\nHost: host\r\n{upgrade}{key}\r\n".encode())
    assert server.open
    assert requests() == before


async def test_who_does_not_agree_to_a_close_is_cut_off(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.websocket.CLOSE_SECONDS", 0.0)
    line.server.close(4000, "again")
    for _ in range(3):
        await asyncio.sleep(0)
    assert line.transport.ended == "aborted"
