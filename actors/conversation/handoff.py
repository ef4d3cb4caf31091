"""To a human and back: asking, takeover, transfer, return. How an agent is found meanwhile stands in `offers`.

Every change of owner is decided here and there, and nowhere else.
"""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

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
    too_long,
)
from actors.conversation.signals import NotWaiting, PlaceChanged, PlaceShown
from actors.conversation.state import Conversation
from actors.hours import is_open
from actors.settings import PRIORITY_MAX
from actors.variables import fill
from runtime.machine import Command, Fact, Origin, Rejected

REASON_CHARACTERS = 500


def request_human(rules: Rules, state: Conversation, command: c.RequestHuman, origin: Origin) -> Sequence[Fact]:
    """The visitor asks for a human."""
    need_visitor(origin, state)
    rules.need_premium(state)
    if state.phase != "assistant":
        not_allowed(state, "A human has been asked for already.")
    detail, skill = command.reason[:REASON_CHARACTERS], command.skill.strip()
    return ask_for_human(rules, state, "visitor", detail, origin.now_ms, skill=skill)


def ask_for_human(
    rules: Rules, state: Conversation, trigger: e.Trigger, detail: str, now_ms: int, *, after: int = 0, skill: str = ""
) -> list[Fact]:
    """Into the queue; or, outside the hours, straight to the offline message."""
    priority = _priority(rules, state, trigger)
    facts: list[Fact] = [e.HumanRequested(trigger, detail or UNSET, skill or UNSET, priority=priority)]
    if not reachable(rules, state, trigger, now_ms):
        facts += go_offline(rules, state, "hours", trigger, after + 1)
    return facts


def _priority(rules: Rules, state: Conversation, trigger: e.Trigger) -> int | UnsetType:
    priority: int = getattr(rules.bot(state).routing.priority, trigger, 0)
    return priority or UNSET


def reachable(rules: Rules, state: Conversation, trigger: e.Trigger, now_ms: int) -> bool:
    """A request at this time goes into the queue. Whoever has had an agent is served to the end, whatever the hours."""
    return trigger in e.HAD_AGENT or is_open(rules.bot(state).hours, now_ms)


