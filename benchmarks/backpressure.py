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
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from rich.table import Table

from benchmarks.client import Socket
from benchmarks.configuration import Setup, bot_table
from benchmarks.faults.deaf import deaf
from benchmarks.faults.probe import Probe
from benchmarks.frames import CommandError, Disconnected, Frame
from benchmarks.load import show
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

Misbehaviour = Callable[[Server, Rest], Awaitable[None]]
"""Goes on until it is cancelled."""


async def calm(server: Server, rest: Rest) -> None:
    """Nobody misbehaves."""
    await asyncio.Event().wait()


async def flood(server: Server, rest: Rest) -> None:
    """One visitor sends more than the mailbox holds; what is over is told `overloaded`."""
    visitor = await rest.open_visitor("demo", name="Flood")
    socket = await Socket.connect(server.url, visitor.token)
    answers: asyncio.Queue[Frame | Disconnected] = asyncio.Queue()
    while True:
        for number in range(FLOOD_COMMANDS):
            socket.post("update_details", name=f"Flood {number}", reply=answers.put_nowait)
        for _ in range(FLOOD_COMMANDS):
            await answers.get()
        await asyncio.sleep(FLOOD_SECONDS)


async def stalled(server: Server, rest: Rest) -> None:
    """An agent's window hangs, on a conversation in which much is written."""
    agent = server.agents[0]
    login = await rest.login(agent.email, agent.password)
    visitor = await rest.open_visitor("demo", name="Busy")
    conversation = visitor.conversation["id"]
    talking = await Socket.connect(server.url, visitor.token)
    async with deaf(server.url, login.token) as window:
        await window.say({"type": "watch", "ref": "w", "conversation": conversation, "after": 0})
        while True:
            await talking.insist("send_message", text="How do refunds work? " + "x" * 7_000)
            await asyncio.sleep(0.02)


async def queue(server: Server, rest: Rest) -> None:
    """Nobody is there for the bot: five wait, and all others are told so."""
    while True:
        visitor = await rest.open_visitor("crowded", name="Waiting")
        with contextlib.suppress(CommandError):
            await rest.command(visitor.token, visitor.conversation["id"], "request_human")
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def misbehaving(one: Misbehaviour, server: Server, rest: Rest) -> AsyncIterator[asyncio.Task[None]]:
    """While the block runs."""

    async def run() -> None:
        await one(server, rest)

    task = asyncio.create_task(run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


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
        for one in (calm, flood, stalled, queue):
            async with misbehaving(one, server, rest) as task:
                await asyncio.sleep(seconds / 4)
                for probe in others:
                    probe.waits_ms.clear()
                await asyncio.sleep(seconds)
                waits = [wait for probe in others for wait in probe.waits_ms]
                assert not task.done(), f"{one.__name__} ended: {task.exception()!r}"
            result[one.__name__] = {"p50": percentile(waits, 50), "p99": percentile(waits, 99), "acks": len(waits)}
        for tally in await asyncio.gather(*(probe.stop() for probe in others)):
            assert tally.ok, tally.faults
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the others did not notice."""
    parser = show.parser("backpressure", "One misbehaves, and how much do the others notice?")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each")
    options = parser.parse_args(arguments)
    others = asyncio.run(measure(options.seconds))
    table = Table("", "p50 ms", "p99 ms", "of calm", title="What the others notice")
    for name, found in others.items():
        found["ratio"] = round(found["p99"] / others["calm"]["p99"], 2)
        table.add_row(name, f"{found['p50']:.1f}", f"{found['p99']:.1f}", f"{found['ratio']:.2f}")
    ok = all(found["ratio"] <= RATIO_MAX for found in others.values())
    show.report("backpressure", options, {"ok": ok, "others": others}, [table])
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
