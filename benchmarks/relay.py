"""How much a message costs: live conversations, visitor socket to agent socket and back, durable and acked.

    python -m benchmarks.relay [--conversations 400] [--in-flight 3] [--seconds 5] [--rounds 1] [--hosts 1]
        [--gateways 1] [--placement packed] [--subprotocol livesupport.json] [--dialogues FILE] [--profile DIR] [--json]

Whoever hears a message answers it with the next, so each conversation keeps its messages in flight. Reported are
messages delivered a second, the CPU that all processes of the server used for one (Ray's included, the load generator
apart), the time from send to seen, and memory. Every message must be seen by the other end once, in order, and acked.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import Progress, TaskID

from benchmarks.configuration import Setup
from benchmarks.frames import JSON, MSGPACK
from benchmarks.load.generator import Generator
from benchmarks.load.line import dialogue_texts, plain_texts
from benchmarks.load.round import Round, measure, summary
from benchmarks.load.show import relay_table
from benchmarks.machine import machine, versions
from benchmarks.peers.livesupport import Livesupport


async def run(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Start a server, connect everybody, and relay for the given rounds."""
    setup = Setup(
        agents=options.conversations, hosts=options.hosts, gateways=options.gateways, placement=options.placement,
        settings=options.settings,
    )  # fmt: skip
    texts = dialogue_texts(options.dialogues) if options.dialogues else plain_texts
    async with Livesupport(setup, options.subprotocol) as peer:
        with Progress(console=console) as progress:
            bar = progress.add_task("opening conversations", total=options.conversations)
            conversations = await peer.converse(options.conversations, lambda n: progress.advance(bar, n))
            generator = Generator(conversations, peer.recognise, options.in_flight, texts)
            rounds: list[Round] = []
            for number in range(options.rounds):
                tick = partial(_tick, progress, progress.add_task(f"round {number + 1}", total=options.seconds))
                rounds.append(measure(peer, generator, options.seconds, tick, options.profile))
                tick(options.seconds)
        account = generator.account()
        generator.close()
    return {
        "conversations": options.conversations,
        "in_flight": options.in_flight,
        "texts": str(options.dialogues or "100 bytes"),
        "hosts": options.hosts,
        "gateways": options.gateways,
        "placement": options.placement,
        "subprotocol": options.subprotocol,
        **summary(rounds, account),
    }


def _tick(progress: Progress, bar: TaskID, seconds: float) -> None:
    progress.update(bar, completed=seconds)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message was lost, doubled, disordered, refused or not acked."""
    parser = argparse.ArgumentParser(prog="livesupport bench relay", description="What a relayed message costs.")
    parser.add_argument("--conversations", type=int, default=400, help="live conversations")
    parser.add_argument("--in-flight", type=int, default=3, help="messages in flight in each")
    parser.add_argument("--seconds", type=float, default=5.0, help="of a round")
    parser.add_argument("--rounds", type=int, default=1, help="the medians of so many are told")
    parser.add_argument("--hosts", type=int, default=1, help="hosts of the server")
    parser.add_argument("--gateways", type=int, default=1, help="gateways of the server")
    parser.add_argument("--placement", choices=("packed", "dedicated"), default="packed", help="of the actors")
    parser.add_argument("--subprotocol", choices=(JSON, MSGPACK), default=JSON, help="of the sockets")
    parser.add_argument("--dialogues", type=Path, help="real dialogues (JSON lines) instead of 100-byte texts")
    parser.add_argument("--settings", default="", help="TOML appended to the server's configuration")
    parser.add_argument(
        "--profile", type=Path, help="a directory for flame graphs of gateways and hosts (needs py-spy)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(argv)
    console = Console(stderr=True)
    result = asyncio.run(run(options, console))
    console.print(relay_table(result))
    if options.json:
        print(msgspec.json.encode({"machine": machine(), "versions": versions(), **result}).decode())
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
