"""What an agent's actor decides: her status, and who gets a slot of hers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from actors import commands as c
from actors.agent.state import (
    Agent,
    Changed,
    Checked,
    KeptNoLonger,
    Rang,
    Refused,
    Reported,
    SessionsChanged,
    SlotFreed,
    SlotLeft,
    SlotReserved,
    SlotTaken,
    StatusChanged,
    WrapUpEnded,
)
from actors.settings import AgentSettings, BotSettings, Routing, Settings
from runtime.machine import Attached, Command, Detached, Fact, Origin, Rejected

OWN_DOING = ("takeover", "telegram")
NO_SLOT = "has no free slot"

CHECK_SECONDS = 30
"""So often are the conversations that have a slot asked whether they still want it. It also sees to it that an agent
who is not offline has a deadline: whatever happens, somebody will notice that she has no connection any more."""


class Rules:
    """The settings as the rules need them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._nobody = AgentSettings(id="nobody")
        self._routing = BotSettings(id="gone").routing

    def of(self, state: Agent) -> AgentSettings:
        """Her settings; somebody without bots if she is no longer configured."""
        return self.settings.agent(state.id) or self._nobody

    def routing(self, bot: str) -> Routing:
        """The bot's routing; the defaults if it is no longer configured."""
        settings = self.settings.bot(bot)
        return settings.routing if settings is not None else self._routing

    def lost_ms(self, state: Agent) -> dict[str, int]:
        """When she loses each conversation that is hers as long as she is connected: its bot's grace after she went."""
        gone = state.gone_since_ms
        attended = [(one, slot.bot) for one, slot in state.slots.items() if slot.attended]
        return {one: gone + self.routing(bot).disconnect_seconds * 1000 for one, bot in attended if gone is not None}

    def leaves_ms(self, state: Agent) -> int | None:
        """When she is offline, if she does not come back."""
        if state.gone_since_ms is None or state.status == "offline":
            return None
        return state.gone_since_ms + self.settings.grace_seconds(self.of(state)) * 1000

    def free(self, state: Agent, bot: str, now_ms: int) -> int:
        """Slots that an offer of the bot's may reserve now."""
        if self.why_not(state, now_ms):
            return 0
        return self.of(state).capacity - len(state.slots) - state.keeps_from(bot, now_ms)

    def why_not(self, state: Agent, now_ms: int) -> str:
        """Why no slot may be reserved now, in words that follow her name; empty if one may."""
        if state.status != "online":
            return f"is {state.status}"
        if state.gone_since_ms is not None:
            return "has lost the connection"
        if state.wrap_up_until_ms > now_ms:
            return "is wrapping up"
        return NO_SLOT if len(state.slots) >= self.of(state).capacity else ""


def set_status(rules: Rules, state: Agent, command: c.SetStatus, origin: Origin) -> Sequence[Fact]:
    """Her own doing, or a manager's."""
    _herself_or_manager(rules, state, origin)
    if command.status == state.status and command.reason == state.reason:
        return []
    return [StatusChanged(command.status, command.reason)]


def _herself_or_manager(rules: Rules, state: Agent, origin: Origin) -> None:
    kind, _, name = origin.sender.partition("/")
    sender = rules.settings.agent(name) if kind == "agent" else None
    if rules.settings.agent(state.id) is None:
        raise Rejected("not_found", f"There is no agent {state.id!r}.")
    shared = sender is not None and set(sender.bots) & set(rules.of(state).bots)
    if sender is None or (sender.id != state.id and (sender.role == "agent" or not shared)):
        raise Rejected("forbidden", "Only she herself and managers of her bots may do that.")


def reserve(rules: Rules, state: Agent, command: c.Reserve, origin: Origin) -> Sequence[Fact]:
    """Keep a slot and offer herself; without one, say so. Asked twice for the same, it is one slot.

    A claim of the same conversation's from before, which it cannot have any more, makes room for this one. A bot that
    was too late for a slot has the next before the others: news reach the supervisors in the same order each time.
    """
    slot = state.slots.get(command.conversation)
    by_supervisor = origin.sender.startswith("supervisor/")
    if slot is not None and slot.claim >= (command.epoch, command.attempt):
        return [Reported(origin.sender)] if by_supervisor else []
    why_not = rules.why_not(state, origin.now_ms)
    if slot is not None and why_not == NO_SLOT and len(state.slots) <= rules.of(state).capacity:
        why_not = ""
    kept = by_supervisor and slot is None and not why_not and not rules.free(state, command.bot, origin.now_ms)
    if not why_not and not kept:
        return [SlotReserved(command.conversation, command.bot, command.epoch, command.why, command.attempt)]
    if by_supervisor:
        refused = c.SlotRefused(command.conversation, command.epoch, command.attempt)
        late = (kept or why_not == NO_SLOT) and len(rules.of(state).bots) > 1
        return [Refused(origin.sender, refused, command.bot if late else ""), Reported(origin.sender)]
    return [Refused(origin.sender, c.SlotDenied(command.epoch, why_not, command.attempt))]


