"""Many open sockets and one `epoll` loop: what comes is cut into whole frames and heard, what is said is written.

No task, no future and no timer for a message: a turn reads the sockets that have something, and writes all that is to
be said on one of them with one call.
"""

from __future__ import annotations

import select
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from benchmarks.load.line import Line
from benchmarks.load.websocket import RECEIVE_BYTES, Lost

EVENTS_MAX = 1024
STOP_SECONDS = 0.5
"""So long a turn goes on, at most, when it is told to stop and nobody says anything."""


@dataclass(slots=True)
class Member:
    """One socket of the crowd. `unsent` waits until the other side takes it."""

    line: Line
    unsent: bytes = b""


M = TypeVar("M", bound=Member)


class Crowd(ABC, Generic[M]):
    """Subclasses hear, and may write while they do."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._members: dict[int, M] = {}
        self._stopped = False

    def join(self, member: M) -> M:
        """From the next turn on it is heard."""
        member.line.socket.setblocking(False)
        self._members[member.line.socket.fileno()] = member
        self._poll.register(member.line.socket.fileno(), select.EPOLLIN)
        return member

    @abstractmethod
    def heard(self, member: M, data: bytes, whole: int, now: float) -> bytes:
        """What to answer to the first `whole` bytes, which are complete frames."""

    def turn(self, until: float) -> None:
        """Hear everybody until this time of `time.perf_counter`. Raises Lost when a connection ends, or at `stop`."""
        while (left := until - time.perf_counter()) > 0:
            if self._stopped:
                raise Lost("stopped")
            for descriptor, events in self._poll.poll(min(left, STOP_SECONDS), EVENTS_MAX):
                member = self._members[descriptor]
                if events & select.EPOLLOUT:
                    self._flush(member)
                if events & ~select.EPOLLOUT:
                    self._read(member)

    def hear(self, seconds: float) -> None:
        """Who waits for its round answers its server's pings. Raises Lost."""
        self.turn(time.perf_counter() + seconds)

    def write(self, member: M, data: bytes) -> None:
        """Sent now, or when the other side takes it."""
        if member.unsent:
            member.unsent += data
            return
        try:
            sent = member.line.socket.send(data)
        except BlockingIOError:
            sent = 0
        except (BrokenPipeError, ConnectionResetError):
            raise Lost("the server closed a connection") from None
        if sent < len(data):
            member.unsent = data[sent:]
            self._poll.modify(member.line.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def stop(self) -> None:
        """From any thread: the turn under way ends, and no other begins."""
        self._stopped = True

    def close(self) -> None:
        """Every connection is dropped."""
        self._poll.close()
        for member in self._members.values():
            member.line.socket.close()

    def _read(self, member: M) -> None:
        line = member.line
        data = line.socket.recv(RECEIVE_BYTES)
        now = time.perf_counter()
        if not data:
            raise Lost("the server closed a connection")
        if line.rest:
            data = line.rest + data
        whole = line.split.whole(data)
        line.rest = data[whole:]
        answer = self.heard(member, data, whole, now)
        if line.split.owed:
            answer += line.split.owed
            line.split.owed = b""
        if answer:
            self.write(member, answer)

    def _flush(self, member: M) -> None:
        data, member.unsent = member.unsent, b""
        self._poll.modify(member.line.socket.fileno(), select.EPOLLIN)
        self.write(member, data)


class Silent(Crowd[Member]):
    """Sockets that are only held: pings are answered, all else is dropped."""

    def heard(self, member: Member, data: bytes, whole: int, now: float) -> bytes:
        """Nothing to say."""
        return b""
