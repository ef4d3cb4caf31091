"""How much a message costs: live conversations, visitor socket to agent socket and back, durable and acked.

    python -m benchmarks.relay [--conversations 400] [--in-flight 3] [--seconds 3] [--rounds 5]
        [--against ejabberd socketio-redis ...] [--dialogues FILE] [--hosts 1] [--gateways 1]
        [--placement packed] [--subprotocol livesupport.json] [--settings TOML] [--profile DIR] [--json]

Whoever hears a message answers it with the next, so each conversation keeps its messages in flight. Reported are
messages delivered a second, the CPU that all processes of the server used for one (Ray's included, the load generator
apart), the time from send to seen, and memory. Every message must be seen by the other end once, in order, and acked
where there are acks. Peers run beside us, their rounds between ours, under the same load and the same account.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.frames import JSON, MSGPACK
from benchmarks.load import command, show
from benchmarks.load.contest import add_load_options, add_peers, beside
from benchmarks.load.line import dialogue_texts, plain_texts
from benchmarks.peers.livesupport import Livesupport


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Our figures, and those of each peer with the ratio of ours to its. A missing peer is named with its command."""
    setup = Setup(
        agents=options.conversations, hosts=options.hosts, gateways=options.gateways, placement=options.placement,
        runtime=options.settings,
    )  # fmt: skip
    texts = dialogue_texts(options.dialogues, options.seed) if options.dialogues else plain_texts
    found = await beside(options, [Livesupport(setup, options.subprotocol)], 0, texts, options.profile)
    return {**found.pop("results")[0], **found}


@command.entry("relay")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message of ours was lost, doubled, disordered, refused or not acked."""
    parser = command.parser("relay", "What a relayed message costs.")
    add_load_options(parser)
    add_peers(parser, "ejabberd")
    parser.add_argument("--hosts", type=command.positive, default=1, help="hosts of the server")
    parser.add_argument("--gateways", type=command.positive, default=1, help="gateways of the server")
    parser.add_argument("--placement", choices=("packed", "dedicated"), default="packed", help="of the actors")
    parser.add_argument("--subprotocol", choices=(JSON, MSGPACK), default=JSON, help="of the sockets")
    parser.add_argument("--dialogues", type=Path, help="real dialogues (JSON lines) instead of 100-byte texts")
    parser.add_argument("--settings", default="", help="TOML for the server's [runtime], as linger_ms = 2")
    parser.add_argument("--profile", type=Path, help="a folder for flame graphs of gateways and hosts (needs py-spy)")
    options = parser.parse_args(argv)
    result = command.run(run(options))
    shown = [result, *result["peers"]]
    show.report("relay", options, result, [show.relay_table("Relay", shown)])
    show.absent(result["missing"])
    return show.faults([result])


if __name__ == "__main__":
    sys.exit(main())
