"""`python -m benchmarks.soak --minutes 10 --kill-every 5`: mixed load on real Ray, and kills, again and again.

Ends with the table of what was acked and lost, and with the memory of each process at start and end. Exit 1 if anything
is wrong in the journal, or a process has grown beyond noise.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.progress import Progress
from rich.table import Table

from benchmarks.faults.ground import Ground, on_redis, on_sqlite
from benchmarks.faults.load import Load
from benchmarks.faults.row import Row, table
from benchmarks.faults.tally import Tally
from benchmarks.load import command, show

REDIS = "redis"
WARM_TURNS = 100
GROWTH_BYTES_MAX = 96 * 1024 * 1024
"""Of one process: conversations stay in memory for minutes after their end."""


@dataclass
class Soak:
    """What it came to."""

    tally: Tally = field(default_factory=Tally)
    kills: Counter[str] = field(default_factory=Counter)
    back_seconds: list[float] = field(default_factory=list)
    """After each kill, until every host has acked something newer."""
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    @property
    def grown(self) -> list[str]:
        """The processes that have more than noise explains."""
        return [name for name, size in self.after.items() if size - self.before.get(name, size) > GROWTH_BYTES_MAX]

    @property
    def ok(self) -> bool:
        """Nothing is wrong in the journal, and nothing has grown."""
        return self.tally.ok and not self.grown

    def json(self) -> dict[str, Any]:
        """All of it."""
        memory = {"before": self.before, "after": self.after, "grown": self.grown}
        return {
            "ok": self.ok,
            **self.row().json(),
            "kills": self.kills,
            "each_back_seconds": [round(seconds, 2) for seconds in self.back_seconds],
            "memory_bytes": memory,
        }

    def row(self) -> Row:
        """Of the faults' table."""
        middle = statistics.median(self.back_seconds) if self.back_seconds else 0.0
        kills = ", ".join(f"{count} of {name}" for name, count in sorted(self.kills.items()))
        return Row("soak", self.tally, max(self.back_seconds, default=0.0), f"median {middle:.1f} s; killed {kills}")

    def memory(self) -> Table:
        """Megabytes that each process has for itself alone."""
        made = Table(title="Memory, MB", title_justify="left")
        for heading in ("", "at start", "at end"):
            made.add_column(heading, justify="right" if heading else "left")
        for name in sorted({*self.before, *self.after}):
            made.add_row(name, *(f"{one.get(name, 0) / 1e6:.0f}" for one in (self.before, self.after)))
        return made


async def soak(ground: Ground, seconds: float, kill_every_seconds: float, seed: int, progress: Progress) -> Soak:
    """Load for that long, and a kill after each of the others, once that is survived."""
    result, dice, clock = Soak(), random.Random(seed), asyncio.get_running_loop().time
    bar = progress.add_task("soaking", total=seconds)
    async with Load(ground.server.url, ground.agents, ground.server.setup.hosts) as load:
        await load.flow(WARM_TURNS)
        result.before = ground.memory()
        begun = clock()
        while (passed := clock() - begun) < seconds:
            progress.update(bar, completed=passed, description=f"{load.tally.acked:,} acked, {load.tally.wrong} wrong")
            await asyncio.sleep(kill_every_seconds)
            struck, victim = clock(), dice.choice(_victims(ground))
            await _kill(ground, victim)
            result.kills[victim] += 1
            try:
                result.back_seconds.append(await load.acked(struck))
            except TimeoutError:
                load.tally.blame(f"{victim} was killed, and the service did not come back")
                break
        with contextlib.suppress(TimeoutError):
            await load.flow(WARM_TURNS)
        result.after = ground.memory()
    result.tally = load.tally
    return result


def _victims(ground: Ground) -> list[str]:
    return [*sorted(ground.named()), *([REDIS] if ground.redis is not None else [])]


async def _kill(ground: Ground, victim: str) -> None:
    if victim == REDIS:
        assert ground.redis is not None
        ground.redis.kill()
        await asyncio.to_thread(ground.redis.start)
    else:
        ground.process(victim).kill()


async def _run(options: argparse.Namespace) -> Soak:
    ground = on_redis if options.redis else on_sqlite
    with tempfile.TemporaryDirectory() as folder, show.progress() as progress:
        async with ground(Path(folder)) as system:
            return await soak(system, options.minutes * 60, options.kill_every, options.seed, progress)


@command.entry("soak")
def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing is lost, and nothing has grown."""
    parser = command.parser("soak", "Mixed load on real Ray, and kills, again and again.")
    parser.add_argument("--minutes", type=command.duration, default=10.0, help="for how long")
    parser.add_argument(
        "--kill-every", type=command.duration, default=5.0, metavar="SECONDS", help="after the last is over"
    )
    parser.add_argument("--redis", action="store_true", help="on a Redis of its own, which is killed like everybody")
    options = parser.parse_args(arguments)
    result = command.run(_run(options))
    show.report("soak", options, result.json(), [table([result.row()], "Soak"), result.memory()])
    for fault in [*result.tally.faults, *(f"{name} has grown" for name in result.grown)]:
        show.say(f"  {fault}")
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
