"""What must hold after every run of a crowd, read from the journals as they stand and from the actors in memory.

one owner           after agent_assigned nothing of the assistant's until returned_to_assistant; agents write as owners
one offer           no conversation is offered to two agents at once
capacity            no slot is given beyond it, and never more offered or accepted conversations at a time
no one forgotten    whoever waits has a deadline; and after quiet nobody waits while an agent who suits is free
books agree         agents' slots, conversations' owners and the supervisors' lines tell the same story
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from actors import events as e
from actors.agent.state import Agent, SlotReserved
from actors.conversation.state import Conversation
from actors.supervisor.machine import Supervisor
from runtime.identity import ActorId, actor_id, key_of, kind_of
from runtime.journal import Append, Record
from tests.actors.crowd import Crowd
from tests.simulation.process import Process

GIVEN = ("offer", "transfer")
"""How a conversation comes to an agent without her or a manager having forced it."""


BEHIND_MS = 65_000
"""The clock of a host may have been set back by a minute."""


class Promises:
    """Made before the crowd begins. `at_end` raises `Violation`, which names the seed."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._simulation = crowd.simulation
        self._checker = crowd.simulation.checker
        self._appends: list[list[Record]] = []
        self._simulation.store.written = self._written

    def _written(self, process: Process, append: Append) -> None:
        self._checker.written(process, append)
        self._appends.append(list(append.records))

    def at_end(self, late_ms: int = 0) -> None:
        """After everything has settled and been quiet for a while. Deadlines may be so late, where clocks are wrong."""
        self._simulation.check(max(BEHIND_MS, late_ms))
        self._deadlines()
        for actor in self._actors("conversation"):
            self._one_owner(actor)
            self._one_offer(actor)
        for actor in self._actors("agent"):
            self._capacity(actor)
        self._capacity_at_any_time()
        self._slots()
        for bot in self._crowd.settings.bots:
            self._line(bot.id)
            self._nobody_waits(bot.id)

    def nobody_waits_at_all(self) -> None:
        """After the longest wait every request has ended."""
        for actor in self._actors("conversation"):
            if self._live(actor).phase == "queued":
                self._checker.fail(f"{actor} still waits")

    def _actors(self, kind: str) -> list[ActorId]:
        return [actor for actor in self._checker.actors() if kind_of(actor) == kind]

    def _in_memory(self) -> dict[ActorId, Any]:
        hosts = (process.host for process in self._simulation.host_processes())
        return {actor: one.state for host in hosts for actor, one in host.activations.items()}

    def _live(self, actor: ActorId) -> Any:
        """The state in memory; of an actor that is not there, the journal's."""
        held = self._in_memory()
        return held[actor] if actor in held else self._checker.state(actor)

    def _deadlines(self) -> None:
        machine = next(one for one in self._simulation.machines if one.kind == "conversation")
        for actor in self._actors("conversation"):
            state: Conversation = self._live(actor)
            if state.phase == "queued" and machine.deadline(state) is None:
                self._checker.fail(f"{actor} waits without a deadline")

    def _told(self, actor: ActorId) -> Iterator[tuple[Any, Any, int]]:
        """Each event, the state after it, and the epoch before it."""
        before = 0
        for _, event, state in self._checker.told(actor):
            yield event, state, before
            before = getattr(state, "epoch", 0)

    # In the journals

    def _one_owner(self, actor: ActorId) -> None:
        owner: tuple[str, str] = ("new", "")
        for event, state, epoch in self._told(actor):
            now = (state.phase, state.service.agent.id if state.service is not None else "")
            if isinstance(event, e.AgentReleased):
                continue  # what follows in the same append says who has it
            if now != owner and state.epoch <= epoch:
                self._checker.fail(f"{actor} went from {owner} to {now} under epoch {epoch}")
            owner = now
            if isinstance(event, e.MessageSent):
                if event.speaker == "assistant" and state.phase != "assistant":
                    self._checker.fail(f"the assistant spoke in {actor} at {state.sequence}, which was {owner}")
                if event.speaker == "agent" and owner != ("live", event.author.id):
                    self._checker.fail(f"{event.author.id} spoke in {actor} at {state.sequence}, which was {owner}")

    def _one_offer(self, actor: ActorId) -> None:
        out = ""
        for event, state, _ in self._told(actor):
            match event:
                case e.Offered(agent=agent):
                    if out or state.phase != "queued":
                        self._checker.fail(f"{actor} was offered to {agent.id} while it rang at {out or state.phase}")
                    out = agent.id
                case e.OfferEnded(agent=agent):
                    out = "" if out == agent.id else out
                case e.AgentAssigned() | e.ReturnedToAssistant() | e.ConversationClosed():
                    if out:
                        self._checker.fail(f"{actor} has an owner at {state.sequence}, and rang on at {out}")

    def _capacity(self, actor: ActorId) -> None:
        capacity = self._crowd.capacity(key_of(actor))
        for event, state, _ in self._told(actor):
            if isinstance(event, SlotReserved) and len(state.slots) > capacity:
                self._checker.fail(f"{actor} has {len(state.slots)} slots for {event.conversation}")

    def _capacity_at_any_time(self) -> None:
        """In the order in which the store has taken them, the conversations that an agent was given."""
        given: dict[str, dict[ActorId, None]] = {}
        for changed in self._history():
            for mine in given.values():
                for actor in changed:
                    mine.pop(actor, None)
            for actor, names in changed.items():
                for name in names:
                    given.setdefault(name, {})[actor] = None
                    if len(given[name]) > self._crowd.capacity(name):
                        self._checker.fail(f"{name} was given {list(given[name])} at a time")

    def _history(self) -> Iterator[dict[ActorId, list[str]]]:
        """After each append, to whom the conversations in it are given or offered."""
        machine = next(one for one in self._simulation.machines if one.kind == "conversation")
        decode = msgspec.json.Decoder(machine.events).decode
        states: dict[ActorId, Conversation] = {}
        how: dict[ActorId, str] = {}
        for records in self._appends:
            mine = [one for one in records if kind_of(one.actor) == "conversation"]
            for record in mine:
                state = states.get(record.actor) or machine.initial(key_of(record.actor))
                event = decode(record.body)
                if isinstance(event, e.AgentAssigned) and not _given_back(state, event):
                    how[record.actor] = event.how
                states[record.actor] = machine.apply(state, event, record.at_ms)
            yield {one.actor: _given(states[one.actor], how.get(one.actor, "")) for one in mine}

    # In memory

    def _slots(self) -> None:
        conversations = {actor: self._live(actor) for actor in self._actors("conversation")}
        for actor in self._actors("agent"):
            state: Agent = self._live(actor)
            wanted = {
                key_of(one): held
                for one, conversation in conversations.items()
                if (held := _claim(conversation, key_of(actor))) is not None
            }
            slots = {key: slot.held for key, slot in state.slots.items()}
            if slots != wanted:
                self._checker.fail(f"{actor} has the slots {slots}; the conversations say {wanted}")
            if state.status == "offline" and any(slots.values()):
                self._not_left_behind(actor, state)
            if not state.sessions and any(slot.attended for slot in state.slots.values()):
                self._checker.fail(f"{actor} has left, and still has {slots}")

    def _not_left_behind(self, actor: ActorId, state: Agent) -> None:
        for key in state.slots:
            conversation = self._live(actor_id("conversation", key))
            if conversation.service is not None and conversation.service.how not in ("takeover", "telegram"):
                self._checker.fail(f"{key} is with {actor}, who is offline")

    def _supervisor(self, bot: str) -> Supervisor:
        state: Supervisor = self._live(actor_id("supervisor", bot))
        return state

    def _waiting(self, bot: str) -> dict[str, Conversation]:
        states = ((key_of(actor), self._live(actor)) for actor in self._actors("conversation"))
        return {key: state for key, state in states if state.bot == bot and state.phase == "queued"}

    def _line(self, bot: str) -> None:
        supervisor, waiting = self._supervisor(bot), self._waiting(bot)
        wanted = {key: state.epoch for key, state in waiting.items() if not state.wait.to_agent}  # type: ignore[union-attr]
        line = supervisor.dispatch.line
        found = {key: one.enlist.epoch for key, one in line.all.items()}
        if found != wanted:
            self._checker.fail(f"the supervisor of {bot} has {found} in its line; {wanted} wait")
        for key, one in line.all.items():
            if one.priority != waiting[key].wait.priority:  # type: ignore[union-attr]
                self._checker.fail(f"{key} has the priority {one.priority} in the line of {bot}")
            place = waiting[key].place  # which a conversation that is not in memory has forgotten
            active = actor_id("conversation", key) in self._in_memory()
            if active and (place is None or place[0] != line.position(one)):
                self._checker.fail(f"{key} was told the place {place}, and has {line.position(one)}")

    def _nobody_waits(self, bot: str) -> None:
        supervisor = self._supervisor(bot)
        for settings in self._crowd.settings.agents_of(bot):
            actor = actor_id("agent", settings.id)
            state: Agent = self._live(actor)
            known = supervisor.dispatch.roster.all[settings.id]
            # Who is offline may be so for a supervisor because it has never heard of her: what she has is her affair.
            load = len(state.slots) if state.status != "offline" else known.load
            if (known.status, known.load) != (state.status, load):
                known_as, is_now = f"{known.status} with {known.load}", f"{state.status} with {len(state.slots)}"
                self._checker.fail(f"the supervisor of {bot} takes {actor} for {known_as}; she is {is_now}")
            free = settings.capacity - len(state.slots)
            if state.status != "online" or state.gone_since_ms is not None or state.wrap_up_until_ms or free <= 0:
                continue
            for key, waiting in self._waiting(bot).items():
                if waiting.wait is not None and waiting.wait.offer is None:
                    self._checker.fail(f"{key} waits while {actor} is free")


def _given_back(state: Conversation, event: e.AgentAssigned) -> bool:
    """A transfer has failed: she has it again as she had it before."""
    return state.wait is not None and state.wait.back_to is not None and state.wait.back_to.agent == event.agent


def _given(state: Conversation, how: str) -> list[str]:
    """Whom it was given or is offered to."""
    wait, service = state.wait, state.service
    owner = [service.agent.id] if service is not None and how in GIVEN else []
    return owner + ([wait.offer.agent.id] if wait is not None and wait.offer is not None else [])


def _claim(state: Conversation, agent: str) -> bool | None:
    """Whether the agent holds a slot for the conversation, or has one reserved; None: neither."""
    wait, service = state.wait, state.service
    if service is not None and service.agent.id == agent:
        return True
    if wait is not None and wait.back_to is not None and wait.back_to.agent.id == agent:
        return True
    if wait is not None and wait.offer is not None and wait.offer.agent.id == agent:
        return False
    return None
