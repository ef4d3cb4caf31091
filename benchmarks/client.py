"""One client of `/ws`, a visitor's or an agent's, that outlives its connections.

    connect → hello → welcome ─┬─ commands out, frames in ─┬─ close()
        ▲                      └── connection lost ────────┴─ a fatal close code: every pending command fails
        └── wait, resume from the last sequences, send what has no answer again under the same `ref`

It knows frames and nothing of what they mean, but for two things: events are checked for their order and each is passed
on once, and acks and errors find the command they answer. No task and no timer exists for a single command.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from benchmarks.connection import PING_REF, Connection
from benchmarks.frames import ENCODE, JSON, CommandError, Disconnected, Frame
from benchmarks.order import Track

FATAL_CODES = frozenset({1009, 4400, 4401, 4403})
"""Closes after which the same hello or the same command would fail again."""
RETRY_SECONDS = 60.0
RETRY_DELAY_SECONDS = (0.05, 1.0)

Reply = Callable[[Frame | Disconnected], None]
Receive = Callable[[Frame], None]


class Socket:
    """Made by `await Socket.connect(...)`. `on_frame`, or else `frames()`, gets all that is pushed, each event once."""

    def __init__(
        self,
        base_url: str,
        token: str,
        subprotocol: str,
        resume: Mapping[str, int],
        on_frame: Receive | None,
        on_welcome: Receive | None,
        patience_seconds: float,
    ) -> None:
        parts = urlsplit(base_url)
        self.url = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/ws"
        self.role = self.id = ""
        self.conversations: list[Frame] = []
        self.tracks = {conversation: Track(last) for conversation, last in resume.items()}
        self.errors: deque[Frame] = deque(maxlen=1000)
        """Errors that name no command of ours."""
        self.strays: deque[Frame] = deque(maxlen=1000)
        """Answers to commands already answered, or never sent."""
        self.reconnects = self.resent = self.resyncs = 0
        self._patience_seconds = patience_seconds
        self._token, self._subprotocol, self._encode = token, subprotocol, ENCODE[subprotocol]
        self._inbox: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._on_frame, self._on_welcome = on_frame or self._inbox.put_nowait, on_welcome
        self._pending: dict[str, tuple[bytes, Reply]] = {}
        self._bots: set[str] = set()
        self._watches: dict[str, str] = {}
        """Conversation → ref of each watch that has no answer yet."""
        self._prefix, self._numbered = secrets.token_hex(4), 0
        self._connection: Connection | None = None
        self._fate: Disconnected | None = None
        self._welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live())

    @classmethod
    async def connect(
        cls,
        base_url: str,
        token: str,
        subprotocol: str = JSON,
        resume: Mapping[str, int] | None = None,
        *,
        on_frame: Receive | None = None,
        on_welcome: Receive | None = None,
        patience_seconds: float = 0.0,
    ) -> Socket:
        """Returns once welcomed; raises Disconnected, if the server is away for longer than `patience_seconds`.

        `on_welcome` is called after every welcome: after each reconnect too.
        """
        socket = cls(base_url, token, subprotocol, resume or {}, on_frame, on_welcome, patience_seconds)
        try:
            await socket._welcomed
        except BaseException:
            await socket.close()
            raise
        return socket

    def post(self, type: str, conversation: str | None = None, *, reply: Reply, **fields: Any) -> str:
        """Sends a command without waiting; returns its ref. `reply` is called once: with ack, error or Disconnected."""
        ref: str = fields.pop("ref", None) or self._next_ref()
        frame: Frame = {"type": type, "ref": ref, **fields}
        if conversation is not None:
            frame["conversation"] = conversation
        if self._fate is not None:
            reply(self._fate)
            return ref
        encoded = self._encode(frame)
        self._pending[ref] = encoded, reply
        if self._connection is not None:
            self._connection.send(encoded)
        return ref

    async def command(self, type: str, conversation: str | None = None, **fields: Any) -> Frame:
        """Returns the ack, however many connections it takes. Raises CommandError or Disconnected."""
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()

        def reply(answer: Frame | Disconnected) -> None:
            if future.done():
                return
            if isinstance(answer, Disconnected):
                future.set_exception(answer)
            elif answer["type"] == "error":
                future.set_exception(CommandError.of(answer))
            else:
                future.set_result(answer)

        self.post(type, conversation, reply=reply, **fields)
        return await future

    async def insist(self, type: str, conversation: str | None = None, **fields: Any) -> Frame:
        """As `command`, but waits and tries again, under the same ref, while it is `rate_limited` or `overloaded`."""
        ref: str = fields.pop("ref", None) or self._next_ref()
        while True:
            try:
                return await self.command(type, conversation, ref=ref, **fields)
            except CommandError as error:
                if error.retry_after is None:
                    raise
                await asyncio.sleep(error.retry_after)

    async def watch(self, conversation: str, after: int = 0) -> Frame:
        """Watches a conversation from a sequence on; from here on its holes are recorded."""
        self.tracks.setdefault(conversation, Track(after))
        self._watches[conversation] = ref = self._next_ref()
        try:
            return await self.command("watch", conversation, ref=ref, after=after)
        finally:
            self._watches.pop(conversation, None)

    async def unwatch(self, conversation: str) -> None:
        """Stops watching, and forgets how its events came."""
        await self.command("unwatch", conversation)
        self.tracks.pop(conversation, None)

    async def watch_bot(self, bot: str) -> Frame:
        """Watches a bot's lobby, on every later connection too."""
        self._bots.add(bot)
        return await self.command("watch_bot", bot=bot)

    async def frames(self) -> AsyncIterator[Frame]:
        """Every frame since connect, when there is no `on_frame`; ends when the socket does."""
        while (frame := await self._inbox.get()) is not None:
            yield frame

    @property
    def unanswered(self) -> int:
        """Commands that wait for their ack or error."""
        return len(self._pending)

    async def close(self) -> None:
        """Ends it; commands still pending fail with Disconnected."""
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life
        self._end(Disconnected(1000, "closed by the client"))

    def cut(self) -> None:
        """Drops the connection without a goodbye, as a lost network does. The socket reconnects."""
        if self._connection is not None:
            self._connection.abort()

    async def _live(self) -> None:
        """Connection after connection, until one ends for good."""
        clock = asyncio.get_running_loop().time
        lost_at, (delay, delay_max) = clock(), RETRY_DELAY_SECONDS
        while True:
            try:
                await self._one_connection()
            except Disconnected as lost:
                if self._connection is not None:
                    self._connection = None
                    self.resent += len(self._pending)
                    lost_at, delay = clock(), RETRY_DELAY_SECONDS[0]
                patience_seconds = RETRY_SECONDS if self.role else self._patience_seconds
                if lost.code in FATAL_CODES or clock() - lost_at >= patience_seconds:
                    return self._end(lost)
            except Exception as error:
                fate = Disconnected(1006, f"a callback failed: {error!r}")
                fate.__cause__ = error
                return self._end(fate)
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))
            delay = min(delay * 2, delay_max)

    async def _one_connection(self) -> None:
        hello: Frame = {"type": "hello", "token": self._token}
        if self.tracks:
            hello["resume"] = {c: track.last or 0 for c, track in self.tracks.items() if c not in self._watches}
        connection = await Connection.open(self.url, self._subprotocol, hello)
        try:
            self._begin(connection)
            await connection.read(self._receive)
        finally:
            await connection.close()

    def _begin(self, connection: Connection) -> None:
        """Welcomed: what is pending goes out first, in the order it was posted."""
        welcome = connection.welcome
        self.reconnects += bool(self.role)
        self.role, self.id, self.conversations = welcome["role"], welcome["id"], welcome["conversations"]
        if self.reconnects:
            self._watch_again()
        for encoded, _ in self._pending.values():
            connection.send(encoded)
        self._connection = connection
        if not self._welcomed.done():
            self._welcomed.set_result(None)
        if self._on_welcome is not None:
            self._on_welcome(welcome)

    def _watch_again(self) -> None:
        """A watch is its connection's, not durable: one without an answer is asked anew, for what came since."""
        for conversation, ref in list(self._watches.items()):
            if (pending := self._pending.pop(ref, None)) is not None:
                after = self.tracks[conversation].last or 0
                self._watches[conversation] = self.post("watch", conversation, reply=pending[1], after=after)
        for bot in self._bots:
            self.post("watch_bot", reply=_ignore, bot=bot)

    def _next_ref(self) -> str:
        self._numbered += 1
        return f"{self._prefix}-{self._numbered}"

    def _receive(self, frame: Frame) -> None:
        match frame["type"]:
            case "event":
                track = self.tracks.get(frame["conversation"])
                if track is None:
                    track = self.tracks[frame["conversation"]] = Track()
                if track.see(frame["sequence"]):
                    self._on_frame(frame)
            case "ack" | "error" as kind:
                ref = frame.get("ref")
                pending = self._pending.pop(ref, None) if ref is not None else None
                if pending is not None:
                    pending[1](frame)
                elif ref is None and kind == "error":
                    self.errors.append(frame)
                elif ref != PING_REF:
                    self.strays.append(frame)
            case "pong":
                pass
            case "resync":
                # We were too slow. A reconnect resumes from the last sequences, and so brings what was skipped, once.
                self.resyncs += 1
                self.cut()
                raise Disconnected(4000, "told to resync")
            case _:
                self._on_frame(frame)

    def _end(self, fate: Disconnected) -> None:
        if self._fate is not None:
            return
        self._fate = fate
        pending, self._pending = self._pending, {}
        for _, reply in pending.values():
            reply(fate)
        if not self._welcomed.done():
            self._welcomed.set_exception(fate)
        self._inbox.put_nowait(None)


def _ignore(_: Frame | Disconnected) -> None:
    """For commands whose answer nobody waits for."""
