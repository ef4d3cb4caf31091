"""`python -m benchmarks.backpressure`: one misbehaves, and how much do the others notice?

    calm       visitors at every host write, each a message after the ack of the last
    flood      one conversation is sent more than its mailbox holds, again and again
    stalled    an agent watches a busy conversation, and her window stops reading
    queue      a bot's queue is at its bound, and visitor after visitor asks for a human

For each: the others' p50 and p99 from send to ack, and the p99 as a multiple of the calm one. Exit 1 if that is above
2, or anything of the others' was lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from rich.table import Table

from benchmarks.client import Socket
from benchmarks.configuration import Credentials, Setup, bot_table
from benchmarks.faults.deaf import deaf
from benchmarks.faults.probe import Probe
from benchmarks.frames import CommandError, Disconnected, Frame
from benchmarks.load import command, show
from benchmarks.machine import percentile
from benchmarks.rest import Rest
from benchmarks.server import Server

OTHERS = 8
FLOOD_COMMANDS = 1_200
"""At once: the mailbox holds 1,000."""
FLOOD_SECONDS = 0.5
QUEUE_MAX = 5
RATIO_MAX = 2.0
SETTINGS = bot_table("crowded", "premium", queue_max=QUEUE_MAX)

Misbehaviour = Callable[[str, Credentials, Rest], Awaitable[None]]
"""At the server of this address, where this agent works. Goes on until its process is ended."""


async def calm(url: str, agent: Credentials, rest: Rest) -> None:
    """Nobody misbehaves."""
    await asyncio.Event().wait()


async def flood(url: str, agent: Credentials, rest: Rest) -> None:
    """One visitor sends more than the mailbox holds; what is over is told `overloaded`."""
    visitor = await rest.open_visitor("demo", name="Flood")
    socket = await Socket.connect(url, visitor.token)
    answers: asyncio.Queue[Frame | Disconnected] = asyncio.Queue()
    while True:
        for number in range(FLOOD_COMMANDS):
            socket.post("update_details", name=f"Flood {number}", reply=answers.put_nowait)
        for _ in range(FLOOD_COMMANDS):
            await answers.get()
        await asyncio.sleep(FLOOD_SECONDS)


async def stalled(url: str, agent: Credentials, rest: Rest) -> None:
    """An agent's window hangs, on a conversation in which much is written."""
    login = await rest.login(agent.email, agent.password)
    visitor = await rest.open_visitor("demo", name="Busy")
    conversation = visitor.conversation["id"]
    talking = await Socket.connect(url, visitor.token)
    async with deaf(url, login.token) as window:
        await window.say({"type": "watch", "ref": "w", "conversation": conversation, "after": 0})
        while True:
            await talking.insist("send_message", text="How do refunds work? " + "x" * 7_000)
            await asyncio.sleep(0.02)


async def queue(url: str, agent: Credentials, rest: Rest) -> None:
    """Nobody is there for the bot: five wait, and all others are told so."""
    while True:
        visitor = await rest.open_visitor("crowded", name="Waiting")
        with contextlib.suppress(CommandError):
            await rest.command(visitor.token, visitor.conversation["id"], "request_human")
        await asyncio.sleep(0.02)


@contextlib.contextmanager
def misbehaving(one: Misbehaviour, server: Server) -> Iterator[BaseProcess]:
    """While the block runs, in a process of its own: what is measured must not wait for who misbehaves."""
    process = get_context("spawn").Process(target=_misbehave, args=(one, server.url, server.agents[0]), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join()


def _misbehave(one: Misbehaviour, url: str, agent: Credentials) -> None:
    os.nice(19)  # elsewhere it would be another machine's: it must not take the others' share of these cores

    async def run() -> None:
        async with Rest(url) as rest:
            await one(url, agent, rest)

    asyncio.run(run())


async def measure(seconds: float) -> dict[str, dict[str, float]]:
    """By name: the others' milliseconds. Raises `AssertionError` if anything of theirs is lost."""
    result: dict[str, dict[str, float]] = {}
    setup = Setup(hosts=2, agents=2, settings=SETTINGS)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(setup))
        rest = await stack.enter_async_context(Rest(server.url))
        others = [Probe(server.url, rest, await rest.open_visitor("demo", name="Other")) for _ in range(OTHERS)]
        await asyncio.gather(*(probe.open() for probe in others))
        await asyncio.sleep(seconds / 2)
        for one in show.track((calm, flood, stalled, queue), "misbehaving"):
            with misbehaving(one, server) as process:
                await asyncio.sleep(seconds / 4)
                for probe in others:
                    probe.waits_ms.clear()
                await asyncio.sleep(seconds)
                waits = [wait for probe in others for wait in probe.waits_ms]
                assert process.is_alive(), f"{one.__name__} ended: see above"
            result[one.__name__] = {"p50": percentile(waits, 50), "p99": percentile(waits, 99), "acks": len(waits)}
        for tally in await asyncio.gather(*(probe.stop() for probe in others)):
            assert tally.ok, tally.faults
    return result


@command.entry("backpressure")
def main(arguments: Sequence[str] | None = None) -> int:
    """0: the others did not notice."""
    parser = command.parser("backpressure", "One misbehaves, and how much do the others notice?")
    parser.add_argument("--seconds", type=command.duration, default=8.0, help="of each")
    options = parser.parse_args(arguments)
    others = command.run(measure(options.seconds))
    table = Table("", "p50 ms", "p99 ms", "of calm", title="What the others notice")
    for name, found in others.items():
        found["ratio"] = round(found["p99"] / others["calm"]["p99"], 2)
        table.add_row(name, f"{found['p50']:.1f}", f"{found['p99']:.1f}", f"{found['ratio']:.2f}")
    ok = all(found["ratio"] <= RATIO_MAX for found in others.values())
    show.report("backpressure", options, {"ok": ok, "others": others}, [table])
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
