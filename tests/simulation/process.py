"""A process of the simulated system: it has a name, one life, links to others, and may crash or hang at any step."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from runtime.link import Flight, Ingress, Link, Links, OutOfTurn
from runtime.messages import Answers, Batch, Reply, decode_answers, encode

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

Answered = Callable[[bytes], None]


class Settling:
    """A batch's ticket: when the last reply is there, all calls that carried the batch are answered."""

    def __init__(self, size: int) -> None:
        self.replies: list[Reply | None] = [None] * size
        self._left = size
        self._then: list[Callable[[], None]] = []

    def settle(self, index: int, reply: Reply) -> None:
        assert self.replies[index] is None, "a message was answered twice"
        self.replies[index] = reply
        self._left -= 1
        if not self._left:
            for then in self._then:
                then()

    @property
    def refused(self) -> bool:
        return any(reply is not None and reply.refusal is not None for reply in self.replies)

    def then(self, action: Callable[[], None]) -> None:
        if self._left:
            self._then.append(action)
        else:
            action()


class Process(ABC):
    """What hosts, gateways and workers have in common: the shell's part of links, and dying."""

    crash_chance = "host_crash"
    restart_ms = (50, 1_600)

    def __init__(self, simulation: "Simulation", name: str, life: int) -> None:
        self.simulation = simulation
        self.loop = simulation.loop
        self.name = name
        self.life = life
        self.incarnation = f"{name}#{life}"
        self.links = Links(name, self.incarnation)
        self.alive = True
        self.hung = False
        self._stalled: list[Callable[[], None]] = []
        self._ingress = Ingress()
        self._calls: dict[str, dict[Flight, object]] = {}
        self._backing_off: set[str] = set()
        self._met: dict[str, str] = {}
        self._decoder = self.decoder()

    # What kinds of processes differ in

    @abstractmethod
    def decoder(self) -> msgspec.msgpack.Decoder[Batch[Any]]:
        """What it takes."""

    @abstractmethod
    def take(self, batch: Batch[Any], ticket: Settling) -> None:
        """Work on a batch that is new."""

    def peer_replaced(self, peer: str) -> None:  # noqa: B027 - most have nothing to do then
        """A sender has begun a new life."""

    def met(self, peer: str) -> None:  # noqa: B027
        """A receiver that answers has begun a new life, or is met for the first time."""

    # Living

    def later(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Take a step after a delay: unless dead by then, and not while hung."""

        def step() -> None:
            if not self.alive:
                return
            if self.hung:
                self._stalled.append(step)
                return
            if self.simulation.dies(self):
                return
            action()

        self.loop.later(delay_ms, step)

    def resume(self) -> None:
        """Go on where it stood still."""
        self.hung = False
        stalled, self._stalled = self._stalled, []
        for step in stalled:
            self.loop.later(0, step)

    def crash(self) -> None:
        """Gone, whatever it was doing. Calls that it had not answered are of unknown outcome."""
        self.alive = False

    # Links

    def pump(self) -> None:
        """Set off for every receiver that has something waiting and may be called."""
        for peer in self.links.ready():
            self._carry(peer)

    def beat(self, peer: str) -> None:
        """Send an empty batch if nothing is under way."""
        if not self._calls.get(peer):
            self._carry(peer, empty=True)

    def _carry(self, peer: str, empty: bool = False) -> None:
        link = self.links.to(peer)
        flight = None if peer in self._backing_off else link.take(empty)
        if flight is None:
            return
        calls = self._calls.setdefault(peer, {})
        call = calls[flight] = object()

        def answered(answer: bytes) -> None:
            if calls.get(flight) is call:
                del calls[flight]
                if not self._delivered(peer, link, flight, decode_answers(answer)):
                    self._failed(peer, link, flight)

        def unknown() -> None:
            if calls.get(flight) is call:
                del calls[flight]
                self._failed(peer, link, flight)

        self.simulation.network.call(self, peer, link.batch(flight), answered, unknown)

    def _failed(self, peer: str, link: Link, flight: Flight) -> None:
        if link.unknown(flight):
            self._backing_off.add(peer)
            self.later(self.loop.between(20, 500), lambda: self._again(peer))

    def _again(self, peer: str) -> None:
        self._backing_off.discard(peer)
        self._carry(peer)

    def _delivered(self, peer: str, link: Link, flight: Flight, answers: Answers) -> bool:
        """False: the receiver has not taken it, since another is to be before it."""
        if len(answers.replies) != len(flight.messages) or not link.delivered(flight):
            return False
        for token, reply in zip(flight.tokens, answers.replies, strict=True):
            if token is not None and reply is not None:
                token[0].settle(token[1], reply)
        if self._met.get(peer) != answers.incarnation:
            self._met[peer] = answers.incarnation
            self.met(peer)
        self._carry(peer)
        self.after_replies()
        return True

    def after_replies(self) -> None:
        """Replies were handed out: there may be something to do, or to send."""
        self.pump()

    def receive(self, data: bytes, answer: Answered) -> None:
        """A batch has come in. Its answer may take its time, or never come."""
        batch = self._decoder.decode(data)
        try:
            ticket: Settling | None = self._ingress.known(batch.sender, batch.incarnation, batch.number, batch.settled)
        except OutOfTurn:
            answer(encode(Answers(self.incarnation, [])))
            return
        new = ticket is None
        settling = ticket or Settling(len(batch.messages))

        def answered() -> None:
            answer(encode(Answers(self.incarnation, settling.replies)))

        then = partial(settling.then, answered)
        for before in self._ingress.before(batch.sender, batch.incarnation, batch.number):
            then = partial(before.then, then)
        then()
        if new:
            if self._ingress.note(batch.sender, batch.incarnation, batch.number, settling):
                self.peer_replaced(batch.sender)
            self.take(batch, settling)
