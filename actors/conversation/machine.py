"""The conversation as a machine: which command goes to which rule, and what the rules share.

The rules stand beside this file: `talk` (messages, typing, reading), `handoff` (to a human and back), `offers` (who
that is), `turns` (the assistant), `ending`. Each is a function of (rules, state, command, origin) that returns facts or
raises `Rejected`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from actors import commands as c
from actors import events as e
from actors.conversation import ending, handoff, offers, talk, turns
from actors.conversation.apply import apply
from actors.conversation.effects import effects
from actors.conversation.mirror import mirrored
from actors.conversation.rules import Rules, refuse_new
from actors.conversation.signals import Woken
from actors.conversation.state import Conversation
from actors.conversation.view import View, describe
from actors.settings import Settings
from runtime.machine import Attached, Command, Detached, Effect, Event, Fact, Origin, Rejected, Signal, Summary

Rule = Callable[[Rules, Conversation, Any, Origin], Sequence[Fact]]

RULES: Mapping[type[Command], Rule] = {
    c.Open: talk.open_conversation,
    c.SendMessage: talk.send_message,
    c.EditMessage: talk.edit_message,
    c.SetTyping: talk.set_typing,
    c.MarkRead: talk.mark_read,
    c.UpdateDetails: talk.update_details,
    c.AddNote: talk.add_note,
    c.ChangeTags: talk.change_tags,
    Attached: talk.attached,
    Detached: talk.detached,
    c.RequestHuman: handoff.request_human,
    c.TakeOver: handoff.take_over,
    c.Offer: offers.offer,
    c.SlotDenied: offers.slot_denied,
    c.AcceptOffer: offers.accept_offer,
    c.DeclineOffer: offers.decline_offer,
    c.OfferExpired: offers.offer_expired,
    c.WaitedTooLong: offers.waited_too_long,
    c.Nobody: handoff.nobody,
    c.Position: handoff.position,
    c.ReturnToAssistant: handoff.return_to_assistant,
    c.Transfer: handoff.transfer,
    c.Assign: handoff.assign,
    c.SetPriority: handoff.set_priority,
    c.AgentGone: offers.agent_gone,
    c.AgentPresence: offers.agent_presence,
    c.CheckSlot: offers.check_slot,
    c.TargetMissed: handoff.target_missed,
    c.AssistantChunk: turns.assistant_chunk,
    c.AssistantAnswer: turns.assistant_answer,
    c.TurnTimedOut: turns.turn_timed_out,
    c.CloseConversation: ending.close_conversation,
    c.EndConversation: ending.end_conversation,
    c.VisitorSilent: ending.visitor_silent,
    c.GoOn: ending.go_on,
    c.Rate: ending.rate,
}

SENDERS: Mapping[type[Command], str] = {
    c.Offer: "agent",
    c.SlotDenied: "agent",
    c.AgentGone: "agent",
    c.AgentPresence: "agent",
    c.CheckSlot: "agent",
    c.Nobody: "supervisor",
    c.Position: "supervisor",
    c.AssistantChunk: "assistant",
    c.AssistantAnswer: "assistant",
    c.OfferExpired: "conversation",
    c.WaitedTooLong: "conversation",
    c.TargetMissed: "conversation",
    c.TurnTimedOut: "conversation",
    c.VisitorSilent: "conversation",
}
"""What only actors and workers send, and of which kind those are. The edge has no such frames for clients."""

_RULES = {command: (rule, f"{SENDERS[command]}/" if command in SENDERS else None) for command, rule in RULES.items()}


def public(event: e.ConversationEvent) -> Event | None:
    """What a visitor may see of an event: itself, a copy without what is hidden, or nothing."""
    if event.internal:
        return None
    if not event.hidden:
        return event
    hidden = [name for name in event.hidden if getattr(event, name) is not UNSET]
    return replace(event, **dict.fromkeys(hidden, UNSET)) if hidden else event


class ConversationMachine:
    """See `runtime.machine.Machine`."""

    kind = "conversation"
    commands: tuple[type[Command], ...] = (*RULES, c.Describe)
    events = e.AnyConversationEvent
    state = Conversation
    resident = False
    apply = staticmethod(apply)
    public = staticmethod(public)
    lost = e.EventLost

    def __init__(self, settings: Settings) -> None:
        self._rules = Rules(settings)
        self._groups = {bot.id: bot.bridge for bot in settings.bots if bot.bridge is not None}
        self._patience_ms = ending.patience_ms(self._rules)
        self._view = View()

    def initial(self, key: str) -> Conversation:
        return Conversation(key)

    def decide(self, state: Conversation, command: Command, origin: Origin) -> Sequence[Fact]:
        rule, kind = _RULES[type(command)]
        if kind is not None and not origin.sender.startswith(kind):
            raise Rejected("forbidden", "That is no client's business.")
        if state.phase == "new" and rule is not talk.open_conversation:
            return refuse_new(command, origin)
        return rule(self._rules, state, command, origin)

    def effects(self, state: Conversation, fact: Fact, at_ms: int) -> Sequence[Effect]:
        done, group = effects(self._rules, state, fact, at_ms), self._groups.get(state.bot)
        return done if group is None else [*done, *mirrored(group, state, fact)]

    def deadline(self, state: Conversation) -> tuple[int, Command] | None:
        rules = self._rules
        if state.wait is not None:
            return offers.queued_deadline(rules, state)
        if state.turn is not None:
            return turns.deadline(rules, state, state.turn)
        return handoff.target_deadline(rules, state) or ending.deadline(rules, state)

    def patience_ms(self, state: Conversation) -> int:
        return self._patience_ms if state.phase == "live" else 0

    def activated(self, state: Conversation, now_ms: int) -> Sequence[Signal]:
        return [Woken()] if state.phase != "new" else []

    def answer(self, state: Conversation, query: Command, origin: Origin) -> Any:
        return self._view.answer(state) if type(query) is c.Open else describe(state)

    def summary(self, state: Conversation) -> Summary | None:
        return self._view.summary(state)
