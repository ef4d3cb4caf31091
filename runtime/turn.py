"""What a host's turn has gathered: records to write in one append, and all that must wait until they are durable."""

from collections.abc import Container
from typing import Any

from runtime.activation import Activation, Ticket
from runtime.attachments import Attachments
from runtime.identity import ActorId
from runtime.journal import Append, Record, Row, Snapshot
from runtime.machine import Effect, Measure, Push, Summary
from runtime.messages import Reply

Answer = tuple[Ticket, int, Reply, ActorId]


class Turn:
    """Replies, publications and effects leave after the commit, in the order in which they were decided."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.rows: dict[ActorId, Row] = {}
        self.snapshots: dict[ActorId, Snapshot] = {}
        self.writers: dict[ActorId, Activation] = {}
        self.listed: dict[ActorId, Summary] = {}
        """What those who follow its topic are told of an actor: of several in a turn the last."""
        self.replies: list[Answer] = []
        self.published: list[tuple[ActorId, str, bytes | Push]] = []
        """Events for the peers that watch, and what signals push to whoever watches then: one order for both."""
        self.seen: dict[ActorId, int] = {}
        """What the watchers of an actor had before this turn, if it publishes again what is older than its records."""
        self.effects: list[tuple[Activation, int, int, Effect]] = []
        self.measured: list[tuple[Activation, int, Measure]] = []
        self.attached: list[tuple[ActorId, str, str]] = []
        self.commands = 0
        self.asks = False
        """It is appended even if it writes nothing, under all fences: a host that was replaced, and does not know it,
        answers from what it knew until the journal refuses it."""

    @property
    def writes(self) -> bool:
        """There is something to append."""
        return bool(self.records or self.rows or self.asks)

    @property
    def empty(self) -> bool:
        """Nothing waits for this turn."""
        waits = self.writes or self.listed or self.replies
        return not (waits or self.published or self.effects or self.measured)

    def show(self, actor: ActorId, summary: Summary | None) -> None:
        """Let those who follow the topic of the summary, if it has one, have it when the turn is durable."""
        if summary is not None and summary.topic:
            self.listed[actor] = summary

    def writer(self, activation: Activation) -> None:
        """The actor has something in this turn's append: it must stay in memory until that is settled."""
        if activation.actor not in self.writers:
            self.writers[activation.actor] = activation
            activation.turns += 1

    @property
    def measures(self) -> list[Measure]:
        """What its events let the metrics know."""
        return [measure for _, sequence, measure in self.measured if sequence]

    def append(self, fences: dict[str, int]) -> Append:
        """The append that makes this turn durable."""
        return Append(fences, self.records, list(self.rows.values()), list(self.snapshots.values()))

    def drop(self, actors: Container[ActorId], attachments: Attachments, seen: dict[ActorId, int]) -> list[Answer]:
        """Take out all that belongs to actors whose state is void; the answers that must not be given, returned.

        Who was attached in the turn is not, and `seen` is told what the actors' watchers had before it.
        """
        for actor, peer, session in self.attached:
            if actor in actors:
                attachments.detach(actor, peer, session)
        before = [*self.seen.items(), *((record.actor, record.sequence - 1) for record in self.records)]
        for actor, sequence in before:
            if actor in actors:
                seen.setdefault(actor, sequence)
        self.records = [one for one in self.records if one.actor not in actors]
        self.rows = {actor: one for actor, one in self.rows.items() if actor not in actors}
        self.listed = {actor: one for actor, one in self.listed.items() if actor not in actors}
        self.snapshots = {actor: one for actor, one in self.snapshots.items() if actor not in actors}
        self.writers = {actor: one for actor, one in self.writers.items() if actor not in actors}
        self.published = [one for one in self.published if one[0] not in actors]
        self.seen = {actor: one for actor, one in self.seen.items() if actor not in actors}
        self.effects = [one for one in self.effects if one[0].actor not in actors]
        self.measured = [one for one in self.measured if one[0].actor not in actors]
        self.attached = [one for one in self.attached if one[0] not in actors]
        void = [one for one in self.replies if one[3] in actors]
        self.replies = [one for one in self.replies if one[3] not in actors]
        self.commands = len(self.replies)
        return void

    def refuse(self, reply: Reply) -> None:
        """Whoever waits for it has this answer instead."""
        for ticket, index, *_ in self.replies:
            ticket.settle(index, reply)


class Discard:
    """A ticket for messages whose replies nobody reads."""

    def settle(self, index: int, reply: Reply) -> None:
        """Nobody waits."""


DISCARD: Any = Discard()
