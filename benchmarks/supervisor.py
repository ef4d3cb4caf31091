"""How many assignments a supervisor decides: ``python -m benchmarks.supervisor [--waiting 100000] [--json]``.

The machine alone, as a host drives it: decide, apply, effects, deadline. All agents have what they can have and so
many visitors wait, by skill, by language or for anybody. One assignment is the whole of it: an agent comes free, is
asked, takes, the conversation leaves the queue, and another one joins it. Ten seconds of queue time pass meanwhile,
with all the places that are told. Time is CPU time.
"""

import gc
import random
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.table import Table

from actors import commands as c
from actors.settings import AgentSettings, BotSettings, Routing, Settings
from actors.supervisor import SupervisorMachine
from benchmarks.load import command, show
from benchmarks.machine import percentile
from runtime.machine import Command, Found, Origin, Tell

START_MS = 1_700_000_000_000
SKILLS, LANGUAGES = 20, ("en", "de", "fr", "es")
QUEUE_SECONDS = 10
TARGET = 20_000
ROUNDS = 5


class Result(msgspec.Struct):
    """What one length of the queue showed. Times in CPU microseconds, the median of some rounds."""

    agents: int
    waiting: int
    assignments_per_second: float
    assignment_microseconds: float
    commands_an_assignment: float
    positions_told: int
    join_microseconds: float
    """A conversation joins the queue, nobody is free."""


class Floor:
    """One supervisor, and what its agents and conversations tell it."""

    def __init__(self, agents: int, seed: int) -> None:
        self._dice = random.Random(seed)
        team = [self._agent(number) for number in range(agents)]
        routing = Routing(queue_max=1_000_000, sticky_seconds=0)
        self._machine = SupervisorMachine(Settings(bots=[BotSettings(id="acme", routing=routing)], agents=team))
        self._state = self._machine.initial("acme")
        self._versions = dict.fromkeys((agent.id for agent in team), 0)
        self._names = list(self._versions)
        self._joined = 0
        self.now_ms = START_MS
        self.commands = self.positions = 0
        for term in ("here:acme", "queued:acme"):
            self._hear("supervisor/acme", Found((term,), []))
        for agent in self._names:
            self._report(agent, load=1)

    def _agent(self, number: int) -> AgentSettings:
        skills = [f"skill {one}" for one in self._dice.sample(range(SKILLS), 2)]
        languages = self._dice.sample(LANGUAGES, 2) if number % 2 else []
        return AgentSettings(id=f"agent{number}", bots=["acme"], skills=skills, languages=languages)

    def _hear(self, sender: str, command: Command) -> Sequence[Any]:
        machine, state = self._machine, self._state
        self.commands += 1
        effects: list[Any] = []
        for fact in machine.decide(state, command, Origin(sender, self.now_ms)):
            state = machine.apply(state, fact, self.now_ms)
            effects += machine.effects(state, fact, self.now_ms)
        deadline = machine.deadline(state)
        if deadline is not None and deadline[0] <= self.now_ms and not isinstance(command, c.TimePassed):
            effects += self._hear("supervisor/acme", deadline[1])
        return effects

    def _report(self, agent: str, load: int) -> Sequence[Any]:
        self._versions[agent] += 1
        changed = c.AgentChanged(1, self._versions[agent], "online", load, 1 - load, 1, self.now_ms, asked=True)
        return self._hear(f"agent/{agent}", changed)

    def join(self) -> None:
        """One more visitor waits."""
        self._joined += 1
        roll = self._dice.random()
        skill = f"skill {self._dice.randrange(SKILLS)}" if roll < 0.1 else ""
        language = self._dice.choice(LANGUAGES) if 0.05 < roll < 0.4 else ""
        # Each some time after the one before: what is needed is never relaxed, which would make it easier.
        enlist = c.Enlist(2, self.now_ms + self._joined, skill=skill, language=language)
        self._told(self._hear(f"conversation/c{self._joined}", enlist))

    def assign(self) -> None:
        """An agent comes free and gets the first whom she suits; another visitor joins."""
        agent = self._dice.choice(self._names)
        effects = self._report(agent, load=0)
        reserve = next(one.command for one in effects if isinstance(one, Tell) and isinstance(one.command, c.Reserve))
        self._told(effects)
        self._report(agent, load=1)
        self._told(self._hear(f"conversation/{reserve.conversation}", c.Delist(3, assigned=True)))
        self.join()

    def _told(self, effects: Sequence[Any]) -> None:
        self.positions += sum(isinstance(one, Tell) and isinstance(one.command, c.Position) for one in effects)


def measured(agents: int, waiting: int, assignments: int, seed: int) -> Result:
    """Runs one length of the queue."""
    floor = Floor(agents, seed)
    started = time.process_time()
    for _ in range(waiting):
        floor.join()
    joined = time.process_time() - started
    gc.collect()
    gc.freeze()
    floor.commands = floor.positions = 0
    each = [_round(floor, assignments // ROUNDS) for _ in range(ROUNDS)]
    gc.unfreeze()
    microseconds = percentile(each, 50)
    commands = floor.commands / (assignments // ROUNDS * ROUNDS)
    return Result(
        agents, waiting, 1e6 / microseconds, microseconds, commands, floor.positions, joined * 1e6 / max(1, waiting)
    )


def _round(floor: Floor, assignments: int) -> float:
    began_ms, started = floor.now_ms, time.process_time()
    for number in range(assignments):
        floor.now_ms = began_ms + number * QUEUE_SECONDS * 1_000 // ROUNDS // assignments
        floor.assign()
    return (time.process_time() - started) * 1e6 / assignments


@command.entry("supervisor")
def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Exit code 1 if the target is missed."""
    parser = command.parser("supervisor", "Assignments a second of the machine alone.")
    parser.add_argument("--agents", type=command.positive, default=1_000, help="all busy")
    parser.add_argument(
        "--waiting", type=command.positive, default=100_000, help="the longest queue; shorter ones come first"
    )
    parser.add_argument("--assignments", type=command.positive, default=50_000, help="measured of each length")
    options = parser.parse_args(arguments)
    lengths = [n for n in (100, 1_000, 10_000, 100_000, 1_000_000) if n < options.waiting] + [options.waiting]
    results = [
        measured(options.agents, waiting, options.assignments, options.seed)
        for waiting in show.track(lengths, "queues, one longer than the other")
    ]
    found = {"target_per_second": TARGET, "results": msgspec.to_builtins(results)}
    show.report("supervisor", options, found, [_table(results)])
    return 0 if results[-1].assignments_per_second >= TARGET else 1


def _table(results: Sequence[Result]) -> Table:
    table = Table("waiting", "assignments/s", "µs each", "commands each", "places told", "µs to join")
    for one in results:
        table.add_row(
            f"{one.waiting:,}",
            f"{one.assignments_per_second:,.0f}",
            f"{one.assignment_microseconds:.1f}",
            f"{one.commands_an_assignment:.1f}",
            f"{one.positions_told:,}",
            f"{one.join_microseconds:.1f}",
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
