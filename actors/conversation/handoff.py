"""To a human and back: asking, offers, takeover, transfer, return. Every change of owner is decided here, alone.

An offer comes from an agent who has reserved a slot for it; what the conversation does not take, it gives back
(`SlotReturned`), so that no slot is lost.
"""

from collections.abc import Sequence
from math import inf

from msgspec import UNSET

from actors import commands as c
from actors import events as e
from actors.conversation.rules import (
    APOLOGY,
    SYSTEM,
    Rules,
    conflict,
    is_manager,
    need_visitor,
    not_allowed,
    owner_only,
    person,
    system_says,
)
from actors.conversation.state import (
    AgentSeen,
    Claim,
    Conversation,
    NotWaiting,
    OfferRepeated,
    PlaceChanged,
    SlotReturned,
)
from actors.hours import is_open
from actors.variables import fill
from runtime.machine import Command, Fact, Origin, Rejected

REASON_CHARACTERS = 500
SUMMARY_CHARACTERS = 4_000
NOTE_CHARACTERS = 4_000
ANSWER_SECONDS = 15
"""An agent who was asked for by name has her actor say in this time whether she has a slot."""


def request_human(rules: Rules, state: Conversation, command: c.RequestHuman, origin: Origin) -> Sequence[Fact]:
    """The visitor asks for a human."""
    need_visitor(origin, state)
    rules.premium(state)
    if state.phase != "assistant":
        not_allowed(state, "A human has been asked for already.")
    return ask_for_human(rules, state, "visitor", command.reason[:REASON_CHARACTERS], origin.now_ms)


def ask_for_human(
    rules: Rules, state: Conversation, trigger: e.Trigger, detail: str, now_ms: int, after: int = 0
) -> list[Fact]:
    """Into the queue; or, outside the hours, straight to the offline message."""
    facts: list[Fact] = [e.HumanRequested(trigger, detail or UNSET)]
    if not reachable(rules, state, trigger, now_ms):
        facts += _go_offline(rules, state, "hours", trigger, after + 1)
    return facts


def reachable(rules: Rules, state: Conversation, trigger: e.Trigger, now_ms: int) -> bool:
    """A request at this time goes into the queue. Who transfers is there herself, whatever the hours."""
    return trigger == "transfer" or is_open(rules.bot(state).hours, now_ms)


def _go_offline(
    rules: Rules, state: Conversation, reason: e.OfflineReason, trigger: e.Trigger, after: int = 0
) -> list[Fact]:
    """No human will come: said to the visitor, marked for the agents, back to the assistant.

    An assistant that could not answer apologises, too: the visitor has asked it something.
    """
    facts: list[Fact] = [e.OfflineAnswered(reason)]
    if trigger == "assistant_failed":
        facts.append(system_says(rules, state, APOLOGY, "apology", after + 1))
    text = rules.bot(state).offline_message
    if text:
        facts.append(system_says(rules, state, text, "offline", after + len(facts)))
    facts.append(e.ReturnedToAssistant(e.Person(SYSTEM, rules.bot(state).name)))
    if MISSED_TAG not in state.tags and len(state.tags) < 10:
        facts.append(e.TagsChanged(added=(MISSED_TAG,)))
    return facts


MISSED_TAG = "missed"
"""On conversations that asked for a human and got none, so that agents find them later."""


def take_over(rules: Rules, state: Conversation, command: c.TakeOver, origin: Origin) -> Sequence[Fact]:
    """Any agent from the assistant or the queue; from another agent, a manager only. The first one wins."""
    agent = rules.agent(origin, state)
    rules.premium(state)
    how: e.How = "telegram" if command.telegram else "takeover"
    if state.phase == "closed":
        not_allowed(state, "The conversation is closed.")
    if state.service is None:
        ended = _withdraw(state, agent.id)
        return [*ended, *_assign(rules, state, person(agent), how, after=len(ended))]
    if state.service.agent.id == agent.id:
        return []
    if not is_manager(agent):
        conflict(state, f"{state.service.agent.name} was first.")
    return _reassign(rules, state, person(agent), how)


def _withdraw(state: Conversation, taker: str = "") -> list[Fact]:
    """The offer that is out is over; whoever takes the conversation has accepted hers."""
    out = state.wait.offer if state.wait is not None else None
    return [e.OfferEnded(out.agent, "accepted" if out.agent.id == taker else "withdrawn")] if out is not None else []


def _reassign(rules: Rules, state: Conversation, agent: e.Person, how: e.How, why: str = "") -> list[Fact]:
    assert state.service is not None
    released = e.AgentReleased(state.service.agent, "reassigned")
    return [released, *_assign(rules, state, agent, how, why, after=1)]


