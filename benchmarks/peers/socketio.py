"""Socket.IO on Node: a room for each conversation; in one process, or in several with its Redis adapter between."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.load.http import post
from benchmarks.load.line import NUMBER, TOKEN, Conversation, Line, Recognise
from benchmarks.load.websocket import Client, Frames, frame
from benchmarks.peers import Lobby, redis
from benchmarks.peers.program import ProgramPeer
from benchmarks.ports import free_port
from benchmarks.processes import Process

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "livesupport-bench"
PACKAGES = ("socket.io@4", "@socket.io/redis-adapter@8", "redis@5")
ENGINE = "/socket.io/?EIO=4&transport=websocket&"
HEARTBEATS = {b"2": b"3"}
DELIVERED = re.compile(rb'42\["message","' + TOKEN)
ACKED = re.compile(rb"43(\d+)\[\]")


class SocketIO(ProgramPeer, Lobby):
    """`nodes` processes; with an adapter, a conversation's two ends are on different ones where there are two.

    `adapter`: `classic`, which is what most run; `sharded`, which its documentation recommends where Redis is 7.0 or
    newer; or none. With `acks`, each text asks for Socket.IO's acknowledgement, which its sender is sent at once: it
    says that the server has the text, and no more.
    """

    shown = re.compile(rb'\{"id":"([^"]+)","bot"')
    opening = post("/open", {})

    def __init__(self, *, adapter: str = "classic", nodes: int = 1, acks: bool = False) -> None:
        super().__init__()
        between = {"classic": "Redis adapter", "sharded": "sharded Redis adapter"}.get(adapter, "no adapter")
        self.name = f"socket.io, {between}, {nodes} process{'es'[: nodes * 2 - 2]}{', acks' if acks else ''}"
        self.promises = f"nothing stored, {'acked when read' if acks else 'no ack'}"
        self.recognise = Recognise(delivered=DELIVERED, acked=ACKED if acks else None)
        self._adapter, self._acks = adapter, acks
        self._ports = [free_port() for _ in range(nodes)]

    @property
    def port(self) -> int:
        """Of the first process."""
        return self._ports[0]

    @classmethod
    def missing(cls) -> str | None:
        """Node is the distribution's; the packages are put into a cache folder."""
        if shutil.which("node") is None:
            return "apt-get install nodejs npm"
        if not all((FOLDER / "node_modules" / package.rpartition("@")[0]).is_dir() for package in PACKAGES):
            return f"npm install --prefix {FOLDER} {' '.join(PACKAGES)}"
        return redis.missing()

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Node's, Socket.IO's and Redis's."""
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        found = {"node": node, "redis-server": redis.version()}
        for package in PACKAGES:
            name = package.rpartition("@")[0]
            found[name] = json.loads((FOLDER / "node_modules" / name / "package.json").read_text())["version"]
        return found

    async def start(self) -> None:
        """Redis where the adapter needs it, then Node."""
        between = [str(await redis.start(self.programs)), self._adapter] if self._adapter else []
        script = str(Path(__file__).with_suffix(".js"))
        for port in self._ports:
            await self.programs.start(
                ["node", script, str(port), *between],
                port,
                {"BENCHMARK_NODE_MODULES": str(FOLDER / "node_modules"), "NODE_ENV": "production"},
            )

    def group(self, process: Process) -> str:
        """node or redis."""
        return "redis" if "redis-server" in process.title else "node"

    def pair(self, number: int) -> Conversation:
        """Both ends join the conversation's room."""
        lines = []
        for end in range(2):
            lines.append(self._line(end, f"conversation={number}"))
        return Conversation(*lines)

    def watch(self, number: int) -> Line:
        """Agents are in a room of their own."""
        return self._line(number, "lobby=1")

    def _line(self, number: int, query: str) -> Line:
        client = Client(self._ports[number % len(self._ports)], ENGINE + query)
        client.until(lambda got: got.startswith(b"0"))
        client.send(b"40")
        client.until(lambda got: got.startswith(b"40"))
        return Line(client.socket, self._compose, Frames(HEARTBEATS), client.rest)

    def _compose(self, text: str) -> bytes:
        asked = NUMBER.encode() if self._acks else b""
        return frame(b"42" + asked + b'["message",' + json.dumps(text).encode() + b"]")
