"""The socket: `/ws`, for visitors and agents, in JSON or MessagePack.

    handshake ── hello ──> welcome ──> frames in, frames out ──> closed
        └ too late 4408, not right 4400, token 4401, origin 4403, too many 4429

No task waits for a client: its bytes are taken where they arrive, and what all the sessions here have to send is
written together, a write for each: at once, or, where many are written to, a linger later, so that what comes on
different ways at nearly the same time shares a write. A client that leaves that unread for long is sent away.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec
from starlette.requests import HTTPConnection

from gateway import frames as f
from gateway.addresses import crowd_of
from gateway.api.origins import may_serve
from gateway.api.proxies import Proxies
from gateway.current import current
from gateway.dispatch import Dispatch
from gateway.edge import Edge
from gateway.errors import ProtocolError
from gateway.identity import Identity, later, may_be_of
from gateway.seats import Seats, seats_of
from gateway.sessions import Session
from gateway.shown import shown_to
from gateway.websocket import WebSocket
from runtime.identity import actor_id
from runtime.journal import StoreFailed
from runtime.lines import Line
from runtime.linger import Rounds

log = logging.getLogger(__name__)

JSON, MSGPACK = "livesupport.json", "livesupport.msgpack"
HELLO_SECONDS = 10.0
HEARTBEAT_SECONDS = 20
CONNECTIONS_MAX = {"visitor": 20, "agent": 100}
RESUMED_MAX = 100
"""Conversations that a visitor's hello names. An agent's are bounded by the size of a frame alone."""
STALLED_SECONDS = 30.0
BUSY_SOCKETS = 50
"""Where so many are written to together, the next ones wait a linger."""

BAD_HELLO, BAD_TOKEN, BAD_ORIGIN, TOO_LATE, TOO_MANY = 4400, 4401, 4403, 4408, 4429
RESTARTING, REPLACED, GONE = 1012, 4000, 1011

_encode = msgspec.json.Encoder().encode
_repack = msgspec.msgpack.Encoder().encode


class Refused(Exception):
    """The connection is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SocketEndpoint:
    """What serves connections; one for all of a gateway."""

    def __init__(self, edge: Edge, linger_seconds: float = 0.0) -> None:
        self.edge = edge
        self.seats = Seats()
        self._open: set[Connection] = set()
        self.due: list[Connection] = []
        """Those that something waits for."""
        self._rounds = Rounds(linger_seconds, BUSY_SOCKETS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    @cached_property
    def proxies(self) -> Proxies:
        """Whose word on where a client comes from is believed."""
        return Proxies(self.edge.settings.server.trusted_proxies)

    def accept(self, connections: set[Any]) -> WebSocket:
        """A connection for uvicorn to hand a client over to."""
        client = Connection(self)
        client.websocket = WebSocket(client, connections, (JSON, MSGPACK), self.edge.settings.limits.frame_bytes)
        self._open.add(client)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(HEARTBEAT_SECONDS, self._sweep)
        return client.websocket

    def forget(self, connection: "Connection") -> None:
        """It is over."""
        self._open.discard(connection)

    def flush_soon(self) -> None:
        """The first of those that are `due` is about to be: what comes until then is written together."""
        loop = asyncio.get_running_loop()
        pause = self._rounds.pause(loop.time())
        if pause:
            loop.call_later(pause, self._flush)
        else:
            loop.call_soon(self._flush)

    def _flush(self) -> None:
        due, self.due = self.due, []
        self._rounds.ended(len(due), asyncio.get_running_loop().time())
        packed: dict[bytes, bytes] = {}
        oldest_ms: list[int] = []
        for connection in due:
            try:
                oldest_ms.append(connection.flush(packed))
            except Exception as why:  # whatever is wrong with one, the others must have theirs
                connection.failed(why)
        self.edge.hub.recorder.delivered(oldest_ms)

    def spawn(self, coroutine: Any) -> None:
        """Run it to its end."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _sweep(self) -> None:
        """Ask those who were silent whether they are there, and drop those who have not answered."""
        self._sweeping = None
        for connection in list(self._open):
            connection.check()
        if self._open:
            self._sweeping = asyncio.get_running_loop().call_later(HEARTBEAT_SECONDS, self._sweep)

    async def drain(self) -> None:
        """Tell every client to come again: this gateway restarts."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in list(self._open):
            connection.close(RESTARTING, "Restarting.")


class Connection:
    """One client's connection; see `gateway.websocket.Client`."""

    __slots__ = (
        "_endpoint",
        "_identity",
        "_packed",
        "_paused",
        "_pinged",
        "_request",
        "_seats",
        "_session",
        "_timer",
        "received",
        "websocket",
    )

    websocket: WebSocket

    def __init__(self, endpoint: SocketEndpoint) -> None:
        self._endpoint = endpoint
        self._packed = self._paused = self._pinged = False
        self._request: HTTPConnection | None = None
        self._identity: Identity | None = None
        self._seats: tuple[str, ...] = ()
        self._session: Session | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.received: Callable[[bytes], None] = self._hello
        """Who takes the next message."""

    # From hello to welcome

    def opened(self, request: HTTPConnection, subprotocol: str | None) -> None:
        self._request, self._packed = request, subprotocol == MSGPACK
        self._start_timer(HELLO_SECONDS, TOO_LATE, "No hello in time.")

    def _hello(self, data: bytes) -> None:
        self._stop_timer()
        try:
            identity, hello = self._greeted(data)
        except Refused as refused:
            self.close(refused.code, refused.reason)
            return
        endpoint = self._endpoint
        self._identity, self._request = identity, None
        session = self._session = Session(identity.role, identity.id, identity.name, self._wake)
        endpoint.edge.hub.open(session)
        if self._paused:
            self.paused()
        self.websocket.pause_reading(True)  # what it says before it was welcomed waits
        endpoint.spawn(self._welcomed(identity, session, hello))

    def _greeted(self, data: bytes) -> tuple[Identity, f.Hello]:
        """Who says hello. Raises `Refused`."""
        edge, request = self._endpoint.edge, self._request
        assert request is not None
        try:
            decode: Any = f.decode_hello_msgpack if self._packed else f.decode_hello_json
            hello: f.Hello = decode(data)
            identity = edge.identify(hello.token)
        except f.UNDECODABLE:
            raise Refused(BAD_HELLO, "The first frame must be a hello.") from None
        except ProtocolError as error:
            raise Refused(BAD_TOKEN, error.message) from None
        if identity.role == "visitor" and not may_serve(edge.bot(identity.bot), request):
            raise Refused(BAD_ORIGIN, "This website may not use the bot.")
        if identity.role == "visitor" and len(hello.resume or ()) > RESUMED_MAX:
            raise Refused(BAD_HELLO, f"At most {RESUMED_MAX} conversations can be resumed.")
        crowd = crowd_of(self._endpoint.proxies.client_of(request))
        seats = seats_of(identity, crowd, CONNECTIONS_MAX[identity.role])
        if not self._endpoint.seats.take(seats):
            raise Refused(TOO_MANY, "Too many connections.")
        self._seats = tuple(seats)
        return identity, hello

    async def _welcomed(self, identity: Identity, session: Session, hello: f.Hello) -> None:
        try:
            await self._welcome(identity, session, hello)
        except Exception as why:  # nobody awaits this, and nothing would be heard of the client any more
            self.failed(why)

    async def _welcome(self, identity: Identity, session: Session, hello: f.Hello) -> None:
        try:
            found = await self._conversations(identity)
        except StoreFailed:
            self.close(RESTARTING, "The store does not answer.")
            return
        if session.closed:
            return
        self._begin(identity, session, hello, found)

    def _begin(self, identity: Identity, session: Session, hello: f.Hello, found: list[dict[str, Any]]) -> None:
        frame = {
            "type": "welcome",
            "role": identity.role,
            "id": identity.id,
            "conversations": [shown_to(one, identity.role) for one in found],
            "heartbeat_seconds": HEARTBEAT_SECONDS,
        }
        session.send(_encode(frame))
        self._watch(identity, session, [one["id"] for one in found], hello.resume or {})
        current = found[0]["id"] if found and identity.role == "visitor" else ""
        pause = self.websocket.pause_reading
        dispatch = Dispatch(self._endpoint.edge, identity, session, current, self._packed, pause)
        self.received, session.goes_on = dispatch.take, dispatch.moved
        pause(False)

    async def _conversations(self, identity: Identity) -> list[dict[str, Any]]:
        archive, hub = self._endpoint.edge.archive, self._endpoint.edge.hub
        if identity.role == "visitor":
            row = await archive.conversation_of(identity.id)
            return [msgspec.json.decode(one) for one in await current(hub, identity.sender, [row])] if row else []
        terms = [["state:live"], [f"agent:{identity.id}"]]
        found = await current(hub, identity.sender, await archive.find(terms, 200))
        return [msgspec.json.decode(one) for one in found]

    def _watch(self, identity: Identity, session: Session, found: list[str], resume: dict[str, int]) -> None:
        hub = self._endpoint.edge.hub
        if identity.role == "agent":
            hub.watch(session, actor_id("agent", identity.id), None)
        wanted = {key: after for key, after in resume.items() if may_be_of(identity, key)}
        if identity.role == "visitor":  # to ask for what has not begun might begin a process for it
            wanted = {key: after for key, after in wanted.items() if found and not later(key, found[0])}
        for key in {*found, *wanted}:
            hub.watch(session, actor_id("conversation", key), wanted.get(key))

    # Out

    def _wake(self) -> None:
        """Something waits to be sent."""
        endpoint = self._endpoint
        if not endpoint.due:
            endpoint.flush_soon()
        endpoint.due.append(self)

    def flush(self, packed: dict[bytes, bytes]) -> int:
        """Write what waits; the time of the oldest event in it, 0: none.

        `packed` has what others here were sent in this round, as MessagePack.
        """
        session = self._session
        if session is None:
            return 0
        if session.closed:
            self.close(REPLACED, "Connect again and resume.")
            return 0
        if self._paused:
            return 0
        oldest_ms = session.oldest_ms
        frames = session.take()
        if self._packed:
            frames = [_packed(frame, packed) for frame in frames]
        self.websocket.send(frames, self._packed)
        return oldest_ms

    def paused(self) -> None:
        self._paused = True
        if self._session is not None:  # until the hello its own time runs
            self._start_timer(STALLED_SECONDS, REPLACED, "Too slow: connect again and resume.")

    def resumed(self) -> None:
        self._paused = False
        if self._session is not None:
            self._stop_timer()
            if self._session.outbox:
                self._wake()

    # The end

    def check(self) -> None:
        """Called now and then: a silent client is asked whether it is there, and dropped if it does not answer; and so
        is one whose token is good for nothing any more."""
        websocket, identity = self.websocket, self._identity
        if identity is not None and self._endpoint.edge.ended(identity):
            self.close(BAD_TOKEN, "The token has ended. Log in again.")
        if not websocket.open or not websocket.reading:
            return
        if websocket.heard:
            websocket.heard = self._pinged = False
        elif not self._pinged:
            self._pinged = True
            websocket.ping()
        else:
            self.close(GONE, "No answer.")

    def close(self, code: int, reason: str) -> None:
        """Close with a code, if it is not closed."""
        self.websocket.close(code, reason)
        self._leave()

    def failed(self, why: Exception) -> None:
        """Close, since something here went wrong that nobody has foreseen."""
        log.error(Line("connection failed", sender=self._identity and self._identity.sender), exc_info=why)
        self.close(GONE, "Something went wrong here.")

    def lost(self) -> None:
        self._endpoint.forget(self)
        self._leave()

    def _leave(self) -> None:
        self._stop_timer()
        session = self._session
        if session is None:
            return
        self._session = None
        self._endpoint.seats.leave(self._seats)
        self._endpoint.edge.hub.close(session)

    def _start_timer(self, seconds: float, code: int, reason: str) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.close, code, reason)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _packed(frame: bytes, known: dict[bytes, bytes]) -> bytes:
    packed = known.get(frame)
    if packed is None:
        packed = known[frame] = _repack(msgspec.json.decode(frame))
    return packed
