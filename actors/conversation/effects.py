"""What a conversation's facts make others do, once they are durable."""

from collections.abc import Sequence

from msgspec import UNSET

from actors import commands as c
from actors import events as e
from actors import frames
from actors.assistant.commands import ATTEMPTS, POOL, AnswerTurn, DropTurn, turn_id, turn_sequence
from actors.assistant.recognise import find_keyword
from actors.conversation.handoff import reachable
from actors.conversation.measures import measures, said
from actors.conversation.rules import Rules
from actors.conversation.signals import (
    AgentSeen,
    ChunkArrived,
    GoneOn,
    NotWaiting,
    OfferRepeated,
    PlaceChanged,
    SessionsChanged,
    SlotReturned,
    StaleRefused,
    TypingSignalled,
    Woken,
)
from actors.conversation.state import Conversation
from runtime.identity import ActorId, actor_id
from runtime.machine import Announce, Ask, Effect, Fact, Measure, Push, Signal, Tell


def effects(rules: Rules, state: Conversation, fact: Fact, at_ms: int) -> Sequence[Effect]:
    """See the module."""
    if type(fact) is e.MessageSent:  # see `apply`
        counted, caused = said(rules, state, fact, at_ms), _caused(rules, state, fact)
        return [*caused, *counted] if caused else counted
    match fact:
        case e.ReadMarked() | e.EventLost():
            return ()
        case StaleRefused():
            return [Measure("stale_assistant_messages_total", ())]
        case SlotReturned() | NotWaiting() | OfferRepeated() | Woken():
            return _books(state, fact)
        case Signal():
            return _pushes(state, fact)
        case _:
            handoff = _handoff(rules, state, fact, at_ms)
            return [*handoff, *_relieve(state, fact), *measures(rules, state, fact, at_ms)]


def _caused(rules: Rules, state: Conversation, fact: e.MessageSent) -> list[Effect]:
    """What a message sets off: the assistant's turn, or an alert."""
    caused: list[Effect] = []
    turn = state.turn
    if turn is not None and not turn.more and turn.id == turn_id(state.epoch, state.sequence) and _asks(fact):
        caused.append(_ask(state))
    if fact.speaker == "visitor" and state.phase != "assistant":
        # Keywords alert the team where the assistant does not listen any more; while it does, it asks for a human.
        keywords = rules.bot(state).escalation.keywords
        match = find_keyword(fact.text, keywords) if keywords else None
        if match is not None:
            caused.append(_alert(state, match.detail))
    return caused


def _asks(fact: e.MessageSent) -> bool:
    return fact.speaker == "visitor" or (fact.speaker == "assistant" and fact.turn is not UNSET)


def _ask(state: Conversation) -> Ask:
    turn = state.turn
    assert turn is not None
    return Ask(POOL, AnswerTurn(state.bot, state.epoch, turn.id, turn_sequence(turn.id), turn.attempt), turn.attempt)


def _alert(state: Conversation, keyword: str) -> Announce:
    return Announce(f"bot/{state.bot}", frames.Alert(state.key, keyword, state.preview))


def _books(state: Conversation, fact: Fact) -> Sequence[Effect]:
    """What keeps the agents' and the supervisor's books in line with the truth here."""
    delist = Tell(actor_id("supervisor", state.bot), c.Delist(state.epoch))
    match fact:
        case SlotReturned():
            released = Tell(ActorId(fact.agent), c.Released(fact.epoch, "withdrawn", fact.attempt))
            return [released, delist] if 0 < fact.epoch < state.epoch else [released]
        case NotWaiting():
            return [delist]
        case OfferRepeated() if state.wait is not None and state.wait.offer is not None:
            return [_ring(state)]
        case Woken() if state.wait is not None and state.wait.offer is None and not state.wait.to_agent:
            return [_next(state)]
        case _:
            return ()


def _pushes(state: Conversation, fact: Fact) -> Sequence[Effect]:
    key = state.key
    match fact:
        case TypingSignalled(by="visitor"):
            frame = frames.Typing(key, "visitor", fact.active, fact.name or UNSET, fact.text or UNSET)
            return [Push(frame, frames.AGENTS)]
        case TypingSignalled():
            return [Push(frames.Typing(key, "agent", fact.active, fact.name))]
        case ChunkArrived():
            return [Push(frames.AssistantChunk(key, fact.turn, fact.text, fact.offset))]
        case PlaceChanged():
            return [Push(frames.QueuePosition(key, fact.position, fact.eta_seconds))]
        case GoneOn():
            return [Push(frames.GoesOn(key, fact.key), frames.VISITORS)]
        case AgentSeen():
            return [Push(frames.AgentOnline(key, fact.online), frames.VISITORS)]
        case SessionsChanged(who=who) if who.startswith("visitor/"):
            presence = Push(frames.Presence(key, bool(state.online), state.last_seen_ms), frames.AGENTS)
            return [presence, *_standing(state), *_streaming(state, fact)] if fact.here else [presence]
        case SessionsChanged():
            return [*_viewers(state, fact), *_seen(state, fact), *_streaming(state, fact)]
        case _:
            return ()


def _standing(state: Conversation) -> list[Effect]:
    """What a visitor who comes back does not find in the events: the place in the queue, who is there,
    where it goes on."""
    if state.phase == "queued" and state.place is not None:
        return [Push(frames.QueuePosition(state.key, *state.place), frames.VISITORS)]
    if state.phase == "live":
        return [Push(frames.AgentOnline(state.key, state.agent_online), frames.VISITORS)]
    if state.next_key:
        return [Push(frames.GoesOn(state.key, state.next_key), frames.VISITORS)]
    return []