def go_offline(
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
    if MISSED_TAG not in state.tags:
        facts.append(e.TagsChanged(added=(MISSED_TAG,)))
    return facts


MISSED_TAG = "missed"
"""On conversations that asked for a human and got none, until one has them: so that agents find them later. It stands
beside the tags that agents may give, however many those are."""


def take_over(rules: Rules, state: Conversation, command: c.TakeOver, origin: Origin) -> Sequence[Fact]:
    """Any agent from the assistant or the queue; from another agent, a manager only. The first one wins."""
    agent = rules.agent(origin, state)
    rules.need_premium(state)
    how: e.How = "telegram" if command.telegram else "takeover"
    if state.phase == "closed":
        not_allowed(state, "The conversation is closed.")
    if state.service is None:
        ended = withdrawn(state, agent.id)
        return [*ended, *assigned(rules, state, person(agent), how, after=len(ended))]
    if state.service.agent.id == agent.id:
        return []
    if not is_manager(agent):
        conflict(state, f"{state.service.agent.name} was first.")
    return _reassign(rules, state, person(agent), how)


def withdrawn(state: Conversation, taker: str = "") -> list[Fact]:
    """The offer that is out is over; whoever takes the conversation has accepted hers."""
    out = state.wait.offer if state.wait is not None else None
    return [e.OfferEnded(out.agent, "accepted" if out.agent.id == taker else "withdrawn")] if out is not None else []


def _reassign(rules: Rules, state: Conversation, agent: e.Person, how: e.How, why: str = "") -> list[Fact]:
    assert state.service is not None
    released = e.AgentReleased(state.service.agent, "reassigned")
    return [released, *assigned(rules, state, agent, how, why, after=1)]


def assigned(
    rules: Rules, state: Conversation, agent: e.Person, how: e.How, why: str = "", after: int = 0
) -> list[Fact]:
    """It is hers from now on, and missed no more. She is introduced, if she was not in this handoff."""
    facts: list[Fact] = [e.AgentAssigned(agent, how, why)]
    text = rules.bot(state).routing.agent_greeting
    if text and state.greeted != agent.id:
        filled = fill(text, {"visitor.name": state.visitor.name, "agent.name": agent.name})
        facts.append(system_says(rules, state, filled, "greeting", after + 1))
    if MISSED_TAG in state.tags:
        facts.append(e.TagsChanged(removed=(MISSED_TAG,)))
    return facts


def nobody(rules: Rules, state: Conversation, command: c.Nobody, origin: Origin) -> Sequence[Fact]:
    """The supervisor knows that nobody will come."""
    wait = state.wait
    if wait is None or wait.offer is not None or wait.to_agent or command.epoch != state.epoch:
        return []
    return go_offline(rules, state, command.reason, wait.trigger)


def position(rules: Rules, state: Conversation, command: c.Position, origin: Origin) -> Sequence[Fact]:
    """The place in the queue, for whoever watches."""
    if command.epoch < state.epoch:
        return [NotWaiting()]
    if state.wait is None:
        return []
    changed = PlaceChanged(command.position, command.eta_seconds)
    shown = state.place is None or command.position <= SHOWN_PLACES
    return [changed, PlaceShown()] if shown else [changed]


SHOWN_PLACES = 20
"""So far from the front, whoever watches the bot is told of every move; of the others' with whatever else they do. A
line of a thousand moves all at once."""


def return_to_assistant(
    rules: Rules, state: Conversation, command: c.ReturnToAssistant, origin: Origin
) -> Sequence[Fact]:
    """By the owner; by a manager always; by any agent of the bot while it waits in the queue."""
    agent = rules.agent(origin, state)
    if len(command.summary) > rules.text_characters:
        too_long(rules, "summary")
    if state.phase not in ("queued", "live"):
        not_allowed(state, "The assistant has this conversation.")
    if state.phase == "live" and not is_manager(agent):
        owner_only(rules, state, origin)
    facts = withdrawn(state)
    if state.service is not None:
        facts.append(e.AgentReleased(state.service.agent, "returned"))
    return [*facts, e.ReturnedToAssistant(person(agent), command.summary)]


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
    if len(command.note) > rules.text_characters:
        too_long(rules, "note")
    facts: list[Fact] = [e.NoteAdded(person(sender), command.note)] if command.note.strip() else []
    facts.append(e.AgentReleased(state.service.agent, "transferred"))
    to_agent = target.id if target is not None else UNSET
    priority = _priority(rules, state, "transfer")
    skill, note = command.skill.strip() or UNSET, command.note.strip() or UNSET
    return [*facts, e.HumanRequested("transfer", UNSET, skill, to_agent, priority, note)]


def assign(rules: Rules, state: Conversation, command: c.Assign, origin: Origin) -> Sequence[Fact]:
    """A manager gives it to somebody who is there, whoever has it."""
    manager = rules.agent(origin, state)
    if not is_manager(manager):
        raise Rejected("forbidden", "Only managers assign conversations.")
    rules.need_premium(state)
    target = rules.colleague(command.agent, state)
    if target is None:
        raise Rejected("not_found", f"{command.agent!r} is no agent of this bot.", field="agent")
    if state.phase == "closed":
        not_allowed(state, "")
    if state.service is not None and state.service.agent.id == target.id:
        return []
    if command.offline:
        not_allowed(state, f"{target.name} is offline.")
    why = f"{manager.name} assigned it"
    if state.service is not None:
        return _reassign(rules, state, person(target), "assigned", why)
    ended = withdrawn(state, target.id)
    return [*ended, *assigned(rules, state, person(target), "assigned", why, after=len(ended))]


def set_priority(rules: Rules, state: Conversation, command: c.SetPriority, origin: Origin) -> Sequence[Fact]:
    """A manager says how urgent it is; in the queue it moves at once."""
    manager = rules.agent(origin, state)
    if not is_manager(manager):
        raise Rejected("forbidden", "Only managers set priorities.")
    rules.need_premium(state)
    if not 0 <= command.priority <= PRIORITY_MAX:
        raise Rejected("bad_request", f"priority is from 0 to {PRIORITY_MAX}, in minutes.", field="priority")
    if state.phase == "closed":
        not_allowed(state, "")
    return [e.PriorityChanged(command.priority, person(manager))] if command.priority != state.priority else []


def target_missed(rules: Rules, state: Conversation, command: c.TargetMissed, origin: Origin) -> Sequence[Fact]:
    """The agent has not answered in the target time: the visitor is told, once."""
    due = target_deadline(rules, state)
    if due is None or due[0] > origin.now_ms or state.service is None:
        return []
    words = {"visitor.name": state.visitor.name, "agent.name": state.service.agent.name}
    return [system_says(rules, state, fill(rules.bot(state).routing.delay_message, words), "delay")]


def target_deadline(rules: Rules, state: Conversation) -> tuple[int, Command] | None:
    """When the delay message is due."""
    service = state.service
    if service is None or service.owes_since_ms is None or state.excused == service.agent.id:
        return None
    routing = rules.bot(state).routing
    if not routing.delay_message:
        return None
    return service.owes_since_ms + routing.response_target_seconds * 1000, c.TargetMissed()
