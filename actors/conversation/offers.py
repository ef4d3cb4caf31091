"""Offers: one agent at a time is asked, and what she does not take goes on, or back to who transferred it.

An offer comes from an agent who has reserved a slot for it, and names the claim by which she has: the epoch, and how
many offers had failed in it. What the conversation does not take, it gives back (`SlotReturned`), so that no slot is
lost; what has been overtaken by news of its end is not taken any more.
"""

from collections.abc import Sequence
from math import inf

from msgspec import UNSET

from actors import commands as c
from actors import events as e
from actors.conversation.handoff import REASON_CHARACTERS, ask_for_human, assigned, go_offline, withdrawn
from actors.conversation.rules import Rules, conflict, not_allowed, person
from actors.conversation.signals import AgentSeen, OfferRepeated, SlotReturned
from actors.conversation.state import Claim, Conversation
from runtime.machine import Command, Fact, Origin

ANSWER_SECONDS = 15
"""An agent who was asked for by name has her actor say in this time whether she has a slot."""


def offer(rules: Rules, state: Conversation, command: c.Offer, origin: Origin) -> Sequence[Fact]:
    """An agent has a slot for it: it is offered to her, or hers at once. Not wanted any more: she has it back."""
    settings = rules.colleague(_sender(origin), state)
    wait = state.wait
    if settings is None or wait is None or not _awaits(rules, state, settings.id, command):
        return [SlotReturned(origin.sender, command.epoch, command.attempt)]
    agent, seconds = person(settings), rules.bot(state).routing.offer_seconds
    if seconds == 0:
        return assigned(rules, state, agent, "transfer" if wait.to_agent else "offer", command.why)
    return [e.Offered(agent, origin.now_ms + seconds * 1000, command.why)]


def _awaits(rules: Rules, state: Conversation, agent: str, claim: c.Offer | c.AgentGone | c.CheckSlot) -> bool:
    """An offer of hers by this claim would be taken, if it came now. It may be under way, overtaken by what follows."""
    wait = state.wait
    if wait is None or wait.offer is not None or wait.to_agent not in ("", agent):
        return False
    if rules.colleague(agent, state) is None:
        return False
    return (claim.epoch, claim.attempt) == (state.epoch, wait.attempt)


def slot_denied(rules: Rules, state: Conversation, command: c.SlotDenied, origin: Origin) -> Sequence[Fact]:
    """The agent who was asked for by name cannot: as if she had declined."""
    wait = state.wait
    if wait is None or wait.offer is not None or wait.to_agent != _sender(origin):
        return []
    if (command.epoch, command.attempt) != (state.epoch, wait.attempt):
        return []
    return _offer_over(rules, state, _person(rules, wait.to_agent), "withdrawn", command.reason)


def _sender(origin: Origin) -> str:
    return origin.sender.partition("/")[2]


def _person(rules: Rules, name: str) -> e.Person:
    """An agent of that name, though she may not be configured any more."""
    settings = rules.settings.agent(name)
    return person(settings) if settings is not None else e.Person(name, name)


def accept_offer(rules: Rules, state: Conversation, command: c.AcceptOffer, origin: Origin) -> Sequence[Fact]:
    """By the one it rings for. Too late, she is told who has it."""
    agent = rules.agent(origin, state)
    wait = state.wait
    if wait is None or wait.offer is None or wait.offer.agent.id != agent.id:
        if state.service is not None and state.service.agent.id == agent.id:
            return []
        if state.service is not None:
            conflict(state, f"{state.service.agent.name} was first.")
        not_allowed(state, "The offer is over.")
    how: e.How = "transfer" if wait.to_agent == agent.id else "offer"
    ended = e.OfferEnded(person(agent), "accepted")
    return [ended, *assigned(rules, state, person(agent), how, wait.offer.why, after=1)]


def decline_offer(rules: Rules, state: Conversation, command: c.DeclineOffer, origin: Origin) -> Sequence[Fact]:
    """It goes to the next."""
    agent = rules.agent(origin, state)
    if state.wait is None or state.wait.offer is None or state.wait.offer.agent.id != agent.id:
        not_allowed(state, "The offer is over.")
    return _offer_over(rules, state, person(agent), "declined", command.reason[:REASON_CHARACTERS])


def offer_expired(rules: Rules, state: Conversation, command: c.OfferExpired, origin: Origin) -> Sequence[Fact]:
    """She did not answer in time; or, asked for by name, not even her actor did."""
    wait = state.wait
    if wait is None or _offer_ends_ms(state) > origin.now_ms:
        return []
    if wait.offer is not None:
        return _offer_over(rules, state, wait.offer.agent, "expired")
    if not wait.to_agent:
        return []
    return _offer_over(rules, state, _person(rules, wait.to_agent), "withdrawn", "could not be asked")


