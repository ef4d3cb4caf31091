"""Django Channels with channels-redis under uvicorn: a consumer for each socket, a group for each end."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from importlib.util import find_spec

from benchmarks.load.line import TOKEN, Conversation, Line, Recognise
from benchmarks.load.websocket import Client, Frames, frame
from benchmarks.peers import redis
from benchmarks.peers.program import ProgramPeer
from benchmarks.ports import free_port
from benchmarks.processes import Process

ROUTE = "/{conversation}/{end}"


def plain_pair(port: int, number: int) -> Conversation:
    """Two sockets of a server that carries texts as they are, from one end of a conversation to the other."""
    lines = []
    for end in "va":
        client = Client(port, ROUTE.format(conversation=number, end=end))
        lines.append(Line(client.socket, lambda text: frame(text.encode()), Frames(), client.rest))
    return Conversation(*lines)


class Channels(ProgramPeer):
    """One uvicorn worker with uvloop, and one Redis."""

    promises = "nothing stored, no ack; a full group loses messages silently"
    recognise = Recognise(delivered=re.compile(TOKEN))

    def __init__(self, layer: str = "core.RedisChannelLayer") -> None:
        super().__init__()
        self.name = f"Django Channels, {layer}"
        self._layer = f"channels_redis.{layer}"
        self._port = free_port()

    @classmethod
    def missing(cls) -> str | None:
        """Channels and its layer are the extra `peers`; Redis is the distribution's."""
        if find_spec("channels") is None or find_spec("channels_redis") is None:
            return "pip install -e '.[peers]'"
        return redis.missing()

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Django's, Channels' and Redis's."""
        return {name: version(name) for name in ("django", "channels", "channels-redis")} | {"redis": redis.version()}

    async def start(self) -> None:
        """Redis, then uvicorn."""
        port = await redis.start(self.programs)
        application = "benchmarks.peers.channels_application:application"
        await self.programs.start(
            [sys.executable, "-m", "uvicorn", application, "--port", str(self._port), "--log-level", "warning",
             "--no-access-log"],
            self._port,
            {"BENCHMARK_REDIS": f"redis://127.0.0.1:{port}/0", "BENCHMARK_LAYER": self._layer},
            checkout=True,
        )  # fmt: skip

    def group(self, process: Process) -> str:
        """redis or server."""
        return "redis" if "redis-server" in process.title else "server"

    def pair(self, number: int) -> Conversation:
        """Two sockets, each in a group of its own."""
        return plain_pair(self._port, number)
