"""An actor in memory: its state, where its journal stands, its bounded mailbox, and the refs it has done lately."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from runtime.identity import ActorId
from runtime.journal import STATES, Snapshot, Stored
from runtime.machine import Discreet, Event, Forgetful, Machine, Tell, Watched
from runtime.messages import Reply

REFS_KEPT = 128
"""At least; and as many as a mailbox holds commands: a sender may have to send all of them again."""


class Ticket(Protocol):
    """Where the reply to a message goes."""

    def settle(self, index: int, reply: Reply) -> None:
        """The message with this index has its reply."""


Letter = tuple[Any, Ticket, int, str]
"""A message, where its reply goes, and the peer it came from."""

Mailbox = list[Letter]
"""An actor's commands, first in, first out. Its bound is the host's: past it, senders are told `overloaded`."""

IDLE: Mailbox = []
"""The mailbox of every actor that has nothing to do. Most have not: one of their own comes with their first letter."""


def withdraw(mailbox: Mailbox, which: Callable[[Letter], bool]) -> list[Letter]:
    """Take out the letters of which it is true; the others keep their order."""
    away = [letter for letter in mailbox if which(letter)]
    if away:
        mailbox[:] = [letter for letter in mailbox if not which(letter)]
    return away


_NONE: dict[str, int] = {}


class Codec:
    """Encodes and decodes one kind's events and states. Built once a process."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.forgetful = machine if isinstance(machine, Forgetful) else None
        self.discreet = machine if isinstance(machine, Discreet) else None
        self.watched = machine if isinstance(machine, Watched) else None
        self.encode_event = msgspec.json.Encoder().encode
        self.decode_event = msgspec.json.Decoder(machine.events).decode
        self.encode_state = msgspec.msgpack.Encoder().encode
        self.decode_state = msgspec.msgpack.Decoder(tuple[machine.state, dict[str, int]]).decode  # type: ignore[name-defined]


class Activation:
    """See the module. `sequence` counts what was decided; what of it is durable, the host's turns know."""

    __slots__ = (
        "actor",
        "alarm_ms",
        "baseline_sequence",
        "codec",
        "dirty",
        "listed_sequence",
        "machine",
        "mailbox",
        "older_refs",
        "pending",
        "refs",
        "refs_max",
        "row_now",
        "scope",
        "sequence",
        "snapshot_sequence",
        "state",
        "steady",
        "touched_ms",
        "turns",
    )

    def __init__(
        self, actor: ActorId, codec: Codec, state: Any, mailbox: Mailbox, scope: str = "", refs_max: int = REFS_KEPT
    ) -> None:
        self.actor = actor
        self.scope = scope
        self.codec = codec
        self.machine = codec.machine
        self.state = state
        self.mailbox = mailbox
        self.sequence = 0
        self.snapshot_sequence = 0
        self.baseline_sequence = 0  # of the last one that this life knows of
        self.refs: dict[str, int] = {}
        self.older_refs = _NONE  # those before: taken out one by one, each would cost more than all else of its command
        self.refs_max = refs_max
        self.pending: dict[int, int] = {}  # sequence of an event -> how many of its tells are under way
        self.alarm_ms: int | None = None  # as the journal's index has it
        self.dirty = False
        self.listed_sequence = -1
        self.row_now = False
        self.steady = False  # only quiet events since its deadline was looked at
        self.turns = 0  # uncommitted turns that hold records of this actor
        self.touched_ms = 0

    def remember(self, ref: str) -> None:
        """The command with this ref is done: its answer is the present sequence."""
        self.refs[ref] = self.sequence
        if len(self.refs) >= self.refs_max:
            self.older_refs, self.refs = self.refs, {}

    def done(self, ref: str) -> int | None:
        """The answer that the command with this ref was given, if it was done lately."""
        answer = self.refs.get(ref)
        return self.older_refs.get(ref) if answer is None else answer

    def settled(self) -> int:
        """The sequence up to which every tell has been taken by its receiver."""
        return min(self.pending) - 1 if self.pending else self.sequence

    def tell_sent(self, sequence: int) -> None:
        """One more tell of the event with this sequence is under way."""
        self.pending[sequence] = self.pending.get(sequence, 0) + 1

    def tell_settled(self, sequence: int) -> None:
        """One more of the tells of the event with this sequence is done."""
        left = self.pending[sequence] - 1
        if left:
            self.pending[sequence] = left
        else:
            del self.pending[sequence]

    def snapshot(self) -> Snapshot:
        """The present state, to be read back by `restore`."""
        refs, discreet = {**self.older_refs, **self.refs}, self.codec.discreet
        state = discreet.kept(self.state) if discreet is not None else self.state
        return Snapshot(self.actor, self.sequence, self.codec.encode_state((state, refs)))


def restore(activation: Activation, stored: Stored) -> list[tuple[int, int, Tell]]:
    """Fold what the journal holds into a fresh activation.

    Returns `(sequence, index, tell)` for the tells that may not have been taken when the actor was last in memory:
    they are told again, and receivers know them by their refs. No other effect is ever repeated. Raises `DecodeError`
    for a snapshot or an event that this version does not understand.
    """
    if stored.snapshot is not None:
        if stored.snapshot.schema != STATES:
            raise msgspec.DecodeError(f"a snapshot of schema {stored.snapshot.schema}")
        activation.state, activation.refs = activation.codec.decode_state(stored.snapshot.state)
        activation.sequence = activation.snapshot_sequence = stored.snapshot.sequence
    machine, decode, forgetful = activation.machine, activation.codec.decode_event, activation.codec.forgetful
    untold: list[tuple[int, int, Tell]] = []
    for record in stored.records:
        event: Event = decode(record.body)
        activation.state = machine.apply(activation.state, event, record.at_ms)
        activation.sequence = record.sequence
        if forgetful is not None and type(event) is forgetful.baseline_type:
            activation.baseline_sequence = record.sequence
        if record.ref:
            activation.remember(record.ref)
        if record.sequence > stored.told:
            effects = machine.effects(activation.state, event, record.at_ms)
            untold += [(record.sequence, i, one) for i, one in enumerate(effects) if isinstance(one, Tell)]
    # Under other settings it may be listed otherwise, and whoever looks for it after a crash goes by its row.
    activation.row_now = machine.resident and activation.sequence > 0
    return untold
