"""How each fact changes a conversation's state."""

from itertools import islice

from msgspec import UNSET
from msgspec.structs import replace

from actors import events as e
from actors.assistant.commands import turn_id
from actors.conversation.signals import (
    AgentSeen,
    ChunkArrived,
    GoneOn,
    PlaceChanged,
    SessionsChanged,
    TypingSignalled,
    Woken,
)
from actors.conversation.state import Claim, Conversation, OfferOut, Phase, Service, Turn, Wait
from runtime.machine import Fact

PREVIEW_CHARACTERS = 120


def apply(state: Conversation, fact: Fact, at_ms: int) -> Conversation:
    """The state after the fact; the given one is changed in place."""
    if fact.journaled:
        state.sequence += 1
        state.updated_at_ms = at_ms
        state.relieved = state.turn_ms = None
    if type(fact) is e.MessageSent:  # nearly all facts are one, and a class pattern makes three objects to see that
        _message(state, fact, at_ms)
        return state
    match fact:
        case e.ReadMarked():
            first, last = state.marks
            state.marks = (first if last + 1 == state.sequence else state.sequence, state.sequence)
            if fact.by == "visitor":
                state.read_visitor = fact.sequence
                state.spoke_ms = at_ms
            else:
                state.read_agent = fact.sequence
        case e.ConversationOpened():
            state.phase, state.bot, state.visitor, state.epoch = "assistant", fact.bot, fact.visitor, 1
            state.opened_at_ms = state.spoke_ms = at_ms
            state.former_agent = fact.last_agent if fact.last_agent is not UNSET else ""
        case e.HumanRequested():
            _queue(state, fact, at_ms)
        case e.AgentAssigned():
            _serve(state, fact, at_ms)
        case e.Offered() | e.OfferEnded() | e.AgentReleased() | e.SenderLeft():
            _handoff(state, fact, at_ms)
        case e.ReturnedToAssistant():
            _own(state, "assistant")
            if state.asking:
                state.turn = Turn(turn_id(state.epoch, state.sequence), at_ms)
            state.spoke_ms, state.warned, state.unanswered = at_ms, False, 0
            state.greeted = state.excused = ""
        case e.OfflineAnswered():
            state.offline = fact.reason
            if state.asking == "human":
                state.asking = ""  # this is the answer
        case e.ConversationClosed():
            _own(state, "closed")
            state.closed_at_ms, state.resolution = at_ms, fact.resolution
        case _:
            _detail(state, fact, at_ms)
    return state


def _message(state: Conversation, fact: e.MessageSent, at_ms: int) -> None:
    speaker, service = fact.speaker, state.service
    said = fact.text or ", ".join(file.name for file in fact.attachments)
    preview = said[:PREVIEW_CHARACTERS]
    state.preview, state.preview_from = preview, speaker
    match speaker:
        case "visitor":
            state.asked = preview
            state.spoke_ms, state.warned = at_ms, False
            if service is not None and service.owes_since_ms is None:
                service.owes_since_ms = at_ms
            assisted = state.phase == "assistant"
            state.asking = state.asking or ("assistant" if assisted else "human")
            if assisted:
                if state.turn is None:
                    state.turn = Turn(turn_id(state.epoch, state.sequence), at_ms)
                else:
                    state.turn.more = True
        case "agent":
            state.asking = ""
            state.spoke_ms, state.warned = at_ms, False
            if service is not None:
                owes_since_ms = service.owes_since_ms
                service.answered_in_ms = at_ms - owes_since_ms if owes_since_ms is not None else None
                service.answers += 1
                service.owes_since_ms = None
        case "assistant":
            if fact.turn is not UNSET:
                state.turn_ms = _turn_ms(state)
                state.unanswered = state.unanswered + 1 if fact.known is False else 0
                _end_turn(state, at_ms)
                state.asking = "assistant" if state.turn is not None else ""
        case "system" if fact.notice == "apology":
            state.asking = ""
        case "system" if fact.notice == "greeting" and service is not None:
            state.greeted = service.agent.id
        case "system" if fact.notice == "delay" and service is not None:
            state.excused = service.agent.id
        case "system" if fact.notice == "idle":
            state.warned, state.spoke_ms = True, at_ms


def _end_turn(state: Conversation, at_ms: int) -> None:
    """The turn is answered; what the visitor wrote meanwhile begins the next."""
    more = state.turn is not None and state.turn.more
    state.turn = Turn(turn_id(state.epoch, state.sequence), at_ms) if more and state.phase == "assistant" else None
    state.streamed = ""


def _turn_ms(state: Conversation) -> int | None:
    return state.updated_at_ms - state.turn.asked_ms if state.turn is not None else None


def _own(state: Conversation, phase: Phase) -> None:
    """A change of owner: the epoch grows, and what belonged to the former one ends."""
    if state.wait is not None:
        state.relieved = state.wait.back_to
    state.turn_ms = _turn_ms(state)
    state.phase = phase
    state.epoch += 1
    state.turn = state.place = state.wait = state.service = state.left = None
    state.streamed = ""


