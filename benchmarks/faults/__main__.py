"""`python -m benchmarks.faults [NAME ...]`: each fault, under load; then the table. Exit 1 on any loss.

Without names, all. What they need (a Redis, three nodes of Ray, a small disk) they start or mount for themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.faults.causes import CLUSTERED, EMBEDDED, SPREAD
from benchmarks.faults.ground import on_nodes, on_redis, on_sqlite
from benchmarks.faults.row import Row, strike, table
from benchmarks.server import end_on_sigterm

GROUNDS = ((EMBEDDED, on_sqlite), (CLUSTERED, on_redis), (SPREAD, on_nodes))
KNOWN = [*EMBEDDED, *CLUSTERED, *SPREAD]


async def run(names: Sequence[str]) -> list[Row]:
    """The rows of the faults with these names: those of one kind of system one after the other, on one system."""
    end_on_sigterm()
    rows: list[Row] = []
    for known, ground in GROUNDS:
        faults = [known[name] for name in names if name in known]
        if faults:
            with tempfile.TemporaryDirectory() as folder:
                async with ground(Path(folder)) as system:
                    rows += [await strike(system, fault) for fault in faults]
    return rows


def main() -> int:
    """0: nothing is wrong in any row."""
    parser = argparse.ArgumentParser("python -m benchmarks.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*KNOWN, []], help=", ".join(KNOWN))
    rows = asyncio.run(run(parser.parse_args().names or KNOWN))
    console = Console(width=160)
    console.print(table(rows))
    for row in rows:
        for fault in row.tally.faults:
            console.print(f"  {row.name}: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
