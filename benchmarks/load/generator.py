"""The loop: whatever end hears a message answers it with the next, so each conversation keeps its messages in flight.

No task, no future and no timer for a message: a turn reads the sockets that have something, scans each for tokens, and
writes all answers of a socket with one call.
"""

from __future__ import annotations

import select
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.load.ledger import Account, Flow
from benchmarks.load.line import NUMBER_BYTES, Conversation, Line, Recognise, Texts, label, marked, plain_texts
from benchmarks.load.websocket import RECEIVE_BYTES, Lost

TURN_SECONDS = 0.1
EVENTS_MAX = 1024


@dataclass(slots=True)
class End:
    """One end while it is driven. `flow` is what it says, `hears` what it should hear."""

    line: Line
    signature: bytes
    awaited: bytes
    flow: Flow
    hears: Flow
    messages: list[bytes]
    unsent: bytes = b""


@dataclass(slots=True)
class Heard:
    """What was delivered while it counted; latencies in seconds."""

    delivered: int = 0
    seconds: float = 0.0
    latencies: array[float] = field(default_factory=lambda: array("d"))


class Generator:
    """Drives conversations that are open. `run` and `drain` may follow one another as often as one likes."""

    def __init__(
        self, conversations: Sequence[Conversation], recognise: Recognise, in_flight: int, texts: Texts = plain_texts
    ) -> None:
        self._recognise, self._in_flight = recognise, in_flight
        self._misdelivered = self._refused = 0
        self._speaking = False
        self._heard: Heard | None = None
        self._poll = select.epoll()
        self._ends: dict[int, End] = {}
        self._pairs: list[tuple[End, End]] = []
        for number, conversation in enumerate(conversations):
            self._pairs.append(self._pair(number, conversation, texts))

    def _pair(self, number: int, conversation: Conversation, texts: Texts) -> tuple[End, End]:
        flows = [Flow(acks=self._recognise.acked is not None) for _ in range(2)]
        ends = []
        for end, line in enumerate(conversation.lines):
            mine, other = label(end, number), label(1 - end, number)
            messages = [line.compose(marked(mine, text)) for text in texts(number, end)]
            made = End(line, mine.encode(), other.encode(), flows[end], flows[1 - end], messages)
            line.socket.setblocking(False)
            self._ends[line.socket.fileno()] = made
            self._poll.register(line.socket.fileno(), select.EPOLLIN)
            ends.append(made)
        return ends[0], ends[1]

    def run(self, seconds: float, *, warm: float = 1.0, begin: Callable[[], None] = lambda: None,
            tick: Callable[[float], None] = lambda _: None) -> Heard:  # fmt: skip
        """Load for `warm` seconds, call `begin`, and count for `seconds`. Raises Lost when a connection ends."""
        self._speaking = True
        self._start()
        self._until(time.perf_counter() + warm)
        begin()
        heard = self._heard = Heard()
        started = time.perf_counter()
        while (left := started + seconds - time.perf_counter()) > 0:
            tick(seconds - left)
            self._until(time.perf_counter() + min(left, TURN_SECONDS))
        heard.seconds = time.perf_counter() - started
        self._heard = None
        return heard

    def drain(self, patience: float = 10.0) -> bool:
        """Say nothing new, and hear what is under way; whether all came within the time."""
        self._speaking = False
        give_up_at = time.perf_counter() + patience
        while time.perf_counter() < give_up_at and self._under_way():
            self._until(time.perf_counter() + TURN_SECONDS)
        self._until(time.perf_counter() + TURN_SECONDS)  # what would come twice, comes now
        return not self._under_way()

    def account(self) -> Account:
        """What became of all messages since the beginning."""
        flows = [end.flow for end in self._ends.values()]
        return Account.of(flows, self._misdelivered, self._refused)

    def close(self) -> None:
        """Every connection is dropped."""
        self._poll.close()
        for end in self._ends.values():
            end.line.socket.close()

    def _under_way(self) -> bool:
        return any(end.flow.undelivered or end.flow.unacked for end in self._ends.values())

    def _start(self) -> None:
        for pair in self._pairs:
            first = sum(end.flow.undelivered for end in pair)
            for number in range(first, self._in_flight):
                end = pair[number % 2]
                self._write(end, self._next(end))

    def _until(self, ends_at: float) -> None:
        while (left := ends_at - time.perf_counter()) > 0:
            for descriptor, events in self._poll.poll(left, EVENTS_MAX):
                end = self._ends[descriptor]
                if events & select.EPOLLOUT:
                    self._flush(end)
                if events & ~select.EPOLLOUT:
                    self._read(end)

    def _read(self, end: End) -> None:
        line = end.line
        data = line.socket.recv(RECEIVE_BYTES)
        now = time.perf_counter()
        if not data:
            raise Lost(f"the server closed the connection of {end.signature.decode()}")
        if line.rest:
            data = line.rest + data
        whole = line.split.whole(data)
        line.rest = data[whole:]
        heard, recognise, answers = self._heard, self._recognise, []
        for signature, number in recognise.delivered.findall(data, 0, whole):
            if signature == end.awaited:
                took = end.hears.deliver(int(number), now)
                if took is None:
                    continue
                if heard is not None:
                    heard.delivered += 1
                    heard.latencies.append(took)
                if self._speaking:
                    answers.append(self._next(end))
            elif signature != end.signature:
                self._misdelivered += 1
        if recognise.acked is not None:
            for number in recognise.acked.findall(data, 0, whole):
                end.flow.ack(int(number))
        if recognise.refused is not None and recognise.refused in data:
            self._refused += data.count(recognise.refused, 0, whole)
        if line.split.owed:
            answers.append(line.split.owed)
            line.split.owed = b""
        if answers:
            self._write(end, b"".join(answers))

    def _next(self, end: End) -> bytes:
        number = end.flow.send(time.perf_counter())
        messages = end.messages
        return messages[number % len(messages)].replace(NUMBER_BYTES, b"%08d" % number)

    def _write(self, end: End, data: bytes) -> None:
        if end.unsent:
            end.unsent += data
            return
        try:
            sent = end.line.socket.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            end.unsent = data[sent:]
            self._poll.modify(end.line.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def _flush(self, end: End) -> None:
        data, end.unsent = end.unsent, b""
        self._poll.modify(end.line.socket.fileno(), select.EPOLLIN)
        self._write(end, data)
