"""What the metrics should know of a conversation's events. Counted after the commit, never in replay."""

from collections.abc import Sequence

from msgspec import UNSET

from actors import events as e
from actors.conversation.rules import Rules
from actors.conversation.state import Conversation
from runtime.machine import Fact, Measure


def measures(rules: Rules, state: Conversation, fact: Fact, at_ms: int) -> Sequence[Measure]:
    """The measures of one event; `state` is the one after it."""
    bot = state.bot
    match fact:
        case e.MessageSent(speaker="agent"):
            return [Measure("messages_total", (bot, "agent")), *_responses(rules, state, at_ms)]
        case e.MessageSent(speaker="assistant") if fact.turn is not UNSET:
            outcome = "unknown" if fact.known is False else "answered"
            answered = Measure("assistant_seconds", (bot, outcome), state.turn_ms / 1000)
            return [Measure("messages_total", (bot, "assistant")), answered, *_through(state)]
        case e.MessageSent():
            return [Measure("messages_total", (bot, fact.speaker))]
        case e.HumanRequested():
            return [Measure("handoffs_total", (bot, fact.trigger))]
        case e.AgentAssigned():
            taken = Measure("takeovers_total", (bot, fact.how))
            waited_ms = state.service.waited_ms if state.service is not None else None
            return [taken] if waited_ms is None else [taken, Measure("handoff_wait_seconds", (bot,), waited_ms / 1000)]
        case e.AgentReleased():
            return [Measure("handle_seconds", (bot, fact.agent.id), state.handled_ms / 1000)]
        case e.OfflineAnswered():
            return [Measure("offline_answered_total", (bot, fact.reason))]
        case e.OfferEnded():
            return [Measure("offers_total", (bot, fact.agent.id, fact.outcome))]
        case e.ConversationClosed():
            agent = fact.agent.id if fact.agent is not UNSET else ""
            return [Measure("closed_total", (bot, agent, fact.resolution))]
        case e.Rated():
            return [Measure("rating", (bot, state.last_agent), fact.score)]
        case e.TurnRetried():
            return [Measure("assistant_seconds", (bot, "retried"), 0.0)]
        case _:
            return ()


def _through(state: Conversation) -> list[Measure]:
    """An answer of the assistant's while it did not own the conversation: the epochs are there so that none ever is."""
    return [] if state.phase == "assistant" else [Measure("stale_assistant_messages_through_total", (state.bot,))]


def _responses(rules: Rules, state: Conversation, at_ms: int) -> list[Measure]:
    service = state.service
    if service is None or service.answered_in_ms is None:
        return []
    labels, seconds = (state.bot, service.agent.id), service.answered_in_ms / 1000
    found = [Measure("response_seconds", labels, seconds)]
    if seconds <= rules.bot(state).routing.response_target_seconds:
        found.append(Measure("responses_within_target_total", labels))
    if service.first_answer_ms == at_ms:
        found.append(Measure("first_response_seconds", labels, (at_ms - service.since_ms) / 1000))
    return found
