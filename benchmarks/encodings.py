"""MessagePack against JSON on the sockets: the relay with each, in turns.

python -m benchmarks.encodings [--conversations 400] [--in-flight 3] [--json]
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from rich.progress import Progress

from benchmarks.configuration import Setup
from benchmarks.frames import JSON, MSGPACK
from benchmarks.load import show
from benchmarks.load.contest import Contender, add_load_options, contest, ratios
from benchmarks.peers.livesupport import Livesupport


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of both, and the ratio of MessagePack's to JSON's."""
    contenders = []
    for subprotocol in (MSGPACK, JSON):
        made = Livesupport(Setup(agents=options.conversations), subprotocol)
        made.name = subprotocol
        contenders.append(Contender(made, options.conversations, options.in_flight))
    with Progress(console=show.console) as progress:
        packed, text = await contest(contenders, progress, seconds=options.seconds, rounds=options.rounds)
    return {"results": [packed, text], "ratio": ratios(packed, text)}


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message went wrong."""
    parser = show.parser("encodings", "MessagePack against JSON.")
    add_load_options(parser)
    options = parser.parse_args(argv)
    result = asyncio.run(run(options))
    show.report("encodings", options, result, [show.relay_table("MessagePack and JSON", result["results"])])
    return show.faults(result["results"])


if __name__ == "__main__":
    sys.exit(main())
