"""`python -m benchmarks.faults [NAME ...]`: each fault, under load; then the table. Exit 1 on any loss.

Without names, all. What they need (a Redis, three nodes of Ray, a small disk) they start or mount for themselves.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults.causes import CLUSTERED, EMBEDDED, SPREAD
from benchmarks.faults.ground import on_nodes, on_redis, on_sqlite
from benchmarks.faults.row import Row, strike, table
from benchmarks.load import command, show

GROUNDS = ((EMBEDDED, on_sqlite), (CLUSTERED, on_redis), (SPREAD, on_nodes))
KNOWN = [*EMBEDDED, *CLUSTERED, *SPREAD]


async def run(names: Sequence[str]) -> list[Row]:
    """The rows of the faults with these names: those of one kind of system one after the other, on one system."""
    rows: list[Row] = []
    for known, ground in GROUNDS:
        faults = [known[name] for name in names if name in known]
        if faults:
            with tempfile.TemporaryDirectory() as folder:
                async with ground(Path(folder)) as system:
                    rows += [await strike(system, fault) for fault in show.track(faults, "striking")]
    return rows


@command.entry("faults")
def main(argv: Sequence[str] | None = None) -> int:
    """0: nothing is wrong in any row."""
    parser = command.parser("faults", "Each fault under load, and what was lost: nothing.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*KNOWN, []], help=", ".join(KNOWN))
    options = parser.parse_args(argv)
    rows = command.run(run(options.names or KNOWN))
    show.report("faults", options, {"rows": [row.json() for row in rows]}, [table(rows)])
    for row in rows:
        for fault in row.tally.faults:
            show.say(f"  {row.name}: {fault}")
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
