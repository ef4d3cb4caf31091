"""What the metrics should know of a conversation's events. Counted after the commit, never in replay."""

from collections.abc import Sequence

from msgspec import UNSET

from actors import events as e
from actors.conversation.rules import Rules
from actors.conversation.state import Conversation, Service
from runtime.machine import Fact, Measure


def measures(rules: Rules, state: Conversation, fact: Fact, at_ms: int) -> Sequence[Measure]:
    """The measures of one event; `state` is the one after it."""
    if isinstance(fact, e.MessageSent):
        return said(rules, state, fact, at_ms)
    return [*_measures(state, fact), *_turns(state, fact)]


def _turns(state: Conversation, fact: Fact) -> list[Measure]:
    if state.turn_ms is None:
        return []
    return [Measure("assistant_seconds", (state.bot, _outcome(fact)), state.turn_ms / 1000)]


def _measures(state: Conversation, fact: Fact) -> list[Measure]:
    bot = state.bot
    match fact:
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
        case _:
            return []


def said(rules: Rules, state: Conversation, fact: e.MessageSent, at_ms: int) -> list[Measure]:
    """Those of a message: nearly all facts are one."""
    speaker = fact.speaker
    found = [Measure("messages_total", (state.bot, speaker))]
    if speaker == "agent":
        service = state.service
        if service is not None:
            found += _responses(rules, state, service, at_ms)
    elif speaker == "assistant":
        if fact.turn is not UNSET and state.phase != "assistant":
            # The epochs are there so that this never happens.
            found.append(Measure("stale_assistant_messages_through_total", (state.bot,)))
        found += _turns(state, fact)
    return found


def _responses(rules: Rules, state: Conversation, service: Service, at_ms: int) -> list[Measure]:
    labels, found = (state.bot, service.agent.id), []
    if service.answers == 1:
        found.append(Measure("first_response_seconds", labels, (at_ms - service.since_ms) / 1000))
    answered_in_ms = service.answered_in_ms
    if answered_in_ms is not None:
        seconds = answered_in_ms / 1000
        found.append(Measure("response_seconds", labels, seconds))
        if seconds <= rules.bot(state).routing.response_target_seconds:
            found.append(Measure("responses_within_target_total", labels))
    return found


def _outcome(fact: Fact) -> str:
    """How a turn of the assistant's ended that this event has ended."""
    match fact:
        case e.MessageSent(notice="apology") | e.HumanRequested(trigger="assistant_failed"):
            return "failed"
        case e.MessageSent():
            return "unknown" if fact.known is False else "answered"
        case e.TurnRetried():
            return "retried"
        case e.HumanRequested(trigger=trigger) if trigger != "visitor":
            return "escalated"
        case _:
            return "dropped"
