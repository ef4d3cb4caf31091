"""What must hold in every run, whatever the machines: told while it runs, and at the end.

acked = durable     an ack's sequence is in the journal when the ack arrives
once                no two appends have the same ref; no event is measured twice
in order            commands of one sender that were sent once each are done in the order of sending
one writer          an append is taken only from the host that has claimed its scopes last
nobody forgotten    no actor's deadline has long passed
same for all        a watcher has seen every event of its actor, and nothing else
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from runtime.identity import ActorId, key_of, kind_of
from runtime.journal import Append, Record
from runtime.machine import Forgetful, Measure, Tell
from runtime.messages import Published
from tests.simulation.gateways import Handle
from tests.simulation.process import Process

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation


class Violation(AssertionError):
    """Something that must not happen has happened."""


class Checker:
    """See the module."""

    strict = False
    """For machines whose deadlines no signal moves, the index must wake an actor no later than its journal alone calls
    for. For those that never take today what they refused yesterday, order holds; else a command may be refused, and
    done after a later one when the batch of both is sent again to a host that has crashed before it answered."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation
        self._folded: dict[ActorId, tuple[int, Any]] = {}
        self._claims: dict[str, Process] = {}
        self.redeployed()
        self._decoders = {kind: msgspec.json.Decoder(machine.events).decode for kind, machine in self._machines.items()}
        self._appended: dict[tuple[ActorId, str], int] = {}
        self._appends = 0
        self.records: dict[ActorId, list[Record]] = {}
        """All that was ever written: the journal may have forgotten some of it."""
        self.measures: Counter[Measure] = Counter()

    def fail(self, what: str) -> None:
        raise Violation(f"{what} [seed {self._simulation.seed}, {self._simulation.loop.now_ms} ms]")

    def redeployed(self) -> None:
        """The machines may be others."""
        self._machines = {machine.kind: machine for machine in self._simulation.machines}
        self._claims.clear()

    # While it runs

    def claimed(self, process: Process, scopes: list[str]) -> None:
        self._claims.update(dict.fromkeys(scopes, process))

    def written(self, process: Process, append: Append) -> None:
        """The store has taken an append."""
        self._appends += 1
        placement = self._simulation.placement
        parts: list[Any] = [*append.records, *append.rows, *append.snapshots]
        for actor in dict.fromkeys(one.actor for one in parts):
            owner = self._claims.get(placement.scope_of(actor))
            if owner is not process:
                self.fail(f"{process.incarnation} wrote {actor}, which {owner and owner.incarnation} owns")
        for record in append.records:
            self.records.setdefault(record.actor, []).append(record)
            if record.ref and self._appended.setdefault((record.actor, record.ref), self._appends) != self._appends:
                self.fail(f"{record.actor} has done {record.ref!r} twice")
        if self.strict:
            for actor in dict.fromkeys(one.actor for one in parts):
                self._index(actor)

    def _index(self, actor: ActorId) -> None:
        machine = self._machines[kind_of(actor)]
        after, state = self._folded.get(actor) or (0, machine.initial(key_of(actor)))
        for record in self._simulation.store.journal.read(actor, after, 1_000_000):
            state = machine.apply(state, self._decoders[machine.kind](record.body), record.at_ms)
            after = record.sequence
        self._folded[actor] = (after, state)
        deadline = machine.deadline(state)
        row = self._simulation.store.journal.rows.get(actor)
        wake_at_ms = row.wake_at_ms if row is not None else None
        if deadline is not None and (wake_at_ms is None or wake_at_ms > deadline[0]):
            self.fail(f"{actor} is due at {deadline[0]}, and would be woken at {wake_at_ms} after a crash")
        told = row.told if row is not None else 0
        if told < self._last_tell(actor) and wake_at_ms != 0:
            self.fail(f"{actor} has something to tell, and would be woken at {wake_at_ms} after a crash")

    def _last_tell(self, actor: ActorId) -> int:
        tells = self.tells(actor)
        return int(tells[-1][0].rpartition(" ")[2].partition(".")[0]) if tells else 0

    def answered(self, handle: Handle) -> None:
        """A client has its answer."""
        assert handle.reply is not None
        durable = self._simulation.store.journal.last_sequence(handle.to)
        if handle.reply.sequence > durable:
            self.fail(f"{handle.full_ref!r} was acked at {handle.reply.sequence}, {handle.to} is durable to {durable}")
        if handle.refused == "internal":
            self.fail(f"{kind_of(handle.to)} stumbled over {handle.command}")

    def published(self, message: Published) -> None:
        """A gateway was sent an event."""
        if self.record(message.actor, message.sequence).body != message.body:
            self.fail(f"{message.actor} has published another event {message.sequence} than it has journaled")

    def measured(self, measures: Sequence[Measure]) -> None:
        """A host has counted something."""
        self.measures.update(measures)

    # The journal, read with the machines

    def record(self, actor: ActorId, sequence: int) -> Record:
        """One record. Fails if it is not durable."""
        found = self.records.get(actor, [])[sequence - 1 : sequence]
        if not found:
            self.fail(f"event {sequence} of {actor} is not durable")
        return found[0]

    def actors(self) -> list[ActorId]:
        """Everyone that has a journal."""
        return list(self.records)

    def events(self, actor: ActorId) -> list[Any]:
        """Everything that has happened to an actor."""
        decode = self._decoders[kind_of(actor)]
        return [decode(record.body) for record in self.records.get(actor, ())]

    def told(self, actor: ActorId) -> Iterator[tuple[Record, Any, Any]]:
        """Each record of an actor, its event, and the state after it, which goes on to be the state after the next."""
        machine = self._machines[kind_of(actor)]
        state = machine.initial(key_of(actor))
        for record, event in zip(self.records.get(actor, ()), self.events(actor), strict=True):
            state = machine.apply(state, event, record.at_ms)
            yield record, event, state

    def state(self, actor: ActorId) -> Any:
        """The state that an actor's journal adds up to."""
        after = [state for _, _, state in self.told(actor)]
        return after[-1] if after else self._machines[kind_of(actor)].initial(key_of(actor))

    def tells(self, actor: ActorId) -> list[tuple[str, Tell]]:
        """Every tell that an actor's events call for, with its ref as the receiver's records have it."""
        machine = self._machines[kind_of(actor)]
        told: list[tuple[str, Tell]] = []
        for record, event, state in self.told(actor):
            for index, effect in enumerate(machine.effects(state, event, record.at_ms)):
                if isinstance(effect, Tell):
                    told.append((f"{actor} {record.sequence}.{index}", effect))
        return told

    def refs(self, actor: ActorId) -> dict[str, int]:
        """Each ref that an actor has done, with the last sequence that it led to."""
        return {one.ref: one.sequence for one in self.records.get(actor, ()) if one.ref}

    # At the end

    def at_end(self, slack_ms: int) -> None:
        """After everything has settled."""
        self._sequences()
        self._cut()
        self._acks()
        if self.strict:
            self._order()
        self._deadlines(slack_ms)
        self._watchers()
        self._hosts()

    def _cut(self) -> None:
        """What is left of a history that was cut says the same as all of it."""
        for actor, records in self._simulation.store.journal.records.items():
            machine = self._machines[kind_of(actor)]
            if not isinstance(machine, Forgetful):
                continue
            left, whole = (self._fold(actor, some, baselines) for some, baselines in ((records, True), (None, False)))
            if machine.baseline(left) != machine.baseline(whole):
                self.fail(f"{actor} is {left} by what is left of its history, and {whole} by all of it")
            decode = self._decoders[kind_of(actor)]
            if {one.sequence for one in self.records[actor] if decode(one.body).lasting} - {
                one.sequence for one in records
            }:
                self.fail(f"{actor} has lost what is to last")

    def _fold(self, actor: ActorId, records: Sequence[Record] | None, baselines: bool) -> Any:
        machine, decode = self._machines[kind_of(actor)], self._decoders[kind_of(actor)]
        state = machine.initial(key_of(actor))
        for record in self.records[actor] if records is None else records:
            event = decode(record.body)
            if baselines or not (isinstance(machine, Forgetful) and type(event) is machine.baseline_type):
                state = machine.apply(state, event, record.at_ms)
        return state

    def _sequences(self) -> None:
        for actor, records in self.records.items():
            if [one.sequence for one in records] != list(range(1, len(records) + 1)):
                self.fail(f"{actor} has a gap or a repeat in its journal")

    def _acks(self) -> None:
        refs = {actor: self.refs(actor) for actor in self.actors()}
        for handle in self._simulation.handles:
            if handle.reply is None:
                self.fail(f"{handle.full_ref!r} to {handle.to} was never answered")
            done = refs.get(handle.to, {}).get(handle.full_ref)
            if handle.acked and done is not None and handle.reply is not None and done != handle.reply.sequence:
                self.fail(f"{handle.full_ref!r} was acked at {handle.reply.sequence}, and done at {done}")
            # A client that has sent a command more than once may have been refused once, and heard the other time.
            if handle.refused and handle.tries == 1 and done is not None:
                self.fail(f"{handle.full_ref!r} was refused ({handle.refused}), and done")

    def _order(self) -> None:
        last: dict[tuple[str, ActorId], Handle] = {}
        refs = {actor: self.refs(actor) for actor in self.actors()}
        for handle in sorted(self._simulation.handles, key=lambda one: one.order):
            done = refs.get(handle.to, {}).get(handle.full_ref)
            if handle.tries != 1 or done is None:
                continue
            before = last.get((handle.sender, handle.to))
            if before is not None and before.gateway == handle.gateway and refs[handle.to][before.full_ref] > done:
                self.fail(f"{handle.full_ref!r} overtook {before.full_ref!r} at {handle.to}")
            last[handle.sender, handle.to] = handle

    def _deadlines(self, slack_ms: int) -> None:
        active = {
            actor: activation.state
            for process in self._simulation.host_processes()
            for actor, activation in process.host.activations.items()
        }
        for actor in self.actors():
            # Who is active may know better than its journal: that a visitor is here, say.
            state = active[actor] if actor in active else self.state(actor)
            deadline = self._machines[kind_of(actor)].deadline(state)
            if deadline is not None and deadline[0] < self._simulation.loop.now_ms - slack_ms:
                self.fail(f"{actor} was to have {deadline[1]} at {deadline[0]} ms")

    def _watchers(self) -> None:
        for watch in self._simulation.watches:
            if not watch.open:
                continue
            if watch.start is None or watch.holding:
                self.fail(f"{watch.session} was never attached to {watch.actor}")
                continue
            shown = [number for number, event in enumerate(self.events(watch.actor), 1) if event.published]
            expected = [number for number in shown if number > watch.start]
            seen = [number for number in watch.seen if number in shown]
            if seen != expected:
                self.fail(f"{watch.session} has seen {seen} of {watch.actor}, not {expected}")

    def _hosts(self) -> None:
        watched = sorted((one.actor, one.session, one.told) for one in self._simulation.watches if one.open)
        attached: list[tuple[ActorId, str, bool]] = []
        for process in self._simulation.host_processes():
            host = process.host
            attached += [(actor, session, told) for actor, (session, _, told) in host.attachments]
            if host.statistics.rejected.get("internal"):
                self.fail(f"{process.name} has stumbled over a command")
            for actor, activation in host.activations.items():
                if not activation.turns and activation.sequence != self._simulation.store.journal.last_sequence(actor):
                    self.fail(f"{actor} is at {activation.sequence} in memory, and otherwise in its journal")
                if activation.pending:
                    self.fail(f"{actor} has tells that are never taken: {activation.pending}")
        if sorted(attached) != watched:
            self.fail(f"attached are {sorted(attached)}, not {watched}")
