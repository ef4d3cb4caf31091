"""Classic bugs, each in a line or two: a simulation that does not find them all is worth nothing."""

from collections.abc import Iterable, Mapping

import runtime.activation
from runtime.activation import Activation, Mailbox
from runtime.host import Host
from runtime.identity import ActorId, kind_of
from runtime.journal import Append, Stored
from runtime.journal.memory import MemoryJournal
from runtime.machine import Measure, Tell


class AcksBeforeTheCommit(Host):
    """Whoever waits is answered as soon as the append is sent."""

    def _close_turn(self) -> Append | None:
        for ticket, index, reply, _ in self._turn.replies:
            ticket.settle(index, reply)
        self._turn.replies = []
        return super()._close_turn()


class RemembersNothing(Host):
    """A ref that was done is done again."""

    def _activate(self, actor: ActorId, stored: Stored, mailbox: Mailbox) -> None:
        super()._activate(actor, stored, mailbox)
        activation = self.activations[actor]
        activation.refs = _Forgetful()


class _Forgetful(dict[str, int]):
    def get(self, key: str, default: object = None) -> None:  # type: ignore[override]
        return None


class RepeatsEffects(Host):
    """Replay has effects again, not only tells."""

    def _activate(self, actor: ActorId, stored: Stored, mailbox: Mailbox) -> None:
        super()._activate(actor, stored, mailbox)
        codec = self._codecs[kind_of(actor)]
        replayed = Activation(actor, codec, codec.machine.initial(actor.partition("/")[2]), mailbox)
        for record in stored.records:
            event = codec.decode_event(record.body)
            runtime.activation.restore(replayed, Stored(None, [record], record.sequence))
            for index, effect in enumerate(codec.machine.effects(replayed.state, event, record.at_ms)):
                if isinstance(effect, Measure):
                    self._turn.measured.append((self.activations[actor], record.sequence, effect))
                elif not isinstance(effect, Tell):
                    self._decider.effect(self.activations[actor], self._turn, record.sequence, index, effect)


class ForgetsWhoWaits(Host):
    """A host that starts does not look at the index of those who wait for a time."""

    def start(
        self, fences: dict[str, int], alarms: Iterable[tuple[ActorId, int]], residents: Iterable[ActorId], now_ms: int
    ) -> None:
        super().start(fences, [], residents, now_ms)


class DoesNotSettle(Host):
    """After a failed append the truth is read at once, though what has failed may still be written."""

    def failed(self) -> None:
        super().failed()
        self.settled()


class NoFence(MemoryJournal):
    """Whoever writes is believed."""

    def append(self, append: Append) -> None:
        super().append(Append({}, append.records, append.rows, append.snapshots))


BUGS: Mapping[str, tuple[type[Host], type[MemoryJournal]]] = {
    "ack before commit": (AcksBeforeTheCommit, MemoryJournal),
    "no dedupe": (RemembersNothing, MemoryJournal),
    "no fence": (Host, NoFence),
    "effect in replay": (RepeatsEffects, MemoryJournal),
    "read before settled": (DoesNotSettle, MemoryJournal),
    "lost wake-up": (ForgetsWhoWaits, MemoryJournal),
}