def offer_made(rules: Rules, state: Agent, command: c.OfferMade, origin: Origin) -> Sequence[Fact]:
    """It rings now. If she has no such slot any more, the offer must not be left standing."""
    conversation, claim = _conversation(origin), (command.epoch, command.attempt)
    slot = state.slots.get(conversation)
    if slot is None or slot.claim < claim:
        return [Refused(origin.sender, c.AgentGone(*claim))]
    rings = slot.claim == claim and not slot.held and slot.ring != command
    return [Rang(conversation, command)] if rings else []


def assigned(rules: Rules, state: Agent, command: c.Assigned, origin: Origin) -> Sequence[Fact]:
    """The conversation is hers, whatever her capacity. What has a later claim on her is not this."""
    conversation = _conversation(origin)
    slot = state.slots.get(conversation)
    if slot is not None and (slot.epoch > command.epoch or (slot.epoch == command.epoch and slot.held)):
        return []
    attended = bool(state.sessions) and command.how != "telegram"
    return [SlotTaken(conversation, command.bot, command.epoch, command.how, attended, command.sequence)]


def released(rules: Rules, state: Agent, command: c.Released, origin: Origin) -> Sequence[Fact]:
    """The slot is free again. One that was claimed later is not."""
    conversation = _conversation(origin)
    slot = state.slots.get(conversation)
    if slot is None or slot.claim > (command.epoch, command.attempt):
        return []
    routing = rules.routing(slot.bot)
    over = slot.held and command.outcome in ("closed", "returned")
    facts: list[Fact] = [SlotFreed(conversation, command.outcome, routing.wrap_up_seconds * 1000 if over else 0)]
    limit = routing.missed_offers_until_away
    if command.outcome == "expired" and limit and state.missed + 1 >= limit and state.status == "online":
        facts.append(StatusChanged("away", f"{state.missed + 1} offers missed"))
    return facts


def _conversation(origin: Origin) -> str:
    return origin.sender.removeprefix("conversation/")


def attached(rules: Rules, state: Agent, command: Attached, origin: Origin) -> Sequence[Fact]:
    """A connection of hers."""
    _herself(state, origin)
    return [SessionsChanged(command.session, here=True), *([] if state.sessions else [Changed()])]


def _herself(state: Agent, origin: Origin) -> None:
    if origin.sender != f"agent/{state.id}":
        raise Rejected("forbidden", "Only she herself may do that.")


def detached(rules: Rules, state: Agent, command: Detached, origin: Origin) -> Sequence[Fact]:
    """One connection less; the last one begins the grace."""
    if command.session not in state.sessions:
        return []
    return [SessionsChanged(command.session, here=False), *([] if len(state.sessions) > 1 else [Changed()])]


def report(rules: Rules, state: Agent, command: c.Report, origin: Origin) -> Sequence[Fact]:
    """A supervisor learns anew."""
    return [Reported(origin.sender)]


def deadline_passed(rules: Rules, state: Agent, command: c.DeadlinePassed, origin: Origin) -> Sequence[Fact]:
    """Whatever of it is due."""
    _herself(state, origin)
    facts: list[Fact] = []
    leaves_ms = rules.leaves_ms(state)
    if leaves_ms is not None and leaves_ms <= origin.now_ms:
        facts.append(StatusChanged("offline", "disconnected", disconnected=True))
    else:
        facts += [SlotLeft(one) for one, lost_ms in rules.lost_ms(state).items() if lost_ms <= origin.now_ms]
    if 0 < state.wrap_up_until_ms <= origin.now_ms:
        facts.append(WrapUpEnded())
    if state.owed and 0 < state.kept_until_ms <= origin.now_ms:
        facts += [KeptNoLonger(), Changed()]
    if state.checked_ms + CHECK_SECONDS * 1000 <= origin.now_ms:
        facts.append(Checked())
    return facts


Rule = Callable[[Rules, Agent, Any, Origin], Sequence[Fact]]

RULES: Mapping[type[Command], Rule] = {
    c.SetStatus: set_status,
    c.Reserve: reserve,
    c.OfferMade: offer_made,
    c.Assigned: assigned,
    c.Released: released,
    c.Report: report,
    c.DeadlinePassed: deadline_passed,
    Attached: attached,
    Detached: detached,
}

SENDERS: Mapping[type[Command], tuple[str, ...]] = {
    c.Reserve: ("supervisor", "conversation"),
    c.OfferMade: ("conversation",),
    c.Assigned: ("conversation",),
    c.Released: ("conversation",),
    c.Report: ("supervisor",),
}
"""What only actors send, and of which kinds those are."""
