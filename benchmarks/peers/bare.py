"""Bare processes: the frames, calls and commits that ours make, and no decision. What is left is not our code's cost.

No state machine, ref, fence, limit, metric, index, other watcher or failure: a message is decoded, numbered, made
durable, acked, and shown to both ends. Whatever does that in this interpreter costs at least as much.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import version

from benchmarks.load.line import NUMBER, TOKEN, Conversation, Line, Recognise
from benchmarks.load.websocket import Client, Frames, frame
from benchmarks.peers.program import CHECKOUT, ProgramPeer
from benchmarks.ports import free_port
from benchmarks.processes import Process


class Bare(ProgramPeer):
    """An edge that has the sockets, and a keeper that has the journal, with a TCP connection between them."""

    name = "bare processes"
    promises = "durable, acked; nothing decided, nothing survives a failure"
    recognise = Recognise(
        delivered=re.compile(rb'"text":"' + TOKEN), acked=re.compile(rb'"ack","ref":"(\d{8})"'), refused=None
    )

    def __init__(self) -> None:
        super().__init__()
        self._port, self._keeper_port = free_port(), free_port()

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Of what does its work."""
        return {name: version(name) for name in ("uvloop", "msgspec", "websockets")}

    async def start(self) -> None:
        """The keeper, then the edge."""
        journal = str(self.programs.directory / "bare.db")
        for role, port, *more in (("keeper", self._keeper_port, journal), ("edge", self._port, str(self._keeper_port))):
            command = [sys.executable, "-m", f"benchmarks.peers.bare_{role}", str(port), *more]
            await self.programs.start(command, port, {"PYTHONPATH": str(CHECKOUT)}, checkout=True)

    def group(self, process: Process) -> str:
        """edge or keeper."""
        return "edge" if "bare_edge" in process.title else "keeper"

    def pair(self, number: int) -> Conversation:
        """Two sockets, each of which says whose it is by its path."""
        lines = []
        for end in "va":
            client = Client(self._port, f"/{number}/{end}")
            client.until(lambda got: b"welcome" in got)
            lines.append(Line(client.socket, _compose, Frames(), client.rest))
        return Conversation(*lines)


def _compose(text: str) -> bytes:
    return frame(b'{"type":"send_message","ref":"%s","text":"%s"}' % (NUMBER.encode(), text.encode()))
