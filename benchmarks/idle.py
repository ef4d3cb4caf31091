"""What does a conversation cost that nobody writes to, and a visitor who only looks? Memory of all processes.

    python -m benchmarks.idle [--held 1000 10000 100000] [--connected 1000 5000 10000]
        [--against ejabberd channels socketio-redis] [--peer-ends 10000] [--json]

Proportional set size of all processes of the server, Ray's included, over what they had when nobody was there. Visitors
connect whose conversations are held already. A peer's ends are logged in and idle.
"""

import argparse
import asyncio
import gc
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from rich.progress import Progress
from rich.table import Table

from benchmarks.configuration import Setup
from benchmarks.flat import HELD
from benchmarks.load import command, show
from benchmarks.load.contest import add_peers
from benchmarks.load.crowd import Member, Silent
from benchmarks.load.usage import memory_bytes
from benchmarks.load.websocket import Lost
from benchmarks.peers import AT_ONCE, Peer
from benchmarks.peers.livesupport import Livesupport, Socket
from benchmarks.peers.registry import missing, peer

WARM = 100
SETTLE_SECONDS = 2.0
"""After a step, before memory is read: what is under way ends."""
TURN_SECONDS = 0.1


class Keeper(threading.Thread):
    """A thread in which idle sockets answer pings."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.crowd, self._ended = Silent(), threading.Event()
        self.start()

    def run(self) -> None:
        """Until `end`, or until the server closes one of them."""
        with suppress(Lost):  # `end` tells
            while not self._ended.is_set():
                self.crowd.turn(time.perf_counter() + TURN_SECONDS)

    def end(self) -> None:
        """Everybody leaves. A socket that the server closed has ended the thread before: that raises here."""
        alive = self.is_alive()
        self._ended.set()
        self.join()
        self.crowd.close()
        if not alive:
            raise Lost("the server closed a socket that was idle")


def total_bytes(server: Peer) -> int:
    """Proportional set size of all its processes, once what is under way has ended."""
    time.sleep(SETTLE_SECONDS)
    return sum(sizes["pss"] for sizes in memory_bytes(server.processes(), server.group).values())


async def ours(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Bytes a held conversation and a connected visitor, at each count."""
    async with Livesupport(Setup(agents=1, runtime=HELD)) as server:
        return await asyncio.to_thread(_ours, server, options, progress)


def _ours(server: Livesupport, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    tokens: list[str] = []
    keeper = Keeper()

    def enter(token: str) -> None:
        socket = Socket(server.port, token)
        keeper.crowd.join(Member(socket.line(str.encode)))

    def hold(count: int) -> None:
        bar = progress.add_task(f"{count:,} held", total=count - len(tokens))
        for body in server.open(count - len(tokens), partial(progress.advance, bar)).bodies:
            tokens.append(msgspec.json.decode(body)["token"])

    hold(WARM)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(enter, tokens))
        base, held = total_bytes(server), []
        for count in options.held:
            hold(count + WARM)
            used = total_bytes(server) - base
            held.append({"held": count, "bytes_each": round(used / count), "mb": round(used / 1e6, 1)})
        base, connected, entered = total_bytes(server), [], WARM
        for count in options.connected:
            bar = progress.add_task(f"{count:,} connected", total=count)
            for _ in pool.map(enter, tokens[entered : count + WARM]):
                progress.advance(bar)
            entered = count + WARM
            used = total_bytes(server) - base
            connected.append({"connected": count, "bytes_each": round(used / count), "mb": round(used / 1e6, 1)})
    keeper.end()
    return {"held": held, "connected": connected}


async def theirs(contender: Peer, ends: int, progress: Progress) -> dict[str, Any]:
    """Bytes a peer's idle end."""
    keeper = Keeper()
    async with contender as server:
        bar = progress.add_task(server.name, total=ends // 2)

        async def enter(count: int) -> None:
            for one in await server.converse(count, partial(progress.advance, bar)):
                for line in one.lines:
                    keeper.crowd.join(Member(line))

        await enter(WARM // 2)
        base = await asyncio.to_thread(total_bytes, server)
        await enter(ends // 2)
        used = await asyncio.to_thread(total_bytes, server) - base
        keeper.end()
    return {
        "name": server.name,
        "connected": ends,
        "bytes_each": round(used / ends),
        "mb": round(used / 1e6, 1),
        "software": server.versions(),
    }


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Ours, and each peer's with the ratio of our connected visitor, of the most, to its idle end."""
    absent = missing(options.against)
    ends = options.peer_ends or max(options.connected)
    with show.progress() as progress:
        result = await ours(options, progress)
        gc.collect()
        entrants = [peer(name) for name in options.against if name not in absent]
        result["peers"] = [await theirs(one, ends, progress) for one in entrants]
    mine = max(result["connected"], key=lambda one: one["connected"])["bytes_each"]
    for one in result["peers"]:
        one["ratio"] = {"connected": round(mine / max(one["bytes_each"], 1), 3)}
    return {**result, "missing": absent}


@command.entry("idle")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; returns 0."""
    parser = command.parser("idle", "Memory of a held conversation and of a connected visitor.")
    parser.add_argument(
        "--held", type=command.positive, nargs="+", default=[1_000, 10_000, 100_000], help="conversations"
    )
    parser.add_argument(
        "--connected", type=command.positive, nargs="+", default=[1_000, 5_000, 10_000], help="visitors"
    )
    add_peers(parser, "ejabberd")
    parser.add_argument("--peer-ends", type=command.positive, help="sockets of a peer (as many visitors as of ours)")
    options = parser.parse_args(argv)
    result = command.run(run(options))
    table = Table("", "count", "KB each", "MB together", title="Idle: PSS of all processes of the server")
    for kind in ("held", "connected"):
        for row in result[kind]:
            table.add_row(kind, f"{row[kind]:,}", f"{row['bytes_each'] / 1e3:.2f}", str(row["mb"]))
    for row in result["peers"]:
        kilobytes = f"{row['bytes_each'] / 1e3:.2f} (ours by its: {row['ratio']['connected']})"
        table.add_row(row["name"], f"{row['connected']:,}", kilobytes, str(row["mb"]))
    show.report("idle", options, result, [table])
    show.absent(result["missing"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