def _queue(state: Conversation, fact: e.HumanRequested, at_ms: int) -> None:
    left = state.left
    if fact.trigger in ASKED_FOR:
        # What has fetched the human is dealt with; what was written meanwhile is not.
        state.asking = "assistant" if state.turn is not None and state.turn.more else ""
    _own(state, "queued")
    wait = state.wait = Wait(
        since_ms=at_ms,
        trigger=fact.trigger,
        queued_ms=at_ms,
        skill=fact.skill if fact.skill is not UNSET else "",
        to_agent=fact.to_agent if fact.to_agent is not UNSET else "",
        note=fact.note if fact.note is not UNSET else "",
    )
    usual = fact.priority if fact.priority is not UNSET else 0
    wait.priority = state.priority if state.priority is not None else usual
    if left is not None and fact.trigger == "disconnect":
        wait.priority += FRONT
        wait.first_refusal = left.agent.id
    elif left is not None and wait.to_agent:
        wait.back_to = left
    elif left is not None:
        wait.tried, state.relieved = (left.agent.id,), left


ASKED_FOR: tuple[e.Trigger, ...] = ("phrase", "keyword", "sentiment", "assistant")
"""By which it is the visitor's very words that want a human, rather than an answer of the assistant's."""


def _serve(state: Conversation, fact: e.AgentAssigned, at_ms: int) -> None:
    wait, asked = state.wait, state.turn is not None or (state.left is not None and state.left.owes)
    _own(state, "live")
    if state.relieved is not None and state.relieved.agent.id == fact.agent.id:
        state.relieved = None
    # Whoever asked for a human, or has a question open, waits for her first word from now on.
    owes_since_ms = at_ms if wait is not None or asked else None
    waited_ms = at_ms - wait.queued_ms if wait is not None else None
    state.service = Service(fact.agent, at_ms, fact.how, owes_since_ms=owes_since_ms, waited_ms=waited_ms)
    state.last_agent, state.offline = fact.agent.id, ""
    state.spoke_ms, state.warned, state.agent_online = at_ms, False, True


def _handoff(state: Conversation, fact: Fact, at_ms: int) -> None:
    wait = state.wait
    match fact:
        case e.Offered() if wait is not None:
            wait.offer = OfferOut(fact.agent, fact.expires_at_ms, fact.why)
            if fact.agent.id in wait.tried:
                wait.tried = ()  # everybody has had it: a new round
        case e.OfferEnded() if wait is not None:
            wait.offer = None
            wait.attempt += 1
            if fact.outcome != "accepted":
                wait.tried = (*wait.tried, fact.agent.id)
                wait.to_agent = ""
        case e.SenderLeft() if wait is not None:
            state.relieved, wait.back_to = wait.back_to, None
        case e.AgentReleased():
            service, state.service = state.service, None
            state.handled_ms = at_ms - service.since_ms if service is not None else 0
            owes = service is not None and service.owes_since_ms is not None
            state.left = Claim(fact.agent, state.epoch, owes)
            state.last_agent = fact.agent.id


FRONT = 1_000_000
"""Minutes of priority that put a conversation before all who merely waited."""


def _detail(state: Conversation, fact: Fact, at_ms: int) -> None:
    match fact:
        case e.TagsChanged():
            kept = tuple(tag for tag in state.tags if tag not in fact.removed)
            state.tags = kept + tuple(tag for tag in fact.added if tag not in kept)
        case e.DetailsChanged():
            changed = {
                name: value
                for name in ("name", "email", "attributes", "page")
                if (value := getattr(fact, name)) is not UNSET
            }
            state.visitor, state.spoke_ms = replace(state.visitor, **changed), at_ms
        case e.TurnRetried():
            state.turn_ms = _turn_ms(state)
            state.streamed = ""
            if state.turn is not None:
                state.turn.attempt += 1
        case e.Rated():
            state.rating, state.spoke_ms = fact.score, at_ms
        case e.PriorityChanged():
            state.priority = fact.priority
            if state.wait is not None:
                state.wait.priority = fact.priority + (FRONT if state.wait.first_refusal else 0)
        case SessionsChanged():
            _sessions(state, fact, at_ms)
        case Woken():
            state.online, state.viewers, state.shown, state.place, state.streamed = {}, {}, (), None, ""
            state.agent_online, state.next_key = True, ""
        case PlaceChanged():
            state.place = (fact.position, fact.eta_seconds)
        case ChunkArrived():
            state.streamed += fact.text
            state.heard_ms = at_ms
        case TypingSignalled(by="visitor", active=True):
            state.spoke_ms = at_ms  # whoever writes is not silent, even if warned
        case AgentSeen():
            state.agent_online = fact.online
        case GoneOn():
            state.next_key = fact.key
        case _:
            pass


def _sessions(state: Conversation, fact: SessionsChanged, at_ms: int) -> None:
    if fact.who.startswith("visitor/"):
        state.last_seen_ms = at_ms
        if fact.here:
            state.online[fact.session] = None
        else:
            state.online.pop(fact.session, None)
        return
    if fact.here:
        state.viewers[fact.session] = fact.who.removeprefix("agent/")
    else:
        state.viewers.pop(fact.session, None)
    shown = tuple(sorted(set(islice(state.viewers.values(), VIEWERS_SHOWN))))
    state.shown, state.shown_anew = shown, shown != state.shown


VIEWERS_SHOWN = 20
"""A crowd is not listed in full: every change of the list goes to all of them."""
