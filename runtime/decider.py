"""Runs an actor's mailbox: each command in order through its machine, into the turn that gathers.

A ref that was done before is answered again, not done again. A command that the state does not permit changes
nothing. After the last one the actor's deadline is looked at, and its row is put into the append if it must not lag.
"""

import logging
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import msgspec

from runtime.activation import IDLE, Activation, Letter
from runtime.alarms import Alarms
from runtime.attachments import Attachments
from runtime.identity import ActorId
from runtime.journal import Record, Row, Stored
from runtime.limits import HostLimits, HostStatistics
from runtime.lines import Line
from runtime.machine import (
    Attached,
    Command,
    Detached,
    Effect,
    Event,
    Fact,
    Measure,
    Origin,
    Push,
    Rejected,
    Signal,
    Tell,
)
from runtime.messages import Attach, Deliver, Detach, Forgotten, Published, Refusal, Reply, encode
from runtime.replies import STUMBLED
from runtime.turn import DISCARD, Turn

log = logging.getLogger(__name__)

_to_json = msgspec.json.Encoder().encode

Deadline = tuple[int, Command]

DEADLINES_A_RUN = 8  # an actor that slept through several has them one after the other


class Decider:
    """See the module. `dirty` are the actors whose rows lag behind; they are written at `flush_at_ms`."""

    def __init__(
        self, alarms: Alarms, attachments: Attachments, limits: HostLimits, statistics: HostStatistics
    ) -> None:
        self._alarms = alarms
        self._attachments = attachments
        self._limits = limits
        self._statistics = statistics
        self.dirty: dict[Activation, None] = {}
        self.flush_at_ms: int | None = None

    def run(self, activation: Activation, turn: Turn, now_ms: int) -> None:
        """Run the mailbox until it is empty, has had its share, or the turn is at its bound.

        Raises what the machine stumbles over in the middle of a fact: then the actor's state is void.
        """
        mailbox, limits = activation.mailbox, self._limits
        waiting = len(mailbox)
        activation.touched_ms = now_ms
        if waiting > self._statistics.mailbox_depth_max:
            self._statistics.mailbox_depth_max = waiting
        if waiting <= limits.run_commands and turn.commands + waiting <= limits.turn_commands:
            activation.mailbox = IDLE
        else:
            waiting = min(limits.run_commands, max(0, limits.turn_commands - turn.commands))
            mailbox, activation.mailbox = mailbox[:waiting], mailbox[waiting:]
        turn.commands += waiting
        letters = iter(mailbox)
        try:
            for letter in letters:
                self._letter(activation, turn, letter, now_ms)
        except Exception:
            activation.mailbox = [*letters, *activation.mailbox]  # whoever drops the actor answers them
            raise
        if not (activation.steady and self._rings_soon(activation, now_ms)):
            self._mind_deadline(activation, turn, now_ms)
        if activation.row_now:
            self.write_row(activation, turn, now_ms)

    def _letter(self, activation: Activation, turn: Turn, letter: Letter, now_ms: int) -> None:
        message, ticket, index, peer = letter
        try:
            if type(message) is Deliver:
                reply = self._deliver(activation, turn, message, now_ms)
            elif type(message) is Attach:
                reply = self._attach(activation, turn, message, peer, now_ms)
            else:
                reply = self._detach(activation, turn, message, peer, now_ms)
        except Rejected as why:
            self._statistics.rejected[why.code] = self._statistics.rejected.get(why.code, 0) + 1
            reply = Reply(activation.sequence, Refusal(why.code, why.message, why.detail))
        except Exception:
            ticket.settle(index, STUMBLED)
            raise
        turn.replies.append((ticket, index, reply, activation.actor))

    def _deliver(self, activation: Activation, turn: Turn, message: Deliver[Command], now_ms: int) -> Reply:
        command, sender, ref = message.command, message.sender, message.ref
        if ref:
            ref = f"{sender} {ref}"
        sequence = activation.done(ref) if ref else None
        if sequence is None:
            if not command.asks:
                self._decide(activation, turn, command, sender, now_ms, ref)
                if ref:  # also what left no event: a copy that comes later finds another state, and is not to be done
                    activation.remember(ref)
            sequence = activation.sequence
        if not command.answered:
            return Reply(sequence)
        answer = _ask(activation.machine.answer, activation, command, sender, now_ms)
        return Reply(sequence, value=_to_json(answer))

    def _attach(self, activation: Activation, turn: Turn, message: Attach, peer: str, now_ms: int) -> Reply:
        if message.told:
            self._decide(activation, turn, Attached(message.session), message.sender, now_ms)
        if self._attachments.attach(activation.actor, peer, message.session, message.sender, message.told):
            turn.attached.append((activation.actor, peer, message.session))
        summary = activation.machine.summary(activation.state)
        return Reply(activation.sequence, value=summary.body if summary else None)

    def _detach(self, activation: Activation, turn: Turn, message: Detach, peer: str, now_ms: int) -> Reply:
        gone = self._attachments.detach(activation.actor, peer, message.session)
        if gone is not None and gone[2]:
            self._decide(activation, turn, Detached(message.session), message.sender, now_ms)
        return Reply(activation.sequence)

    def _decide(
        self, activation: Activation, turn: Turn, command: Command, sender: str, now_ms: int, ref: str = ""
    ) -> None:
        facts = _ask(activation.machine.decide, activation, command, sender, now_ms)
        self.facts(activation, turn, facts, now_ms, ref)

    def facts(self, activation: Activation, turn: Turn, facts: Sequence[Fact], now_ms: int, ref: str = "") -> None:
        """Apply what was decided; what leaves because of it goes into the turn."""
        machine = activation.machine
        for fact in facts:
            activation.state = state = machine.apply(activation.state, fact, now_ms)
            if fact.journaled:
                sequence = self._record(activation, turn, fact, now_ms, ref)
            else:
                sequence, activation.steady = 0, False
                if isinstance(fact, Signal) and fact.relists:
                    self._relist(activation, turn, fact)
            for index, effect in enumerate(machine.effects(state, fact, now_ms)):
                if type(effect) is Measure:
                    turn.measured.append((activation, sequence, effect))
                else:
                    self.effect(activation, turn, sequence, index, effect)

    def _relist(self, activation: Activation, turn: Turn, signal: Signal) -> None:
        if signal.relists == "told":
            turn.show(activation.actor, activation.machine.summary(activation.state))
            return
        activation.listed_sequence = -1
        if not activation.dirty:
            self.mark_dirty(activation)

    def _record(self, activation: Activation, turn: Turn, event: Any, now_ms: int, ref: str) -> int:
        activation.sequence = sequence = activation.sequence + 1
        record = Record(activation.actor, sequence, now_ms, ref, activation.codec.encode_event(event))
        turn.records.append(record)
        turn.writer(activation)
        if not event.quiet:
            activation.row_now, activation.steady = True, False
        elif not activation.dirty:
            self.mark_dirty(activation)
        self.publish(activation, turn, record, event)
        return sequence

    def publish(self, activation: Activation, turn: Turn, record: Record, event: Event) -> None:
        """Let watchers see the event when the turn is durable: encoded once, whoever receives it."""
        actor = activation.actor
        peers = self._attachments.peers_of(actor)
        if peers and event.published:
            shown = activation.machine.public(event)
            public = None if shown is event else b"" if shown is None else activation.codec.encode_event(shown)
            message = encode(Published(actor, record.sequence, record.at_ms, record.body, public))
            for peer in peers:
                turn.published.append((actor, peer, message))

    def republish(self, activation: Activation, turn: Turn, stored: Stored, seen: int, now_ms: int) -> None:
        """The actor's last append was of unknown outcome: its watchers get what was written after all.

        What they had and the store has lost (a replica has taken over) is gone; its numbers are not given again.
        """
        turn.seen[activation.actor] = seen
        if activation.sequence < seen:
            self._mourn(activation, turn, seen, now_ms)
        if activation.snapshot_sequence > seen:
            gap = encode(Forgotten())
            turn.published += [
                (activation.actor, peer, gap) for peer in self._attachments.peers_of(activation.actor) or ()
            ]
        for record in stored.records:
            if record.sequence > seen:
                self.publish(activation, turn, record, activation.codec.decode_event(record.body))

    def _mourn(self, activation: Activation, turn: Turn, seen: int, now_ms: int) -> None:
        lost = seen - activation.sequence
        self._statistics.lost_events += lost
        log.error(Line("events lost", actor=activation.actor, after=activation.sequence, events=lost))
        if activation.codec.watched is not None:
            self.facts(activation, turn, [activation.codec.watched.lost()] * lost, now_ms)

    def effect(self, activation: Activation, turn: Turn, sequence: int, index: int, effect: Effect) -> None:
        """Let the effect leave with the turn. A tell of an event is minded until its receiver has taken it.

        What a signal pushes leaves among the events, in its place: a piece of an answer must not follow its end.
        """
        if not sequence and type(effect) is Push:
            turn.published.append((activation.actor, "", effect))
            return
        if sequence and type(effect) is Tell:
            activation.tell_sent(sequence)
            activation.row_now = True
        turn.effects.append((activation, sequence, index, effect))

    def _rings_soon(self, activation: Activation, now_ms: int) -> bool:
        """The actor, and whoever finds it in the index after a crash, is woken before any deadline that it can have got
        by quiet events: it is early enough to look then. In steady talk the deadline moves with every message."""
        known_ms, soon_ms = activation.alarm_ms, now_ms + activation.machine.patience_ms(activation.state)
        return known_ms is not None and known_ms <= soon_ms and self._alarms.rings_by(activation.actor, soon_ms)

    def _mind_deadline(self, activation: Activation, turn: Turn, now_ms: int) -> None:
        activation.steady = True
        deadline = activation.machine.deadline(activation.state)
        if deadline is not None and deadline[0] <= now_ms:
            deadline = self._overdue(activation, turn, deadline, now_ms)
        when_ms = deadline[0] if deadline is not None else None
        if when_ms is not None:
            # A machine whose deadline stays in the past must not hold the host: it is asked again in a while.
            self._alarms.set(activation.actor, when_ms if when_ms > now_ms else now_ms + self._limits.retry_ms)
        known_ms = activation.alarm_ms
        if not _looked_at(known_ms, when_ms, now_ms) and not activation.machine.resident:
            if when_ms is not None and (known_ms is None or when_ms < known_ms):
                activation.row_now = True  # an alarm that the index has too late would be missed after a crash
            elif not activation.dirty:
                self.mark_dirty(activation)

    def _overdue(self, activation: Activation, turn: Turn, deadline: Deadline, now_ms: int) -> Deadline | None:
        """Send the actor what its deadlines bring, unless something else waits for it; the deadline it then has."""
        due: Deadline | None = deadline
        for _ in range(DEADLINES_A_RUN):
            if due is None or due[0] > now_ms or activation.mailbox:
                break
            asked, myself = due, Deliver(activation.actor, activation.actor, "", due[1])
            self._letter(activation, turn, (myself, DISCARD, 0, ""), now_ms)
            due = activation.machine.deadline(activation.state)
            if due == asked:
                break
        return due

    def flush_rows(self, turn: Turn, now_ms: int, stumbled: Callable[[ActorId], None]) -> None:
        """Write the rows that lag behind, when it is time for that, as many as the turn has room for. Whose machine
        stumbles over its own is told of where that was caught, and lags no more."""
        if self.dirty and self.flush_at_ms is None:
            self.flush_at_ms = now_ms + self._limits.row_delay_ms
        elif self.flush_at_ms is not None and now_ms >= self.flush_at_ms:
            room = self._limits.turn_commands - len(turn.rows)
            for activation in list(islice(self.dirty, max(0, room))):
                try:
                    self.write_row(activation, turn, now_ms)
                except Exception:
                    stumbled(activation.actor)
            if not self.dirty:
                self.flush_at_ms = None

    def mark_dirty(self, activation: Activation) -> None:
        """The actor's row lags behind; it is written with one of the next appends."""
        activation.dirty = True
        self.dirty[activation] = None

    def write_row(self, activation: Activation, turn: Turn, now_ms: int) -> None:
        """Put the actor's row, as of now, into the append; if its tail is long, a baseline and a snapshot."""
        long = activation.sequence - activation.snapshot_sequence >= self._limits.snapshot_events
        snapshot = long and not activation.pending
        if snapshot:
            self._restate(activation, turn, now_ms)
        activation.row_now = activation.dirty = False
        self.dirty.pop(activation, None)
        deadline = activation.machine.deadline(activation.state)
        when_ms = deadline[0] if deadline is not None else None
        if activation.pending:
            activation.alarm_ms = 0
        elif not _looked_at(activation.alarm_ms, when_ms, now_ms):
            activation.alarm_ms = when_ms
        # A row that is written for its marks alone leaves what is listed, and who follows the list, in peace.
        changed = activation.sequence != activation.listed_sequence or activation.actor in turn.rows
        activation.listed_sequence = activation.sequence
        summary = activation.machine.summary(activation.state) if changed else None
        turn.rows[activation.actor] = Row(
            activation.actor, now_ms, activation.sequence, activation.settled(), activation.alarm_ms, summary
        )
        turn.show(activation.actor, summary)
        turn.writer(activation)
        if snapshot:
            turn.snapshots[activation.actor] = activation.snapshot()
            activation.snapshot_sequence = activation.sequence

    def _restate(self, activation: Activation, turn: Turn, now_ms: int) -> None:
        """A baseline, if the actor's kind has any and the last one is far enough away."""
        forgetful = activation.codec.forgetful
        if forgetful is None or activation.sequence - activation.baseline_sequence < forgetful.baseline_events:
            return
        self.facts(activation, turn, [forgetful.baseline(activation.state)], now_ms)
        activation.baseline_sequence = activation.sequence


def _looked_at(known_ms: int | None, when_ms: int | None, now_ms: int) -> bool:
    """The alarm that the index has will do for a deadline. So does an earlier one that is still ahead: to look once too
    early costs less than a row each time that the deadline moves on, and back again."""
    return known_ms == when_ms or (known_ms is not None and when_ms is not None and now_ms < known_ms < when_ms)


def _ask(
    function: Callable[[Any, Any, Origin], Any], activation: Activation, command: Command, sender: str, now_ms: int
) -> Any:
    # A command that a machine stumbles over must not take the host down, again and again as it is sent again: the
    # functions that are asked change nothing, so it is refused like any other.
    try:
        return function(activation.state, command, Origin(sender, now_ms))
    except Rejected:
        raise
    except Exception as fault:
        log.exception(Line("fault", actor=activation.actor, command=type(command).__name__))
        raise Rejected("internal", "Something went wrong here. It has been written to the log.") from fault
