"""The table: a line for each fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from benchmarks.faults.causes import Fault, Unlike
from benchmarks.faults.ground import Ground
from benchmarks.faults.load import Load
from benchmarks.faults.tally import Tally

FLOW_TURNS = 40
HEADINGS = ("acked", "lost", "done twice", "out of order", "assistant after a takeover", "back after s")


@dataclass(frozen=True, slots=True)
class Row:
    """What one fault, or a whole run, has cost."""

    name: str
    tally: Tally
    back_seconds: float
    note: str = ""

    @property
    def ok(self) -> bool:
        """Nothing is wrong but that it took a while."""
        return self.tally.ok

    def json(self) -> dict[str, Any]:
        """For programs."""
        facts = {**asdict(self.tally), "back_seconds": round(self.back_seconds, 2), "note": self.note}
        return {"name": self.name, "ok": self.ok, **facts}

    def cells(self) -> tuple[str, ...]:
        """In the order of the headings."""
        counts = (self.tally.lost, self.tally.twice, self.tally.out_of_order, self.tally.after_takeover)
        return self.name, f"{self.tally.acked:,}", *map(str, counts), f"{self.back_seconds:.1f}", self.note


async def strike(ground: Ground, fault: Fault, plays_a_second: float = 4.0) -> Row:
    """Load, the blow in its middle, and load again; then all is read back. What is not as it must be is in the row."""
    name = fault.__name__.replace("_", " ")
    back, note = 0.0, ""
    async with Load(ground.server.url, ground.agents, ground.server.setup.hosts, plays_a_second) as load:
        await load.flow(FLOW_TURNS)
        try:
            back, note = await fault(ground, load)
        except (Unlike, TimeoutError) as why:
            load.tally.blame(f"{name}: {why or 'it did not come back in time'}")
        await load.flow(FLOW_TURNS)
    return Row(name, load.tally, back, note)


def table(rows: Sequence[Row], title: str = "Faults") -> Table:
    """For people."""
    made = Table(title=title, title_justify="left")
    made.add_column("")
    for heading in HEADINGS:
        made.add_column(heading, justify="right")
    made.add_column("")
    for row in rows:
        made.add_row(*row.cells())
    return made
