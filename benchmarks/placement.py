"""An actor for each conversation in a process of its own, against all in one host: the relay with each, in turns.

    python -m benchmarks.placement [--conversations 8] [--in-flight 3] [--json]

`dedicated` makes a Ray actor of some 50 MB for each conversation and agent, so there are few of them.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.contest import add_load_options, ratios, side_by_side
from benchmarks.peers.livesupport import Livesupport


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of both, and the ratio of packed's to dedicated's."""
    setups = {one: Setup(agents=options.conversations, placement=one) for one in ("packed", "dedicated")}
    results = await side_by_side(options, [Livesupport(setup, name=one) for one, setup in setups.items()])
    return {"results": results, "ratio": ratios(*results)}


@command.entry("placement")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message went wrong."""
    parser = command.parser("placement", "Dedicated against packed.")
    add_load_options(parser, conversations=8)
    options = parser.parse_args(argv)
    return show.relays("placement", options, "Packed and dedicated", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
