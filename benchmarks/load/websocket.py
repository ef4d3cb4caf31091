"""WebSocket by hand, a client's side only (RFC 6455): the handshake, frames out, frames in.

Client frames must be masked; the mask is zero, so that masking costs neither side anything. No extensions, no
fragments: whoever is measured here sends none.
"""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Callable

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MASK = b"\0\0\0\0"
RECEIVE_BYTES = 262_144


class Lost(Exception):
    """The other side closed the connection, or never let us in; the text says how."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A final, masked client frame."""
    size, first = len(payload), bytes((0x80 | opcode,))
    if size < 126:
        return first + bytes((0x80 | size,)) + MASK + payload
    if size < 65_536:
        return first + b"\xfe" + size.to_bytes(2, "big") + MASK + payload
    return first + b"\xff" + size.to_bytes(8, "big") + MASK + payload


def header(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at this position begins and ends; None while its header is incomplete."""
    size = len(data)
    if size - at < 2:
        return None
    length, begin = data[at + 1], at + 2
    if length == 126:
        if size - at < 4:
            return None
        length, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    elif length == 127:
        if size - at < 10:
            return None
        length, begin = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
    return begin, begin + length


class Frames:
    """Splits what is received into frames, and knows what a client must say of itself: a pong for each ping.

    `heartbeats`: payloads of one byte that are pings of the protocol above, each with its answer (Socket.IO's).
    """

    def __init__(self, heartbeats: dict[bytes, bytes] | None = None) -> None:
        self.owed = b""
        self._heartbeats = heartbeats or {}

    def whole(self, data: bytes) -> int:
        """Where the last complete frame ends. What must be answered is added to `owed`. Raises Lost at a close."""
        size, at = len(data), 0
        while size - at >= 2:
            length = data[at + 1]
            if length < 126:
                begin, end = at + 2, at + 2 + length
            elif length == 126 and size - at >= 4:
                begin = at + 4
                end = begin + (data[at + 2] << 8) + data[at + 3]
            elif (found := header(data, at)) is None:
                break
            else:
                begin, end = found
            if end > size:
                break
            if data[at] & 0x0F >= CLOSE or length == 1:
                self._control(data[at] & 0x0F, data[begin:end])
            at = end
        return at

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big")
            raise Lost(f"closed with {code}: {payload[2:].decode(errors='replace')}")
        if opcode == PING:
            self.owed += frame(payload, PONG)
        elif payload in self._heartbeats:
            self.owed += frame(self._heartbeats[payload])


class Client:
    """A blocking connection, for what comes before the load: log in, open, watch."""

    def __init__(
        self, port: int, path: str, subprotocol: str = "", *, seconds: float = 30.0, headers: str = ""
    ) -> None:
        """Returns when the handshake is done. Raises Lost or OSError."""
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self._frames = Frames()
        offer = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{offer}{headers}\r\n".encode()
        )
        while b"\r\n\r\n" not in self.rest:
            self._more()
        answer, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101"):
            self.socket.close()
            raise Lost(answer.partition(b"\r\n")[0].decode(errors="replace"))

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """One message."""
        self.socket.sendall(frame(payload, opcode))

    def receive(self) -> bytes:
        """The next message that is not a control frame."""
        while True:
            found = header(self.rest, 0)
            if found is None or found[1] > len(self.rest):
                self._more()
                continue
            (begin, end), rest = found, self.rest
            self.rest = rest[end:]
            if rest[0] & 0x0F < CLOSE:
                return rest[begin:end]
            self._frames.whole(rest[:end])
            self.socket.sendall(self._frames.owed)
            self._frames.owed = b""

    def until(self, wanted: Callable[[bytes], bool]) -> bytes:
        """The next message that is wanted; those before it are dropped."""
        while not wanted(message := self.receive()):
            pass
        return message

    def _more(self) -> None:
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise Lost("the connection was closed")
        self.rest += data
