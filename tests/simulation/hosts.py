"""A host's shell without asyncio: it does for `runtime.host` what `runtime.node` does in production."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from runtime.clock import Clock
from runtime.cutting import cut_of
from runtime.host import Host
from runtime.identity import ActorId
from runtime.journal import STATES, Append, Fenced
from runtime.machine import Find, Measure
from runtime.messages import Batch, Hello, encode, host_decoder
from runtime.step import Step
from tests.simulation.process import Process, Settling

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

CUT_EVERY_MS = 3_000
CUT_REFS = 6


class HostProcess(Process):
    """One life of a host."""

    def __init__(self, simulation: "Simulation", name: str, life: int) -> None:
        super().__init__(simulation, name, life)
        self.host: Host = simulation.host_class(
            name, simulation.machines, simulation.placement, self.links, simulation.limits, self._measured
        )
        self.started = False
        skewed = self.loop.chance(simulation.faults.clock_wrong)
        self._behind_ms = self.loop.between(-60_000, 60_000) if skewed else 0
        self._clock = Clock(wall=self._wall_ns, steady=lambda: self.loop.now_ms * 1_000_000)
        self._poked = False
        self._wakes = 0
        self.later(0, self._claim)

    def decoder(self) -> msgspec.msgpack.Decoder[Batch[Any]]:
        commands = dict.fromkeys(command for one in self.simulation.machines for command in one.commands)
        return host_decoder(commands)

    def _wall_ns(self) -> int:
        if self.started and self.loop.chance(self.simulation.faults.clock_back):
            self._behind_ms += self.loop.between(0, 60_000)
        return (self.loop.now_ms - self._behind_ms) * 1_000_000

    def _measured(self, measures: Sequence[Measure]) -> None:
        self.simulation.checker.measured(measures)

    # Starting

    def _claim(self) -> None:
        scopes = self.simulation.placement.scopes_of(self.name)
        journal = self.simulation.store.journal

        def claim() -> tuple[dict[str, int], list[tuple[ActorId, int]]]:
            self.simulation.checker.claimed(self, scopes)
            if self.loop.chance(self.simulation.faults.states_learn):
                for actor, snapshot in journal.snapshots.items():
                    journal.snapshots[actor] = replace(snapshot, schema=STATES - 1)
            return journal.claim(scopes), list(journal.alarms())

        self.simulation.store.read(self, claim, self._start, lambda: self.later(200, self._claim))

    def _start(self, found: tuple[dict[str, int], list[tuple[ActorId, int]]]) -> None:
        fences, alarms = found
        self.host.start(fences, alarms, self.simulation.residents, self._clock())
        self.started = True
        for peer in self.simulation.gateway_names:
            self.links.send(peer, encode(Hello()))
        self._poke()
        self.later(self.loop.between(0, CUT_EVERY_MS), self._cut)

    def _cut(self) -> None:
        """What `runtime.retention` does now and then: the histories of who may forget are cut."""
        journal, host = self.simulation.store.journal, self.host
        for actor, one in list(host.activations.items()):
            if one.codec.forgetful is None:
                continue
            cut = cut_of(one.codec, actor, journal.load([actor], whole=True)[actor], CUT_REFS, least=1)
            if cut is not None:
                with suppress(Fenced):
                    journal.cut([cut], host.fences([one.scope]))
                    self.simulation.cuts += 1
        self.later(CUT_EVERY_MS, self._cut)

    # Running

    def take(self, batch: Batch[Any], ticket: Settling) -> None:
        first_hand = self._ingress.first_hand(batch.sender, batch.incarnation, batch.number)
        self.host.deliver(batch, ticket, self._clock(), first_hand)
        self._poke()

    def peer_replaced(self, peer: str) -> None:
        self.host.peer_gone(peer, self._clock())

    def after_replies(self) -> None:
        self._poke()

    def _poke(self) -> None:
        if not self._poked:
            self._poked = True
            self.later(self.loop.between(0, 1), self._turn)

    def _turn(self) -> None:
        self._poked = False
        now_ms = self._clock()
        self._do(self.host.poll(now_ms), now_ms)
        self.pump()
        if self.host.vacated() and all(link.idle for _, link in self.links):
            self.simulation.leave(self)

    def _do(self, step: Step, now_ms: int) -> None:
        if step.load:
            self._load(step.load)
        if step.whole:
            self._load(step.whole, whole=True)
        for actor, find in step.find:
            self._find(actor, find)
        if step.append is not None:
            self._append(step.append)
        self._wakes += 1
        wakes = self._wakes
        self.later(max(1, step.wake_at_ms - now_ms), lambda: self._wake(wakes))

    def _wake(self, wakes: int) -> None:
        if wakes == self._wakes:
            self._poke()

    def _append(self, append: Append) -> None:
        def outcome(error: Exception | None) -> None:
            if error is None:
                self.host.committed()
            elif isinstance(error, Fenced):
                self.host.refused()
                self.simulation.exit(self)
                return
            else:
                self.host.failed()
                self._settle()
            self._turn()

        self.simulation.store.append(self, append, outcome)

    def _settle(self) -> None:
        def settled() -> None:
            self.host.settled()
            self._turn()

        self.simulation.store.settle(self, settled, lambda: self.later(200, self._settle))

    def _load(self, actors: list[ActorId], whole: bool = False) -> None:
        def loaded(stored: Any) -> None:
            self.host.loaded(stored)
            self._poke()

        def failed() -> None:
            self.host.load_failed(actors)
            self._poke()

        self.simulation.store.read(self, lambda: self.simulation.store.journal.load(actors, whole), loaded, failed)

    def _find(self, actor: ActorId, find: Find) -> None:
        def found(bodies: list[bytes]) -> None:
            self.host.found(actor, find, bodies)
            self._poke()

        def search() -> list[bytes]:
            rows = self.simulation.store.journal.find([[term] for term in find.terms], 1_000_000)
            return [row.body for row in rows]

        def again() -> None:
            self.later(1_000, lambda: self._find(actor, find))

        self.simulation.store.read(self, search, found, again)
