"""A host with 10,000 live conversations is killed while agents write in them: how long until they are acked again?

    python -m benchmarks.recovery [--conversations 10000] [--agents 100] [--in-flight 500] [--seconds 5] [--rounds 5]
        [--against plain-ray] [--json]

Agents write in all of their conversations in turn, so many messages in flight together. Told are the times from SIGKILL
to the first ack of a message sent after it, to the last ack of what was in flight, and until every conversation has
acked a message that was sent after it. No ack may come twice, and none may be missing.

Plain Ray has the actors of its conversations killed, as few as it can hold; Ray is told to start them again and to make
their calls again. A message is answered there when the other end hears it, and what the actors knew is gone.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import msgspec
from rich.progress import Progress

from benchmarks.configuration import Setup
from benchmarks.flat import HELD
from benchmarks.load import command, show
from benchmarks.load.contest import add_peers
from benchmarks.load.crowd import Member
from benchmarks.load.desks import Desks
from benchmarks.load.probes import Probes
from benchmarks.load.spread import medians
from benchmarks.load.watch import Watch
from benchmarks.load.websocket import frame
from benchmarks.peers import Peer
from benchmarks.peers.livesupport import Livesupport, Socket
from benchmarks.peers.plain_ray import PlainRay

PATIENCE_SECONDS = 60.0
TURN_SECONDS = 0.05
LATE_SECONDS = 10.0
"""After plain Ray is back: what has not come by then does not come."""
TEXT = "x" * 100


def enter(server: Livesupport, options: argparse.Namespace, progress: Progress) -> Desks:
    """Everybody is there, and every conversation live."""
    bar = progress.add_task("opening", total=options.conversations)
    bodies = server.open(options.conversations, lambda n: progress.advance(bar, n)).bodies
    keys = [msgspec.json.decode(body)["conversation"]["id"] for body in bodies]
    messages: list[tuple[Member, bytes, bytes]] = []
    bar = progress.add_task("taking over", total=len(keys))
    members = []
    for number, token in enumerate(server.log_in(range(options.agents))):
        socket = Socket(server.port, token)
        mine = keys[number :: options.agents]
        for key in mine:
            socket.send({"type": "take_over", "ref": key, "conversation": key})
        for _ in mine:
            socket.receive("ack")
            progress.advance(bar)
        member = Member(socket.line(str.encode))
        members.append(member)
        for key in mine:
            body = socket.encode({"type": "send_message", "ref": "@" * 8, "conversation": key, "text": TEXT})
            before, _, after = frame(body).partition(b"@" * 8)
            messages.append((member, before, after))
    desks = Desks(messages)
    for member in members:
        desks.join(member)
    return desks


def crash(desks: Desks, server: Livesupport, options: argparse.Namespace) -> dict[str, float]:
    """Load, kill, and wait until all is as before. What took too long took PATIENCE_SECONDS, and is a fault."""
    count = desks.count
    sent, acked, again, strays = count.sent, count.acked, count.again, count.strays
    desks.start(options.in_flight)
    begun = time.perf_counter()
    host = next(one for one in server.processes() if server.group(one) == "host")
    desks.turn(begun + options.seconds)
    before = (count.acked - acked) / (time.perf_counter() - begun)
    watch = desks.killed(time.perf_counter())
    host.kill()
    while watch.all_again is None and time.perf_counter() < watch.at + PATIENCE_SECONDS:
        desks.turn(time.perf_counter() + TURN_SECONDS)
    desks.writing = False
    while desks.under_way and time.perf_counter() < watch.at + PATIENCE_SECONDS * 2:
        desks.turn(time.perf_counter() + TURN_SECONDS)
    return {
        "acked_a_second_before": before,
        **_waits(watch),
        "in_flight_acked_seconds": _waited(watch.last_under_way),
        "sent": count.sent - sent,
        "acked": count.acked - acked,
        "sent_again": count.again - again,
        "acked_twice": count.strays - strays,
        "faults": desks.under_way + count.strays - strays + (watch.all_again is None),
    }


def crash_of(probes: Probes, plain: PlainRay, options: argparse.Namespace) -> dict[str, float]:
    """The same to plain Ray: the actors of all of its conversations are killed."""
    probes.speak(time.perf_counter() + options.seconds)
    watch = probes.killed(time.perf_counter())
    for one in plain.processes():
        if plain.group(one) == "actors":
            one.kill()
    while watch.all_again is None and time.perf_counter() < watch.at + PATIENCE_SECONDS:
        probes.speak(time.perf_counter() + TURN_SECONDS)
    lost_at = time.perf_counter() + LATE_SECONDS
    while probes.under_way and time.perf_counter() < lost_at:
        probes.turn(time.perf_counter() + TURN_SECONDS)
    return {**_waits(watch), "undelivered": probes.under_way}


def _waits(watch: Watch) -> dict[str, float]:
    return {"first_ack_seconds": _waited(watch.first), "all_conversations_seconds": _waited(watch.all_again)}


def _waited(seconds: float | None) -> float:
    return PATIENCE_SECONDS if seconds is None else seconds


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Medians of the kills, ours and plain Ray's in turns, and the ratio."""
    ours = Livesupport(Setup(agents=options.agents, capacity=1_000, hosts=1, runtime=HELD))
    plain = PlainRay(restarts=True) if options.against else None
    mine: list[dict[str, float]] = []
    its: list[dict[str, float]] = []
    async with AsyncExitStack() as stack:
        progress = stack.enter_context(show.progress())
        await stack.enter_async_context(ours)
        desks = await asyncio.to_thread(enter, ours, options, progress)
        stack.callback(desks.close)
        if plain is not None:
            await stack.enter_async_context(plain)
            bar = progress.add_task("plain Ray: opening", total=plain.conversations_max)
            opened = await plain.converse(plain.conversations_max, partial(progress.advance, bar))
            probes = Probes(opened, plain.recognise)
            stack.callback(probes.close)
        bar = progress.add_task("writing, then a kill", total=options.rounds)
        for _ in range(options.rounds):
            mine.append(await command.in_thread(partial(crash, desks, ours, options), desks.stop))
            if plain is not None:
                its.append(await command.in_thread(partial(crash_of, probes, plain, options), probes.stop))
            progress.advance(bar)
    told = {"conversations": options.conversations, "in_flight_at_the_kill": options.in_flight}
    result = {"rounds": options.rounds, **told, **_summary(ours, mine), "peers": [], "missing": {}}
    if plain is not None:
        other = {"conversations": plain.conversations_max, **_summary(plain, its)}
        other["ratio"] = {name: round(result[name] / other[name], 2) for name in _waits(Watch(0.0, set(), set()))}
        result["peers"].append(other)
    return {**result, "faults": sum(one["faults"] for one in mine)}


def _summary(server: Peer, rounds: Sequence[dict[str, float]]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": server.name, "promises": server.promises, "software": server.versions()}
    for name in rounds[0]:
        found |= medians(name, [one[name] for one in rounds], 2)
    return found


@command.entry("recovery")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if an ack of ours is missing or came twice."""
    parser = command.parser("recovery", "From a host's SIGKILL to the first ack and to all.")
    parser.add_argument("--conversations", type=command.positive, default=10_000, help="live ones, all in the one host")
    parser.add_argument("--agents", type=command.positive, default=100, help="who write in them")
    parser.add_argument("--in-flight", type=command.positive, default=500, help="messages, all agents together")
    parser.add_argument("--seconds", type=command.duration, default=5.0, help="of load before each kill")
    parser.add_argument("--rounds", type=command.positive, default=5, help="kills; the medians are told")
    add_peers(parser, "plain-ray", known=["plain-ray"])
    options = parser.parse_args(argv)
    return show.beside("recovery", options, "Recovery", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
