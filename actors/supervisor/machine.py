"""The supervisor as a machine: it hears, dispatches and tells. Nothing of it is journaled."""

import json
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Literal

from actors import commands as c
from actors.events import HAD_AGENT
from actors.settings import BotSettings, Settings
from actors.supervisor.dispatch import Decision, Dispatch
from actors.supervisor.pace import Pace
from actors.supervisor.places import Places
from actors.supervisor.roster import Roster
from actors.supervisor.timers import NEVER_MS, next_ms_of
from actors.supervisor.waiting import Waiting
from actors.supervisor.words import Reasons
from runtime.identity import actor_id
from runtime.machine import (
    Command,
    Effect,
    Event,
    Fact,
    Find,
    Found,
    Origin,
    Rejected,
    Signal,
    Summary,
    Tell,
)


class Supervisor:
    """What it knows. `outbox` is what the fact just applied has to tell."""

    def __init__(self, bot: str, settings: BotSettings, roster: Roster) -> None:
        self.bot = bot
        self.dispatch = Dispatch(roster, settings.routing)
        self.places = Places(self.dispatch.line)
        self.pace = Pace()
        self.learning = 0
        self.gone: dict[str, int] = {}
        self.urgent: dict[str, c.Prioritise] = {}
        self.outbox: list[Effect] = []
        self.clocks = (*self.dispatch.clocks, self.places)


NOBODY_AT_ONCE = 1_000
"""So many are told in one turn that nobody will come."""
_TIME_PASSED = c.TimePassed()
_HEARD = frozenset({"conversation", "agent", "supervisor"})
_RELISTED = ("since_ms", "priority", "skill", "language", "sticky", "attempt", "trigger")


class Heard(Signal, frozen=True):
    """A command and the key of who sent it: all a supervisor ever does is to hear."""

    command: Command
    who: str


class Woken(Signal, frozen=True):
    """It knows nothing yet: who is here and who waits is looked up."""


