"""How much a message costs: live conversations, visitor socket to agent socket and back, durable and acked.

    python -m benchmarks.relay [--conversations 400] [--in-flight 3] [--seconds 10] [--hosts 1] [--gateways 1]
        [--placement packed] [--subprotocol livesupport.json] [--json]

Each conversation has a visitor's socket and an agent's; either side keeps half of the messages in flight, and sends the
next when the other side has seen one. Reported are messages delivered a second, the CPU that all processes of the
server used for one (Ray's included, the load generator apart), the time from send to seen, and memory.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.client import Socket
from benchmarks.configuration import Setup
from benchmarks.frames import JSON, MSGPACK, Frame
from benchmarks.machine import machine, percentile, versions
from benchmarks.processes import Process
from benchmarks.rest import Rest
from benchmarks.server import Server

TEXT_BYTES = 100
AT_ONCE = 32
WARM_SECONDS = 2.0
TICK_SECONDS = 0.2


@dataclass
class Tally:
    """What all conversations count together; latencies only while `counting`."""

    counting: bool = False
    delivered: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Relay:
    """One conversation. A message's text begins with when it was sent, so that who sees it knows how long it took."""

    def __init__(self, tally: Tally, in_flight: int) -> None:
        self._tally = tally
        self._in_flight = in_flight
        self.conversation = ""
        self.visitor: Socket | None = None
        self.agent: Socket | None = None
        self.running = False

    async def open(self, url: str, visitor: tuple[str, str], agent_token: str, subprotocol: str) -> None:
        """Both sides connect, and the agent takes over."""
        token, self.conversation = visitor
        self.visitor = await Socket.connect(url, token, subprotocol, on_frame=self._visitor_sees)
        self.agent = await Socket.connect(url, agent_token, subprotocol, on_frame=self._agent_sees)
        await self.agent.watch(self.conversation)
        await self.agent.command("take_over", self.conversation)

    def start(self) -> None:
        """Put the messages in flight."""
        self.running = True
        for number in range(self._in_flight):
            (self._from_visitor if number % 2 == 0 else self._from_agent)()

    def _from_visitor(self) -> None:
        if self.running and self.visitor is not None:
            self.visitor.post("send_message", text=_text(), reply=self._answered)

    def _from_agent(self) -> None:
        if self.running and self.agent is not None:
            self.agent.post("send_message", self.conversation, text=_text(), reply=self._answered)

    def _answered(self, answer: Any) -> None:
        if self.running and (not isinstance(answer, dict) or answer["type"] != "ack"):
            self._tally.failures.append(str(answer))

    def _visitor_sees(self, frame: Frame) -> None:
        if _said_by(frame, "agent"):
            self._seen(frame["event"]["text"])
            self._from_agent()

    def _agent_sees(self, frame: Frame) -> None:
        if frame.get("conversation") == self.conversation and _said_by(frame, "visitor"):
            self._seen(frame["event"]["text"])
            self._from_visitor()

    def _seen(self, text: str) -> None:
        tally = self._tally
        if tally.counting:
            tally.delivered += 1
            tally.latencies_ms.append((time.perf_counter() - float(text[:16])) * 1000)

    async def close(self) -> None:
        """Both leave."""
        for socket in (self.visitor, self.agent):
            if socket is not None:
                await socket.close()


def _text() -> str:
    return f"{time.perf_counter():<16.6f}".ljust(TEXT_BYTES, "x")


def _said_by(frame: Frame, speaker: str) -> bool:
    event = frame.get("event")
    return event is not None and event["type"] == "message_sent" and event["from"] == speaker


def cpu_seconds(processes: Iterable[Process]) -> float:
    """What these processes have used so far, user and system, from /proc."""
    ticks = 0
    for process in processes:
        try:
            stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_bytes(processes: Iterable[Process]) -> int:
    """What these processes have to themselves (unique set size), from /proc."""
    total = 0
    for process in processes:
        try:
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_")) * 1024
    return total


async def measure(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Start a server, connect everybody, and relay for the given time."""
    desks = max(1, options.conversations // 20)
    setup = Setup(
        agents=desks,
        capacity=1_000,
        hosts=options.hosts,
        gateways=options.gateways,
        placement=options.placement,
    )
    tally = Tally()
    async with Server(setup) as server, Rest(server.url) as rest:
        tokens = [(await rest.login(agent.email, agent.password)).token for agent in server.agents]
        relays = [Relay(tally, options.in_flight) for _ in range(options.conversations)]
        gate = asyncio.Semaphore(AT_ONCE)
        with Progress(console=console) as progress:
            bar = progress.add_task("connecting", total=len(relays))

            async def enter(number: int, relay: Relay) -> None:
                async with gate:
                    visitor = await rest.open_visitor(server.bot)
                    opened = (visitor.token, visitor.conversation["id"])
                    await relay.open(server.url, opened, tokens[number % desks], options.subprotocol)
                    progress.advance(bar)

            await asyncio.gather(*(enter(number, relay) for number, relay in enumerate(relays)))
            for relay in relays:
                relay.start()
            await asyncio.sleep(WARM_SECONDS)
            bar = progress.add_task("relaying", total=options.seconds)
            processes = server.processes()
            cpu, begun, tally.counting = cpu_seconds(processes), time.perf_counter(), True
            while (elapsed := time.perf_counter() - begun) < options.seconds:
                progress.update(bar, completed=elapsed)
                await asyncio.sleep(min(TICK_SECONDS, options.seconds - elapsed))
            tally.counting, seconds = False, time.perf_counter() - begun
            cpu = cpu_seconds(processes) - cpu
            memory = memory_bytes(processes)
        for relay in relays:
            relay.running = False
        await asyncio.gather(*(relay.close() for relay in relays))
    return {
        "conversations": options.conversations,
        "in_flight": options.in_flight,
        "hosts": options.hosts,
        "gateways": options.gateways,
        "placement": options.placement,
        "subprotocol": options.subprotocol,
        "delivered": tally.delivered,
        "failures": len(tally.failures),
        "delivered_a_second": round(tally.delivered / seconds),
        "server_cpu_us": round(cpu / max(1, tally.delivered) * 1e6, 1),
        "delivery_ms": {f"p{p:g}": round(percentile(tally.latencies_ms, p), 2) for p in (50, 99, 99.9)},
        "memory_mb": round(memory / 1e6),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a message was refused."""
    parser = argparse.ArgumentParser(prog="livesupport bench relay", description="What a relayed message costs.")
    parser.add_argument("--conversations", type=int, default=400, help="live conversations")
    parser.add_argument("--in-flight", type=int, default=3, help="messages in flight in each")
    parser.add_argument("--seconds", type=float, default=10.0, help="for how long")
    parser.add_argument("--hosts", type=int, default=1, help="hosts of the server")
    parser.add_argument("--gateways", type=int, default=1, help="gateways of the server")
    parser.add_argument("--placement", choices=("packed", "dedicated"), default="packed", help="of the actors")
    parser.add_argument("--subprotocol", choices=(JSON, MSGPACK), default=JSON, help="of the sockets")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(argv)
    console = Console(stderr=True)
    result = asyncio.run(measure(options, console))
    table = Table("", "", title="Relay", show_header=False)
    for name, value in result.items():
        table.add_row(name.replace("_", " "), str(value))
    console.print(table)
    if options.json:
        print(msgspec.json.encode({"machine": machine(), "versions": versions(), **result}).decode())
    return 1 if result["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
