"""How each fact changes an agent's state, and what it all adds up to."""

from actors.agent.state import (
    Agent,
    Baseline,
    Checked,
    Held,
    KeptNoLonger,
    Rang,
    Refused,
    SessionsChanged,
    Slot,
    SlotFreed,
    SlotLeft,
    SlotReserved,
    SlotTaken,
    StatusChanged,
    Woken,
    WrapUpEnded,
)
from runtime.machine import Fact


def apply(state: Agent, fact: Fact, at_ms: int) -> Agent:
    """The state after the fact; the given one is changed in place."""
    state.version += 1
    if fact.journaled:
        _event(state, fact, at_ms)
    else:
        _signal(state, fact, at_ms)
    return state


def _event(state: Agent, fact: Fact, at_ms: int) -> None:
    match fact:
        case StatusChanged():
            state.status, state.reason, state.since_ms, state.missed = fact.status, fact.reason, at_ms, 0
            state.idle_since_ms = at_ms if fact.status == "online" else state.idle_since_ms
            state.gone_since_ms = None if state.sessions else at_ms
            state.checked_ms = max(state.checked_ms, at_ms)
            state.owed.clear()
            if fact.status == "offline":  # and leaves all of it
                for slot in state.slots.values():
                    slot.attended = False
        case SlotReserved():
            state.slots[fact.conversation] = Slot(fact.bot, fact.epoch, at_ms, held=False, attempt=fact.attempt)
            if fact.bot in state.owed:
                del state.owed[fact.bot]
                state.kept_until_ms = 0
        case SlotTaken():
            state.slots[fact.conversation] = Slot(
                fact.bot, fact.epoch, at_ms, held=True, attended=fact.attended, remote=fact.how == "telegram"
            )
            state.missed = 0
        case SlotLeft():
            state.slots[fact.conversation].attended = False
        case SlotFreed():
            _freed(state, fact, at_ms)
        case WrapUpEnded():
            state.wrap_up_until_ms = 0
        case Baseline():
            _begin_at(state, fact)


def _signal(state: Agent, fact: Fact, at_ms: int) -> None:
    match fact:
        case SessionsChanged():
            if fact.here:
                state.sessions[fact.session] = None
            else:
                state.sessions.pop(fact.session, None)
            state.gone_since_ms = None if state.sessions else at_ms
        case Woken():
            state.sessions, state.gone_since_ms, state.checked_ms, state.life_ms = {}, at_ms, at_ms, at_ms
            state.owed.clear()
        case Refused() if fact.owed:
            state.kept_until_ms = state.kept_until_ms if state.owed else 0
            state.owed[fact.owed] = None
        case KeptNoLonger():
            state.owed.clear()
        case Rang():
            state.slots[fact.conversation].ring = fact.offer
        case Checked():
            state.checked_ms = at_ms


KEPT_MS = 1_000
"""Long enough for a supervisor that waits for it to come, wherever it is."""


def _freed(state: Agent, fact: SlotFreed, at_ms: int) -> None:
    slot = state.slots.pop(fact.conversation)
    match fact.outcome:
        case "expired":
            state.missed += 1
        case "declined":
            state.missed = 0
    if slot.held:
        state.idle_since_ms = at_ms
    if fact.wrap_up_ms:
        state.wrap_up_until_ms = max(state.wrap_up_until_ms, at_ms + fact.wrap_up_ms)
    if state.owed:
        state.kept_until_ms = max(state.wrap_up_until_ms, at_ms) + KEPT_MS


def baseline(state: Agent) -> Baseline:
    """The state, but for what signals have told."""
    slots = {
        conversation: Held(slot.bot, slot.epoch, slot.since_ms, slot.held, slot.attempt, slot.attended, slot.remote)
        for conversation, slot in state.slots.items()
    }
    return Baseline(
        state.status,
        state.since_ms,
        state.reason,
        slots,
        state.missed,
        state.idle_since_ms,
        state.wrap_up_until_ms,
    )


def _begin_at(state: Agent, fact: Baseline) -> None:
    """What signals have told stays: to an agent in memory a baseline is no news."""
    state.status, state.since_ms, state.reason = fact.status, fact.since_ms, fact.reason
    state.missed, state.idle_since_ms = fact.missed, fact.idle_since_ms
    state.wrap_up_until_ms = fact.wrap_up_until_ms
    rings = {conversation: slot.ring for conversation, slot in state.slots.items()}
    state.slots = {
        conversation: Slot(
            one.bot,
            one.epoch,
            one.since_ms,
            one.held,
            rings.get(conversation),
            one.attempt,
            one.attended,
            one.remote,
        )
        for conversation, one in fact.slots.items()
    }