def _assign(
    rules: Rules, state: Conversation, agent: e.Person, how: e.How, why: str = "", after: int = 0, greet: bool = True
) -> list[Fact]:
    facts: list[Fact] = [e.AgentAssigned(agent, how, why or UNSET)]
    text = rules.bot(state).routing.agent_greeting
    if text and greet:
        filled = fill(text, {"visitor.name": state.visitor.name, "agent.name": agent.name})
        facts.append(system_says(rules, state, filled, "greeting", after + 1))
    return facts


def offer(rules: Rules, state: Conversation, command: c.Offer, origin: Origin) -> Sequence[Fact]:
    """An agent has a slot for it: it is offered to her, or hers at once. Not wanted any more: she has it back."""
    settings = rules.colleague(_sender(origin), state)
    wait = state.wait
    wanted = wait is not None and wait.offer is None and command.epoch == state.epoch
    if settings is None or wait is None or not wanted or wait.to_agent not in ("", settings.id):
        return [SlotReturned(origin.sender, command.epoch)]
    agent, seconds = person(settings), rules.bot(state).routing.offer_seconds
    if seconds == 0:
        return _assign(rules, state, agent, "transfer" if wait.to_agent else "offer", command.why)
    return [e.Offered(agent, origin.now_ms + seconds * 1000, command.why)]


def slot_denied(rules: Rules, state: Conversation, command: c.SlotDenied, origin: Origin) -> Sequence[Fact]:
    """The agent who was asked for by name cannot: as if she had declined."""
    wait = state.wait
    if wait is None or wait.offer is not None or command.epoch != state.epoch or wait.to_agent != _sender(origin):
        return []
    return _offer_over(rules, state, _asked(rules, state), "withdrawn", command.reason)


def _sender(origin: Origin) -> str:
    return origin.sender.partition("/")[2]


def _asked(rules: Rules, state: Conversation) -> e.Person:
    """The agent who was asked for by name."""
    assert state.wait is not None
    name = state.wait.to_agent
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
    return [ended, *_assign(rules, state, person(agent), how, wait.offer.why, after=1)]


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
    return _offer_over(rules, state, _asked(rules, state), "withdrawn", "could not be asked") if wait.to_agent else []


def _offer_over(rules: Rules, state: Conversation, agent: e.Person, outcome: e.Outcome, reason: str = "") -> list[Fact]:
    """She will not have it: back to who transferred it, else on to the next agent."""
    assert state.wait is not None
    ended = e.OfferEnded(agent, outcome, reason or UNSET)
    if state.wait.back_to is None:
        return [ended]
    words = {"expired": "did not answer", "declined": "declined"}.get(outcome, reason)
    return [ended, *_give_back(rules, state, state.wait.back_to, f"{agent.name} {words}", after=1)]


def _give_back(rules: Rules, state: Conversation, sender: Claim, why: str, after: int) -> list[Fact]:
    return _assign(rules, state, sender.agent, "transfer", why, after, greet=False)


def waited_too_long(rules: Rules, state: Conversation, command: c.WaitedTooLong, origin: Origin) -> Sequence[Fact]:
    """Nobody came in the configured time."""
    wait = state.wait
    if wait is None or wait.queued_ms + rules.bot(state).routing.max_wait_seconds * 1000 > origin.now_ms:
        return []
    withdrawn = _withdraw(state)
    if wait.back_to is not None:
        return [*withdrawn, *_give_back(rules, state, wait.back_to, "Nobody took it in time", after=len(withdrawn))]
    return [*withdrawn, *_go_offline(rules, state, "waited", wait.trigger, after=len(withdrawn))]


def nobody(rules: Rules, state: Conversation, command: c.Nobody, origin: Origin) -> Sequence[Fact]:
    """The supervisor knows that nobody will come."""
    wait = state.wait
    if wait is None or wait.offer is not None or wait.to_agent or command.epoch != state.epoch:
        return []
    return _go_offline(rules, state, command.reason, wait.trigger)


def position(rules: Rules, state: Conversation, command: c.Position, origin: Origin) -> Sequence[Fact]:
    """The place in the queue, for whoever watches."""
    if command.epoch < state.epoch:
        return [NotWaiting()]
    return [PlaceChanged(command.position, command.eta_seconds)] if state.wait is not None else []


