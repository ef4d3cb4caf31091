"""An agent, always a human: her status, her slots, and who is told of them.

    offline ── set_status ──> online <──> busy, away          gone for `disconnect_seconds` ──> offline

Her slots are hers alone to give: an offer reserves one, atomically, so no two offers share it and nobody exceeds her
capacity but herself, by taking over. Sessions are signals; several connections of one agent are one agent.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Struct, field

from actors import commands as c
from actors import frames
from actors.commands import Outcome, Status
from actors.events import Visitor
from actors.settings import AgentSettings, BotSettings, Settings
from runtime.identity import ActorId, actor_id
from runtime.machine import (
    Announce,
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
    Summary,
    Tell,
)

CHECK_SECONDS = 15
"""A slot that is reserved for longer than an offer rings is asked for."""


class Slot(Struct):
    """A conversation that has a claim on her: an offer that is on its way or rings, or one that is hers."""

    bot: str
    epoch: int
    since_ms: int
    held: bool
    forced: bool = False
    ring: c.OfferMade | None = None


class Agent(Struct):
    """Her state. `sessions` and what follows it are signals' doing."""

    id: str
    status: Status = "offline"
    since_ms: int = 0
    reason: str = ""
    slots: dict[str, Slot] = field(default_factory=dict)
    missed: int = 0
    idle_since_ms: int = 0
    wrap_up_until_ms: int = 0
    version: int = 0
    sessions: dict[str, None] = field(default_factory=dict)
    gone_since_ms: int | None = None
    checked_ms: int = 0


class AgentEvent(Event, frozen=True):
    """Any event of an agent. Her clients see frames instead."""

    published: ClassVar[bool] = False


class StatusChanged(AgentEvent, frozen=True, tag="status_changed"):
    status: Status
    reason: str = ""


class SlotReserved(AgentEvent, frozen=True, tag="slot_reserved"):
    conversation: str
    bot: str
    epoch: int
    why: str


class SlotTaken(AgentEvent, frozen=True, tag="slot_taken"):
    conversation: str
    bot: str
    epoch: int
    forced: bool


class SlotFreed(AgentEvent, frozen=True, tag="slot_freed"):
    conversation: str
    outcome: Outcome


class WrapUpEnded(AgentEvent, frozen=True, tag="wrap_up_ended"):
    pass


class SessionsChanged(Signal, frozen=True):
    """A connection of hers has come or gone."""

    session: str
    here: bool


class Woken(Signal, frozen=True):
    """Just read from the journal: no connection is known yet."""


class Rang(Signal, frozen=True):
    """An offer rings at all her connections."""

    conversation: str
    offer: c.OfferMade


class Refused(Signal, frozen=True):
    """No slot for the conversation: who asked is told."""

    to: str
    command: Command


class Reported(Signal, frozen=True):
    """A supervisor is told who she is."""

    to: str


class Checked(Signal, frozen=True):
    """Conversations that have held a slot for long are asked whether they still want it."""


Rule = Callable[["AgentMachine", Agent, Any, Origin], Sequence[Fact]]


