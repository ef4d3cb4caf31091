"""The socket: `/ws`, for visitors and agents, in JSON or MessagePack.

    accept ── hello ──> welcome ──> commands in, frames out ──> closed
        └ too late 4408, not right 4400, token 4401, origin 4403, too many 4429

Whatever is wrong with a frame is answered with an error; the connection survives it.
"""

import asyncio
import logging
from collections import Counter
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gateway import frames as f
from gateway.api.origins import may_serve
from gateway.edge import Ack, Edge, Identity, shown_to
from gateway.errors import ProtocolError
from gateway.sessions import Session
from runtime.identity import ActorId, actor_id
from runtime.journal import StoreFailed
from runtime.messages import Reply
from runtime.node import wall_clock_ms

log = logging.getLogger(__name__)

JSON, MSGPACK = "livesupport.json", "livesupport.msgpack"
HELLO_SECONDS = 10.0
HEARTBEAT_SECONDS = 20
CONNECTIONS_MAX = {"visitor": 20, "agent": 100}
STALLED_SECONDS = 30.0

BAD_HELLO, BAD_TOKEN, BAD_ORIGIN, TOO_LATE, TOO_MANY = 4400, 4401, 4403, 4408, 4429
RESTARTING, REPLACED = 1012, 4000

_encode = msgspec.json.Encoder().encode


