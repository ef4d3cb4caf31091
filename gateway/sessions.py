"""A connected client, whatever it is connected by: who it is, what it watches, and what waits to be sent to it.

    event: sequence above the watch's position ──> sent, position moves on      (at or below: it has had it)
    catching up: live events are kept until what was missed has been read from the journal and sent

A client that does not read what it is sent is told to resync: its frames are dropped, never another's delayed.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec.structs import replace

from actors.frames import AssistantChunk
from runtime.identity import ActorId

_encode = msgspec.json.Encoder().encode

SEND_BUFFER_BYTES = 1024 * 1024
CROWDED_BYTES = SEND_BUFFER_BYTES // 4
"""Of what was missed no more is added while so much waits: it can be read again, and must not crowd out what is new."""
STALLED_SECONDS = 15.0
EARLY_MAX = 100
"""Frames that wait for the host to let a session in. They tell of a moment: what is more is not missed."""

Role = Literal["visitor", "agent"]


class Session:
    """See the module. `wake` is called when something waits to be sent."""

    __slots__ = (
        "_waiting",
        "_wake",
        "closed",
        "goes_on",
        "id",
        "key",
        "name",
        "oldest_ms",
        "outbox",
        "outbox_bytes",
        "role",
        "sender",
        "topics",
        "watches",
    )

    def __init__(self, role: Role, id: str, name: str, wake: Callable[[], None]) -> None:
        self.key = secrets.token_hex(6)
        self.role: Role = role
        self.id = id
        self.name = name
        self.sender = f"{role}/{id}"
        self.watches: dict[ActorId, Watch] = {}
        self.topics: set[str] = set()
        self.outbox: list[bytes] = []
        self.outbox_bytes = 0
        self.oldest_ms = 0
        """The time of the oldest event that waits, if it is not one that was missed; 0: none."""
        self.goes_on: Callable[[str], None] = _stay
        """Called with the visitor's next conversation, opened in another window after the close."""
        self.closed = False
        self._wake = wake
        self._waiting: list[asyncio.Future[None]] = []

    def send(self, frame: bytes) -> None:
        """Queue a frame, encoded as JSON."""
        outbox = self.outbox
        if not outbox:
            self._wake()
        outbox.append(frame)
        self.outbox_bytes = waiting_bytes = self.outbox_bytes + len(frame)
        if waiting_bytes > SEND_BUFFER_BYTES:
            self._overflow()

    def take(self) -> list[bytes]:
        """What waits, to be sent now."""
        frames, self.outbox = self.outbox, []
        self.outbox_bytes = self.oldest_ms = 0
        if self._waiting:
            self._make_room()
        return frames

    async def room(self) -> None:
        """Returns when little waits to be sent, or the session has ended. One that does not read in time is ended."""
        while self.outbox_bytes > CROWDED_BYTES and not self.closed:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await asyncio.wait([waiting], timeout=STALLED_SECONDS)
            if not waiting.done():
                self.end()

    def _make_room(self) -> None:
        for waiting in self._waiting:
            waiting.set_result(None)
        self._waiting = []

    def end(self) -> None:
        """Nothing is sent any more; whoever writes for the client is told."""
        self.closed = True
        self.goes_on = _stay
        self._make_room()
        self._wake()

    def _overflow(self) -> None:
        self.outbox = [_resync(actor) for actor in self.watches if actor.startswith("conversation/")]
        self.outbox_bytes = sum(map(len, self.outbox))
        self.oldest_ms = 0


class Watch:
    """One conversation that a session watches: the last sequence it was sent, and what waits while it catches up."""

    __slots__ = ("_early", "_then", "asked", "held", "position", "session", "streamed")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.asked = False
        """It is on the way to the host, or there: it has to hear of the end."""
        self.position = 0
        self.held: list[tuple[int, bytes]] | None = []
        self.streamed: tuple[str, int] = ("", 0)
        """The assistant's turn that is being written, and how many characters of it were sent."""
        self._then: Callable[[], None] | None = None
        self._early: list[bytes] | None = []
        """What is said to those who watch, until it is known whether the session may; then None."""

    def push(self, frame: bytes) -> None:
        """A frame that is no event's, such as typing. Whoever may not watch must not see even one."""
        if self._early is None:
            self.session.send(frame)
        elif len(self._early) < EARLY_MAX:
            self._early.append(frame)

    def let_in(self) -> None:
        """The host has taken the session in: it may watch."""
        early, self._early = self._early or [], None
        for frame in early:
            self.session.send(frame)

    def event(self, sequence: int, frame: bytes, at_ms: int = 0) -> None:
        """A durable event, in order; what the client has had already is not sent again."""
        if sequence <= self.position:
            return
        if self.held is not None:
            self.held.append((sequence, frame))
            return
        self.position = sequence
        session = self.session
        session.send(frame)
        session.oldest_ms = session.oldest_ms or at_ms

    def chunk(self, chunk: AssistantChunk, frame: bytes, whole: bool) -> None:
        """A piece of an answer that is being written, once and without a hole; `whole`: all that there is so far.

        Pieces may come before the whole that was asked for when the session attached, and the whole repeats them.
        """
        turn, had = self.streamed
        had = had if turn == chunk.turn else 0
        ends = chunk.offset + len(chunk.text)
        if chunk.offset > had or (whole and ends <= had):
            return
        self.streamed = chunk.turn, ends
        if whole and had:
            frame = _encode(replace(chunk, text=chunk.text[had:], offset=had))
        self.push(frame)

    def caught_up(self, position: int) -> None:
        """All up to `position` has been sent: go on with what came meanwhile."""
        held, self.held = self.held or [], None
        self.position = max(self.position, position)
        for sequence, frame in held:
            self.event(sequence, frame)
        then, self._then = self._then, None
        if then is not None:
            then()

    def when_live(self, then: Callable[[], None]) -> None:
        """Do it now, or as soon as it has caught up: its position is known only then."""
        if self.held is None:
            then()
        else:
            self._then = then


def _stay(key: str) -> None:
    """Who looks at one conversation alone, as a stream does, stays there."""


def _resync(actor: ActorId) -> bytes:
    return _encode({"type": "resync", "conversation": actor.partition("/")[2]})
