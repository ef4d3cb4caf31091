"""The agent as a machine: rules, state and effects stand beside this file."""

from collections.abc import Sequence
from typing import Any

import msgspec

from actors import commands as c
from actors.agent.apply import apply, baseline
from actors.agent.effects import effects
from actors.agent.rules import CHECK_SECONDS, RULES, SENDERS, Rules
from actors.agent.state import Agent, AnyAgentEvent, Baseline, Changed, StatusChanged, Woken
from actors.settings import Settings
from runtime.machine import Command, Effect, Event, Fact, Origin, Rejected, Signal, Summary


class AgentMachine:
    """See `runtime.machine.Machine`."""

    kind = "agent"
    commands: tuple[type[Command], ...] = (*RULES, c.Describe)
    events = AnyAgentEvent
    state = Agent
    resident = True  # who is connected, no journal says
    baseline_type: type[Event] = Baseline
    baseline_events = 0
    baseline = staticmethod(baseline)

    def __init__(self, settings: Settings) -> None:
        self._rules = Rules(settings)

    def initial(self, key: str) -> Agent:
        return Agent(key)

    def kept(self, state: Agent) -> Agent:
        """Without what rings at her: who the visitor is, and what was said."""
        return apply(self.initial(state.id), baseline(state), state.since_ms)

    def decide(self, state: Agent, command: Command, origin: Origin) -> Sequence[Fact]:
        kinds = SENDERS.get(type(command))
        if kinds is not None and origin.sender.partition("/")[0] not in kinds:
            raise Rejected("forbidden", "That is no client's business.")
        facts = RULES[type(command)](self._rules, state, command, origin)
        news = any(isinstance(fact, Event) and not isinstance(fact, StatusChanged) for fact in facts)
        return [*facts, Changed()] if news else facts

    def apply(self, state: Agent, fact: Fact, at_ms: int) -> Agent:
        return apply(state, fact, at_ms)

    def effects(self, state: Agent, fact: Fact, at_ms: int) -> Sequence[Effect]:
        return effects(self._rules, state, fact, at_ms)

    def patience_ms(self, state: Agent) -> int:
        return 0

    def deadline(self, state: Agent) -> tuple[int, Command] | None:
        times = [*self._rules.lost_ms(state).values()]
        if state.status != "offline" or state.slots:
            times.append(state.checked_ms + CHECK_SECONDS * 1000)
        leaves_ms = self._rules.leaves_ms(state)
        if leaves_ms is not None:
            times.append(leaves_ms)
        if state.owed and state.kept_until_ms:
            times.append(state.kept_until_ms)
        if state.wrap_up_until_ms:
            times.append(state.wrap_up_until_ms)
        return (min(times), c.DeadlinePassed()) if times else None

    def activated(self, state: Agent, now_ms: int) -> Sequence[Signal]:
        return [Woken(), Changed()]

    def answer(self, state: Agent, query: Command, origin: Origin) -> Any:
        return self.describe(state)

    def describe(self, state: Agent) -> dict[str, Any]:
        """The protocol's agent object."""
        settings = self._rules.of(state)
        return {
            "id": state.id,
            "name": settings.name if settings.id == state.id else state.id,
            "status": state.status,
            "reason": state.reason,
            "since_ms": state.since_ms,
            "load": len(state.slots),
            "capacity": settings.capacity,
            "skills": settings.skills,
            "languages": settings.languages,
            "role": settings.role,
            "bots": settings.bots,
            "conversations": [one for one, slot in state.slots.items() if slot.held],
        }

    def summary(self, state: Agent) -> Summary | None:
        bots = self._rules.of(state).bots
        here = [f"here:{bot}" for bot in bots] if state.status != "offline" else []
        terms = (*(f"bot:{bot}" for bot in bots), f"agent:{state.id}", *here)
        return Summary(terms, "", msgspec.json.encode(self.describe(state)))

    def public(self, event: Event) -> Event | None:
        return None
