"""Does a message cost more where more conversations are open? The relay beside so many open ones, in turns.

    python -m benchmarks.flat [--open 100 1000 10000 100000] [--conversations 100] [--in-flight 3] [--against ejabberd]
        [--json]

One server for each count; the relaying conversations are among the open ones, which are all held in memory. Peers have
only those that relay.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.contest import add_load_options, add_peers, beside, ratios
from benchmarks.load.line import Conversation
from benchmarks.peers import Advance
from benchmarks.peers.livesupport import Livesupport

HELD = "held_actors = 1_000_000\nidle_seconds = 86_400"


class Crowded(Livesupport):
    """Our server with so many conversations open besides those that relay."""

    def __init__(self, opened: int, relaying: int) -> None:
        super().__init__(Setup(agents=relaying, runtime=HELD), name=f"{opened:,} open")
        self._beside = opened - relaying

    async def converse(self, count: int, advance: Advance) -> list[Conversation]:
        """Opens the others first."""
        if self._beside > 0:
            await asyncio.to_thread(partial(self.open, self._beside))
        return await super().converse(count, advance)


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of each count, of the last by the first, and of the last by each peer's."""
    found = await beside(options, [Crowded(count, options.conversations) for count in options.open], -1)
    for one, count in zip(found["results"], options.open, strict=True):
        one["open"] = count
    return {**found, "ratio": ratios(found["results"][-1], found["results"][0])}


@command.entry("flat")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message went wrong."""
    parser = command.parser("flat", "A message's cost by how many conversations are open.")
    add_load_options(parser, conversations=100)
    add_peers(parser, "ejabberd")
    parser.add_argument(
        "--open", type=command.positive, nargs="+", default=[100, 1_000, 10_000, 100_000], help="open conversations"
    )
    options = parser.parse_args(argv)
    result = command.run(run(options))
    return show.relays("flat", options, f"Flat: {result['ratio']['cpu']} × the CPU", result)


if __name__ == "__main__":
    sys.exit(main())
