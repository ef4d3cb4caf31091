"""Does it grow with its processes? The relay with several hosts and gateways, their rounds in turns.

    python -m benchmarks.hosts [--hosts 1 2 4] [--gateways 1 2] [--conversations 200]
        [--against socketio-redis socketio-redis-2] [--json]

Peers of one process and of two show what growing costs there. On a machine with fewer cores than processes, more of
them cannot be faster; what shows then is what they cost.
"""

import argparse
import itertools
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.contest import add_load_options, add_peers, beside
from benchmarks.peers.livesupport import Livesupport


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of each count of hosts and gateways, and of peers, the ratio being our smallest one's to theirs."""
    entrants = [
        Livesupport(
            Setup(agents=options.conversations, hosts=hosts, gateways=gateways),
            name=f"hosts {hosts}, gateways {gateways}",
        )
        for hosts, gateways in itertools.product(options.hosts, options.gateways)
    ]
    return await beside(options, entrants)


@command.entry("hosts")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message went wrong."""
    parser = command.parser("hosts", "The relay with several hosts and gateways.")
    add_load_options(parser, conversations=200, seconds=2.0)
    add_peers(parser, "socketio-redis", "socketio-redis-2")
    parser.add_argument("--hosts", type=command.positive, nargs="+", default=[1, 2, 4], help="counts of hosts")
    parser.add_argument("--gateways", type=command.positive, nargs="+", default=[1, 2], help="counts of gateways")
    options = parser.parse_args(argv)
    return show.relays("hosts", options, "Hosts and gateways", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
