"""The supervisor as a machine: it hears, dispatches and tells. Nothing of it is journaled."""

import json
from collections.abc import Sequence
from typing import Any

from actors import commands as c
from actors.settings import BotSettings, Settings
from actors.supervisor.dispatch import Decision, Dispatch
from actors.supervisor.roster import Roster
from runtime.identity import actor_id
from runtime.machine import (
    Command,
    Effect,
    Event,
    Fact,
    Find,
    Found,
    Measure,
    Origin,
    Rejected,
    Signal,
    Summary,
    Tell,
)

POSITIONS_EVERY_MS = 1_000
POSITIONS_AT_ONCE = 300
"""Positions near the front are told whenever they change; the others in turn, as many at a time."""


class Supervisor:
    """What it knows. `outbox` is what the fact just applied has to tell."""

    def __init__(self, bot: str, settings: BotSettings, roster: Roster) -> None:
        self.bot = bot
        self.dispatch = Dispatch(roster, settings.routing)
        self.learning = 0
        self.gone: dict[str, int] = {}
        self.moved = False
        self.told_ms = 0
        self.cursor = 0
        self.outbox: list[Effect] = []


class Heard(Signal, frozen=True):
    """A command and who sent it: all a supervisor ever does is to hear."""

    command: Command
    sender: str


class Woken(Signal, frozen=True):
    """It knows nothing yet: who is here and who waits is looked up."""


