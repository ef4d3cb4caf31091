"""Gateways, and the clients behind them: clients send until they have an answer, and watch what they attach to."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from runtime.identity import ActorId
from runtime.journal import Record
from runtime.machine import Command
from runtime.messages import (
    Announced,
    Attach,
    Batch,
    Deliver,
    Detach,
    Follow,
    Forgotten,
    Published,
    Pushed,
    Reply,
    encode,
    gateway_decoder,
)
from tests.simulation.process import Process, Settling

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation


class Handle:
    """A command on its way. `reply` is the one that ended it; `tries` how often its client has sent it."""

    def __init__(self, gateway: str, to: ActorId, sender: str, ref: str, command: Command) -> None:
        self.gateway = gateway
        self.to = to
        self.sender = sender
        self.ref = ref
        self.command = command
        self.reply: Reply | None = None
        self.tries = 0
        self.order = 0
        self.then: Callable[[Handle], None] = lambda handle: None

    @property
    def acked(self) -> bool:
        return self.reply is not None and self.reply.refusal is None

    @property
    def refused(self) -> str:
        """The code of the refusal, or nothing."""
        return self.reply.refusal.code if self.reply is not None and self.reply.refusal is not None else ""

    @property
    def full_ref(self) -> str:
        """The ref as records have it."""
        return f"{self.sender} {self.ref}"


class Watch:
    """A session attached to an actor, as a client sees it: every event after `start`, once and in order."""

    def __init__(self, gateway: str, actor: ActorId, sender: str, session: str, told: bool) -> None:
        self.gateway = gateway
        self.actor = actor
        self.sender = sender
        self.session = session
        self.told = told
        self.start: int | None = None
        self.position = 0
        self.seen: list[int] = []
        self.holding = True
        self.again = False
        self.open = True

    def show(self, sequence: int) -> None:
        if sequence > self.position:
            self.position = sequence
            self.seen.append(sequence)


class Gateway(Process):
    """One life of a gateway."""

    crash_chance = "gateway_crash"
    restart_ms = (100, 1_000)

    def __init__(self, simulation: "Simulation", name: str, life: int) -> None:
        super().__init__(simulation, name, life)
        self.pushed: list[Pushed] = simulation.pushed
        self.announced: list[Announced] = simulation.announced
        self.later(1, self._beat)
        for topic in simulation.topics:
            self.follow(topic)

    def decoder(self) -> msgspec.msgpack.Decoder[Batch[Any]]:
        return gateway_decoder()

    def _beat(self) -> None:
        placement = self.simulation.placement
        watched = [placement.host_of(watch.actor) for watch in self.simulation.watches_at(self.name)]
        for peer in dict.fromkeys([*placement.packed_hosts(), *watched]):
            self.beat(peer)
        self.later(self.simulation.limits.lease_ms // 4, self._beat)

    # Commands

    def send(self, handle: Handle) -> None:
        """Send a client's command; what is `overloaded` the client sends again."""
        handle.tries += 1
        message = encode(Deliver(handle.to, handle.sender, handle.ref, handle.command))
        self.links.send(self.simulation.placement.host_of(handle.to), message, (_Answer(self, handle), 0))
        self.later(0, self.pump)

    def answered(self, handle: Handle, reply: Reply) -> None:
        if handle.reply is not None:
            return
        if reply.refusal is not None and reply.refusal.code == "overloaded":
            self.later(self.loop.between(100, 1_000), lambda: self.send(handle))
            return
        handle.reply = reply
        self.simulation.checker.answered(handle)
        handle.then(handle)

    # Watching

    def attach(self, watch: Watch) -> None:
        """Attach a session; it gets what it has missed from the journal."""
        if not watch.open:
            return
        watch.holding = True
        message = encode(Attach(watch.actor, watch.sender, watch.session, watch.told))
        self.links.send(self.simulation.placement.host_of(watch.actor), message, (_Attached(self, watch), 0))
        self.later(0, self.pump)

    def attached(self, watch: Watch, reply: Reply) -> None:
        if not watch.open:
            return
        if reply.refusal is not None:
            self.later(self.loop.between(100, 500), lambda: self.attach(watch))
            return
        if watch.again:
            watch.again = False
            self.attach(watch)
            return
        if watch.start is None:
            watch.start = watch.position = reply.sequence
        watch.holding = False
        self.catch_up(watch)

    def catch_up(self, watch: Watch) -> None:
        for record in self._missed(watch):
            watch.show(record.sequence)

    def _missed(self, watch: Watch) -> list[Record]:
        return self.simulation.store.journal.read(watch.actor, watch.position, 1_000_000)

    def detach(self, watch: Watch) -> None:
        watch.open = False
        self.links.send(
            self.simulation.placement.host_of(watch.actor), encode(Detach(watch.actor, watch.sender, watch.session))
        )
        self.later(0, self.pump)

    def follow(self, topic: str) -> None:
        for host in self.simulation.placement.packed_hosts():
            self.links.send(host, encode(Follow(topic)))
        self.later(0, self.pump)

    def forgotten(self, peer: str) -> None:
        """The host says so: all that watch there come again, those too whose attachment is not yet answered."""
        for watch in self.simulation.watches_at(self.name):
            if watch.holding and self.simulation.placement.host_of(watch.actor) == peer:
                watch.again = True
        self.met(peer)

    def met(self, peer: str) -> None:
        for watch in self.simulation.watches_at(self.name):
            if self.simulation.placement.host_of(watch.actor) == peer and not watch.holding:
                self.attach(watch)
        if peer in self.simulation.placement.packed_hosts():
            for topic in self.simulation.topics:
                self.links.send(peer, encode(Follow(topic)))
            self.later(0, self.pump)

    # What hosts send

    def take(self, batch: Batch[Any], ticket: Settling) -> None:
        for index, message in enumerate(batch.messages):
            match message:
                case Published():
                    self._published(message)
                case Pushed():
                    self.pushed.append(message)
                case Announced():
                    self.announced.append(message)
                case Forgotten():
                    self.forgotten(batch.sender)
            ticket.settle(index, Reply())

    def _published(self, message: Published) -> None:
        self.simulation.checker.published(message)
        for watch in self.simulation.watches_at(self.name):
            if watch.actor == message.actor and not watch.holding:
                if message.sequence > watch.position + 1:
                    self.catch_up(watch)
                watch.show(message.sequence)


class _Answer:
    """The token of a command."""

    def __init__(self, gateway: Gateway, handle: Handle) -> None:
        self._gateway = gateway
        self._handle = handle

    def settle(self, index: int, reply: Reply) -> None:
        self._gateway.answered(self._handle, reply)


class _Attached:
    """The token of an attachment."""

    def __init__(self, gateway: Gateway, watch: Watch) -> None:
        self._gateway = gateway
        self._watch = watch

    def settle(self, index: int, reply: Reply) -> None:
        self._gateway.attached(self._watch, reply)