class AgentMachine:
    """See `runtime.machine.Machine`."""

    kind = "agent"
    events = StatusChanged | SlotReserved | SlotTaken | SlotFreed | WrapUpEnded
    state = Agent
    resident = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.commands: tuple[type[Command], ...] = (*RULES, c.Describe)
        self._nobody = AgentSettings(id="nobody")
        self._routing = BotSettings(id="gone").routing

    def of(self, state: Agent) -> AgentSettings:
        """Her settings; somebody without bots if she is no longer configured."""
        return self.settings.agent(state.id) or self._nobody

    def seconds(self, state: Agent, name: Literal["disconnect_seconds", "wrap_up_seconds"]) -> int:
        """The longest that any of her bots allows."""
        routings = [bot.routing for one in self.of(state).bots if (bot := self.settings.bot(one)) is not None]
        return max((int(getattr(routing, name)) for routing in routings), default=0)

    def free(self, state: Agent, now_ms: int) -> int:
        """Slots that an offer may reserve now."""
        if state.status != "online" or state.wrap_up_until_ms > now_ms or state.gone_since_ms is not None:
            return 0
        return max(0, self.of(state).capacity - len(state.slots))

    def initial(self, key: str) -> Agent:
        return Agent(key)

    def decide(self, state: Agent, command: Command, origin: Origin) -> Sequence[Fact]:
        return RULES[type(command)](self, state, command, origin)

    def apply(self, state: Agent, fact: Fact, at_ms: int) -> Agent:
        state.version += 1
        match fact:
            case StatusChanged():
                state.status, state.reason, state.since_ms, state.missed = fact.status, fact.reason, at_ms, 0
                state.idle_since_ms = at_ms if fact.status == "online" else state.idle_since_ms
            case SlotReserved():
                state.slots[fact.conversation] = Slot(fact.bot, fact.epoch, at_ms, held=False)
            case SlotTaken():
                state.slots[fact.conversation] = Slot(fact.bot, fact.epoch, at_ms, held=True, forced=fact.forced)
                state.missed = 0
            case SlotFreed():
                self._freed(state, fact, at_ms)
            case WrapUpEnded():
                state.wrap_up_until_ms = 0
            case SessionsChanged():
                if fact.here:
                    state.sessions[fact.session] = None
                    state.gone_since_ms = None
                else:
                    state.sessions.pop(fact.session, None)
                    state.gone_since_ms = None if state.sessions else at_ms
            case Woken():
                state.sessions, state.gone_since_ms, state.checked_ms = {}, at_ms, at_ms
            case Rang():
                if (slot := state.slots.get(fact.conversation)) is not None:
                    slot.ring = fact.offer
            case Checked():
                state.checked_ms = at_ms
        return state

    def _freed(self, state: Agent, fact: SlotFreed, at_ms: int) -> None:
        slot = state.slots.pop(fact.conversation)
        if fact.outcome == "expired":
            state.missed += 1
        if slot.held:
            state.idle_since_ms = at_ms
            wrap_up = self.seconds(state, "wrap_up_seconds")
            if wrap_up and fact.outcome in ("closed", "returned"):
                state.wrap_up_until_ms = at_ms + wrap_up * 1000

    def effects(self, state: Agent, fact: Fact, at_ms: int) -> Sequence[Effect]:
        match fact:
            case StatusChanged():
                return [*self._tell_supervisors(state, at_ms), *self._status_shown(state), *self._leave(state)]
            case SlotReserved():
                offer = Tell(actor_id("conversation", fact.conversation), c.Offer(fact.epoch, fact.why))
                return [offer, *self._tell_supervisors(state, at_ms)]
            case SlotTaken() | WrapUpEnded():
                return self._tell_supervisors(state, at_ms)
            case SlotFreed():
                told = self._tell_supervisors(state, at_ms)
                if fact.outcome in ("expired", "declined", "withdrawn"):
                    told.append(Push(frames.OfferWithdrawn(fact.conversation, fact.outcome)))
                return told
            case SessionsChanged() | Woken():
                return self._presence(state, fact, at_ms)
            case Rang():
                return [self._ring(fact.conversation, fact.offer)]
            case Refused():
                return [Tell(ActorId(fact.to), fact.command)]
            case Reported():
                return [Tell(ActorId(fact.to), self._changed(state, at_ms))]
            case Checked():
                return [
                    Tell(actor_id("conversation", conversation), c.CheckSlot(slot.epoch))
                    for conversation, slot in state.slots.items()
                ]
            case _:
                return ()

    def _changed(self, state: Agent, now_ms: int) -> c.AgentChanged:
        capacity = self.of(state).capacity
        free = self.free(state, now_ms)
        return c.AgentChanged(state.version, state.status, len(state.slots), free, capacity, state.idle_since_ms)

    def _tell_supervisors(self, state: Agent, now_ms: int) -> list[Effect]:
        changed = self._changed(state, now_ms)
        load = Measure("agent_load", (state.id,), len(state.slots))
        return [load, *(Tell(actor_id("supervisor", bot), changed) for bot in self.of(state).bots)]

    def _status_shown(self, state: Agent) -> list[Effect]:
        frame = frames.AgentStatus(state.id, state.status)
        shown: list[Effect] = [Announce(f"bot/{bot}", frame) for bot in self.of(state).bots]
        return [Push(frame), Measure("agent_status", (state.id, state.status)), *shown]

    def _leave(self, state: Agent) -> list[Effect]:
        """What rings moves on when she is away; what is hers too when she is offline."""
        if state.status in ("online", "busy"):
            return []
        return [
            Tell(actor_id("conversation", conversation), c.AgentGone(slot.epoch))
            for conversation, slot in state.slots.items()
            if state.status == "offline" or not slot.held
        ]

    def _presence(self, state: Agent, fact: Fact, at_ms: int) -> list[Effect]:
        told: list[Effect] = []
        if isinstance(fact, Woken):
            return self._tell_supervisors(state, at_ms)
        if isinstance(fact, SessionsChanged) and fact.here:
            told += [self._ring(one, slot.ring) for one, slot in state.slots.items() if slot.ring is not None]
            if len(state.sessions) > 1:
                return told
        elif state.gone_since_ms is None:
            return told
        for conversation, slot in state.slots.items():
            if slot.held:
                presence = c.AgentPresence(online=state.gone_since_ms is None)
                told.append(Tell(actor_id("conversation", conversation), presence))
            elif state.gone_since_ms is not None:
                told.append(Tell(actor_id("conversation", conversation), c.AgentGone(slot.epoch)))
        return told + self._tell_supervisors(state, at_ms)

    def _ring(self, conversation: str, offer: c.OfferMade) -> Push:
        return Push(
            frames.Offer(
                conversation, offer.bot, _shown(offer.visitor), offer.trigger, offer.preview, offer.expires_at_ms
            )
        )

    def deadline(self, state: Agent) -> tuple[int, Command] | None:
        times: list[int] = []
        if state.gone_since_ms is not None and state.status != "offline":
            times.append(state.gone_since_ms + self.seconds(state, "disconnect_seconds") * 1000)
        if state.wrap_up_until_ms:
            times.append(state.wrap_up_until_ms)
        reserved = [slot for slot in state.slots.values() if not slot.held]
        if reserved:
            ringing = self._routing.offer_seconds + CHECK_SECONDS
            times.append(max(min(slot.since_ms for slot in reserved), state.checked_ms) + ringing * 1000)
        return (min(times), c.DeadlinePassed()) if times else None

    def activated(self, state: Agent, now_ms: int) -> Sequence[Signal]:
        return [Woken()] if state.status != "offline" or state.slots else []

    def answer(self, state: Agent, query: Command, origin: Origin) -> Any:
        return self.describe(state)

    def describe(self, state: Agent) -> dict[str, Any]:
        """The protocol's agent object."""
        settings = self.of(state)
        return {
            "id": state.id,
            "name": settings.name if settings is not self._nobody else state.id,
            "status": state.status,
            "reason": state.reason,
            "since_ms": state.since_ms,
            "load": len(state.slots),
            "capacity": settings.capacity,
            "skills": settings.skills,
            "languages": settings.languages,
            "role": settings.role,
            "bots": settings.bots,
            "conversations": [one for one, slot in state.slots.items() if slot.held],
        }

    def summary(self, state: Agent) -> Summary | None:
        here = ("here",) if state.status != "offline" else ()
        bots = self.of(state).bots
        terms = (
            *(f"bot:{bot}" for bot in bots),
            f"agent:{state.id}",
            *(f"{one}:{bot}" for one in here for bot in bots),
        )
        return Summary(terms, "", msgspec.json.encode(self.describe(state)))

    def public(self, event: Event) -> Event | None:
        return None


