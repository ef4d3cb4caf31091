"""Socket.IO on Node: a room for each conversation; in one process, or in several with its Redis adapter between."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.load.line import TOKEN, Conversation, Line, Recognise
from benchmarks.load.websocket import Client, Frames, frame
from benchmarks.peers import redis
from benchmarks.peers.program import ProgramPeer
from benchmarks.ports import free_port
from benchmarks.processes import Process

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "livesupport-bench"
PACKAGES = ("socket.io@4", "@socket.io/redis-adapter@8", "redis@5")
ENGINE = "/socket.io/?EIO=4&transport=websocket&conversation={}"
HEARTBEATS = {b"2": b"3"}


class SocketIO(ProgramPeer):
    """`nodes` processes; with the adapter, a conversation's two ends are on different ones where there are two."""

    recognise = Recognise(delivered=re.compile(rb'42\["message","' + TOKEN))
    promises = "nothing stored, no ack"

    def __init__(self, *, adapter: bool = True, nodes: int = 1) -> None:
        super().__init__()
        self.name = f"socket.io, {'Redis adapter' if adapter else 'no adapter'}, {nodes} process{'es'[: nodes * 2 - 2]}"
        self._adapter = adapter
        self._ports = [free_port() for _ in range(nodes)]

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
        between = [str(await redis.start(self.programs))] if self._adapter else []
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
            client = Client(self._ports[end % len(self._ports)], ENGINE.format(number))
            client.until(lambda got: got.startswith(b"0"))
            client.send(b"40")
            client.until(lambda got: got.startswith(b"40"))
            lines.append(Line(client.socket, _compose, Frames(HEARTBEATS), client.rest))
        return Conversation(*lines)


def _compose(text: str) -> bytes:
    return frame(b'42["message",' + json.dumps(text).encode() + b"]")
