"""Many HTTP requests over a few kept connections, one under way on each: what opens conversations fast enough.

It knows HTTP/1.1 answers with a Content-Length, which is what our server gives, and nothing else.
"""

from __future__ import annotations

import select
import socket
import time
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from benchmarks.load.websocket import RECEIVE_BYTES, Lost

CONNECTIONS = 64
SILENT_SECONDS = 60.0


class Refused(Exception):
    """An answer that is not 2xx: its first line and body."""


@dataclass(slots=True)
class Answered:
    """Bodies in the order of their requests; how long each took, and all together, in seconds."""

    bodies: list[bytes]
    latencies: array[float] = field(default_factory=lambda: array("d"))
    seconds: float = 0.0


def post(path: str, body: object, token: str = "") -> bytes:
    """One request."""
    encoded = msgspec.json.encode(body)
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{authorization}"
    return f"{head}Content-Length: {len(encoded)}\r\n\r\n".encode() + encoded


def ask(
    port: int, requests: Iterable[bytes], advance: Callable[[int], None] = lambda _: None, *,
    connections: int = CONNECTIONS,
) -> Answered:  # fmt: skip
    """Every request answered. Raises Refused at the first that is not 2xx, Lost when a connection ends."""
    asking = _Asking(port, list(requests), connections)
    try:
        return asking.run(advance)
    finally:
        asking.close()


class _Asking:
    def __init__(self, port: int, requests: list[bytes], connections: int) -> None:
        self._requests = requests
        self._answered = Answered([b""] * len(requests))
        self._next = self._done = 0
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._asked: dict[int, tuple[int, float]] = {}
        self._rests: dict[int, bytes] = {}
        for _ in range(min(connections, len(requests))):
            made = socket.create_connection(("127.0.0.1", port), 30)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[made.fileno()] = made
            self._poll.register(made.fileno(), select.EPOLLIN)

    def run(self, advance: Callable[[int], None]) -> Answered:
        begun = time.perf_counter()
        for descriptor in self._sockets:
            self._ask(descriptor)
        while self._done < len(self._requests):
            ready = self._poll.poll(SILENT_SECONDS)
            if not ready:
                raise Lost(f"no answer in {SILENT_SECONDS:.0f} s")
            advance(sum(self._read(descriptor) for descriptor, _ in ready))
        self._answered.seconds = time.perf_counter() - begun
        return self._answered

    def close(self) -> None:
        self._poll.close()
        for one in self._sockets.values():
            one.close()

    def _ask(self, descriptor: int) -> None:
        if self._next < len(self._requests):
            self._asked[descriptor] = self._next, time.perf_counter()
            self._sockets[descriptor].sendall(self._requests[self._next])
            self._next += 1
        else:  # what has nothing more to ask the server may close
            self._poll.unregister(descriptor)

    def _read(self, descriptor: int) -> int:
        """How many answers this brought: 0 or 1."""
        data = self._sockets[descriptor].recv(RECEIVE_BYTES)
        if not data:
            raise Lost("the server closed a connection")
        data = self._rests.pop(descriptor, b"") + data
        head, found, body = data.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            self._rests[descriptor] = data
            return 0
        if not head.startswith(b"HTTP/1.1 2"):
            raise Refused(f"{head.partition(bytes((13,)))[0].decode()}: {body[:300].decode(errors='replace')}")
        number, begun = self._asked.pop(descriptor)
        self._answered.bodies[number] = body
        self._answered.latencies.append(time.perf_counter() - begun)
        self._done += 1
        self._ask(descriptor)
        return 1


def _length(head: bytes) -> int:
    name = b"content-length:"
    at = head.lower().find(name)
    return int(head[at + len(name) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
