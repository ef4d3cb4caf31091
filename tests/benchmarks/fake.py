"""A small server in this process that keeps PROTOCOL.md as far as the clients use it, and can be told to break it.

`readback` changes what HTTP lists, `push` what a socket is sent; `before_ack` sees each command that was done and not
yet acked, and may cut the connection or keep silent. `remembers_refs = False` does a resent command again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.frames import DECODE, ENCODE, INTERNAL_EVENTS, JSON, Frame
from tests.serving import served

SECONDS_MAX = 10.0
"""A test that hangs fails instead."""
PASSWORD = "correct horse"
AGENTS = [("ada@fake.example", PASSWORD), ("bob@fake.example", PASSWORD)]


class Session:
    def __init__(self, wire: WebSocket, role: str, id: str) -> None:
        self.wire, self.role, self.id = wire, role, id
        self.subprotocol = wire.scope["subprotocols"][0]
        self.watching: set[str] = set()
        self.outbox: asyncio.Queue[Frame | None] = asyncio.Queue()

    async def write(self) -> None:
        encode = ENCODE[self.subprotocol]
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while (frame := await self.outbox.get()) is not None:
                encoded = encode(frame)
                await (
                    self.wire.send_text(encoded.decode()) if self.subprotocol == JSON else self.wire.send_bytes(encoded)
                )


class Rejected(Exception):
    def __init__(self, code: str, message: str, **detail: Any) -> None:
        self.error = {"code": code, "message": message, "detail": detail}


class Fake:
    """Use `async with running(Fake()) as (fake, url)`."""

    def __init__(self) -> None:
        self.readback: Callable[[list[Frame]], list[Frame]] = lambda events: events
        self.push: Callable[[Session, Frame], list[Frame]] = lambda session, frame: [frame]
        self.before_ack: Callable[[Session, Frame], Literal["ack", "cut", "mute"]] = lambda session, command: "ack"
        self.remembers_refs = True
        self.heartbeat_seconds = 30.0
        self.page_events_max = 500
        self.conversations: dict[str, Frame] = {}
        self.journals: dict[str, list[Frame]] = {}
        self.tokens: dict[str, tuple[str, str, str]] = {}
        self.sessions: list[Session] = []
        self.offers: dict[str, str] = {}
        self.online: dict[str, int] = {}
        self.refused: list[Rejected] = []
        """Answers to give to the next commands, instead of doing them."""
        self.done: list[Frame] = []
        self.hellos: list[Frame] = []
        self._answers: dict[tuple[str, str], Frame] = {}
        self._ids = itertools.count(1)
        self._moved = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits for a command, or for a socket to come or go, after which it holds."""
        while not holds():
            self._moved.clear()
            await self._moved.wait()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/login", self.login, methods=["POST"]),
                Route("/api/bots/{bot}/visitors", self.open, methods=["POST"]),
                Route("/api/conversations/{id}", self.conversation),
                Route("/api/conversations/{id}/events", self.events),
                WebSocketRoute("/ws", self.ws),
            ]
        )

    # HTTP

    async def login(self, request: Request) -> Response:
        body = await request.json()
        if (body["email"], body["password"]) not in AGENTS:
            return JSONResponse({"error": {"code": "unauthorized", "message": "wrong e-mail or password"}}, 401)
        id = body["email"].partition("@")[0]
        self.tokens[f"token-{id}"] = ("agent", id, "")
        return JSONResponse(
            {"token": f"token-{id}", "agent": {"id": id, "name": id.title(), "role": "agent", "bots": ["demo"]}}
        )

    async def open(self, request: Request) -> Response:
        n = next(self._ids)
        visitor, id, token = {"id": f"v{n}", **await request.json()}, f"c{n}", f"token-v{n}"
        self.tokens[token] = ("visitor", f"v{n}", id)
        self.journals[id] = []
        self.conversations[id] = {"id": id, "state": "assistant", "owner": "", "resolution": None, "last_sequence": 0}
        self.append(id, type="conversation_opened", bot=request.path_params["bot"], visitor=visitor)
        self.say(id, "assistant", "demo", "Hello!")
        return JSONResponse({"token": token, "visitor": visitor, "conversation": self.conversations[id]}, 201)

    async def conversation(self, request: Request) -> Response:
        id = request.path_params["id"]
        return JSONResponse(
            self.conversations[id] | {"last_sequence": self.readback([*self.journals[id]])[-1]["sequence"]}
        )

    async def events(self, request: Request) -> Response:
        events = self.readback([*self.journals[request.path_params["id"]]])
        after, limit = int(request.query_params["after"]), int(request.query_params["limit"])
        page = [event for event in events if event["sequence"] > after][: min(limit, self.page_events_max)]
        return JSONResponse({"events": page, "last_sequence": events[-1]["sequence"]})

    # The socket

    async def ws(self, wire: WebSocket) -> None:
        await wire.accept(wire.scope["subprotocols"][0])
        decode = DECODE[wire.scope["subprotocols"][0]]

        async def receive() -> Frame:
            message = await wire.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"])
            return decode(message.get("bytes") or message["text"].encode())

        hello = await receive()
        self.hellos.append(hello)
        if hello["token"] not in self.tokens:
            return await wire.close(4401)
        role, id, own = self.tokens[hello["token"]]
        session = Session(wire, role, id)
        writing = asyncio.create_task(session.write())
        session.outbox.put_nowait(
            {"type": "welcome", "role": role, "id": id, "conversations": [self.conversations[own]] if own else [],
             "heartbeat_seconds": self.heartbeat_seconds}
        )  # fmt: skip
        for conversation, last in hello.get("resume", {}).items():
            self.replay(session, conversation, last)
        session.watching |= {own} if own else set()
        for conversation, agent in self.offers.items():
            if agent == id:
                session.outbox.put_nowait({"type": "offer", "conversation": conversation, "bot": "demo"})
        self.sessions.append(session)
        self._moved.set()
        try:
            while True:
                command = await receive()
                answer = self.answer(session, own, command)
                match self.before_ack(session, command):
                    case "cut":
                        return await wire.close(1012)
                    case "ack":
                        session.outbox.put_nowait(answer)
        except WebSocketDisconnect:
            return None
        finally:
            self.sessions.remove(session)
            self._moved.set()
            session.outbox.put_nowait(None)
            await writing

    def answer(self, session: Session, own: str, command: Frame) -> Frame:
        ref = command["ref"]
        if command["type"] == "ping":
            return {"type": "pong", "ref": ref}
        known = self._answers.get((session.id, ref)) if self.remembers_refs else None
        if known is not None:
            return known
        conversation = own or command.get("conversation", "")
        try:
            if self.refused:
                raise self.refused.pop(0)
            sequence = getattr(self, f"do_{command['type']}")(session, conversation, command)
        except Rejected as rejected:
            return {"type": "error", "ref": ref, **rejected.error}
        self.done.append(command)
        self._moved.set()
        ack = {"type": "ack", "ref": ref, "conversation": conversation}
        self._answers[session.id, ref] = ack = ack | ({"sequence": sequence} if sequence else {})
        return ack

    def append(self, id: str, **event: Any) -> int:
        """Stores one event and pushes it to whoever watches."""
        journal = self.journals[id]
        sequence = len(journal) + 1
        journal.append({"sequence": sequence, "at_ms": 1_700_000_000_000 + sequence, **event})
        self.conversations[id]["last_sequence"] = sequence
        for session in self.sessions:
            if id in session.watching:
                self.send_event(session, id, journal[-1])
        return sequence

    def send_event(self, session: Session, id: str, stored: Frame) -> None:
        event = {name: value for name, value in stored.items() if name not in ("sequence", "at_ms")}
        if session.role == "visitor":
            event = {name: value for name, value in event.items() if name not in ("why", "notes")}
        frame = {
            "type": "event",
            "conversation": id,
            "sequence": stored["sequence"],
            "at_ms": stored["at_ms"],
            "event": event,
        }
        hidden = session.role == "visitor" and event["type"] in INTERNAL_EVENTS
        for pushed in self.push(session, frame):
            if not hidden or pushed.get("leaked"):
                session.outbox.put_nowait(pushed)

    def replay(self, session: Session, id: str, after: int) -> None:
        session.watching.add(id)
        for stored in self.journals[id][after:]:
            self.send_event(session, id, stored)

    def say(self, id: str, speaker: str, author: str, text: str) -> int:
        message = {"message_id": f"m{next(self._ids)}", "attachments": []}
        return self.append(id, type="message_sent", text=text, author={"id": author}, **message, **{"from": speaker})

    # Commands

    def do_send_message(self, session: Session, id: str, command: Frame) -> int:
        conversation = self.conversations[id]
        if session.role == "agent" and conversation["owner"] != session.id:
            raise Rejected("not_allowed", "not yours", state=conversation["state"])
        sequence = self.say(id, session.role, session.id, command["text"])
        if conversation["state"] == "assistant":
            self.say(id, "assistant", "demo", f"You said: {command['text']}")
        return sequence

    def do_request_human(self, session: Session, id: str, command: Frame) -> int:
        sequence = self.append(id, type="human_requested", trigger="visitor")
        self.conversations[id]["state"] = "queued"
        self.offer(id)
        return sequence

    def offer(self, id: str) -> object:
        agent = min(self.online, key=lambda agent: self.online[agent])
        self.online[agent] += 1
        self.offers[id] = agent
        self.append(id, type="offered", agent=agent, expires_at_ms=0)
        for session in self.sessions:
            if session.id == agent:
                session.outbox.put_nowait({"type": "offer", "conversation": id, "bot": "demo"})
        return None

    def do_accept_offer(self, session: Session, id: str, command: Frame) -> int:
        self.conversations[id] |= {"state": "live", "owner": session.id}
        if self.offers.pop(id, "") != session.id:
            raise Rejected("not_allowed", "there is no such offer", state=self.conversations[id]["state"])
        self.append(id, type="offer_ended", agent=session.id, outcome="accepted")
        return self.append(
            id, type="agent_assigned", agent={"id": session.id, "name": session.id}, how="offer", why="idle"
        )

    def do_close_conversation(self, session: Session, id: str, command: Frame) -> int:
        self.append(id, type="agent_released", agent={"id": session.id, "name": session.id}, reason="closed")
        self.conversations[id] |= {"state": "closed", "owner": "", "resolution": command["resolution"]}
        return self.append(id, type="conversation_closed", by="agent", resolution=command["resolution"], notes="done")

    def do_set_status(self, session: Session, id: str, command: Frame) -> int:
        self.online.setdefault(session.id, 0)
        return 0

    def do_watch(self, session: Session, id: str, command: Frame) -> int:
        self.replay(session, id, command["after"])
        return 0

    def do_unwatch(self, session: Session, id: str, command: Frame) -> int:
        session.watching.discard(id)
        return 0

    def do_watch_bot(self, session: Session, id: str, command: Frame) -> int:
        return 0


@asynccontextmanager
async def serving(fake: Fake, port: int = 0) -> AsyncIterator[str]:
    """The fake on a real port of loopback; yields its address."""
    # With the protocol named: else asyncio does not know it for TCP, leaves Nagle's algorithm on, and acks take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    config = uvicorn.Config(
        fake.app(), log_level="critical", ws="websockets-sansio", lifespan="off", timeout_graceful_shutdown=1
    )
    async with served(uvicorn.Server(config), listener) as url, asyncio.timeout(SECONDS_MAX):
        yield url
