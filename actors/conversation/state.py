"""A conversation's state, and how each fact changes it. Small on purpose: the history stays in the journal."""

from itertools import islice
from typing import Literal, get_args

from msgspec import UNSET, Struct, field
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
from runtime.machine import Fact

Phase = Literal["new", "assistant", "queued", "live", "closed"]
STATES: tuple[str, ...] = tuple(phase for phase in get_args(Phase) if phase != "new")
"""Those that clients know."""

PREVIEW_CHARACTERS = 120


class OfferOut(Struct, frozen=True):
    """The one offer that is out."""

    agent: e.Person
    expires_at_ms: int
    why: str = ""


class Claim(Struct, frozen=True):
    """An agent's slot, by the epoch under which she has it. `owes`: the visitor waits for an answer of hers."""

    agent: e.Person
    epoch: int
    owes: bool = False


class Wait(Struct):
    """A handoff that is under way. `since_ms` is the place in the queue, and survives offers that fail."""

    since_ms: int
    trigger: e.Trigger
    queued_ms: int
    priority: int = 0
    skill: str = ""
    to_agent: str = ""
    back_to: Claim | None = None
    """Who transferred it, and gets it back if the one she asked for declines: until then she keeps her slot."""
    first_refusal: str = ""
    tried: tuple[str, ...] = ()
    """Who has had the offer in this round."""
    attempt: int = 0
    offer: OfferOut | None = None
    note: str = ""


class Service(Struct):
    """An agent at work. `owes_since_ms` is the visitor's oldest message that she has not answered."""

    agent: e.Person
    since_ms: int
    how: e.How
    owes_since_ms: int | None = None
    waited_ms: int | None = None
    answers: int = 0
    answered_in_ms: int | None = None
    """How long the visitor waited for the answer just given."""


class Turn(Struct):
    """A question that the assistant is at: the sequence it was asked up to, and when."""

    id: str
    asked_ms: int
    attempt: int = 0
    more: bool = False
    """The visitor has written on meanwhile: that is the next turn."""


class Conversation(Struct):
    """See the module. The fields from `online` on are what signals tell: they are empty after a restart."""

    key: str
    phase: Phase = "new"
    bot: str = ""
    visitor: e.Visitor = e.Visitor("")
    epoch: int = 0
    sequence: int = 0
    opened_at_ms: int = 0
    updated_at_ms: int = 0
    closed_at_ms: int | None = None
    spoke_ms: int = 0
    """When the visitor last said or did something."""
    warned: bool = False
    read_visitor: int = 0
    read_agent: int = 0
    marks: tuple[int, int] = (0, -1)
    """The first and the last sequence of the latest read marks that have nothing else between them."""
    preview: str = ""
    """What was said last, in short; of files without words, their names."""
    preview_from: e.Speaker | None = None
    asked: str = ""
    """What the visitor said last, in short: whoever is offered the conversation decides by that."""
    tags: tuple[str, ...] = ()
    wait: Wait | None = None
    service: Service | None = None
    turn: Turn | None = None
    asking: Literal["", "assistant", "human"] = ""
    """Whom the visitor has asked what nobody has answered. Whoever has the conversation next owes the answer."""
    greeted: str = ""
    """The agent who was introduced: if she comes back to this handoff, she need not be again."""
    excused: str = ""
    """The agent for whose delay the visitor was asked to wait."""
    last_agent: str = ""
    """Who served it last."""
    former_agent: str = ""
    """Who served an earlier conversation of this visitor's: to be asked first, and nothing else is hers here."""
    left: Claim | None = None
    """Whom the last event released."""
    relieved: Claim | None = None
    """Whose slot, kept while a colleague was asked, the last event has set free."""
    handled_ms: int = 0
    turn_ms: int | None = None
    """How long the assistant's turn took that the last event has ended; None: it has ended none."""
    unanswered: int = 0
    priority: int | None = None
    """What a manager has said; None: it is as urgent as what brings it about."""
    offline: str = ""
    resolution: str = ""
    rating: int = 0
    online: dict[str, None] = field(default_factory=dict)
    viewers: dict[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    """The agents who look on, as they are told to each other."""
    shown_anew: bool = False
    """The last session to come or go has changed that."""
    last_seen_ms: int = 0
    place: tuple[int, tuple[int, int]] | None = None
    agent_online: bool = True
    streamed: str = ""
    """What was heard so far of the answer being written."""
    heard_ms: int = 0
    """When the last piece of an answer came."""
    next_key: str = ""
    """The visitor's next conversation, opened after the close."""

    @property
    def language(self) -> str:
        """The visitor's, in two small letters, as the browser tells it; empty: unknown."""
        return self.visitor.locale[:2].lower()

    @property
    def sticky(self) -> str:
        """The agent to be asked first: she dropped this visitor, or had her last, and has not just sent her on."""
        if self.wait is not None and self.wait.trigger == "transfer":
            return ""
        dropped_by = self.wait.first_refusal if self.wait is not None else ""
        return dropped_by or self.last_agent or self.former_agent


def apply(state: Conversation, fact: Fact, at_ms: int) -> Conversation:
    """The state after the fact; the given one is changed in place."""
    if fact.journaled:
        state.sequence += 1
        state.updated_at_ms = at_ms
        state.relieved = state.turn_ms = None
    match fact:
        case e.MessageSent():
            _message(state, fact, at_ms)
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
    said = fact.text or ", ".join(file.name for file in fact.attachments)
    state.preview, state.preview_from = said[:PREVIEW_CHARACTERS], fact.speaker
    match fact.speaker:
        case "visitor":
            state.asked = state.preview
            state.spoke_ms, state.warned = at_ms, False
            if state.service is not None and state.service.owes_since_ms is None:
                state.service.owes_since_ms = at_ms
            state.asking = state.asking or ("assistant" if state.phase == "assistant" else "human")
            if state.phase == "assistant":
                if state.turn is None:
                    state.turn = Turn(turn_id(state.epoch, state.sequence), at_ms)
                else:
                    state.turn.more = True
        case "agent":
            state.asking = ""
            state.spoke_ms, state.warned = at_ms, False
            service = state.service
            if service is not None:
                service.answered_in_ms = at_ms - service.owes_since_ms if service.owes_since_ms is not None else None
                service.answers += 1
                service.owes_since_ms = None
        case "assistant":
            if fact.turn is not UNSET:
                state.turn_ms = _turn_ms(state)
                state.unanswered = state.unanswered + 1 if fact.known is False else 0
                end_turn(state, at_ms)
                state.asking = "assistant" if state.turn is not None else ""
        case "system" if fact.notice == "apology":
            state.asking = ""
        case "system" if fact.notice == "greeting" and state.service is not None:
            state.greeted = state.service.agent.id
        case "system" if fact.notice == "delay" and state.service is not None:
            state.excused = state.service.agent.id
        case "system" if fact.notice == "idle":
            state.warned, state.spoke_ms = True, at_ms


def end_turn(state: Conversation, at_ms: int) -> None:
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
