"""The system that is struck: a server, its processes by the names they have in Ray, and its store."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.configuration import Setup, bot_table
from benchmarks.faults.hands import Hands
from benchmarks.faults.nodes import Nodes
from benchmarks.faults.volume import volume
from benchmarks.processes import PROC, Process, find
from benchmarks.redis_server import RedisServer
from benchmarks.server import Server
from runtime.identity import actor_id
from runtime.logs import log_file
from runtime.placement import Placement

STARTED = re.compile(r"started process=(\S+) pid=(\d+)")
"""What each process writes to the system's log when it begins; the last line of a name is the one that lives."""
SUPERVISOR = actor_id("supervisor", "demo")
IMPATIENT = "impatient"
"""A bot whose silent visitors are warned after `IDLE_SECONDS`."""
IDLE_SECONDS = 4
# What was offered to an agent who could not answer meanwhile is soon offered again; by default, in half a minute.
SETUP = Setup(hosts=2, agents=4, offer_seconds=8, settings=bot_table(IMPATIENT, idle_close_seconds=IDLE_SECONDS))


class Ground:
    """What the system is made of, and what it stands on: a `redis`, a `clock` that can be set, several `nodes`."""

    def __init__(
        self, server: Server, redis: RedisServer | None = None, clock: Hands | None = None, nodes: Nodes | None = None
    ) -> None:
        self.server, self.redis, self.clock, self.nodes = server, redis, clock, nodes
        self.placement = Placement(server.setup.hosts)

    @property
    def agents(self) -> list[tuple[str, str]]:
        """E-mail and password of each."""
        return [(agent.email, agent.password) for agent in self.server.agents]

    @property
    def store(self) -> str:
        """The address of the journal."""
        return self.redis.url if self.redis is not None else f"sqlite:///{self.server.data}/live.db"

    @property
    def supervising(self) -> str:
        """The host that holds the supervisor."""
        return self.placement.host_of(SUPERVISOR)

    @property
    def other(self) -> str:
        """A host that does not, if there are two."""
        return next((host for host in self.placement.packed_hosts() if host != self.supervising), self.supervising)

    def named(self) -> dict[str, Process]:
        """The processes that live, by name: `host/0`, `gateway/0`, `assistant/0`."""
        pids = {name: int(pid) for name, pid in STARTED.findall(self.log())}
        found = {name: find(pid) for name, pid in pids.items()}
        return {name: process for name, process in found.items() if process is not None}

    def process(self, name: str) -> Process:
        """The one with this name. Raises KeyError while there is none."""
        return self.named()[name]

    def log(self) -> str:
        """What all processes have written to the system's log."""
        return log_file(self.server.data).read_text(errors="replace")

    @contextlib.contextmanager
    def standing_still(self, name: str) -> Iterator[Process]:
        """SIGSTOP, and SIGCONT at the end."""
        process = self.process(name)
        os.kill(process.pid, signal.SIGSTOP)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)

    def memory(self) -> dict[str, int]:
        """By name, the bytes that each process has for itself alone."""
        return {name: size for name, process in sorted(self.named().items()) if (size := _own_bytes(process.pid))}


@contextlib.asynccontextmanager
async def on_sqlite(folder: Path, setup: Setup = SETUP) -> AsyncIterator[Ground]:
    """One machine whose disk is small, and whose clock can be set."""
    clock = Hands(folder)
    with volume(folder / "volume") as kept:
        async with Server(setup, kept=kept, environment=clock.environment) as server:
            yield Ground(server, clock=clock)


@contextlib.asynccontextmanager
async def on_redis(folder: Path, setup: Setup = SETUP) -> AsyncIterator[Ground]:
    """One machine, and a Redis of its own."""
    with RedisServer(folder) as redis:
        async with Server(replace(setup, arguments=["--store", redis.url])) as server:
            yield Ground(server, redis)


@contextlib.asynccontextmanager
async def on_nodes(folder: Path, setup: Setup = SETUP) -> AsyncIterator[Ground]:
    """Three nodes of Ray, and a Redis."""
    with RedisServer(folder) as redis, Nodes() as nodes:
        arguments = ["--store", redis.url, "--address", nodes.address]
        async with Server(replace(setup, arguments=arguments)) as server:
            yield Ground(server, redis, nodes=nodes)


def _own_bytes(pid: int) -> int:
    """Unique set size: what would be freed if it ended. 0 when it is gone."""
    with contextlib.suppress(OSError):
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
    return 0
