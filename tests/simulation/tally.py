"""A workload for the tiny machine: labels that are added, forwarded and whispered, alarms that are set, watchers."""

from typing import Any

from msgspec import structs

from runtime.identity import ActorId
from runtime.machine import Tell
from runtime.placement import Placement
from tests.runtime.tally import (
    Add,
    Forbidden,
    Forward,
    Hush,
    ResidentMachine,
    Several,
    TallyMachine,
    TallyState,
    Total,
    WakeMe,
    Whisper,
)
from tests.simulation.faults import ROUGH, Faults
from tests.simulation.simulation import SMALL, Simulation

PACKED = Placement(3)
DEDICATED = Placement(2, dedicated=frozenset({"tally"}))
ACTORS = [ActorId(f"tally/{key}") for key in "abcdefgh"]
RESIDENT = ActorId("resident/r")
WATCHED = [*ACTORS[:2], RESIDENT]
LIMITS = structs.replace(SMALL, held_actors=4)  # room is scarce, but not all taken by those who are watched
RUN_MS = 12_000


class TallyRun:
    """One run: `commands` commands of a few visitors over `RUN_MS`, then calm, then the check."""

    def __init__(
        self,
        seed: int,
        faults: Faults = ROUGH,
        placement: Placement = PACKED,
        commands: int = 80,
        **options: Any,
    ) -> None:
        machines = [TallyMachine(), ResidentMachine()]
        settings: dict[str, Any] = {"limits": LIMITS, "topics": ["square"], **options}
        self.simulation = Simulation(machines, placement, seed, faults, [RESIDENT], **settings)
        self.simulation.checker.strict = True
        self._dice = self.simulation.loop.dice
        for number in range(commands):
            self.simulation.at(self._dice.randint(0, RUN_MS), lambda number=number: self._step(number))  # type: ignore[misc]

    def run(self) -> Simulation:
        """All of it. Raises `Violation`."""
        self.simulation.run(RUN_MS)
        self.simulation.settle()
        self.simulation.check()
        for actor in self.simulation.checker.actors():
            self._check_labels(actor)
            self._check_tells(actor)
            self._check_rings(actor)
        self._check_measures()
        return self.simulation

    def _step(self, number: int) -> None:
        dice, simulation = self._dice, self.simulation
        actor = dice.choice([*ACTORS, RESIDENT])
        sender = f"visitor/{dice.randrange(4)}"
        label = f"n{number}"
        match dice.randrange(16):
            case 0 | 1 | 2 | 3:
                simulation.command(sender, actor, label, Add(label))
            case 4:
                simulation.command(sender, actor, label, Hush(label))
            case 5:
                simulation.command(sender, actor, label, Several((label, f"{label}'", f"{label}''")))
            case 6 | 7 | 8:
                simulation.command(sender, actor, label, Forward(dice.choice(ACTORS), label))
            case 9:
                simulation.command(sender, actor, label, Whisper(f"{label} whispered", dice.choice(ACTORS)))
            case 10:
                simulation.command(sender, actor, label, Forbidden())
            case 11:
                simulation.command(sender, actor, label, Total())
            case 12 | 13:
                at_ms = simulation.now_ms // 100 * 100 + dice.randint(-1, 200) * 100 + number  # no two are the same
                simulation.command(sender, actor, label, WakeMe(at_ms))
            case 14:
                simulation.watch(sender, dice.choice(WATCHED), told=dice.random() < 0.8)
            case _:
                watches = [watch for watch in simulation.watches if watch.open]
                if watches:
                    simulation.unwatch(dice.choice(watches))
                for burst in range(6):
                    simulation.command(sender, actor, f"{label}-{burst}", Add(f"{label}-{burst}"))

    def _check_labels(self, actor: ActorId) -> None:
        checker = self.simulation.checker
        labels = checker.state(actor).labels
        once = [one for one in labels if not one.endswith("whispered")]  # a command that is only a signal has no memory
        if len(set(once)) != len(once):
            checker.fail(f"{actor} has a label twice: {once}")
        for process in self.simulation.host_processes():
            activation = process.host.activations.get(actor)
            if activation is not None and not activation.turns and activation.state.labels != labels:
                checker.fail(f"{actor} has {activation.state.labels} in memory, {labels} in its journal")

    def _check_tells(self, actor: ActorId) -> None:
        checker = self.simulation.checker
        for ref, tell in checker.tells(actor):
            assert isinstance(tell, Tell)
            if ref not in checker.refs(tell.to):
                checker.fail(f"{tell.to} was never told {ref!r}")

    def _check_rings(self, actor: ActorId) -> None:
        checker = self.simulation.checker
        state: TallyState = checker.state(actor)
        if len(set(state.rings)) != len(state.rings):
            checker.fail(f"{actor} has rung twice: {state.rings}")

    def _check_measures(self) -> None:
        for measure, times in self.simulation.checker.measures.items():
            if times > 1 and not measure.labels[0].endswith("whispered"):
                self.simulation.checker.fail(f"{measure.labels} was counted {times} times")
