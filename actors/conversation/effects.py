"""What a conversation's facts make others do, once they are durable."""

from collections.abc import Sequence

from msgspec import UNSET

from actors import commands as c
from actors import events as e
from actors import frames
from actors.assistant.commands import POOL, AnswerTurn, DropTurn
from actors.conversation.measures import measures
from actors.conversation.rules import Rules
from actors.conversation.state import (
    AgentSeen,
    ChunkArrived,
    Conversation,
    PlaceChanged,
    SessionsChanged,
    SlotReturned,
    TypingSignalled,
)
from runtime.identity import ActorId, actor_id
from runtime.machine import Announce, Ask, Effect, Fact, Push, Tell

LANGUAGE_CHARACTERS = 2


def effects(rules: Rules, state: Conversation, fact: Fact, at_ms: int) -> Sequence[Effect]:
    """See the module."""
    match fact:
        case e.MessageSent():
            return [*_turn(state, fact), *measures(rules, state, fact, at_ms)]
        case e.ReadMarked():
            return ()
        case TypingSignalled() | SessionsChanged() | ChunkArrived() | PlaceChanged() | AgentSeen():
            return _pushes(state, fact, at_ms)
        case SlotReturned():
            return [Tell(ActorId(fact.agent), c.Released(fact.epoch, "withdrawn"))]
        case _:
            return [*_handoff(rules, state, fact), *measures(rules, state, fact, at_ms)]


def _turn(state: Conversation, fact: e.MessageSent) -> Sequence[Effect]:
    begins = fact.speaker == "visitor" or (fact.speaker == "assistant" and fact.turn is not UNSET)
    if begins and state.turn is not None and not state.turn.more and state.turn.id == f"{state.epoch}-{state.sequence}":
        return [_ask(state)]
    return ()


def _ask(state: Conversation) -> Ask:
    turn = state.turn
    assert turn is not None
    return Ask(POOL, AnswerTurn(state.bot, state.epoch, turn.id, state.sequence, turn.attempt), turn.attempt)


def _pushes(state: Conversation, fact: Fact, at_ms: int) -> Sequence[Effect]:
    key = state.key
    match fact:
        case TypingSignalled(by="visitor"):
            frame = frames.Typing(key, "visitor", fact.active, fact.name or UNSET, fact.text or UNSET)
            return [Push(frame, frames.AGENTS)]
        case TypingSignalled():
            return [Push(frames.Typing(key, "agent", fact.active, fact.name))]
        case ChunkArrived():
            return [Push(frames.AssistantChunk(key, fact.turn, fact.text))]
        case PlaceChanged():
            return [Push(frames.QueuePosition(key, fact.position, fact.eta_seconds))]
        case AgentSeen():
            return [Push(frames.AgentOnline(key, fact.online), frames.VISITORS)]
        case SessionsChanged(who=who) if who.startswith("visitor/"):
            return [Push(frames.Presence(key, bool(state.online), state.last_seen_ms), frames.AGENTS)]
        case _:
            agents = tuple(sorted(set(state.viewers.values())))
            return [Push(frames.Viewers(key, agents), frames.AGENTS)]


def _handoff(rules: Rules, state: Conversation, fact: Fact) -> Sequence[Effect]:
    supervisor = actor_id("supervisor", state.bot)
    match fact:
        case e.HumanRequested():
            kept = state.left is not None and state.wait is not None and state.wait.back_to is not None
            freed = [] if kept else _relieve(state)
            return [Ask(POOL, DropTurn()), *freed, *_alert(state, fact), _next(rules, state)]
        case e.Offered(agent=agent):
            assert state.wait is not None
            trigger, visitor = state.wait.trigger, state.visitor
            ring = c.OfferMade(state.bot, state.epoch, visitor, trigger, state.preview, fact.expires_at_ms)
            return [Tell(_agent(agent), ring)]
        case e.OfferEnded(agent=agent, outcome=outcome) if outcome != "accepted":
            over = Tell(_agent(agent), c.Released(state.epoch, outcome))
            # What is withdrawn without a reason goes where the next event says.
            moves_on = outcome != "withdrawn" or fact.reason is not UNSET
            returns = state.wait is not None and state.wait.back_to is not None
            return [over, _next(rules, state)] if moves_on and not returns else [over]
        case e.AgentAssigned(agent=agent, how=how):
            taken = Tell(_agent(agent), c.Assigned(state.bot, state.epoch, how in ("takeover", "telegram", "assigned")))
            online = Push(frames.AgentOnline(state.key, agent_online=True), frames.VISITORS)
            delist = Tell(supervisor, c.Delist(state.epoch, assigned=True))
            return [Ask(POOL, DropTurn()), taken, delist, online, *_relieve(state, agent)]
        case e.AgentReleased(reason=reason) if reason != "transferred":
            return [Tell(_agent(fact.agent), c.Released(state.epoch, _OUTCOMES[reason]))]
        case e.ReturnedToAssistant() | e.ConversationClosed():
            return [Ask(POOL, DropTurn()), Tell(supervisor, c.Delist(state.epoch)), *_relieve(state)]
        case e.TurnRetried():
            return [_ask(state)]
        case _:
            return ()


_OUTCOMES: dict[e.ReleaseReason, c.Outcome] = {
    "returned": "returned",
    "disconnected": "gone",
    "reassigned": "reassigned",
    "closed": "closed",
}


def _relieve(state: Conversation, unless: e.Person | None = None) -> list[Effect]:
    """Free the slot of who transferred it, which was kept for the case that nobody takes it."""
    if state.left is None or (unless is not None and unless.id == state.left.id):
        return []
    return [Tell(_agent(state.left), c.Released(state.epoch, "transferred"))]


def _alert(state: Conversation, fact: e.HumanRequested) -> list[Effect]:
    if fact.trigger != "keyword" or fact.detail is UNSET:
        return []
    return [Announce(f"bot/{state.bot}", frames.Alert(state.key, fact.detail, state.preview))]


def _next(rules: Rules, state: Conversation) -> Tell:
    """Whom the waiting conversation turns to: the agent asked for by name, or the supervisor."""
    wait = state.wait
    assert wait is not None
    if wait.to_agent:
        reserve = c.Reserve(state.key, state.bot, state.epoch, f"{wait.back_to.name if wait.back_to else ''} asked her")
        return Tell(actor_id("agent", wait.to_agent), reserve)
    enlist = c.Enlist(
        state.epoch,
        wait.since_ms,
        priority=wait.priority,
        skill=wait.skill,
        language=state.visitor.locale[:LANGUAGE_CHARACTERS].lower(),
        sticky=wait.first_refusal or state.last_agent,
        tried=wait.tried,
        attempt=wait.attempt,
    )
    return Tell(actor_id("supervisor", state.bot), enlist)


def _agent(agent: e.Person) -> ActorId:
    return actor_id("agent", agent.id)
