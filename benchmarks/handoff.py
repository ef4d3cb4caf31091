"""From the request for a human to the agent's first word, at a steady rate, step by step.

    python -m benchmarks.handoff [--rate 200] [--seconds 5] [--rounds 5] [--desks 20] [--hosts 1]
        [--against plain-ray] [--json]

Visitors are connected before the clock runs, and each asks for a human at its moment, whatever became of the others; an
agent accepts, answers, and closes. With `--rate 0` all ask at once, and the handoffs done a second are as many as the
server and this client can do. Plain Ray has the same clients: few conversations, an actor each, that are handed off
again and again, and an actor that picks the agent; nothing is stored there, and nobody is watched or timed.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.contest import HEAR_SECONDS, add_peers
from benchmarks.load.floor import STEPS, Floor, Office
from benchmarks.load.spread import medians
from benchmarks.load.usage import Meter
from benchmarks.machine import percentile
from benchmarks.peers.desks import Livesupport, PlainRay

BURST = 1_000
PATIENCE_SECONDS = 30.0


def measure(office: Office, floor: Floor, options: argparse.Namespace) -> dict[str, Any]:
    """One round: visitors come, ask, and are answered."""
    handoffs = floor.queue(options.rate * options.seconds or BURST)
    meter = Meter(office)
    seconds = floor.run(handoffs, options.rate, PATIENCE_SECONDS)
    used = sum(meter.seconds().values())
    took = {name: [ms for one in handoffs if (ms := one.step_ms(name)) is not None] for name in STEPS}
    done = sum("seen" in one.times for one in handoffs)
    return {
        "done": done,
        "failed": len(handoffs) - done,
        "done_a_second": done / seconds if done else 0.0,
        "server_cpu_ms": used / len(handoffs) * 1000,
        "steps": {name: {f"p{p}_ms": percentile(each, p) for p in (50, 99)} for name, each in took.items()},
    }


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Our figures, plain Ray's, and the ratio."""
    offices: list[Office] = [Livesupport(Setup(agents=options.desks, capacity=1_000, hosts=options.hosts))]
    if options.against:
        offices.append(PlainRay())
    rounds: list[list[dict[str, Any]]] = [[] for _ in offices]
    async with AsyncExitStack() as stack:
        progress = stack.enter_context(show.progress())
        floors = []
        for office in offices:
            await stack.enter_async_context(office)
            floors.append(floor := Floor(office))
            stack.callback(floor.close)
            await command.in_thread(partial(floor.staff, options.desks), floor.stop)
        bar = progress.add_task("handing off", total=options.rounds * len(offices))
        for _ in range(options.rounds):
            for office, floor, measured in zip(offices, floors, rounds, strict=True):
                measured.append(await command.in_thread(partial(measure, office, floor, options), floor.stop))
                progress.advance(bar)
                for each in floors:
                    each.hear(HEAR_SECONDS)
    ours, *peers = [_summary(office, each) for office, each in zip(offices, rounds, strict=True)]
    for one in peers:
        one["ratio"] = _ratios(ours, one)
    return {"asked_a_second": options.rate, "rounds": options.rounds, **ours, "peers": peers, "missing": {}}


def _summary(office: Office, rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": office.name, "promises": office.promises, "software": office.versions()}
    for name in ("done_a_second", "server_cpu_ms"):
        found |= medians(name, [one[name] for one in rounds], 2)
    found["steps"] = {
        step: {
            key: value
            for name in rounds[0]["steps"][step]
            for key, value in medians(name, [one["steps"][step][name] for one in rounds]).items()
        }
        for step in STEPS
    }
    found["handoffs"] = sum(one["done"] + one["failed"] for one in rounds)
    return {**found, "faults": sum(one["failed"] for one in rounds)}


def _ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """Ours by theirs: the CPU of a handoff, and the time of the whole way."""
    way = "request → first reply seen"
    found = {"cpu": ours["server_cpu_ms"] / max(theirs["server_cpu_ms"], 0.01)}
    for name in ("p50_ms", "p99_ms"):
        found[name] = ours["steps"][way][name] / max(theirs["steps"][way][name], 0.1)
    return {name: round(value, 3) for name, value in found.items()}


@command.entry("handoff")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the tables; 1 if a handoff of ours did not come to its end."""
    parser = command.parser("handoff", "Request to first reply.")
    parser.add_argument("--rate", type=command.natural, default=200, help="handoffs a second; 0: all at once")
    parser.add_argument("--seconds", type=command.positive, default=5, help="of a round")
    parser.add_argument("--rounds", type=command.positive, default=5, help="the medians of so many are told")
    parser.add_argument("--desks", type=command.positive, default=20, help="agents online")
    parser.add_argument("--hosts", type=command.positive, default=1, help="hosts of the server")
    add_peers(parser, "plain-ray", known=["plain-ray"])
    options = parser.parse_args(argv)
    return show.beside("handoff", options, "Handoff", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