def return_to_assistant(
    rules: Rules, state: Conversation, command: c.ReturnToAssistant, origin: Origin
) -> Sequence[Fact]:
    """By the owner; by a manager always; by any agent of the bot while it waits in the queue."""
    agent = rules.agent(origin, state)
    if len(command.summary) > SUMMARY_CHARACTERS:
        raise Rejected("too_large", f"A summary has {SUMMARY_CHARACTERS} characters at most.", field="summary")
    if state.phase not in ("queued", "live"):
        not_allowed(state, "The assistant has this conversation.")
    if state.phase == "live" and not is_manager(agent):
        owner_only(rules, state, origin)
    facts = _withdraw(state)
    if state.service is not None:
        facts.append(e.AgentReleased(state.service.agent, "returned"))
    return [*facts, e.ReturnedToAssistant(person(agent), command.summary or UNSET)]


def transfer(rules: Rules, state: Conversation, command: c.Transfer, origin: Origin) -> Sequence[Fact]:
    """To an agent, who is asked first; to a skill; or back to the queue. The note is for whoever takes it."""
    sender = rules.agent(origin, state)
    if state.phase != "live" or state.service is None or not is_manager(sender):
        owner_only(rules, state, origin)
    target = rules.colleague(command.to_agent, state) if command.to_agent else None
    if command.to_agent and target is None:
        raise Rejected("not_found", f"{command.to_agent!r} is no agent of this bot.", field="to_agent")
    assert state.service is not None
    if target is not None and target.id == state.service.agent.id:
        raise Rejected("bad_request", f"{target.name} has this conversation already.", field="to_agent")
    if len(command.note) > NOTE_CHARACTERS:
        raise Rejected("too_large", f"A note has {NOTE_CHARACTERS} characters at most.", field="note")
    facts: list[Fact] = [e.NoteAdded(person(sender), command.note)] if command.note.strip() else []
    facts.append(e.AgentReleased(state.service.agent, "transferred"))
    facts.append(e.HumanRequested("transfer", skill=command.skill or UNSET, to_agent=target.id if target else UNSET))
    return facts


def assign(rules: Rules, state: Conversation, command: c.Assign, origin: Origin) -> Sequence[Fact]:
    """A manager gives it to somebody, whoever has it."""
    manager = rules.agent(origin, state)
    if not is_manager(manager):
        raise Rejected("forbidden", "Only managers assign conversations.")
    rules.premium(state)
    target = rules.colleague(command.agent, state)
    if target is None:
        raise Rejected("not_found", f"{command.agent!r} is no agent of this bot.", field="agent")
    if state.phase == "closed":
        not_allowed(state, "")
    why = f"{manager.name} assigned it"
    if state.service is not None:
        if state.service.agent.id == target.id:
            return []
        return _reassign(rules, state, person(target), "assigned", why)
    ended = _withdraw(state, target.id)
    return [*ended, *_assign(rules, state, person(target), "assigned", why, after=len(ended))]


def agent_gone(rules: Rules, state: Conversation, command: c.AgentGone, origin: Origin) -> Sequence[Fact]:
    """She is not there: what rings moves on; what is hers goes to the front of the queue.

    Only what she had under the epoch that she names: she may have come back for it since.
    """
    name, wait, service = _sender(origin), state.wait, state.service
    if wait is not None and wait.back_to is not None and wait.back_to.agent.id == name:
        return [e.SenderLeft(wait.back_to.agent)]
    if command.epoch == state.epoch:
        if wait is not None and wait.offer is not None and wait.offer.agent.id == name:
            return _offer_over(rules, state, wait.offer.agent, "withdrawn", "disconnected")
        if service is not None and service.agent.id == name:
            released = e.AgentReleased(service.agent, "disconnected")
            return [released, *ask_for_human(rules, state, "disconnect", "", origin.now_ms, after=1)]
    return [] if _claimed(state, name) else [SlotReturned(origin.sender, command.epoch)]


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
    """An agent asks whether a slot is still wanted. If it is an offer, she is told again what rings."""
    name = _sender(origin)
    if not _claimed(state, name):
        return [SlotReturned(origin.sender, command.epoch)]
    out = state.wait.offer if state.wait is not None else None
    return [OfferRepeated()] if out is not None and out.agent.id == name else []


def target_missed(rules: Rules, state: Conversation, command: c.TargetMissed, origin: Origin) -> Sequence[Fact]:
    """The agent has not answered in the target time: the visitor is told, once."""
    due = target_deadline(rules, state)
    if due is None or due[0] > origin.now_ms or state.service is None:
        return []
    words = {"visitor.name": state.visitor.name, "agent.name": state.service.agent.name}
    return [system_says(rules, state, fill(rules.bot(state).routing.delay_message, words), "delay")]


def target_deadline(rules: Rules, state: Conversation) -> tuple[int, Command] | None:
    """When the delay message is due."""
    service, routing = state.service, rules.bot(state).routing
    if service is None or service.owes_since_ms is None or service.delay_told or not routing.delay_message:
        return None
    return service.owes_since_ms + routing.response_target_seconds * 1000, c.TargetMissed()


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
