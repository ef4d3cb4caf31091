"""Ourselves: a visitor's socket and an agent's for each conversation, each agent with one conversation, taken over."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import msgspec

from benchmarks.configuration import Setup
from benchmarks.frames import DECODE, ENCODE, JSON, MSGPACK, CommandError, Frame
from benchmarks.load.http import CONNECTIONS, Answered, ask, post
from benchmarks.load.line import NUMBER, TOKEN, Conversation, Line, Recognise
from benchmarks.load.websocket import BINARY, TEXT, Client, Frames, frame
from benchmarks.peers import Advance, Lobby
from benchmarks.processes import Process
from benchmarks.server import Server

RECOGNISE = {
    JSON: Recognise(
        delivered=re.compile(rb'"text":"' + TOKEN),
        acked=re.compile(rb'"ack","ref":"(\d{8})"'),
        refused=b'"type":"error"',
    ),
    MSGPACK: Recognise(
        delivered=re.compile(rb"\xa4text(?:[\xa0-\xbf]|\xd9.|\xda..)" + TOKEN, re.DOTALL),
        acked=re.compile(rb"\xa3ack\xa3ref\xa8(\d{8})"),
        refused=b"\xa4type\xa5error",
    ),
}
GROUPS = {"ray::Gateway": "gateway", "ray::Host": "host", "ray::Assistant": "assistant"}


class Socket:
    """A blocking socket of ours, welcomed."""

    def __init__(self, port: int, token: str, subprotocol: str = JSON) -> None:
        self._opcode = TEXT if subprotocol == JSON else BINARY
        self.encode, self.decode = ENCODE[subprotocol], DECODE[subprotocol]
        self.client = Client(port, "/ws", subprotocol)
        self.send({"type": "hello", "token": token})
        self.receive("welcome")

    def send(self, message: Frame) -> None:
        """One frame."""
        self.client.send(self.encode(message), self._opcode)

    def receive(self, *types: str) -> Frame:
        """The next frame of one of these types. Raises CommandError at an error."""
        while True:
            got = self.decode(self.client.receive())
            if got["type"] == "error":
                raise CommandError.of(got)
            if got["type"] in types:
                return got

    def command(self, type: str, **fields: object) -> Frame:
        """The ack. Raises CommandError."""
        self.send({"type": type, "ref": type, **fields})
        return self.receive("ack")

    def line(self, compose: Callable[[str], bytes]) -> Line:
        """This socket, for the generator."""
        return Line(self.client.socket, compose, Frames(), self.client.rest)

    def says(self, **fields: object) -> Callable[[str], bytes]:
        """Makes texts `send_message` commands with these fields."""

        def compose(text: str) -> bytes:
            return frame(self.encode({"type": "send_message", "ref": NUMBER, **fields, "text": text}), self._opcode)

        return compose


class Livesupport(Lobby):
    """Our server with a setup; its agents are as many as there will be conversations."""

    promises = "durable, acked, in order for all who watch"
    shown = re.compile(rb'\{"id":"([^"]+)","bot"')

    def __init__(self, setup: Setup, subprotocol: str = JSON, name: str = "livesupport") -> None:
        self.name = name
        self.server = Server(setup)
        self.subprotocol = subprotocol
        self.recognise = RECOGNISE[subprotocol]
        self.opening = post(f"/api/bots/{self.server.bot}/visitors", {})
        self._entries: list[tuple[str, Frame]] = []

    async def start(self) -> None:
        """Starts `livesupport up`; it enters once ready."""
        await self.server.__aenter__()

    async def stop(self) -> None:
        """SIGTERM; what is left is killed and told."""
        await self.server.__aexit__(None, None, None)

    def processes(self) -> set[Process]:
        """Ray's included."""
        return self.server.processes()

    def group(self, process: Process) -> str:
        """gateway, host, assistant, up (the command itself), or ray (gcs, raylet, monitors, agents)."""
        for prefix, group in GROUPS.items():
            if process.title.startswith(prefix):
                return group
        return "up" if " up --config " in process.title else "ray"

    @property
    def port(self) -> int:
        """Of the front door."""
        return self.server.port

    def open(self, count: int, advance: Advance = lambda _: None, connections: int = CONNECTIONS) -> Answered:
        """So many visitors open a conversation each; the bodies say which."""
        return ask(self.port, [self.opening] * count, advance, connections=connections)

    def log_in(self, numbers: range) -> list[str]:
        """The tokens of these agents."""
        logins = [
            post("/api/login", {"email": one.email, "password": one.password})
            for one in self.server.agents[numbers.start : numbers.stop]
        ]
        return [msgspec.json.decode(body)["token"] for body in ask(self.port, logins).bodies]

    def watch(self, number: int) -> Line:
        """Each agent has a socket of her own."""
        socket = Socket(self.port, *self.log_in(range(number, number + 1)))
        socket.command("watch_bot", bot=self.server.bot)
        return socket.line(str.encode)

    async def converse(self, count: int, advance: Advance) -> list[Conversation]:
        """Visitors open, agents log in and take over; all through the front door."""
        tokens = await asyncio.to_thread(self.log_in, range(self.opened, self.opened + count))
        opened = [msgspec.json.decode(body) for body in (await asyncio.to_thread(self.open, count)).bodies]
        self._entries += zip(tokens, opened, strict=True)
        return await super().converse(count, advance)

    def pair(self, number: int) -> Conversation:
        """Both sockets are welcomed, and the agent takes over."""
        agent_token, opened = self._entries[number]
        key = opened["conversation"]["id"]
        visitor = Socket(self.port, opened["token"], self.subprotocol)
        agent = Socket(self.port, agent_token, self.subprotocol)
        agent.command("take_over", conversation=key)
        return Conversation(visitor.line(visitor.says()), agent.line(agent.says(conversation=key)))
