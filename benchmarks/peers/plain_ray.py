"""Plain Ray, as its documentation would have it: an actor for each conversation, a call for each message."""

from __future__ import annotations

import os
import re
import sys
from importlib.metadata import version

from benchmarks.load.line import TOKEN, Conversation, Recognise
from benchmarks.peers.channels import plain_pair
from benchmarks.peers.program import ProgramPeer
from benchmarks.ports import free_port
from benchmarks.processes import Process


class PlainRay(ProgramPeer):
    """A thin WebSocket front in one process, and a Ray actor of some 50 MB for each conversation."""

    promises = "nothing stored, no ack"
    application = "benchmarks.peers.plain_ray_application:application"
    conversations_max = 8
    in_flight_max = 1_200  # with 4,000 it delivers half as many, with 8,000 none in a round
    recognise = Recognise(delivered=re.compile(TOKEN))

    def __init__(self, *, restarts: bool = False) -> None:
        """`restarts`: Ray starts an actor again that was killed, and makes the calls again that it had not answered."""
        super().__init__()
        self.name = "plain-ray, restarted" if restarts else "plain-ray"
        self._restarts = restarts
        self.port = free_port()

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Ray's."""
        return {"ray": version("ray")}

    async def start(self) -> None:
        """The front starts a Ray of its own."""
        await self.programs.start(
            [sys.executable, "-m", "uvicorn", self.application, "--port", str(self.port), "--log-level", "warning",
             "--no-access-log"],
            self.port,
            {"BENCHMARK_RAY_TOKEN": os.urandom(32).hex(), "BENCHMARK_RAY_RESTARTS": "-1" if self._restarts else "0"},
            checkout=True,
        )  # fmt: skip

    def group(self, process: Process) -> str:
        """server (the front), actors, or ray (gcs, raylet, monitors, agents)."""
        if "uvicorn" in process.title:
            return "server"
        return "actors" if process.title.startswith("ray::Conversation") else "ray"

    def pair(self, number: int) -> Conversation:
        """Two sockets; the first of them has its conversation's actor made, and is let in when that answers."""
        return plain_pair(self.port, number)
