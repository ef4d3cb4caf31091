"""A WebSocket on the wire, as uvicorn hands it over. It knows nothing of tokens, sessions or what frames mean.

    bytes ── whole data frames ───────────────────────────> Client.received
         └── handshake, fragments, control, mistakes ──> the websockets library ──> Client.received, or the close

Nearly all that clients send are short, whole, masked data frames; those are cut out here, one slice and one unmasking
each, with no object, task or queue between the socket and the client. Everything else is the library's.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

from starlette.requests import HTTPConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol as BaseProtocol
from websockets.protocol import Side
from websockets.server import ServerProtocol

from gateway.handshake import answer, connection_of, library_of

try:
    from websockets.speedups import apply_mask
except ImportError:  # no wheel for this machine
    from websockets.utils import apply_mask

CLOSE_SECONDS = 10.0
"""How long a client may take to answer a close."""

SHARE_FRAMES = 50
"""Of one connection in a round of the loop: who sends very many at once holds up nobody else."""

HEADERS_KEPT = 1_024
"""The headers of frames that are shorter are made once."""

_SHARE = range(SHARE_FRAMES)
_FINAL_TEXT, _FINAL_BINARY = 0x81, 0x82
_WHOLE = (_FINAL_TEXT, _FINAL_BINARY)
_MASKED = 0x80
_TWO_BYTES, _EIGHT_BYTES = 126, 127
_MASK_BYTES = 4


class Client(Protocol):
    """Whoever is served over the connection."""

    def opened(self, request: HTTPConnection, subprotocol: str | None) -> None:
        """The handshake is done."""

    def received(self, data: bytes) -> None:
        """A whole message, text or binary."""

    def failed(self, why: Exception) -> None:
        """It has met this while it received."""

    def paused(self) -> None:
        """The peer does not keep up: nothing should be sent until it does."""

    def resumed(self) -> None:
        """It has caught up."""

    def lost(self) -> None:
        """The connection is over, whoever ended it."""


class WebSocket:
    """One connection, with all that an `asyncio.Protocol` has.

    `connections` is uvicorn's set, from which it ends what is still open when it stops.
    """

    __slots__ = (
        "_client",
        "_closing",
        "_connections",
        "_frame_bytes",
        "_full",
        "_library",
        "_pieces",
        "_pong",
        "_rest",
        "_resting",
        "_timer",
        "_transport",
        "heard",
        "open",
        "reading",
    )

    def __init__(self, client: Client, connections: set[Any], subprotocols: Sequence[str], frame_bytes: int) -> None:
        self._client = client
        self._connections = connections
        self._frame_bytes = frame_bytes
        self._library: BaseProtocol = library_of(subprotocols, frame_bytes)
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._pieces: bytearray | None = None
        """What has come of a message that comes in fragments."""
        self._rest = b""
        self._pong = b""
        self._full = False
        self._closing = False
        self.reading = True
        """What comes is taken in."""
        self._resting = False
        self._timer: asyncio.TimerHandle | None = None
        self.open = False
        self.heard = True
        """Something has come since this was last reset."""

    # What asyncio and uvicorn call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        self.heard = True
        if self._closing and self._library.parser_exc is not None:
            return  # it has broken the protocol, and was told so
        if self._rest:
            data = self._rest + data
            self._rest = b""
        if not self.open:
            self._handshake(data)
        elif self._resting:
            self._rest = data
        else:
            self._frames(data)

    def eof_received(self) -> None:
        pass

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._closing, self.open = True, False
        if self._timer is not None:
            self._timer.cancel()
        self._client.lost()

    def pause_writing(self) -> None:
        self._full = True
        self._client.paused()

    def resume_writing(self) -> None:
        self._full = False
        if self._pong and not self._closing:
            self._transport.write(self._pong)
        self._pong = b""
        self._client.resumed()

    def shutdown(self) -> None:
        """uvicorn stops."""
        if self.open:
            self.close(1012, "Restarting.")
        else:
            self._transport.close()

    # In

    def _handshake(self, data: bytes) -> None:
        answered = answer(cast(ServerProtocol, self._library), data)
        if answered is None:
            self._transport.close()
            return
        request, accepted = answered
        self._flush()
        if accepted:
            subprotocol = self._library.subprotocol
            self.open = True
            # What has read the request keeps it, and that is most of the memory of a client that says nothing.
            self._library = BaseProtocol(Side.SERVER, max_size=self._frame_bytes)
            self._client.opened(connection_of(request, self._transport), subprotocol)

    def _frames(self, data: bytes) -> None:
        """Takes in a share of the frames. What is left waits for the end of its frame to come, or for its turn."""
        at, size = 0, len(data)
        for _ in _SHARE:
            if size - at < 2:
                self._rest = data[at:]
                return
            length, mask = data[at + 1] - _MASKED, at + 2
            if length == _TWO_BYTES:
                mask += 2
                length = data[at + 2] << 8 | data[at + 3] if mask <= size else size
            elif length == _EIGHT_BYTES:
                mask += 8
                length = int.from_bytes(data[at + 2 : at + 10], "big")
            body = mask + _MASK_BYTES
            if length < 0 or (length > self._frame_bytes and body <= size):
                self._rare(data[at:])  # not masked, or too long: nothing more is heard of this client
                return
            end = body + length
            if end > size:
                self._rest = data[at:]
                return
            try:
                if data[at] in _WHOLE and self._pieces is None and not self._closing:
                    self._client.received(apply_mask(data[body:end], data[mask:body]))
                else:
                    self._rare(data[at:end])
            except Exception as why:  # asyncio would end the connection without a code
                self._client.failed(why)
            if end == size:
                return
            if not self.reading:
                break
            at = end
        self._rest, self._resting = data[end:], True
        self._mind_reading()
        asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        """The others have had their turn, or reading goes on."""
        if self._resting and self.reading:
            data, self._rest, self._resting = self._rest, b"", False
            if self.open and self._library.parser_exc is None:
                self._frames(data)
            self._mind_reading()

    def _rare(self, frame: bytes) -> None:
        """The library's part: it answers pings and closes, joins fragments, and ends what breaks the protocol."""
        self._library.receive_data(frame)
        for event in self._library.events_received():
            if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                pieces = bytearray() if self._pieces is None else self._pieces
                pieces += event.data
                self._pieces = None if event.fin else pieces
                if event.fin and not self._closing:
                    self._client.received(bytes(pieces))
        if self._full and self._library.close_sent is None:
            # Who asks and does not read must not fill our memory: the last ping is answered, later (RFC 6455, 5.5.3).
            self._pong = b"".join(self._library.data_to_send()[-1:]) or self._pong
        else:
            self._flush()

    # Out

    def send(self, messages: Iterable[bytes], binary: bool) -> None:
        """Write the messages, each a frame, in one go."""
        if self._closing:
            return
        known = _BINARY_HEADERS if binary else _TEXT_HEADERS
        parts: list[bytes] = []
        for message in messages:
            length = len(message)
            parts.append(known[length] if length < HEADERS_KEPT else _header(length, binary))
            parts.append(message)
        self._transport.write(b"".join(parts))

    def ping(self) -> None:
        """Ask whether the peer is there: whatever it answers is heard."""
        self._library.send_ping(b"")
        self._flush()

    def close(self, code: int, reason: str) -> None:
        """Close with a code. The peer has `CLOSE_SECONDS` to agree."""
        if self._closing or not self.open:
            return
        self.pause_reading(False)  # its agreement must be heard
        self._library.send_close(code, reason)
        self._flush()

    def pause_reading(self, pause: bool) -> None:
        """Take in nothing more for now, not even what has come already; or again."""
        self.reading = not pause
        self._mind_reading()
        if self._resting:
            asyncio.get_running_loop().call_soon(self._go_on)

    def _mind_reading(self) -> None:
        transport, reading = self._transport, self.reading and not self._resting
        if reading is not transport.is_reading() and not transport.is_closing():
            (transport.resume_reading if reading else transport.pause_reading)()

    def abort(self) -> None:
        """End the connection without a word."""
        self._transport.abort()

    def _flush(self) -> None:
        output = self._library.data_to_send()
        if output and not self._transport.is_closing():
            self._transport.write(b"".join(output))
        if b"" in output:
            self._end()
        if self.open and not self._closing and self._library.close_sent is not None:
            self._closing = True
            self._timer = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    def _end(self) -> None:
        # With something unread the kernel would reset the connection, and the code of the close be lost on its way.
        if self._library.parser_exc is not None and self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()


def _header(length: int, binary: bool) -> bytes:
    """The header of an unmasked frame (RFC 6455, 5.2)."""
    opcode = _FINAL_BINARY if binary else _FINAL_TEXT
    if length < _TWO_BYTES:
        return bytes((opcode, length))
    if length < 0x10000:
        return bytes((opcode, _TWO_BYTES)) + length.to_bytes(2, "big")
    return bytes((opcode, _EIGHT_BYTES)) + length.to_bytes(8, "big")


_TEXT_HEADERS, _BINARY_HEADERS = (
    [_header(length, binary) for length in range(HEADERS_KEPT)] for binary in (False, True)
)
