"""`python -m benchmarks.faults [NAME ...]`: each fault of one machine, under load; then the table. Exit 1 on any loss.

Without names, all. Those that need a Redis start one of their own. `--json` prints one JSON object on the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from benchmarks.configuration import Setup
from benchmarks.faults.causes import CLUSTERED, EMBEDDED, IDLE_SECONDS, IMPATIENT, Fault
from benchmarks.faults.ground import embedded
from benchmarks.faults.hands import Hands
from benchmarks.faults.row import Row, strike, table
from benchmarks.faults.volume import volume
from benchmarks.redis_server import RedisServer

SETUP = Setup(
    hosts=2,
    agents=4,
    settings=f"""
[[bots]]
id = "{IMPATIENT}"
tier = "basic"
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]
[bots.routing]
idle_close_seconds = {IDLE_SECONDS}
""",
)


async def on_sqlite(faults: Iterable[Fault], folder: Path) -> list[Row]:
    """One after the other, on one system whose disk is small and whose clock can be set."""
    clock = Hands(folder)
    with volume(folder / "volume") as kept:
        async with embedded(SETUP, kept=kept, clock=clock) as ground:
            return [await strike(ground, fault) for fault in faults]


async def on_redis(faults: Iterable[Fault], folder: Path) -> list[Row]:
    """One after the other, on one system with a Redis of its own."""
    with RedisServer(folder) as redis:
        async with embedded(SETUP, redis) as ground:
            return [await strike(ground, fault) for fault in faults]


async def run(names: Iterable[str]) -> list[Row]:
    """The rows of the faults with these names."""
    rows: list[Row] = []
    for known, ground in ((EMBEDDED, on_sqlite), (CLUSTERED, on_redis)):
        faults = [known[name] for name in names if name in known]
        if faults:
            with tempfile.TemporaryDirectory() as folder:
                rows += await ground(faults, Path(folder))
    return rows


def main() -> int:
    """0: nothing is wrong in any row."""
    known = [*EMBEDDED, *CLUSTERED]
    parser = argparse.ArgumentParser("python -m benchmarks.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*known, []], help=", ".join(known))
    rows = asyncio.run(run(parser.parse_args().names or known))
    console = Console(width=160)
    console.print(table(rows))
    for row in rows:
        for fault in row.tally.faults:
            console.print(f"  {row.name}: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
