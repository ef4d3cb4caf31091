"""How fast do conversations open? Each one durable when its visitor is answered.

    python -m benchmarks.open [--count 5000] [--connections 512] [--rounds 5] [--against plain-ray uvicorn] [--json]

At plain Ray, a conversation is open when its actor has relayed a first message; uvicorn opens none, and shows what its
answers alone cost. Rounds take turns.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from rich.progress import Progress

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.contest import TINY, add_peers
from benchmarks.load.generator import Generator
from benchmarks.load.http import Answered
from benchmarks.load.spread import medians
from benchmarks.load.usage import Meter, Server
from benchmarks.machine import percentile
from benchmarks.peers import Advance
from benchmarks.peers.bare_http import BareHttp
from benchmarks.peers.livesupport import Livesupport
from benchmarks.peers.plain_ray import PlainRay

CONNECTIONS = 512
"""So many keep two cores busy. With fewer, gateway and host take turns at what all of them have asked."""
PLAIN_RAY_COUNT = 1
"""Conversations a round: each is a process of some 50 MB."""
PEERS: dict[str, Callable[[], PlainRay | BareHttp]] = {"plain-ray": PlainRay, "uvicorn": BareHttp}


class Door(Server, Protocol):
    """Where visitors come in."""

    name: str

    def open(self, count: int, advance: Advance, connections: int) -> Answered:
        """So many of them, answered."""


@dataclass(slots=True)
class Rounds:
    """What each round of one server's has measured."""

    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Medians."""
        found: dict[str, Any] = medians("opened_a_second", self.rates, 2 if max(self.rates) < 100 else 0)
        if self.cpu_us:
            found["opened_a_second_each_round"] = [round(rate) for rate in self.rates]
            found |= medians("server_cpu_us", self.cpu_us)
            found["answer_ms"] = {f"p{p}": round(percentile(self.latencies, p) * 1000, 2) for p in (50, 99)}
        return found

    def ratio(self, theirs: "Rounds") -> dict[str, float]:
        """Of the medians, these by theirs."""
        kinds = {"opened_a_second": (self.rates, theirs.rates), "cpu": (self.cpu_us, theirs.cpu_us)}
        return {
            kind: round(statistics.median(mine) / max(statistics.median(its), TINY), 2)
            for kind, (mine, its) in kinds.items()
            if its
        }


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Opened a second, CPU and latency of each, and the ratios."""
    ours = Livesupport(Setup(agents=1))
    against: list[PlainRay | BareHttp] = [PEERS[name]() for name in options.against]
    rounds = {one.name: Rounds() for one in (ours, *against)}
    async with AsyncExitStack() as stack:
        progress = stack.enter_context(show.progress())
        for server in (ours, *against):
            await stack.enter_async_context(server)
        for door in (one for one in (ours, *against) if not isinstance(one, PlainRay)):
            # caches are filled, code is loaded
            await asyncio.to_thread(door.open, options.count // 10, lambda _: None, options.connections)
        for number in range(options.rounds):
            for one in (ours, *against):
                if isinstance(one, PlainRay):
                    rounds[one.name].rates.append(await asyncio.to_thread(_relayed_a_second, one, number))
                else:
                    await _open(one, options, f"{one.name}: round {number + 1}", rounds[one.name], progress)
    return {
        "name": ours.name,
        "promises": ours.promises,
        "opened": options.count * options.rounds,
        **rounds[ours.name].figures(),
        "peers": [
            {
                "name": one.name,
                "promises": one.promises,
                "software": one.versions(),
                **rounds[one.name].figures(),
                "ratio": rounds[ours.name].ratio(rounds[one.name]),
            }
            for one in against
        ],
        "missing": {},
        "faults": 0,
    }


async def _open(door: Door, options: argparse.Namespace, title: str, rounds: Rounds, progress: Progress) -> None:
    advance = partial(progress.advance, progress.add_task(title, total=options.count))
    meter = Meter(door)
    answered = await asyncio.to_thread(door.open, options.count, advance, options.connections)
    rounds.cpu_us.append(sum(meter.seconds().values()) / options.count * 1e6)
    rounds.rates.append(options.count / answered.seconds)
    rounds.latencies += answered.latencies


def _relayed_a_second(plain: PlainRay, round_number: int) -> float:
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
    add_peers(parser, *PEERS, known=PEERS)
    options = parser.parse_args(argv)
    return show.beside("open", options, "Opening conversations", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
