"""The load: whatever end hears a message answers it with the next, so as many as asked stay in flight."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.load.crowd import Crowd, Member
from benchmarks.load.ledger import Account, Flow
from benchmarks.load.line import NUMBER_BYTES, Conversation, Recognise, Texts, label, marked, plain_texts

TURN_SECONDS = 0.1


@dataclass(slots=True, kw_only=True)
class End(Member):
    """One end while it is driven. `flow` is what it says, `hears` what it should hear."""

    signature: bytes
    awaited: bytes
    flow: Flow
    hears: Flow
    messages: list[bytes]


@dataclass(slots=True)
class Heard:
    """What was delivered while it counted; latencies in seconds."""

    delivered: int = 0
    seconds: float = 0.0
    latencies: array[float] = field(default_factory=lambda: array("d"))


class Generator(Crowd[End]):
    """Drives conversations that are open. `run` and `drain` may follow one another as often as one likes."""

    def __init__(
        self, conversations: Sequence[Conversation], recognise: Recognise, in_flight: int, texts: Texts = plain_texts
    ) -> None:
        super().__init__()
        self._recognise, self._in_flight = recognise, in_flight
        self._misdelivered = self._refused = 0
        self._speaking = False
        self._heard: Heard | None = None
        self._pairs = [self._pair(number, one, texts) for number, one in enumerate(conversations)]

    def _pair(self, number: int, conversation: Conversation, texts: Texts) -> tuple[End, End]:
        flows = [Flow(acks=self._recognise.acked is not None) for _ in range(2)]
        ends = []
        for end, line in enumerate(conversation.lines):
            mine, other = label(end, number), label(1 - end, number)
            messages = [line.compose(marked(mine, text)) for text in texts(number, end)]
            made = End(
                line, signature=mine.encode(), awaited=other.encode(), flow=flows[end], hears=flows[1 - end],
                messages=messages,
            )  # fmt: skip
            ends.append(self.join(made))
        return ends[0], ends[1]

    def run(self, seconds: float, *, warm: float = 1.0, begin: Callable[[], None] = lambda: None,
            tick: Callable[[float], None] = lambda _: None) -> Heard:  # fmt: skip
        """Load for `warm` seconds, call `begin`, and count for `seconds`. Raises Lost when a connection ends."""
        self._speaking = True
        self._start()
        self.turn(time.perf_counter() + warm)
        begin()
        heard = self._heard = Heard()
        started = time.perf_counter()
        while (left := started + seconds - time.perf_counter()) > 0:
            tick(seconds - left)
            self.turn(time.perf_counter() + min(left, TURN_SECONDS))
        heard.seconds = time.perf_counter() - started
        self._heard = None
        return heard

    def drain(self, patience: float = 10.0) -> bool:
        """Say nothing new, and hear what is under way; whether all came within the time."""
        self._speaking = False
        give_up_at = time.perf_counter() + patience
        while time.perf_counter() < give_up_at and self._under_way():
            self.turn(time.perf_counter() + TURN_SECONDS)
        self.turn(time.perf_counter() + TURN_SECONDS)  # what would come twice, comes now
        return not self._under_way()

    def account(self) -> Account:
        """What became of all messages since the beginning."""
        flows = [end.flow for pair in self._pairs for end in pair]
        return Account.of(flows, self._misdelivered, self._refused)

    def heard(self, member: End, data: bytes, whole: int, now: float) -> bytes:
        """Account for all that is delivered and acked; the next message for each delivered one."""
        heard, recognise, answers = self._heard, self._recognise, []
        for signature, number in recognise.delivered.findall(data, 0, whole):
            if signature == member.awaited:
                took = member.hears.deliver(int(number), now)
                if took is None:
                    continue
                if heard is not None:
                    heard.delivered += 1
                    heard.latencies.append(took)
                if self._speaking:
                    answers.append(self._next(member))
            elif signature != member.signature:
                self._misdelivered += 1
        if recognise.acked is not None:
            for number in recognise.acked.findall(data, 0, whole):
                member.flow.ack(int(number))
        if recognise.refused is not None and recognise.refused in data:
            self._refused += data.count(recognise.refused, 0, whole)
        return b"".join(answers)

    def _under_way(self) -> bool:
        return any(end.flow.undelivered or end.flow.unacked for pair in self._pairs for end in pair)

    def _start(self) -> None:
        for pair in self._pairs:
            first = sum(end.flow.undelivered for end in pair)
            for number in range(first, self._in_flight):
                end = pair[number % 2]
                self.write(end, self._next(end))

    def _next(self, end: End) -> bytes:
        number = end.flow.send(time.perf_counter())
        messages = end.messages
        return messages[number % len(messages)].replace(NUMBER_BYTES, b"%08d" % number)
