"""How fast do conversations open? Each one durable when its visitor is answered.

    python -m benchmarks.open [--count 5000] [--connections 512] [--rounds 5] [--against plain-ray] [--json]

At plain Ray, a conversation is open when its actor has relayed a first message; rounds take turns.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.contest import TINY, add_peers
from benchmarks.load.generator import Generator
from benchmarks.load.spread import medians
from benchmarks.load.usage import Meter
from benchmarks.machine import percentile
from benchmarks.peers.livesupport import Livesupport
from benchmarks.peers.plain_ray import PlainRay

CONNECTIONS = 512
"""So many keep two cores busy. With fewer, gateway and host take turns at what all of them have asked."""
PLAIN_RAY_COUNT = 1
"""Conversations a round: each is a process of some 50 MB."""


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Opened a second, CPU and latency of each, and the ratio."""
    ours = Livesupport(Setup(agents=1))
    rates: list[float] = []
    cpu_us: list[float] = []
    latencies: list[float] = []
    theirs: list[float] = []
    async with AsyncExitStack() as stack:
        progress = stack.enter_context(show.progress())
        await stack.enter_async_context(ours)
        plain = await stack.enter_async_context(PlainRay()) if options.against else None
        await asyncio.to_thread(ours.open, options.count // 10)  # caches are filled, code is loaded
        for number in range(options.rounds):
            bar = progress.add_task(f"round {number + 1} of {options.rounds}", total=options.count)
            meter = Meter(ours)
            advance = partial(progress.advance, bar)
            answered = await asyncio.to_thread(ours.open, options.count, advance, options.connections)
            cpu_us.append(sum(meter.seconds().values()) / options.count * 1e6)
            rates.append(options.count / answered.seconds)
            latencies += answered.latencies
            if plain is not None:
                theirs.append(await asyncio.to_thread(_opened_a_second, plain, number))
    result: dict[str, Any] = {
        "name": ours.name,
        "promises": ours.promises,
        "opened": options.count * options.rounds,
        **medians("opened_a_second", rates, 0),
        "opened_a_second_each_round": [round(rate) for rate in rates],
        **medians("server_cpu_us", cpu_us),
        "answer_ms": {f"p{p}": round(percentile(latencies, p) * 1000, 2) for p in (50, 99)},
        "peers": [],
        "missing": {},
        "faults": 0,
    }
    if plain is not None:
        other = {"name": plain.name, "promises": plain.promises, "software": plain.versions()}
        other |= medians("opened_a_second", theirs, 2)
        other["ratio"] = {"opened_a_second": round(statistics.median(rates) / max(statistics.median(theirs), TINY), 1)}
        result["peers"].append(other)
    return result


def _opened_a_second(plain: PlainRay, round_number: int) -> float:
    begun = time.perf_counter()
    numbers = range(round_number * PLAIN_RAY_COUNT, (round_number + 1) * PLAIN_RAY_COUNT)
    generator = Generator([plain.pair(number) for number in numbers], plain.recognise, 1)
    generator.run(0.0, warm=0.0)
    all_heard = generator.drain(60.0)
    seconds = time.perf_counter() - begun
    generator.close()
    return len(numbers) / seconds if all_heard else 0.0


@command.entry("open")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; returns 0. What is refused raises."""
    parser = command.parser("open", "Conversations opened a second, durable.")
    parser.add_argument("--count", type=command.positive, default=5_000, help="opened in a round")
    parser.add_argument(
        "--connections", type=command.positive, default=CONNECTIONS, help="one request under way on each"
    )
    parser.add_argument("--rounds", type=command.positive, default=5, help="the medians of so many are told")
    add_peers(parser, "plain-ray", known=["plain-ray"])
    options = parser.parse_args(argv)
    return show.beside("open", options, "Opening conversations", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