class SupervisorMachine:
    """See `runtime.machine.Machine`."""

    kind = "supervisor"
    commands: tuple[type[Command], ...] = (
        c.Enlist,
        c.Delist,
        c.Prioritise,
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
        self._hears: dict[type[Command], Callable[[Supervisor, str, Any, int], None]] = {
            c.AgentChanged: self._agent_changed,
            c.Enlist: self._enlist,
            c.Delist: self._delist,
            c.Prioritise: self._prioritise,
            c.SlotRefused: self._slot_refused,
            c.TimePassed: self._time_passed,
            Found: self._learn,
        }

    def initial(self, key: str) -> Supervisor:
        bot = self._settings.bot(key) or BotSettings(id=key, tier="basic")
        return Supervisor(key, bot, Roster(self._settings.agents_of(key), bot.routing.strategy))

    def decide(self, state: Supervisor, command: Command, origin: Origin) -> Sequence[Fact]:
        kind, _, key = origin.sender.partition("/")
        if kind not in _HEARD:
            raise Rejected("forbidden", "A supervisor hears actors only.")
        return [Heard(command, key)]

    def activated(self, state: Supervisor, now_ms: int) -> Sequence[Signal]:
        return [Woken()]

    def apply(self, state: Supervisor, fact: Fact, at_ms: int) -> Supervisor:
        state.outbox = []
        if isinstance(fact, Heard):
            roster, command = state.dispatch.roster, fact.command
            state.pace.observe(at_ms, roster.taken)
            self._hears[type(command)](state, fact.who, command, at_ms)
            if not roster.present and state.dispatch.stands and not state.learning:
                self._mind_nobody(state, at_ms)
        elif isinstance(fact, Woken):
            state.learning = 2
            state.outbox = [Find((f"here:{state.bot}",)), Find((f"queued:{state.bot}",))]
        return state

    def effects(self, state: Supervisor, fact: Fact, at_ms: int) -> Sequence[Effect]:
        return state.outbox

    def _enlist(self, state: Supervisor, conversation: str, enlist: c.Enlist, now_ms: int) -> None:
        line = state.dispatch.line
        new = conversation not in line.all
        decisions = state.dispatch.enlist(conversation, enlist, now_ms)
        self._decided(state, decisions)
        if new and not decisions and self._is_full(state, enlist):
            self._nobody(state, conversation, "queue_full")
            return
        if new:
            state.places.moved()
            if len(line) == 1:
                self._mind_pace(state)
        if state.learning or state.dispatch.roster.present:
            # Told also to who enlists again: it may have been read from the journal, and have forgotten its place.
            one = line.all[conversation]
            self._tell_place(state, one, line.position(one))

    def _agent_changed(self, state: Supervisor, agent: str, told: c.AgentChanged, now_ms: int) -> None:
        known = state.dispatch.roster.all.get(agent)
        # A new life of her actor, or an earlier one, heard of late from a host that was replaced: she knows.
        doubtful = known is not None and told.life_ms != known.life_ms and not (told.asked and known.unsure)
        self._decided(state, state.dispatch.agent_changed(agent, told, now_ms))
        if doubtful:
            self._report(state, agent)

    def _report(self, state: Supervisor, agent: str) -> None:
        """Ask her who she is."""
        known = state.dispatch.roster.all.get(agent)
        if known is not None:
            known.unsure = True
            state.outbox.append(Tell(actor_id("agent", agent), c.Report()))

    def _is_full(self, state: Supervisor, enlist: c.Enlist) -> bool:
        """Who has had an agent already is let in all the same."""
        return enlist.trigger not in HAD_AGENT and len(state.dispatch.line) > state.dispatch.routing.queue_max

    def _prioritise(self, state: Supervisor, conversation: str, told: c.Prioritise, now_ms: int) -> None:
        if state.learning:
            state.urgent[conversation] = told
        if state.dispatch.prioritise(conversation, told.epoch, told.priority):
            state.places.moved()

    def _delist(self, state: Supervisor, conversation: str, delist: c.Delist, now_ms: int) -> None:
        if state.learning:
            state.gone[conversation] = max(delist.epoch, state.gone.get(conversation, 0))
        if state.dispatch.delist(conversation, delist.epoch) is not None:
            state.places.moved()
            if delist.assigned:
                state.pace.assigned()

    def _slot_refused(self, state: Supervisor, agent: str, refused: c.SlotRefused, now_ms: int) -> None:
        self._decided(state, state.dispatch.slot_refused(agent, refused, now_ms))

    def _time_passed(self, state: Supervisor, sender: str, passed: c.TimePassed, now_ms: int) -> None:
        decisions, silent = state.dispatch.time_passed(now_ms)
        self._decided(state, decisions)
        for agent in silent:
            self._report(state, agent)
        self._mind_pace(state)
        for position, one in state.places.changed(now_ms):
            self._tell_place(state, one, position)

    def _mind_pace(self, state: Supervisor) -> None:
        if state.dispatch.line.all:
            state.places.paced(state.pace.place_seconds(state.dispatch.roster.slots)[1])

    def _nobody(self, state: Supervisor, conversation: str, reason: Literal["nobody", "queue_full"]) -> None:
        one = state.dispatch.line.all[conversation]
        state.dispatch.remove(one)
        state.places.moved()
        state.outbox.append(Tell(actor_id("conversation", conversation), c.Nobody(one.enlist.epoch, reason)))

    def _mind_nobody(self, state: Supervisor, now_ms: int) -> None:
        """Nobody is there: whoever waits is told, rather than left waiting in silence. A long line is told in parts,
        from the front, so that no host stands still meanwhile."""
        dispatch = state.dispatch
        unasked = (one for one in dispatch.line if one.stand is not None)
        for one in list(islice(unasked, NOBODY_AT_ONCE)):
            self._nobody(state, one.id, "nobody")
        if dispatch.stands:
            dispatch.remind(now_ms + 1)

    def _decided(self, state: Supervisor, decisions: list[Decision]) -> None:
        for agent, one, why in decisions:
            reserve = c.Reserve(one.id, state.bot, one.enlist.epoch, why, one.enlist.attempt)
            state.outbox.append(Tell(actor_id("agent", agent), reserve))

    def _learn(self, state: Supervisor, sender: str, found: Found, now_ms: int) -> None:
        rows = [json.loads(body) for body in found.bodies]
        if found.terms == (f"here:{state.bot}",):
            for row in rows:  # she is there until she says otherwise; free she is when she says so
                self._report(state, row["id"])
                candidate = state.dispatch.roster.all.get(row["id"])
                if candidate is not None and candidate.version < 0:
                    known = c.AgentChanged(-1, -1, row["status"], row["load"], 0, row["capacity"], 0)
                    state.dispatch.roster.update(row["id"], known)
        else:
            for row in rows:
                self._relist(state, row, now_ms)
        state.learning -= 1
        if not state.learning:
            state.gone.clear()
            state.urgent.clear()

    def _relist(self, state: Supervisor, row: dict[str, Any], now_ms: int) -> None:
        handoff, key = row["handoff"], row["id"]
        if handoff is None or handoff["to_agent"] or state.gone.get(key, 0) > row["epoch"]:
            return
        if key in state.dispatch.line.all:
            return  # it has told us itself meanwhile
        enlist = c.Enlist(row["epoch"], tried=tuple(handoff["tried"]), **{name: handoff[name] for name in _RELISTED})
        self._decided(state, state.dispatch.enlist(key, enlist, now_ms, handoff["offered_to"] or ""))
        if key in state.urgent:
            self._prioritise(state, key, state.urgent[key], now_ms)
        state.places.moved()

    def _tell_place(self, state: Supervisor, one: Waiting, position: int) -> None:
        one.told = (position, state.places.pace)
        eta_seconds = state.pace.eta_seconds(position, state.dispatch.roster.slots)
        place = c.Position(one.enlist.epoch, position, eta_seconds)
        state.outbox.append(Tell(actor_id("conversation", one.id), place))

    def patience_ms(self, state: Supervisor) -> int:
        return 0

    def deadline(self, state: Supervisor) -> tuple[int, Command] | None:
        when_ms = min(map(next_ms_of, state.clocks))
        return (when_ms, _TIME_PASSED) if when_ms < NEVER_MS else None

    def answer(self, state: Supervisor, query: c.DescribeQueue, origin: Origin) -> Any:
        """The protocol's queue object."""
        dispatch = state.dispatch
        reasons = Reasons(dispatch)
        waiting = [
            {
                "conversation": one.id,
                "position": position,
                "since_ms": one.enlist.since_ms,
                "priority": one.priority,
                "eta_seconds": state.pace.eta_seconds(position, dispatch.roster.slots),
                "why": reasons.why_not(one),
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