def _viewers(state: Conversation, fact: SessionsChanged) -> list[Effect]:
    """Who looks on: told to all of them when it changes, else to whoever comes."""
    if state.shown_anew:
        return [Push(frames.Viewers(state.key, state.shown), frames.AGENTS)]
    return [Push(frames.Viewers(state.key, state.shown), fact.session)] if fact.here else []


def _seen(state: Conversation, fact: SessionsChanged) -> list[Effect]:
    """An agent who comes is told whether the visitor is there, if that is known."""
    if not fact.here or not state.last_seen_ms:
        return []
    return [Push(frames.Presence(state.key, bool(state.online), state.last_seen_ms), fact.session)]


def _streaming(state: Conversation, fact: SessionsChanged) -> list[Effect]:
    """Who comes in the middle of an answer hears what of it the others have heard."""
    if state.turn is None or not state.streamed or not fact.here:
        return []
    return [Push(frames.AssistantChunk(state.key, state.turn.id, state.streamed), fact.session)]


def _drop(*attempts: int) -> list[Effect]:
    """Whoever may be at an answer lets it be: another attempt is another worker's."""
    return [Ask(POOL, DropTurn(), attempt) for attempt in attempts or range(ATTEMPTS)]


def _handoff(rules: Rules, state: Conversation, fact: Fact, at_ms: int) -> Sequence[Effect]:
    supervisor = actor_id("supervisor", state.bot)
    match fact:
        case e.HumanRequested():
            alert = [_alert(state, fact.detail)] if fact.trigger == "keyword" and fact.detail is not UNSET else []
            # Outside the hours nobody is asked: the next event says so.
            onward = [_next(state)] if reachable(rules, state, fact.trigger, at_ms) else []
            return [*_drop(), *alert, *onward]
        case e.PriorityChanged() if state.wait is not None and not state.wait.to_agent:
            return [Tell(supervisor, c.Prioritise(state.epoch, state.wait.priority))]
        case e.Offered():
            return [_ring(state)]
        case e.OfferEnded(agent=agent, outcome=outcome) if outcome != "accepted":
            assert state.wait is not None
            over = Tell(_agent(agent), c.Released(state.epoch, outcome, state.wait.attempt - 1))
            # What is withdrawn without a reason goes where the next event says, and so does what a colleague sent.
            moves_on = outcome != "withdrawn" or fact.reason is not UNSET
            return [over, _next(state)] if moves_on and state.wait.back_to is None else [over]
        case e.AgentAssigned(agent=agent, how=how):
            taken = Tell(_agent(agent), c.Assigned(state.bot, state.epoch, how, state.sequence))
            online = Push(frames.AgentOnline(state.key, agent_online=True), frames.VISITORS)
            delist = Tell(supervisor, c.Delist(state.epoch, assigned=True))
            return [*_drop(), taken, delist, online]
        case e.AgentReleased(reason=reason) if reason != "transferred":
            return [Tell(_agent(fact.agent), c.Released(state.epoch, _OUTCOMES[reason]))]
        case e.ReturnedToAssistant() | e.ConversationClosed():
            open_question = [_ask(state)] if state.turn is not None else []
            return [*_drop(), Tell(supervisor, c.Delist(state.epoch)), *open_question]
        case e.TurnRetried() if state.turn is not None:
            return [*_drop(state.turn.attempt - 1), _ask(state)]
        case _:
            return ()


_OUTCOMES: dict[e.ReleaseReason, c.Outcome] = {
    "returned": "returned",
    "disconnected": "gone",
    "reassigned": "reassigned",
    "closed": "closed",
}


def _relieve(state: Conversation, fact: Fact) -> list[Effect]:
    """The slot of who transferred it is free: a colleague has it, or nobody will."""
    claim = state.relieved
    if claim is None:
        return []
    outcome: c.Outcome = "gone" if isinstance(fact, e.SenderLeft) else "transferred"
    return [Tell(_agent(claim.agent), c.Released(claim.epoch, outcome))]


def _ring(state: Conversation) -> Tell:
    wait = state.wait
    assert wait is not None
    assert wait.offer is not None
    offer = c.OfferMade(
        state.bot,
        state.epoch,
        state.visitor,
        wait.trigger,
        state.asked,
        wait.offer.expires_at_ms,
        wait.attempt,
        wait.note,
    )
    return Tell(_agent(wait.offer.agent), offer)


def _next(state: Conversation) -> Tell:
    """Whom the waiting conversation turns to: the agent asked for by name, or the supervisor."""
    wait = state.wait
    assert wait is not None
    if wait.to_agent:
        why = f"{wait.back_to.agent.name} asked for her" if wait.back_to is not None else "asked for by name"
        return Tell(actor_id("agent", wait.to_agent), c.Reserve(state.key, state.bot, state.epoch, why, wait.attempt))
    enlist = c.Enlist(
        state.epoch,
        wait.since_ms,
        priority=wait.priority,
        skill=wait.skill,
        language=state.language,
        sticky=state.sticky,
        tried=wait.tried,
        attempt=wait.attempt,
        trigger=wait.trigger,
    )
    return Tell(actor_id("supervisor", state.bot), enlist)


def _agent(agent: e.Person) -> ActorId:
    return actor_id("agent", agent.id)
