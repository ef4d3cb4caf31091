"""Handoffs of any peer as its clients see them: a visitor asks, an agent is offered it, accepts, answers and closes.

    asked ─► acked (to the visitor)
      └────► offered (to an agent) ─► accepted (to her) ─► seen (her first reply, by the visitor)

An open loop: each asks at its moment, whatever became of the others, so a server that falls behind is not waited for.
"""

from __future__ import annotations

import re
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.load.crowd import Crowd, Member
from benchmarks.load.line import Line
from benchmarks.peers import Peer

STEPS = {
    "request → ack": ("asked", "acked"),
    "request → offer": ("asked", "offered"),
    "offer → accepted": ("offered", "accepted"),
    "accepted → first reply seen": ("accepted", "seen"),
    "request → first reply seen": ("asked", "seen"),
}
"""Each between two moments of a handoff; `accepted` is when the agent was told that she has it."""
TURN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Words:
    """What a handoff is on a peer's sockets: bytes made from its ticket (eight digits), and how answers are recognised.

    `offered` finds names, as `Office.visitors` gave them; the others find tickets. An agent's commands get both.
    """

    ask: Callable[[bytes], bytes]
    accept: Callable[[bytes, bytes], bytes]
    reply_and_close: Callable[[bytes, bytes], bytes]
    acked: re.Pattern[bytes]
    offered: re.Pattern[bytes]
    accepted: re.Pattern[bytes]
    seen: re.Pattern[bytes]


class Office(Peer):
    """A peer whose agents take handoffs."""

    words: Words

    @abstractmethod
    def desk(self, number: int) -> Line:
        """An agent, connected and ready; blocking."""

    @abstractmethod
    def visitors(self, tickets: Sequence[bytes]) -> list[tuple[Line, bytes]]:
        """For each ticket a visitor who is connected, and the name its handoff will be offered by; blocking."""


@dataclass(slots=True)
class Handoff:
    """One of them: when each moment was, in seconds of `time.perf_counter`."""

    ticket: bytes
    name: bytes
    visitor: Member
    times: dict[str, float] = field(default_factory=dict)

    def step_ms(self, name: str) -> float | None:
        """How long a step took; None if it has not ended."""
        first, last = STEPS[name]
        ended = self.times.get(last)
        return (ended - self.times[first]) * 1000 if ended is not None and first in self.times else None


class Floor(Crowd[Member]):
    """All visitors and agents of one office."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._lines: dict[int, Member] = {}
        self._named: dict[bytes, Handoff] = {}
        self._ticketed: dict[bytes, Handoff] = {}
        self._numbered = self._seen = 0

    def staff(self, desks: int) -> None:
        """So many agents come."""
        for number in range(desks):
            self.join(Member(self._office.desk(number)))

    def queue(self, count: int) -> list[Handoff]:
        """So many visitors come, and have not asked yet; those before them have left."""
        self._named, self._ticketed, self._seen = {}, {}, 0
        tickets = [b"%08d" % number for number in range(self._numbered, self._numbered + count)]
        self._numbered += count
        for ticket, (line, name) in zip(tickets, self._office.visitors(tickets), strict=True):
            member = self._lines.get(line.socket.fileno())
            if member is None or member.line is not line:
                member = self._lines[line.socket.fileno()] = self.join(Member(line))
            self._named[name] = self._ticketed[ticket] = Handoff(ticket, name, member)
        return list(self._ticketed.values())

    def run(self, handoffs: Sequence[Handoff], rate: float, patience: float) -> float:
        """Each asks at its moment, `rate` a second (0: all at once). Seconds until all have ended, or patience has."""
        begun = time.perf_counter()
        for number, handoff in enumerate(handoffs):
            if rate:
                self.turn(begun + number / rate)
            handoff.times["asked"] = time.perf_counter()
            self.write(handoff.visitor, self._office.words.ask(handoff.ticket))
        give_up_at = time.perf_counter() + patience
        while self._seen < len(handoffs) and time.perf_counter() < give_up_at:
            self.turn(time.perf_counter() + TURN_SECONDS)
        return max((one.times.get("seen", begun) for one in handoffs), default=begun) - begun

    def heard(self, member: Member, data: bytes, whole: int, now: float) -> bytes:
        """Notes each moment, and answers what an agent is to answer."""
        words, said = self._office.words, []
        for name in words.offered.findall(data, 0, whole):
            if (handoff := self._named.get(name)) is not None:
                handoff.times.setdefault("offered", now)
                said.append(words.accept(handoff.ticket, name))
        for ticket in words.accepted.findall(data, 0, whole):
            if (handoff := self._ticketed.get(ticket)) is not None:
                handoff.times.setdefault("accepted", now)
                said.append(words.reply_and_close(ticket, handoff.name))
        for ticket in words.acked.findall(data, 0, whole):
            if (handoff := self._ticketed.get(ticket)) is not None:
                handoff.times.setdefault("acked", now)
        for ticket in words.seen.findall(data, 0, whole):
            handoff = self._ticketed.get(ticket)
            if handoff is not None and handoff.visitor is member and "seen" not in handoff.times:
                handoff.times["seen"] = now
                self._seen += 1
        return b"".join(said)
