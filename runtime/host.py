"""A host: many actors in one process, as a machine with no I/O. It knows no Ray, no asyncio, no store and no clock.

    deliver(batch) ─> mailboxes ─> decide, apply ─> turn ── Step.append ──> committed() ─> replies, events, effects
                                                              refused() / failed(): dropped, read again, no ack went out

Inputs change it; `poll` runs what can run and says what the shell must do. One append is under way at a time; the
next turn gathers meanwhile. Nothing leaves before what it rests on is durable.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from runtime.activation import IDLE, REFS_KEPT, Activation, Codec, Letter, Mailbox, Ticket, restore, withdraw
from runtime.alarms import Alarms
from runtime.attachments import Attachments
from runtime.decider import Decider
from runtime.departures import Departures
from runtime.identity import ActorId, key_of, kind_of
from runtime.journal import NOTHING, Append, Stored
from runtime.leases import Leases
from runtime.limits import HostLimits, HostStatistics
from runtime.lines import Line
from runtime.link import Links
from runtime.loading import Loading
from runtime.machine import Attached, Detached, Find, Found, Machine, Measure
from runtime.messages import Attach, Batch, Deliver, Detach, Follow, Forgotten, Hello, Relay, Reply, Wake, encode
from runtime.passivation import Passivation
from runtime.placement import Placement
from runtime.replies import MOVED, OVERLOADED, STUMBLED, UNREADABLE
from runtime.step import Step
from runtime.turn import DISCARD, Turn
from runtime.vacancy import Vacancy

log = logging.getLogger(__name__)


class Host:
    """See the module. What it sends waits in `links`."""

    def __init__(
        self,
        name: str,
        machines: Iterable[Machine],
        placement: Placement,
        links: Links,
        limits: HostLimits = HostLimits(),  # noqa: B008 - frozen
        measured: Callable[[Sequence[Measure]], None] = lambda measures: None,
    ) -> None:
        self.name = name
        self.placement = placement
        self.limits = limits
        self.statistics = HostStatistics()
        self.attachments = Attachments()
        self.activations: dict[ActorId, Activation] = {}
        self.lost = False
        self.unsettled = False  # an append has failed, and the store has not answered since
        self.now_ms = 0
        self._codecs: Mapping[str, Codec] = {machine.kind: Codec(machine) for machine in machines}
        self._fences: dict[str, int] = {}
        self._alarms = Alarms()
        self._decider = Decider(self._alarms, self.attachments, limits, self.statistics)
        self._departures = Departures(name, placement, links, self.attachments, self._post, self._all_told, limits)
        self._measured = measured
        self._loading: dict[ActorId, Loading] = {}
        self._step = Step()
        self._ready: dict[ActorId, Activation] = {}
        self._turn = Turn()
        self._committing: Turn | None = None
        self._append_ms = 0
        self.passivation = Passivation(
            self.activations, self._loading, lambda actor: actor in self._ready, self.attachments, limits
        )
        self._leases = Leases(limits.lease_ms)
        self._vacancy = Vacancy(name, placement, limits.idle_ms, self._alarms, self._departures)
        self._seen: dict[ActorId, int] = {}

    # Inputs

    def start(
        self, fences: dict[str, int], alarms: Iterable[tuple[ActorId, int]], residents: Iterable[ActorId], now_ms: int
    ) -> None:
        """Own these scopes from now on; ring for the actors that wait for a time; activate the residents."""
        self.now_ms = now_ms
        self._fences, self._append_ms = fences, now_ms
        for actor, when_ms in alarms:
            if self.name in (self.placement.packed_host_of(actor), self.placement.host_of(actor)):
                self._alarms.set(actor, when_ms)
        for actor in residents:
            if self.placement.packed_host_of(actor) == self.name:
                self._alarms.set(actor, 0)

    def deliver(self, batch: Batch[Any], ticket: Ticket, now_ms: int, first_hand: bool = False) -> None:
        """Take a batch that is new. The ticket is settled once for each of its messages. `first_hand`: no former life
        of this host can have had it, and taken it down to the journal."""
        self.now_ms = now_ms
        self._leases.heard(batch.sender, now_ms)
        self.statistics.commands += len(batch.messages)
        peer = batch.sender
        for index, message in enumerate(batch.messages):
            if type(message) is Deliver:
                self._post(message, ticket, index, peer, message.new and first_hand)
            elif type(message) is Attach:
                self._post(message, ticket, index, peer)
            else:
                self._note(peer, message)
                # Whoever greets asks how it is here: without a store it is not well.
                ticket.settle(index, OVERLOADED if self.unsettled and type(message) is Hello else Reply())

    def peer_gone(self, peer: str, now_ms: int) -> None:
        """The peer has died, was replaced, or has missed something: its sessions are detached, those too that still
        wait to be attached."""
        self.now_ms = now_ms
        if self.attachments.knows(peer):
            self._departures.send(peer, encode(Forgotten()), owed=True)  # should it live after all
        self._leases.end(peer)
        for mailbox in (*self._loading.values(), *(one.mailbox for one in self._ready.values())):
            self._bounce(withdraw(mailbox, lambda one: one[3] == peer and type(one[0]) is Attach), OVERLOADED)
        for actor, (session, sender, told) in self.attachments.forget_peer(peer):
            if told:
                self._post_own(Deliver(actor, sender, "", Detached(session)))

    def loaded(self, stored: Mapping[ActorId, Stored]) -> None:
        """The journal's answer to `Step.load` or `Step.whole`."""
        for actor, history in stored.items():
            if (mailbox := self._loading.pop(actor, None)) is not None:
                try:
                    self._activate(actor, history, mailbox)
                except Exception as why:  # an event, or what the machine makes of it: the others must be answered
                    self.activations.pop(actor, None)
                    self._not_understood(actor, history, mailbox, why)

    def _not_understood(self, actor: ActorId, history: Stored, mailbox: Loading, why: Exception) -> None:
        # Events are understood for ever, states are not: another version may have made the snapshot.
        if history.snapshot is not None:
            self._loading[actor] = mailbox
            self._step.whole.append(actor)
        else:
            log.error(Line("journal not understood", actor=actor, why=type(why).__name__), exc_info=why)
            self._bounce(mailbox, UNREADABLE)

    def load_failed(self, actors: Iterable[ActorId]) -> None:
        """The store did not answer: whoever waits is told to try again."""
        for actor in actors:
            self._alarms.set(actor, self.now_ms + self.limits.retry_ms)
            self._bounce(self._loading.pop(actor, ()), OVERLOADED)

    def found(self, actor: ActorId, find: Find, bodies: list[bytes]) -> None:
        """The journal's answer to one of `Step.find`."""
        self._post_own(Deliver(actor, actor, "", Found(find.terms, bodies)))

    def committed(self) -> None:
        """The append under way is durable."""
        turn, self._committing = self._committing, None
        assert turn is not None, "no append is under way"
        for activation in turn.writers.values():
            activation.turns -= 1
        self._release(turn)

    def refused(self) -> None:
        """A fence refused the append: this host has been replaced, and nothing of it counts any more."""
        self.lost = True
        for turn in self._drop(list(self.activations), MOVED):
            turn.refuse(MOVED)  # actors that have stumbled since are there no more
        for mailbox in self._loading.values():
            self._bounce(mailbox, MOVED)
        self._loading.clear()
        self._step = Step()
        self._departures.abandon()

    def failed(self) -> None:
        """Nobody knows whether the append was written: its actors are dropped, and read again when next needed.

        So are those that would write next, and whoever waits for them is told; until the store has `settled`, nothing
        is asked of it, and whoever comes is told at once.
        """
        assert self._committing is not None, "no append is under way"
        self.statistics.failed_appends += 1
        self.unsettled = True
        left = self._drop([*self._committing.writers, *self._turn.writers], OVERLOADED)
        for activation in self._ready.values():
            self._bounce(withdraw(activation.mailbox, lambda one: one[1] is not DISCARD), OVERLOADED)
        unread, self._step = [*self._step.load, *self._step.whole], Step()
        self.load_failed(unread)  # who came since the last poll: nobody reads them now
        for turn in left:
            self._release(turn)

    def settled(self) -> None:
        """The store answers, and what had failed is written by now or never will be."""
        self.unsettled = False

    def fences(self, scopes: Iterable[str]) -> dict[str, int]:
        """The fences of those of the scopes that are ours."""
        return {scope: self._fences[scope] for scope in scopes if scope in self._fences}

    # Running

    def poll(self, now_ms: int) -> Step:
        """Run what can run; see `Step`."""
        self.now_ms = now_ms
        if now_ms >= self._leases.ask_at_ms:
            self._sweep()
        for peer in self._departures.overrun():
            self.peer_gone(peer, now_ms)
        if self.unsettled:
            return Step(wake_at_ms=self._leases.ask_at_ms)
        self._ring()
        self._run_ready()
        self._decider.flush_rows(self._turn, now_ms, self._stumbled)
        step, self._step = self._step, Step()
        step.find, self._departures.finds = self._departures.finds, []
        if self._committing is None and not self._turn.empty:
            turn, step.append = self._turn, self._close_turn()
            step.measures = turn.measures if step.append is not None else []
        step.wake_at_ms = self._wake_at()
        return step

    def _run_ready(self) -> None:
        ready, self._ready = self._ready, {}
        for actor, activation in ready.items():
            try:
                self._decider.run(activation, self._turn, self.now_ms)
            except Exception:
                self._stumbled(actor)
            else:
                if activation.mailbox:
                    self._ready[actor] = activation

    def _stumbled(self, actor: ActorId) -> None:
        """Called where it was caught: one machine's fault must not be every actor's."""
        log.exception(Line("stumbled", actor=actor))
        self._void([actor], [self._turn], STUMBLED)

    def _close_turn(self) -> Append | None:
        turn, self._turn = self._turn, Turn()
        self.statistics.turns += 1
        if not turn.writes:
            self._release(turn)
            return None
        self._committing, self._append_ms = turn, self.now_ms
        scopes = self._fences if turn.asks else {activation.scope for activation in turn.writers.values()}
        return turn.append({scope: self._fences[scope] for scope in scopes})

    def _release(self, turn: Turn) -> None:
        # What the turn's records rest on is durable: all that waited for it leaves, in order.
        for ticket, index, reply, _ in turn.replies:
            ticket.settle(index, reply)
        self._departures.publish(turn.published)
        for actor, summary in turn.listed.items():
            self._departures.announce(actor, summary.topic, actor, summary.shown or summary.body)
        for activation, sequence, index, effect in turn.effects:
            self._departures.effect(activation, sequence, index, effect)
        self._measured([measure for _, _, measure in turn.measured])

    def _wake_at(self) -> int:
        if self._ready and self._turn.commands < self.limits.turn_commands:
            return self.now_ms
        times = (
            self._leases.ask_at_ms,
            self._decider.flush_at_ms if len(self._turn.rows) < self.limits.turn_commands else None,
            self._alarms.next_ms(),
            self._departures.again_ms,
        )
        return min(time for time in times if time is not None)

    # Mailboxes and activation

    def _note(self, peer: str, message: Any) -> None:
        match message:
            case Detach():
                if message.to in self.activations or message.to in self._loading:
                    self._post_own(message, peer)  # in its turn: what it ends may still wait in the mailbox
                else:
                    self.attachments.detach(message.to, peer, message.session)
            case Follow():
                self.attachments.follow(message.topic, peer, message.on)
            case Wake():
                self._alarms.set(message.actor, message.at_ms)
            case Relay():
                self._departures.announce_here(message.topic, message.key, message.body)

    def _post(self, message: Any, ticket: Ticket, index: int = 0, peer: str = "", new: bool = False) -> None:
        if self.unsettled:
            ticket.settle(index, OVERLOADED)
            return
        mailbox = self._mailbox_of(message.to, new)
        if mailbox is None and (not peer or peer == self.placement.host_of(message.sender)):
            mailbox = self._mailbox_of(message.to, tell=True)
        if mailbox is None or len(mailbox) >= self.limits.mailbox_commands:
            ticket.settle(index, MOVED if self.lost else OVERLOADED)
        else:
            mailbox.append((message, ticket, index, peer))

    def _post_own(self, message: Any, peer: str = "") -> None:
        # What nobody would send again goes in above the bound: there is one for each session or search.
        if (mailbox := self._mailbox_of(message.to)) is not None:
            mailbox.append((message, DISCARD, 0, peer))

    def _mailbox_of(self, actor: ActorId, new: bool = False, tell: bool = False) -> Mailbox | None:
        """The mailbox to put a message into; the actor is read from the journal if need be. None: no room, or lost."""
        activation = self.activations.get(actor)
        if activation is None:
            loading = self._loading.get(actor)
            return loading if loading is not None else self._load(actor, new, tell)
        self._ready[actor] = activation
        mailbox = activation.mailbox
        if mailbox is IDLE:
            mailbox = activation.mailbox = []
        return mailbox

    def _load(self, actor: ActorId, new: bool, tell: bool) -> Mailbox | None:
        # One that is new need not be read. Had it a history all the same, the journal would not take its first record.
        ours = self.placement.scope_of(actor) in self._fences and not self.lost
        written = self._committing is not None and actor in self._committing.writers  # it has stumbled since
        if not ours or written or not self.passivation.room(actor, self.now_ms, tell):
            return None
        mailbox = Loading(self.now_ms)
        if new:
            self._activate(actor, NOTHING, mailbox)
        else:
            self._loading[actor] = mailbox
            self._step.load.append(actor)
        return mailbox

    def _activate(self, actor: ActorId, stored: Stored, mailbox: Mailbox) -> None:
        codec = self._codecs[kind_of(actor)]
        scope, refs = self.placement.scope_of(actor), max(REFS_KEPT, self.limits.mailbox_commands)
        activation = Activation(actor, codec, codec.machine.initial(key_of(actor)), mailbox, scope, refs)
        untold = restore(activation, stored)
        self.activations[actor] = activation
        for sequence, index, tell in untold:
            self._decider.effect(activation, self._turn, sequence, index, tell)
        seen = self._seen.pop(actor, None)
        if seen is not None:
            self._decider.republish(activation, self._turn, stored, seen, self.now_ms)
        woken = codec.machine.activated(activation.state, self.now_ms)
        self._decider.facts(activation, self._turn, woken, self.now_ms)
        for session, sender, told in self.attachments.sessions_of(actor):
            if told:  # it was attached when the actor's state was dropped
                mailbox.insert(0, (Deliver(actor, sender, "", Attached(session)), DISCARD, 0, ""))
        self._ready[actor] = activation

    def _ring(self) -> None:
        for actor in self._alarms.due(self.now_ms, self.limits.wakes_a_poll):
            home = self.placement.host_of(actor)
            if home != self.name:
                self._departures.send(home, encode(Wake(actor)))
            elif not self.lost and self._mailbox_of(actor) is None:
                self._alarms.set(actor, self.now_ms + self.limits.retry_ms)
        self._departures.tell_again(self.now_ms)

    def _all_told(self, activation: Activation) -> None:
        if self.activations.get(activation.actor) is activation and not activation.dirty:
            self._decider.mark_dirty(activation)

    def _drop(self, actors: Iterable[ActorId], reply: Reply) -> list[Turn]:
        """The append under way is void, and these actors; what is left of it and of the next turn rests on neither."""
        turns = [self._committing or Turn(), self._turn]
        self._committing, self._turn = None, Turn()
        self._void(dict.fromkeys(actors), turns, reply)
        return turns

    def _void(self, actors: Collection[ActorId], turns: Iterable[Turn], reply: Reply) -> None:
        answers = [one for turn in turns for one in turn.drop(actors, self.attachments, self._seen)]
        letters: list[Letter] = []
        for actor in actors:
            if (activation := self.activations.pop(actor, None)) is not None:
                self._ready.pop(actor, None)
                self._decider.dirty.pop(activation, None)
                letters += activation.mailbox
                self._alarms.set(actor, self.now_ms + self.limits.retry_ms)
        for ticket, index, *_ in answers:
            ticket.settle(index, reply)
        self._bounce(letters, reply)

    def _bounce(self, letters: Iterable[Letter], reply: Reply) -> None:
        for message, ticket, index, peer in letters:
            if type(message) is Detach:
                self.attachments.detach(message.to, peer, message.session)
            ticket.settle(index, reply)

    # Leases and leaving

    def _sweep(self) -> None:
        for peer in self._leases.silent(self.now_ms, self._stalled_since_ms()):
            self.peer_gone(peer, self.now_ms)
        self._vacancy.sweep(self.now_ms, self._busy())
        self.passivation.sweep(self.now_ms)
        self._turn.asks = not (self.lost or self._committing) and self.now_ms - self._append_ms >= self.limits.lease_ms

    def vacated(self) -> bool:
        """Of a dedicated host: it may end as soon as its links are idle. Whoever calls it begins it anew."""
        return self._vacancy.handed_over and not self._busy()

    def _busy(self) -> bool:
        return bool(self.activations or self._loading or self.attachments.count) or self.unsettled

    def _stalled_since_ms(self) -> int | None:
        since_ms = [self._append_ms] if self._committing is not None else []
        since_ms += [mailbox.since_ms for mailbox in islice(self._loading.values(), 1)]
        return min(since_ms, default=None)
