"""What one scrape of `/metrics` takes when the system is many real processes: `python -m benchmarks.scrape`.

Starts `livesupport up` with so many hosts, lets visitors and an agent talk, then scrapes one gateway again and again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
from rich.console import Console

from benchmarks.configuration import Setup
from benchmarks.machine import machine, percentile, versions
from benchmarks.rest import Rest
from benchmarks.server import Server

OTHERS = 2
"""The gateway, and the assistant's worker: the rest are hosts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the figures; returns 1 if a process was left out of a scrape."""
    parser = argparse.ArgumentParser(prog="livesupport bench scrape", description="One scrape of many processes.")
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--scrapes", type=int, default=30)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(argv)
    found = asyncio.run(_measure(options.processes, options.agents, options.visitors, options.scrapes))
    Console(stderr=True).print(
        "{processes} processes, {lines} lines: p50 {p50_ms} ms, p99 {p99_ms} ms, {silent} left out".format(**found)
    )
    if options.json:
        print(msgspec.json.encode({"machine": machine(), "versions": versions(), **found}).decode())
    return 1 if found["silent"] else 0


async def _measure(processes: int, agents: int, visitors: int, scrapes: int) -> dict[str, Any]:
    async with Server(Setup(hosts=processes - OTHERS, agents=agents)) as server:
        await _talk(server, visitors)
        took_ms, silent, text = [], 0, ""
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
            for _ in range(scrapes):
                started = time.perf_counter()
                text = (await http.get("/metrics")).raise_for_status().text
                took_ms.append((time.perf_counter() - started) * 1000)
                silent += text.count("livesupport_process_up{") - processes + _count(text, "process_up", " 0")
        p50, p99 = (round(percentile(took_ms, share), 1) for share in (50, 99))
        return {
            "processes": processes,
            "lines": text.count("\n"),
            "bytes": len(text),
            "p50_ms": p50,
            "p99_ms": p99,
            "silent": silent,
        }


async def _talk(server: Server, visitors: int) -> None:
    async with Rest(server.url) as rest:
        [agent, *_] = server.agents
        login = await rest.login(agent.email, agent.password)
        for _ in range(visitors):
            visitor = await rest.open_visitor(server.bot)
            key = str(visitor.conversation["id"])
            await rest.command(visitor.token, key, "send_message", text="Where is my parcel?")
            await rest.command(login.token, key, "take_over")
            await rest.command(login.token, key, "send_message", text="On its way.")
            await rest.command(login.token, key, "close_conversation", resolution="resolved")


def _count(text: str, metric: str, end: str) -> int:
    return sum(line.startswith(f"livesupport_{metric}{{") and line.endswith(end) for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