class SupervisorMachine:
    """See `runtime.machine.Machine`."""

    kind = "supervisor"
    commands: tuple[type[Command], ...] = (
        c.Enlist,
        c.Delist,
        c.AgentChanged,
        c.SlotRefused,
        c.TimePassed,
        c.DescribeQueue,
        Found,
    )
    events = Event
    state = Supervisor
    resident = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def initial(self, key: str) -> Supervisor:
        bot = self._settings.bot(key) or BotSettings(id=key, tier="basic")
        return Supervisor(key, bot, Roster(self._settings.agents_of(key), bot.routing.strategy))

    def decide(self, state: Supervisor, command: Command, origin: Origin) -> Sequence[Fact]:
        kind = origin.sender.partition("/")[0]
        if kind not in ("conversation", "agent", "supervisor"):
            raise Rejected("forbidden", "A supervisor hears actors only.")
        return [Heard(command, origin.sender)]

    def activated(self, state: Supervisor, now_ms: int) -> Sequence[Signal]:
        return [Woken()]

    def apply(self, state: Supervisor, fact: Fact, at_ms: int) -> Supervisor:
        state.outbox = []
        if isinstance(fact, Woken):
            state.learning = 2
            state.outbox = [Find((f"here:{state.bot}",)), Find((f"queued:{state.bot}",))]
        elif isinstance(fact, Heard):
            before = len(state.dispatch.line)
            self._hear(state, fact, at_ms)
            if len(state.dispatch.line) != before:
                state.outbox.append(Measure("queue_length", (state.bot,), len(state.dispatch.line)))
        return state

    def effects(self, state: Supervisor, fact: Fact, at_ms: int) -> Sequence[Effect]:
        return state.outbox

    def _hear(self, state: Supervisor, heard: Heard, now_ms: int) -> None:
        dispatch = state.dispatch
        command, who = heard.command, heard.sender.partition("/")[2]
        match command:
            case c.Enlist():
                self._enlist(state, who, command, now_ms)
            case c.Delist():
                state.moved |= dispatch.delist(who, command.epoch, command.assigned, now_ms)
                if state.learning:
                    state.gone[who] = command.epoch
            case c.AgentChanged():
                self._decided(state, dispatch.agent_changed(who, command, now_ms))
                self._mind_nobody(state)
            case c.SlotRefused():
                self._decided(state, dispatch.slot_refused(who, command.conversation, command.epoch, now_ms))
            case Found():
                self._learn(state, command, now_ms)
            case c.TimePassed():
                self._decided(state, dispatch.time_passed(now_ms))
                if state.moved and state.told_ms + POSITIONS_EVERY_MS <= now_ms:
                    self._tell_positions(state, now_ms)

    def _enlist(self, state: Supervisor, conversation: str, enlist: c.Enlist, now_ms: int) -> None:
        dispatch = state.dispatch
        new = conversation not in dispatch.line.all
        if not state.learning and not dispatch.roster.present:
            self._nobody(state, conversation, enlist, "nobody")
        elif new and len(dispatch.line) >= dispatch.routing.queue_max:
            self._nobody(state, conversation, enlist, "queue_full")
        else:
            self._decided(state, dispatch.enlist(conversation, enlist, now_ms))
            state.moved |= new
            one = dispatch.line.all.get(conversation)
            if one is not None and new:
                self._tell_position(state, one.id, dispatch.line.position(one), now_ms)

    def _nobody(self, state: Supervisor, conversation: str, enlist: c.Enlist, reason: Any) -> None:
        known = state.dispatch.line.all.get(conversation)
        if known is not None:
            state.dispatch.line.remove(known)
            state.moved = True
        state.outbox.append(Tell(actor_id("conversation", conversation), c.Nobody(enlist.epoch, reason)))

    def _mind_nobody(self, state: Supervisor) -> None:
        """The last one has left: whoever waits is told, rather than left waiting in silence."""
        if state.learning or state.dispatch.roster.present:
            return
        for one in [one for one in state.dispatch.line.all.values() if not one.asked]:
            self._nobody(state, one.id, one.enlist, "nobody")

    def _decided(self, state: Supervisor, decisions: list[Decision]) -> None:
        for one in decisions:
            reserve = c.Reserve(one.conversation, state.bot, one.epoch, one.why)
            state.outbox.append(Tell(actor_id("agent", one.agent), reserve))

    def _learn(self, state: Supervisor, found: Found, now_ms: int) -> None:
        rows = [json.loads(body) for body in found.bodies]
        if found.terms == (f"here:{state.bot}",):
            state.outbox += [Tell(actor_id("agent", row["id"]), c.Report()) for row in rows]
            for row in rows:  # she is there until she says otherwise; free she is when she says so
                candidate = state.dispatch.roster.all.get(row["id"])
                if candidate is not None and candidate.version < 0:
                    known = c.AgentChanged(-1, row["status"], row["load"], 0, row["capacity"], 0)
                    state.dispatch.roster.update(row["id"], known)
        else:
            for row in rows:
                self._relist(state, row, now_ms)
        state.learning -= 1
        if not state.learning:
            state.gone.clear()
            self._mind_nobody(state)

    def _relist(self, state: Supervisor, row: dict[str, Any], now_ms: int) -> None:
        handoff, key = row["handoff"], row["id"]
        if handoff is None or handoff["to_agent"] or state.gone.get(key, 0) >= row["epoch"]:
            return
        fields = {name: handoff[name] for name in ("since_ms", "priority", "skill", "language", "sticky", "attempt")}
        enlist = c.Enlist(row["epoch"], tried=tuple(handoff["tried"]), **fields)
        if key in state.dispatch.line.all:
            return
        self._decided(state, state.dispatch.enlist(key, enlist, now_ms))
        state.moved = True

    def _tell_positions(self, state: Supervisor, now_ms: int) -> None:
        line = state.dispatch.line
        state.told_ms, state.moved = now_ms, len(line) > POSITIONS_AT_ONCE
        spans = [(0, POSITIONS_AT_ONCE)]
        if state.moved:
            start = state.cursor if POSITIONS_AT_ONCE <= state.cursor < len(line) else POSITIONS_AT_ONCE
            spans.append((start, start + POSITIONS_AT_ONCE))
            state.cursor = start + POSITIONS_AT_ONCE
        for start, stop in spans:
            for position, one in line.places(start, stop):
                if one.told != position:
                    self._tell_position(state, one.id, position, now_ms)

    def _tell_position(self, state: Supervisor, conversation: str, position: int, now_ms: int) -> None:
        one = state.dispatch.line.all[conversation]
        one.told = position
        place = c.Position(one.enlist.epoch, position, state.dispatch.eta_seconds(position, now_ms))
        state.outbox.append(Tell(actor_id("conversation", conversation), place))

    def deadline(self, state: Supervisor) -> tuple[int, Command] | None:
        times = [state.dispatch.next_ms(), state.told_ms + POSITIONS_EVERY_MS if state.moved else None]
        due = [time for time in times if time is not None]
        return (min(due), c.TimePassed()) if due else None

    def answer(self, state: Supervisor, query: c.DescribeQueue, origin: Origin) -> Any:
        """The protocol's queue object."""
        dispatch = state.dispatch
        waiting = [
            {
                "conversation": one.id,
                "position": position,
                "since_ms": one.enlist.since_ms,
                "priority": one.enlist.priority,
                "eta_seconds": dispatch.eta_seconds(position, origin.now_ms),
                "why": dispatch.why_not(one, origin.now_ms),
            }
            for position, one in dispatch.line.places(0, query.limit)
        ]
        agents = [
            {"id": one.id, "name": one.name, "status": one.status, "load": one.load, "capacity": one.capacity}
            for one in dispatch.roster.all.values()
        ]
        return {"waiting": waiting, "agents": agents, "length": len(dispatch.line)}

    def summary(self, state: Supervisor) -> Summary | None:
        return None

    def public(self, event: Event) -> Event | None:
        return None
