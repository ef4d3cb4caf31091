"""How a conversation ends: closed by an agent, ended by the visitor, or fallen silent. And what comes after it: the
rating, and the next conversation."""

from collections.abc import Sequence

from msgspec import UNSET

from actors import commands as c
from actors import events as e
from actors.conversation.rules import Rules, is_manager, need_visitor, not_allowed, person, system_says, too_long
from actors.conversation.signals import GoneOn
from actors.conversation.state import Conversation
from runtime.machine import Command, Fact, Origin, Rejected

IDLE_WARNING = "Are you still there? I'll close this conversation in a minute if I don't hear from you."
IDLE_GRACE_SECONDS = 60


def close_conversation(
    rules: Rules, state: Conversation, command: c.CloseConversation, origin: Origin
) -> Sequence[Fact]:
    """By its owner; by any agent while nobody owns it; by a manager always."""
    agent = rules.agent(origin, state)
    if state.phase == "closed":
        not_allowed(state, "")
    if len(command.notes) > rules.text_characters:
        too_long(rules, "notes")
    service = state.service
    if service is not None and service.agent.id != agent.id and not is_manager(agent):
        not_allowed(state, f"{service.agent.name} has this conversation.")
    closed = e.ConversationClosed("agent", command.resolution, notes=command.notes, agent=person(agent))
    return [*_let_go(state), closed]


def end_conversation(rules: Rules, state: Conversation, command: c.EndConversation, origin: Origin) -> Sequence[Fact]:
    """By the visitor. What became of it, the last owner may know: not we."""
    need_visitor(origin, state)
    if state.phase == "closed":
        not_allowed(state, "")
    agent = state.service.agent if state.service is not None else UNSET
    return [*_let_go(state), e.ConversationClosed("visitor", "other", agent=agent)]


def _let_go(state: Conversation) -> list[Fact]:
    facts: list[Fact] = []
    if state.wait is not None and state.wait.offer is not None:
        facts.append(e.OfferEnded(state.wait.offer.agent, "withdrawn"))
    if state.service is not None:
        facts.append(e.AgentReleased(state.service.agent, "closed"))
    return facts


def visitor_silent(rules: Rules, state: Conversation, command: c.VisitorSilent, origin: Origin) -> Sequence[Fact]:
    """A warning first, then the close."""
    due = deadline(rules, state)
    if due is None or due[0] > origin.now_ms:
        return []
    if not state.warned:
        return [system_says(rules, state, IDLE_WARNING, "idle")]
    agent = state.service.agent if state.service is not None else UNSET
    return [*_let_go(state), e.ConversationClosed("system", "other", agent=agent)]


def go_on(rules: Rules, state: Conversation, command: c.GoOn, origin: Origin) -> Sequence[Fact]:
    """For the windows that are still here, or about to be: the one that has opened the next conversation is there."""
    need_visitor(origin, state)
    return [GoneOn(command.key)] if state.phase == "closed" else []


def rate(rules: Rules, state: Conversation, command: c.Rate, origin: Origin) -> Sequence[Fact]:
    """By the visitor, while it runs or after the close; the last rating counts."""
    need_visitor(origin, state)
    if not 1 <= command.score <= 5:
        raise Rejected("bad_request", "score is from 1 to 5.", field="score")
    if len(command.comment) > rules.text_characters:
        too_long(rules, "comment")
    return [e.Rated(command.score, command.comment)]


def patience_ms(rules: Rules) -> int:
    """How soon at the earliest what is said in a live conversation makes an answer late, or its visitor silent."""
    routings = [bot.routing for bot in rules.bots]
    silent = [routing.idle_close_seconds for routing in routings if routing.idle_close_seconds]
    return 1000 * min(*silent, *(routing.response_target_seconds for routing in routings), IDLE_GRACE_SECONDS)


def deadline(rules: Rules, state: Conversation) -> tuple[int, Command] | None:
    """When a silent visitor is warned, and then the conversation closed. Whoever waits for an agent is not silent."""
    service = state.service
    answered = service.owes_since_ms is None if service is not None else state.phase == "assistant"
    if not answered or state.turn is not None:
        return None
    idle_seconds = rules.bot(state).routing.idle_close_seconds
    if not idle_seconds:
        return None
    seconds = IDLE_GRACE_SECONDS if state.warned else idle_seconds
    return state.spoke_ms + seconds * 1000, c.VisitorSilent()
