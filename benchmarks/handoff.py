"""From the request for a human to the agent's first word, at a steady rate, step by step.

    python -m benchmarks.handoff [--rate 200] [--seconds 10] [--desks 20] [--hosts 1] [--json]

Visitors are connected before the clock runs. Each asks for a human at its moment, whatever became of the others (an
open loop: a server that falls behind is not waited for); an agent accepts, answers, and closes. With `--rate 0` all
ask at once, and the handoffs done a second are as many as the server and this client can do.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rich.table import Table

from benchmarks.client import Socket
from benchmarks.configuration import Setup
from benchmarks.frames import Frame
from benchmarks.load import command, show
from benchmarks.load.usage import cpu_seconds
from benchmarks.machine import percentile
from benchmarks.rest import Rest
from benchmarks.server import Server

STEPS = {
    "request → ack": ("asked", "acked"),
    "request → offer": ("asked", "offered"),
    "offer → accepted": ("offered", "accepted"),
    "accepted → first reply seen": ("accepted", "seen"),
    "request → first reply seen": ("asked", "seen"),
}
"""Each between two moments of a handoff; `accepted` is when the ack has come."""
AT_ONCE = 32
BURST = 1_000
PATIENCE_SECONDS = 30.0


@dataclass
class Handoff:
    """One visitor's handoff: when each step was, in seconds of the loop's clock."""

    socket: Socket
    times: dict[str, float] = field(default_factory=dict)
    seen: asyncio.Event = field(default_factory=asyncio.Event)

    def frame(self, frame: Frame) -> None:
        """What the visitor sees."""
        event = frame.get("event", {})
        if event.get("type") == "message_sent" and event["from"] == "agent":
            self.times["seen"] = time.perf_counter()
            self.seen.set()

    def ask(self) -> None:
        """Ask for a human now."""
        self.times["asked"] = time.perf_counter()
        self.socket.post("request_human", reply=self._acked)

    def _acked(self, _: Any) -> None:
        self.times["acked"] = time.perf_counter()

    def step(self, name: str) -> float | None:
        """How many milliseconds a step took; None if it has not ended."""
        first, last = STEPS[name]
        ended = self.times.get(last)
        return (ended - self.times[first]) * 1000 if ended is not None and first in self.times else None


class Desks:
    """Every agent's socket: each offer is accepted, answered and closed at once."""

    def __init__(self) -> None:
        self.handoffs: dict[str, Handoff] = {}
        self._sockets: list[Socket] = []

    async def open(self, url: str, token: str) -> None:
        """An agent comes online."""
        socket: Socket | None = None

        def seen(frame: Frame) -> None:
            if frame["type"] == "offer" and socket is not None:
                self._offered(socket, frame["conversation"])

        socket = await Socket.connect(url, token, on_frame=seen)
        self._sockets.append(socket)
        await socket.command("set_status", status="online")

    def _offered(self, socket: Socket, conversation: str) -> None:
        handoff = self.handoffs[conversation]
        handoff.times.setdefault("offered", time.perf_counter())

        def accepted(answer: Any) -> None:
            if isinstance(answer, dict) and answer["type"] == "ack":
                handoff.times["accepted"] = time.perf_counter()
                socket.post("send_message", conversation, text="Hi, how can I help?", reply=_ignore)
                socket.post("close_conversation", conversation, resolution="resolved", reply=_ignore)

        socket.post("accept_offer", conversation, reply=accepted)

    async def close(self) -> None:
        """All agents leave."""
        await asyncio.gather(*(socket.close() for socket in self._sockets))


def _ignore(_: Any) -> None:
    pass


async def enter(server: Server, rest: Rest, desks: Desks, count: int, advance: Callable[[], None]) -> list[Handoff]:
    """So many visitors come, each with a conversation that the desks know."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Handoff:
        async with gate:
            visitor = await rest.open_visitor(server.bot)
            handoff: Handoff | None = None
            socket = await Socket.connect(
                server.url, visitor.token, on_frame=lambda frame: handoff.frame(frame) if handoff else None
            )
            handoff = desks.handoffs[visitor.conversation["id"]] = Handoff(socket)
            advance()
            return handoff

    return await asyncio.gather(*(one() for _ in range(count)))


async def ask(handoffs: Sequence[Handoff], rate: int, advance: Callable[[], None]) -> None:
    """Each asks at its moment, so many a second; 0: all at once."""
    begun = time.perf_counter()
    for number, handoff in enumerate(handoffs):
        delay = begun + number / rate - time.perf_counter() if rate else 0.0
        if delay > 0:
            await asyncio.sleep(delay)
        handoff.ask()
        advance()


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Start a server, connect everybody, run, and say what each step took."""
    count = options.rate * options.seconds or BURST
    async with (
        Server(Setup(agents=options.desks, capacity=1_000, hosts=options.hosts)) as server,
        Rest(server.url) as rest,
    ):
        desks = Desks()
        for agent in server.agents:
            await desks.open(server.url, (await rest.login(agent.email, agent.password)).token)
        with show.progress() as progress:
            bar = progress.add_task("connecting visitors", total=count)
            handoffs = await enter(server, rest, desks, count, partial(progress.advance, bar))
            bar = progress.add_task("handing off", total=count)
            processes = server.processes()
            cpu = cpu_seconds(processes, lambda _: "all").total()
            begun = time.perf_counter()
            await ask(handoffs, options.rate, partial(progress.advance, bar))
        done = [asyncio.wait_for(handoff.seen.wait(), PATIENCE_SECONDS) for handoff in handoffs]
        failed = sum(isinstance(result, Exception) for result in await asyncio.gather(*done, return_exceptions=True))
        cpu = cpu_seconds(processes, lambda _: "all").total() - cpu
        seconds = max((one.times.get("seen", begun) for one in handoffs), default=begun) - begun
        await asyncio.gather(desks.close(), *(handoff.socket.close() for handoff in handoffs))
    return {
        "handoffs": count,
        "failed": failed,
        "asked_a_second": options.rate,
        "done_a_second": round((count - failed) / seconds, 1),
        "server_cpu_ms": round(cpu / count * 1000, 2),
        "steps": {name: _figures([ms for one in handoffs if (ms := one.step(name)) is not None]) for name in STEPS},
    }


def _figures(values: Sequence[float]) -> dict[str, float]:
    return {"p50_ms": round(percentile(values, 50), 1), "p99_ms": round(percentile(values, 99), 1)}


@command.entry("handoff")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a handoff did not come to its end."""
    parser = command.parser("handoff", "Request to first reply.")
    parser.add_argument("--rate", type=command.natural, default=200, help="handoffs a second; 0: all at once")
    parser.add_argument("--seconds", type=command.positive, default=10, help="for how long")
    parser.add_argument("--desks", type=command.positive, default=20, help="agents online")
    parser.add_argument("--hosts", type=command.positive, default=1, help="hosts of the server")
    options = parser.parse_args(argv)
    result = command.run(measure(options))
    table = Table(
        "step", "p50 ms", "p99 ms", title=f"{result['done_a_second']} handoffs a second, {result['failed']} failed"
    )
    for name, figures in result["steps"].items():
        table.add_row(name, str(figures["p50_ms"]), str(figures["p99_ms"]))
    show.report("handoff", options, result, [table])
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