def _shown(visitor: Visitor) -> dict[str, Any]:
    return {"id": visitor.id, "name": visitor.name, "locale": visitor.locale, "page": msgspec.to_builtins(visitor.page)}


def _herself_or_manager(machine: AgentMachine, state: Agent, origin: Origin) -> None:
    kind, _, name = origin.sender.partition("/")
    sender = machine.settings.agent(name) if kind == "agent" else None
    if machine.settings.agent(state.id) is None:
        raise Rejected("not_found", f"There is no agent {state.id!r}.")
    shared = sender is not None and set(sender.bots) & set(machine.of(state).bots)
    if sender is None or (sender.id != state.id and (sender.role == "agent" or not shared)):
        raise Rejected("forbidden", "Only she herself and managers of her bots may do that.")


def set_status(machine: AgentMachine, state: Agent, command: c.SetStatus, origin: Origin) -> Sequence[Fact]:
    """Her own doing, or a manager's."""
    _herself_or_manager(machine, state, origin)
    if command.status == state.status and command.reason == state.reason:
        return []
    return [StatusChanged(command.status, command.reason)]


def reserve(machine: AgentMachine, state: Agent, command: c.Reserve, origin: Origin) -> Sequence[Fact]:
    """Keep a slot and offer herself; without one, say so. Asked twice for the same, it is one slot."""
    slot = state.slots.get(command.conversation)
    if slot is not None and slot.epoch == command.epoch:
        return []
    if slot is None and machine.free(state, origin.now_ms):
        return [SlotReserved(command.conversation, command.bot, command.epoch, command.why)]
    if origin.sender.startswith("supervisor/"):
        return [Refused(origin.sender, c.SlotRefused(command.conversation, command.epoch)), Reported(origin.sender)]
    why = "has no free slot" if state.status == "online" else f"is {state.status}"
    return [Refused(origin.sender, c.SlotDenied(command.epoch, why))]