def _offer_over(rules: Rules, state: Conversation, agent: e.Person, outcome: e.Outcome, reason: str = "") -> list[Fact]:
    """She will not have it: back to who transferred it, else on to the next agent."""
    assert state.wait is not None
    ended = e.OfferEnded(agent, outcome, reason or UNSET)
    if state.wait.back_to is None:
        return [ended]
    words = {"expired": "did not answer", "declined": "declined"}.get(outcome, reason)
    return [ended, *_give_back(rules, state, state.wait.back_to, f"{agent.name} {words}", after=1)]


def _give_back(rules: Rules, state: Conversation, sender: Claim, why: str, after: int) -> list[Fact]:
    return assigned(rules, state, sender.agent, "transfer", why, after)


def waited_too_long(rules: Rules, state: Conversation, command: c.WaitedTooLong, origin: Origin) -> Sequence[Fact]:
    """Nobody came in the configured time."""
    wait = state.wait
    if wait is None or wait.queued_ms + rules.bot(state).routing.max_wait_seconds * 1000 > origin.now_ms:
        return []
    ended = withdrawn(state)
    if wait.back_to is not None:
        return [*ended, *_give_back(rules, state, wait.back_to, "Nobody took it in time", after=len(ended))]
    return [*ended, *go_offline(rules, state, "waited", wait.trigger, after=len(ended))]


def agent_gone(rules: Rules, state: Conversation, command: c.AgentGone, origin: Origin) -> Sequence[Fact]:
    """She is not there: what rings moves on; what is hers goes to the front of the queue.

    Only what she had by the claim that she names: she may have come back for it since. If her offer is still under
    way, it comes too late from now on.
    """
    name, wait, service = _sender(origin), state.wait, state.service
    if wait is not None and wait.back_to is not None and wait.back_to.agent.id == name:
        return [e.SenderLeft(wait.back_to.agent)]
    if command.epoch == state.epoch:
        rings = wait is not None and wait.offer is not None and wait.offer.agent.id == name
        if wait is not None and command.attempt == wait.attempt and (rings or _awaits(rules, state, name, command)):
            return _offer_over(rules, state, _person(rules, name), "withdrawn", "disconnected")
        if service is not None and service.agent.id == name:
            released = e.AgentReleased(service.agent, "disconnected")
            return [released, *ask_for_human(rules, state, "disconnect", "", origin.now_ms, after=1)]
    return [] if _claimed(state, name) else [SlotReturned(origin.sender, command.epoch, command.attempt)]


def _claimed(state: Conversation, name: str) -> bool:
    """The agent has it, is offered it, or may get it back."""
    wait, service = state.wait, state.service
    if wait is None:
        return service is not None and service.agent.id == name
    ringing = wait.offer is not None and wait.offer.agent.id == name
    return ringing or (wait.back_to is not None and wait.back_to.agent.id == name)


def agent_presence(rules: Rules, state: Conversation, command: c.AgentPresence, origin: Origin) -> Sequence[Fact]:
    """The visitor is told that her agent's line has dropped, or is back."""
    if state.service is None or state.service.agent.id != _sender(origin):
        return []
    return [AgentSeen(command.online)]


def check_slot(rules: Rules, state: Conversation, command: c.CheckSlot, origin: Origin) -> Sequence[Fact]:
    """An agent asks whether a slot is still wanted. If it is an offer, she is told again what rings.

    Who serves this bot no more, since the configuration is another, can do nothing with it: as if she were gone.
    """
    name = _sender(origin)
    if rules.colleague(name, state) is None:
        return agent_gone(rules, state, c.AgentGone(command.epoch, command.attempt), origin)
    if _awaits(rules, state, name, command):
        return []  # what she offers is still to come: no tell of an event's is lost
    if not _claimed(state, name):
        return [SlotReturned(origin.sender, command.epoch, command.attempt)]
    out = state.wait.offer if state.wait is not None else None
    return [OfferRepeated()] if out is not None and out.agent.id == name else []


def _offer_ends_ms(state: Conversation) -> float:
    """When whoever has been asked has had her time."""
    wait = state.wait
    assert wait is not None
    if wait.offer is not None:
        return wait.offer.expires_at_ms
    return wait.queued_ms + ANSWER_SECONDS * 1000 if wait.to_agent else inf


def queued_deadline(rules: Rules, state: Conversation) -> tuple[int, Command]:
    """What ends the wait: the offer's expiry or the longest wait. There is always one."""
    assert state.wait is not None
    longest = state.wait.queued_ms + rules.bot(state).routing.max_wait_seconds * 1000
    ends = _offer_ends_ms(state)
    return (int(ends), c.OfferExpired()) if ends <= longest else (longest, c.WaitedTooLong())