class Refused(Exception):
    """The connection is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SocketEndpoint:
    """What serves connections; one for all of a gateway."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._connected: Counter[str] = Counter()
        self._open: set[Connection] = set()

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serve one connection to its end."""
        offered = websocket.scope.get("subprotocols", [])
        subprotocol = next((one for one in offered if one in (JSON, MSGPACK)), None)
        await websocket.accept(subprotocol)
        connection = Connection(self._edge, websocket, subprotocol == MSGPACK)
        try:
            identity, hello = await connection.greeted()
        except Refused as refused:
            await websocket.close(refused.code, refused.reason)
            return
        except WebSocketDisconnect:
            return
        if self._connected[identity.sender] >= CONNECTIONS_MAX[identity.role]:
            await websocket.close(TOO_MANY, "Too many connections.")
            return
        self._connected[identity.sender] += 1
        self._open.add(connection)
        try:
            await connection.serve(identity, hello)
        finally:
            self._open.discard(connection)
            self._connected[identity.sender] -= 1
            if not self._connected[identity.sender]:
                del self._connected[identity.sender]

    async def drain(self) -> None:
        """Tell every client to come again: this gateway restarts."""
        await asyncio.gather(*(one.close(RESTARTING, "Restarting.") for one in set(self._open)), return_exceptions=True)


class Connection:
    """One client's connection."""

    def __init__(self, edge: Edge, websocket: WebSocket, packed: bool) -> None:
        self._edge = edge
        self._websocket = websocket
        self._packed = packed
        self._waits = asyncio.Event()
        self._conversation = ""
        self._decode = f.decode_msgpack if packed else f.decode_json

    async def greeted(self) -> tuple[Identity, f.Hello]:
        """Who says hello. Raises `Refused`."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                data = await self._receive()
        except TimeoutError:
            raise Refused(TOO_LATE, "No hello in time.") from None
        try:
            decode: Any = f.decode_hello_msgpack if self._packed else f.decode_hello_json
            hello: f.Hello = decode(data)
            identity = self._edge.identify(hello.token)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refused(BAD_HELLO, "The first frame must be a hello.") from None
        except ProtocolError as error:
            raise Refused(BAD_TOKEN, error.message) from None
        if identity.role == "visitor" and not may_serve(self._edge.bot(identity.bot), self._websocket):
            raise Refused(BAD_ORIGIN, "This website may not use the bot.")
        return identity, hello

    async def _receive(self) -> bytes | str:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        data: bytes | str | None = message.get("text")
        return data if data is not None else message["bytes"]

    async def serve(self, identity: Identity, hello: f.Hello) -> None:
        """Welcome the client, then carry frames both ways until it leaves."""
        self._identity = identity
        self._session = session = Session(identity.role, identity.id, identity.name, self._waits.set)
        hub = self._edge.hub
        hub.open(session)
        writer = asyncio.create_task(self._write(), name="socket writer")
        try:
            await self._welcome(hello)
            while True:
                data = await self._receive()
                try:
                    frame = self._decode(data)  # type: ignore[arg-type]
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    wrong, ref = f.malformed(data, error, self._packed)
                    self._edge.hub.recorder.refused(wrong)
                    self._send(wrong.frame(ref))
                    continue
                self._take(frame)
        except WebSocketDisconnect:
            pass
        except StoreFailed:
            await self.close(RESTARTING, "The store does not answer.")
        finally:
            hub.close(session)
            writer.cancel()

    # Out

    def _send(self, frame: Any) -> None:
        self._session.send(_encode(frame))

    async def _write(self) -> None:
        packed, websocket = self._packed, self._websocket
        try:
            while True:
                await self._waits.wait()
                self._waits.clear()
                oldest_ms = self._session.oldest_ms
                async with asyncio.timeout(STALLED_SECONDS):
                    for frame in self._session.take():
                        await websocket.send(_packed(frame) if packed else _text(frame))
                if oldest_ms:
                    self._edge.hub.recorder.delivered(oldest_ms)
        except TimeoutError:
            await self.close(REPLACED, "Too slow: connect again and resume.")
        except (WebSocketDisconnect, RuntimeError):
            pass  # it left while we wrote; the reader ends the session

    async def close(self, code: int, reason: str) -> None:
        """Close with a code, if it is not closed."""
        if self._websocket.application_state is WebSocketState.CONNECTED:
            await self._websocket.close(code, reason)

    async def _welcome(self, hello: f.Hello) -> None:
        edge, identity = self._edge, self._identity
        session, hub = self._session, edge.hub
        if identity.role == "visitor":
            row = await edge.archive.conversation_of(identity.id)
            found = [msgspec.json.decode(row.body)] if row is not None else []
            self._conversation = found[0]["id"] if found else ""
        else:
            terms = [["state:live"], [f"agent:{identity.id}"]]
            found = [msgspec.json.decode(one.body) for one in await edge.archive.find(terms, 200)]
        session.send(
            _encode(
                {
                    "type": "welcome",
                    "role": identity.role,
                    "id": identity.id,
                    "conversations": [shown_to(one, identity.role) for one in found],
                    "heartbeat_seconds": HEARTBEAT_SECONDS,
                }
            )
        )
        if identity.role == "agent":
            hub.watch(session, actor_id("agent", identity.id), None)
        mine = {one["id"] for one in found}
        wanted = hello.resume if identity.role == "agent" else {k: v for k, v in hello.resume.items() if k in mine}
        for key in mine | set(wanted):
            hub.watch(session, actor_id("conversation", key), wanted.get(key))

    # In

    def _take(self, frame: Any) -> None:
        match frame:
            case f.Ping():
                self._send({"type": "pong", "ref": frame.ref} if frame.ref else {"type": "pong"})
            case f.WatchBot() | f.UnwatchBot():
                self._follow(frame)
            case _ if self._identity.role == "visitor":
                self._visitor(frame)
            case f.WatchConversation() | f.Unwatch():
                self._watch(frame)
            case _:
                self._agent(frame)

    def _answer(self, frame: Any, answer: Ack | ProtocolError) -> None:
        if isinstance(answer, ProtocolError):
            self._edge.hub.recorder.refused(answer)
            key = frame.conversation if frame.conversation is not msgspec.UNSET else None
            self._send(answer.frame(frame.ref, key))
        else:
            self._send(answer)

    def _visitor(self, frame: Any) -> None:
        if isinstance(frame, f.SendMessage):
            wait_ms = self._edge.messages.wait_ms(self._identity.id, wall_clock_ms())
            if wait_ms:
                error = ProtocolError("rate_limited", "Too many messages. Wait a moment.", retry_after_ms=wait_ms)
                self._answer(frame, error)
                return
        if not self._conversation:
            self._answer(frame, ProtocolError("not_found", "There is no conversation yet."))
            return

        def answered(answer: Ack | ProtocolError) -> None:
            if isinstance(answer, Ack) and answer.conversation not in (self._conversation, msgspec.UNSET):
                self._moved(str(answer.conversation))
            self._answer(frame, answer)

        self._submit(self._conversation, frame, answered)

    def _submit(self, key: str, frame: Any, answered: Any) -> None:
        attachments: Any = ()
        if isinstance(frame, f.SendMessage) and frame.attachments:
            try:
                attachments = self._edge.attachments([one.id for one in frame.attachments])
            except ProtocolError as error:
                answered(error)
                return
        self._edge.submit(self._identity, key, frame, answered, attachments)

    def _moved(self, key: str) -> None:
        """The visitor has gone on in a new conversation."""
        hub = self._edge.hub
        hub.unwatch(self._session, actor_id("conversation", self._conversation))
        self._conversation = key
        hub.watch(self._session, actor_id("conversation", key), 0)

    def _agent(self, frame: Any) -> None:
        key = frame.conversation
        if isinstance(frame, f.SetStatus):
            key = ""
        elif key is msgspec.UNSET:
            self._answer(frame, ProtocolError("bad_request", "Name the conversation.", field="conversation"))
            return
        actor = actor_id("conversation", key)
        takes = isinstance(frame, f.AcceptOffer | f.TakeOver) or (isinstance(frame, f.SendMessage) and frame.take_over)
        if takes and actor not in self._session.watches:
            self._edge.hub.watch(self._session, actor, None)  # what is hers, she hears
        self._submit(key, frame, lambda answer: self._answer(frame, answer))

    def _watch(self, frame: f.WatchConversation | f.Unwatch) -> None:
        if frame.conversation is msgspec.UNSET:
            self._answer(frame, ProtocolError("bad_request", "Name the conversation.", field="conversation"))
            return
        key, actor, hub = frame.conversation, actor_id("conversation", frame.conversation), self._edge.hub
        if isinstance(frame, f.Unwatch):
            hub.unwatch(self._session, actor)
            self._answer(frame, Ack(frame.ref, key))
            return
        hub.watch(self._session, actor, frame.after, lambda reply: self._watched(frame, key, actor, reply))

    def _watched(self, frame: Any, key: str, actor: ActorId, reply: Reply) -> None:
        if reply.refusal is not None:
            self._edge.hub.unwatch(self._session, actor)
            self._answer(frame, ProtocolError.of(reply.refusal))
        else:
            self._answer(frame, Ack(frame.ref, key, reply.sequence))

    def _follow(self, frame: f.WatchBot | f.UnwatchBot) -> None:
        if not self._edge.serves(self._identity, frame.bot):
            self._answer(frame, ProtocolError("forbidden", "That bot is not yours."))
            return
        self._edge.hub.follow(self._session, f"bot/{frame.bot}", isinstance(frame, f.WatchBot))
        self._answer(frame, Ack(frame.ref))


def _text(frame: bytes) -> dict[str, Any]:
    return {"type": "websocket.send", "text": frame.decode()}


def _packed(frame: bytes) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": msgspec.msgpack.encode(msgspec.json.decode(frame))}