def offer_made(machine: AgentMachine, state: Agent, command: c.OfferMade, origin: Origin) -> Sequence[Fact]:
    """It rings now."""
    conversation = origin.sender.removeprefix("conversation/")
    slot = state.slots.get(conversation)
    return [Rang(conversation, command)] if slot is not None and slot.epoch == command.epoch else []


def assigned(machine: AgentMachine, state: Agent, command: c.Assigned, origin: Origin) -> Sequence[Fact]:
    """The conversation is hers, whatever her capacity."""
    conversation = origin.sender.removeprefix("conversation/")
    slot = state.slots.get(conversation)
    if slot is not None and slot.epoch >= command.epoch and slot.held:
        return []
    return [SlotTaken(conversation, command.bot, command.epoch, command.forced)]


def released(machine: AgentMachine, state: Agent, command: c.Released, origin: Origin) -> Sequence[Fact]:
    """The slot is free again. One that a later epoch has claimed since is not."""
    conversation = origin.sender.removeprefix("conversation/")
    slot = state.slots.get(conversation)
    if slot is None or slot.epoch > command.epoch:
        return []
    facts: list[Fact] = [SlotFreed(conversation, command.outcome)]
    bot = machine.settings.bot(slot.bot)
    limit = bot.routing.missed_offers_until_away if bot is not None else 0
    if command.outcome == "expired" and limit and state.missed + 1 >= limit and state.status == "online":
        facts.append(StatusChanged("away", f"{limit} offers missed"))
    return facts


def attached(machine: AgentMachine, state: Agent, command: Attached, origin: Origin) -> Sequence[Fact]:
    """A connection of hers."""
    return [SessionsChanged(command.session, here=True)]


def detached(machine: AgentMachine, state: Agent, command: Detached, origin: Origin) -> Sequence[Fact]:
    """One connection less; the last one begins the grace."""
    return [SessionsChanged(command.session, here=False)] if command.session in state.sessions else []


def report(machine: AgentMachine, state: Agent, command: c.Report, origin: Origin) -> Sequence[Fact]:
    """A supervisor learns anew."""
    return [Reported(origin.sender)]


def deadline_passed(machine: AgentMachine, state: Agent, command: c.DeadlinePassed, origin: Origin) -> Sequence[Fact]:
    """Whatever of it is due."""
    now_ms = origin.now_ms
    facts: list[Fact] = []
    grace_ms = machine.seconds(state, "disconnect_seconds") * 1000
    gone = state.gone_since_ms is not None and state.status != "offline"
    if gone and state.gone_since_ms is not None and state.gone_since_ms + grace_ms <= now_ms:
        facts.append(StatusChanged("offline", "disconnected"))
    if 0 < state.wrap_up_until_ms <= now_ms:
        facts.append(WrapUpEnded())
    return facts or [Checked()]


RULES: Mapping[type[Command], Rule] = {
    c.SetStatus: set_status,
    c.Reserve: reserve,
    c.OfferMade: offer_made,
    c.Assigned: assigned,
    c.Released: released,
    c.Report: report,
    c.DeadlinePassed: deadline_passed,
    Attached: attached,
    Detached: detached,
}
