"""A conversation's events as server-sent events: the history from where the client was, then what happens.

A client that reads too slowly is cut off; it comes again by itself, with the last sequence it has had.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from itertools import takewhile

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.addresses import crowd_of
from gateway.api.context import Api
from gateway.api.requests import identity_of, integer, path, sequence
from gateway.archive import PAGE
from gateway.edge import Edge
from gateway.errors import ProtocolError
from gateway.identity import Identity
from gateway.seats import Seats, seats_of
from gateway.sessions import Session
from runtime.identity import ActorId, actor_id

HEARTBEAT_SECONDS = 15.0
STREAMS_MAX = 50
"""Of one visitor or agent at a gateway."""
RETRY_MS = 1_000
RETRY = b"retry: %d\n\n" % RETRY_MS
HEARTBEAT = b":\n\n"
MEDIA_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}

_EVENT = re.compile(rb'{"type":"event","conversation":"[^"]*","sequence":(\d+)')
_RESYNC = b'{"type":"resync"'


async def stream(api: Api, request: Request) -> Response:
    """The stream, if the conversation may be seen."""
    # A browser's EventSource, which alone resumes by itself, sends no header of ours.
    identity = identity_of(api, request, otherwise=request.query_params.get("token"))
    key = path(request, "conversation")
    last = request.headers.get("last-event-id")
    after = integer(request, "after", 0) if last is None else sequence(last, "Last-Event-ID")
    await api.edge.conversation(identity, key)
    if request.method == "HEAD":
        return Response(headers=HEADERS, media_type=MEDIA_TYPE)
    seats = seats_of(identity, crowd_of(api.proxies.client_of(request)), STREAMS_MAX)
    return EventStream(api.streams, seats, Follower(api.edge, identity, actor_id("conversation", key)), after)


class Follower:
    """One client's session, and the lines that it is sent."""

    def __init__(self, edge: Edge, identity: Identity, actor: ActorId) -> None:
        self._edge = edge
        self._identity = identity
        self._actor = actor
        self._position = 0
        self._waits = asyncio.Event()
        self._session = Session(identity.role, identity.id, identity.name, self._waits.set)

    async def lines(self, after: int) -> AsyncIterator[bytes]:
        """Until the client has fallen behind, its token has ended, or the session is closed."""
        yield RETRY
        self._position = after
        async for chunk in self._history():
            yield chunk
        self._edge.hub.open(self._session)
        self._edge.hub.watch(self._session, self._actor, self._position)
        while not self._session.closed and not self._edge.ended(self._identity):
            if not await self._something():
                yield HEARTBEAT
                continue
            frames = self._session.take()
            events = list(takewhile(lambda frame: not frame.startswith(_RESYNC), frames))
            yield _numbered(events)
            if len(events) < len(frames):
                return

    async def _history(self) -> AsyncIterator[bytes]:
        """What has happened after the position, page by page as fast as the client reads."""
        while True:
            read = self._edge.archive.frames(self._actor, self._session.role, self._position, PAGE)
            frames, last = await read
            if last == self._position:
                return
            self._position = last
            yield _numbered(frame for _, frame in frames)

    async def _something(self) -> bool:
        try:
            await asyncio.wait_for(self._waits.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            return False
        self._waits.clear()
        return True

    def leave(self) -> None:
        """The client is gone."""
        self._edge.hub.close(self._session)


def _numbered(frames: Iterable[bytes]) -> bytes:
    """Events with their sequences as ids; whatever else sessions are sent, such as typing, is not for streams."""
    found = ((match[1], frame) for frame in frames if (match := _EVENT.match(frame)) is not None)
    return b"".join(b"id: %b\ndata: %b\n\n" % one for one in found)


class EventStream(StreamingResponse):
    """Ends when the client leaves, and then the session ends with it."""

    def __init__(self, open: Seats, seats: dict[str, int], follower: Follower, after: int) -> None:
        super().__init__(follower.lines(after), headers=HEADERS, media_type=MEDIA_TYPE)
        self._open, self._seats = open, seats
        self._follower = follower
        if not open.take(seats):
            raise ProtocolError("rate_limited", "Too many streams are open.", retry_after_ms=RETRY_MS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._follower.leave()
            self._open.leave(self._seats)
