"""Bare HTTP: the server that ours is built on, with an application that gives everybody the same answer.

What it costs is the price of a request over a kept connection in this interpreter, before anything is opened.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

from benchmarks.load.http import CONNECTIONS, Answered, ask, post
from benchmarks.peers import Advance, Served
from benchmarks.peers.program import Programs
from benchmarks.ports import free_port
from benchmarks.processes import Process


class BareHttp(Served):
    """One uvicorn worker with uvloop and httptools."""

    name = "uvicorn alone"
    promises = "nothing opened, nothing stored: one answer for all, as long as ours"

    def __init__(self) -> None:
        self._programs = Programs()
        self._port = free_port()

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Of what does its work."""
        return {name: version(name) for name in ("uvicorn", "uvloop", "httptools")}

    async def start(self) -> None:
        """uvicorn."""
        application = "benchmarks.peers.bare_http_application:application"
        command = [sys.executable, "-m", "uvicorn", application, "--port", str(self._port), "--no-access-log"]
        await self._programs.start([*command, "--log-level", "warning"], self._port, checkout=True)

    async def stop(self) -> None:
        """Ends it."""
        await self._programs.stop()

    def processes(self) -> set[Process]:
        """The one."""
        return self._programs.processes()

    def group(self, process: Process) -> str:
        """There is one."""
        return "server"

    def open(self, count: int, advance: Advance = lambda _: None, connections: int = CONNECTIONS) -> Answered:
        """So many requests, as long as those that open a conversation with us."""
        return ask(self._port, [post("/api/bots/demo/visitors", {})] * count, advance, connections=connections)
