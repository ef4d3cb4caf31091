"""What an agent's facts make others do: conversations, her supervisors, her own connections."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from actors import commands as c
from actors import frames
from actors.agent.rules import OWN_DOING, Rules
from actors.agent.state import (
    Agent,
    Changed,
    Checked,
    Rang,
    Refused,
    Reported,
    SessionsChanged,
    SlotFreed,
    SlotLeft,
    SlotReserved,
    SlotTaken,
    StatusChanged,
    Woken,
)
from actors.events import Visitor
from runtime.identity import ActorId, actor_id, key_of
from runtime.machine import Announce, Effect, Fact, Measure, Push, Tell


def effects(rules: Rules, state: Agent, fact: Fact, at_ms: int) -> Sequence[Effect]:
    """See the module."""
    match fact:
        case StatusChanged():
            # Told by the event itself: who is offline has no next life that would tell it.
            return [*_tell_supervisors(rules, state, at_ms), *_status_shown(rules, state), *_leave(state, fact)]
        case SlotReserved():
            return [Tell(actor_id("conversation", fact.conversation), c.Offer(fact.epoch, fact.why, fact.attempt))]
        case SlotTaken():
            return _taken(state, fact)
        case SlotLeft():
            claim = state.slots[fact.conversation].claim
            return [Tell(actor_id("conversation", fact.conversation), c.AgentGone(*claim))]
        case SlotFreed(outcome=outcome) if outcome in ("expired", "declined", "withdrawn"):
            return [Push(frames.OfferWithdrawn(fact.conversation, outcome))]
        case SessionsChanged():
            return _presence(state, fact)
        case Rang():
            return [_ring(fact.conversation, fact.offer)]
        case Refused():
            return [Tell(ActorId(fact.to), fact.command)]
        case Changed():
            return _tell_supervisors(rules, state, at_ms)
        case Reported():
            return [_tell_supervisor(rules, state, key_of(ActorId(fact.to)), at_ms, asked=True)]
        case Woken() | Checked():
            return _check(state)
        case _:
            return ()


def _tell_supervisor(rules: Rules, state: Agent, bot: str, now_ms: int, asked: bool = False) -> Tell:
    changed = c.AgentChanged(
        state.life_ms,
        state.version,
        state.status,
        len(state.slots),
        rules.free(state, bot, now_ms),
        rules.of(state).capacity,
        state.idle_since_ms,
        asked,
    )
    return Tell(actor_id("supervisor", bot), changed)


def _tell_supervisors(rules: Rules, state: Agent, now_ms: int) -> list[Effect]:
    settings = rules.of(state)
    load = Measure("agent_load", (state.id,), len(state.slots))
    capacity = Measure("agent_capacity", (state.id,), settings.capacity)
    return [load, capacity, *(_tell_supervisor(rules, state, bot, now_ms) for bot in settings.bots)]


def _status_shown(rules: Rules, state: Agent) -> list[Effect]:
    frame = frames.AgentStatus(state.id, state.status)
    shown: list[Effect] = [Announce(f"bot/{bot}", frame) for bot in rules.of(state).bots]
    return [Push(frame), Measure("agent_status", (state.id, state.status)), *shown]


def _leave(state: Agent, fact: StatusChanged) -> list[Effect]:
    """What rings moves on when she is away; what is hers too when she is offline. Who has only left her desk may go on
    answering from Telegram."""
    if state.status in ("online", "busy"):
        return []
    return [
        Tell(actor_id("conversation", conversation), c.AgentGone(*slot.claim))
        for conversation, slot in state.slots.items()
        if not slot.held or (state.status == "offline" and not (slot.remote and fact.disconnected))
    ]


def _taken(state: Agent, fact: SlotTaken) -> list[Effect]:
    """It is hers, and she hears of it. Who is offline keeps only what she has taken herself."""
    taken: list[Effect] = [Push(frames.Assigned(fact.conversation, fact.bot, fact.how, fact.sequence))]
    if state.status == "offline" and fact.how not in OWN_DOING:
        taken.append(Tell(actor_id("conversation", fact.conversation), c.AgentGone(fact.epoch)))
    return taken


def _presence(state: Agent, fact: SessionsChanged) -> list[Effect]:
    told: list[Effect] = []
    if fact.here:
        # What rings at the others has rung there: they would sound it again.
        told += [_ring(one, slot.ring, fact.session) for one, slot in state.slots.items() if slot.ring is not None]
    if len(state.sessions) != int(fact.here):
        return told  # one connection more, or less, of several
    for conversation, slot in state.slots.items():
        if slot.remote:
            continue
        if slot.held:
            told.append(Tell(actor_id("conversation", conversation), c.AgentPresence(online=fact.here)))
        elif not fact.here:
            told.append(Tell(actor_id("conversation", conversation), c.AgentGone(*slot.claim)))
    return told


def _check(state: Agent) -> list[Effect]:
    return [
        Tell(actor_id("conversation", conversation), c.CheckSlot(*slot.claim))
        for conversation, slot in state.slots.items()
    ]


def _ring(conversation: str, offer: c.OfferMade, session: str = frames.EVERYONE) -> Push:
    visitor, ends_ms, note = _shown(offer.visitor), offer.expires_at_ms, offer.note or UNSET
    frame = frames.Offer(conversation, offer.bot, visitor, offer.trigger, offer.preview, ends_ms, note)
    return Push(frame, session)


def _shown(visitor: Visitor) -> dict[str, object]:
    return {"id": visitor.id, "name": visitor.name, "locale": visitor.locale, "page": msgspec.to_builtins(visitor.page)}
