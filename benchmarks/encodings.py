"""MessagePack against JSON on the sockets: the relay with each, in turns.

python -m benchmarks.encodings [--conversations 400] [--in-flight 3] [--json]
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.frames import JSON, MSGPACK
from benchmarks.load import command, show
from benchmarks.load.contest import add_load_options, ratios, side_by_side
from benchmarks.peers.livesupport import Livesupport


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of both, and the ratio of MessagePack's to JSON's."""
    entrants = [Livesupport(Setup(agents=options.conversations), one, name=one) for one in (MSGPACK, JSON)]
    results = await side_by_side(options, entrants)
    return {"results": results, "ratio": ratios(*results)}


@command.entry("encodings")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message went wrong."""
    parser = command.parser("encodings", "MessagePack against JSON.")
    add_load_options(parser)
    options = parser.parse_args(argv)
    return show.relays("encodings", options, "MessagePack and JSON", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
