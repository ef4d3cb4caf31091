"""A stand-in for `livesupport up`, for working on the pages without Ray: `python -m tests.browser.fake [PORT] [CONVERSATIONS]`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.browser.fake_commands import agent_command, set_status, visitor_command
from tests.browser.fake_state import Rejected, World, now_ms, numbers

WEB = Path(__file__).parents[2] / "gateway" / "web"
INTERNAL = {"offered", "offer_ended", "note_added", "tags_changed", "details_changed"}
POLICY = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
STATUS = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "basic_tier": 403,
    "not_found": 404,
    "not_allowed": 409,
    "conflict": 409,
    "closed": 409,
    "too_large": 413,
}

world = World()
tokens: dict[str, tuple[str, dict[str, Any]]] = {}
sessions: list[Session] = []
answered: dict[tuple[str, str], dict[str, Any]] = {}
blobs: dict[str, tuple[str, str, bytes]] = {}
tasks: set[asyncio.Task[None]] = set()


class Session:
    def __init__(self, socket: WebSocket, role: str, who: dict[str, Any]) -> None:
        self.socket, self.role, self.who = socket, role, who
        self.watching: set[str] = set()
        self.bots: set[str] = set()

    async def send(self, frame: dict[str, Any]) -> None:
        with contextlib.suppress(Exception):
            await self.socket.send_text(json.dumps(frame))


def visible(role: str, frame: dict[str, Any]) -> bool:
    return role != "visitor" or frame.get("event", {}).get("type") not in INTERNAL


def public(conversation: dict[str, Any]) -> dict[str, Any]:
    view = {k: v for k, v in conversation.items() if k not in ("offered", "declined")}
    view["visitor"] = view["visitor"] | {"online": any(s.who["id"] == view["visitor"]["id"] for s in sessions)}
    return view


async def flush() -> None:
    changed: set[str] = set()
    while world.outbox:
        kind, target, frame = world.outbox.pop(0)
        for session in list(sessions):
            visits = (
                session.role == "visitor"
                and target in world.conversations
                and session.who["id"] == world.conversations[target]["visitor"]["id"]
            )
            match kind:
                case "event":
                    changed.add(target)
                    if visits or target in session.watching:
                        if visible(session.role, frame):
                            await session.send(frame)
                case "agents" if target in session.watching:
                    await session.send(frame)
                case "visitor" if visits:
                    await session.send(frame)
                case "push" if session.who["id"] == target:
                    await session.send(frame)
                case "all_agents" if session.role != "visitor":
                    await session.send(frame)
    for session in sessions:
        for bot in session.bots:
            mine = [public(world.conversations[c]) for c in changed if world.conversations[c]["bot"] == bot]
            if mine:
                await session.send({"type": "lobby", "bot": bot, "changed": mine, "removed": []})


async def stream_answer(cid: str, epoch: int, text: str) -> None:
    turn = f"t{next(numbers)}"
    words = world.answer(text).split(" ")
    for word in words:
        await asyncio.sleep(0.03)
        if world.conversations[cid]["epoch"] != epoch:
            return
        for session in list(sessions):
            if session.who["id"] == world.conversations[cid]["visitor"]["id"] or cid in session.watching:
                await session.send({"type": "assistant_chunk", "conversation": cid, "turn": turn, "text": word + " "})
    world.message(cid, "assistant", {"id": "assistant", "name": "Assistant"}, " ".join(words), turn=turn)
    await flush()


async def carry_out(role: str, who: dict[str, Any], command: dict[str, Any]) -> dict[str, Any]:
    ref = command.get("ref", "")
    if (who["id"], ref) in answered:
        return answered[(who["id"], ref)]
    try:
        cid, sequence = (visitor_command if role == "visitor" else agent_command)(world, who, command)
        ack = (
            {"type": "ack", "ref": ref}
            | ({"conversation": cid} if cid else {})
            | ({"sequence": sequence} if sequence else {})
        )
    except Rejected as error:
        ack = {"type": "error", "ref": ref, **error.body()}
    answered[(who["id"], ref)] = ack
    await flush()
    if role == "visitor" and command["type"] == "send_message" and ack["type"] == "ack":
        conversation = world.conversations[ack["conversation"]]
        if conversation["state"] == "assistant":
            task = asyncio.create_task(stream_answer(conversation["id"], conversation["epoch"], command["text"]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    return ack


async def replay(session: Session, cid: str, after: int) -> None:
    for event in world.events[cid]:
        if event["sequence"] > after:
            body = {k: v for k, v in event.items() if k not in ("sequence", "at_ms")}
            frame = {
                "type": "event",
                "conversation": cid,
                "sequence": event["sequence"],
                "at_ms": event["at_ms"],
                "event": body,
            }
            if visible(session.role, frame):
                await session.send(frame)


async def presence(visitor: str, online: bool) -> None:
    cid = world.open_of.get(visitor)
    if cid:
        world.outbox.append(
            ("agents", cid, {"type": "presence", "conversation": cid, "online": online, "last_seen_ms": now_ms()})
        )
        await flush()


async def socket(ws: WebSocket) -> None:
    await ws.accept(subprotocol="livesupport.json")
    try:
        hello = json.loads(await ws.receive_text())
        if hello.get("token") not in tokens:
            await ws.close(4401)
            return
        role, who = tokens[hello["token"]]
        session = Session(ws, role, who)
        if role == "visitor":
            held = [world.open_of[who["id"]]] if who["id"] in world.open_of else []
        else:
            held = world.load(who["id"])
            session.watching |= set(held) | set(hello.get("resume", {}))
        await session.send(
            {
                "type": "welcome",
                "role": role,
                "id": who["id"],
                "conversations": [public(world.conversations[c]) for c in held],
                "heartbeat_seconds": 20,
            }
        )
        sessions.append(session)
        for cid, after in hello.get("resume", {}).items():
            if cid in world.conversations:
                await replay(session, cid, after)
        if role == "visitor":
            await presence(who["id"], True)
        while True:
            await receive(session, json.loads(await ws.receive_text()))
    except WebSocketDisconnect:
        pass
    finally:
        sessions[:] = [s for s in sessions if s.socket is not ws]
        if "role" in locals() and role == "visitor":
            await presence(who["id"], False)


async def receive(session: Session, frame: dict[str, Any]) -> None:
    ack = {"type": "ack", "ref": frame.get("ref")}
    match frame["type"]:
        case "ping":
            await session.send({"type": "pong", "ref": frame.get("ref")})
        case "watch":
            session.watching.add(frame["conversation"])
            await session.send(ack)
            if "after" in frame:
                await replay(session, frame["conversation"], frame["after"])
        case "unwatch":
            session.watching.discard(frame["conversation"])
            await session.send(ack)
        case "watch_bot":
            session.bots.add(frame["bot"])
            await session.send(ack)
        case "unwatch_bot":
            session.bots.discard(frame["bot"])
            await session.send(ack)
        case _:
            await session.send(await carry_out(session.role, session.who, frame))


# -- HTTP ---------------------------------------------------------------------------------------------------------


def sender(request: Request) -> tuple[str, dict[str, Any]]:
    token = request.headers.get("authorization", "").removeprefix("Bearer ") or request.cookies.get("livesupport", "")
    if token not in tokens:
        raise Rejected("unauthorized", "Log in first.")
    return tokens[token]


async def refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    return JSONResponse({"error": error.body()}, STATUS.get(error.code, 400))


async def login(request: Request) -> Response:
    body = await request.json()
    agent = next(
        (a for a in world.agents.values() if a["email"] == body["email"] and body["password"] == "secret"), None
    )
    if agent is None:
        raise Rejected("unauthorized", "Wrong e-mail or password.")
    token = f"agent-{agent['id']}-{next(numbers)}"
    tokens[token] = (agent["role"], agent)
    response = JSONResponse({"token": token, "agent": {k: agent[k] for k in ("id", "name", "role", "bots")}})
    response.set_cookie("livesupport", token, httponly=True, samesite="lax")
    return response


async def logout(request: Request) -> Response:
    tokens.pop(request.headers.get("authorization", "").removeprefix("Bearer "), None)
    return Response(status_code=204)


async def me(request: Request) -> Response:
    role, who = sender(request)
    return JSONResponse({k: who.get(k) for k in ("id", "name", "bots")} | {"role": role})


async def visitors(request: Request) -> Response:
    body = await request.json()
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in tokens:
        visitor = {
            "id": f"v{next(numbers)}",
            "name": body.get("name") or "Visitor",
            "email": body.get("email"),
            "locale": body.get("locale"),
            "location": {"city": "Oslo", "country": "Norway"},
            "device": {"device": "Computer", "browser": "Chromium", "os": "Linux"},
            "page": body.get("page"),
            "attributes": body.get("attributes") or {},
            "bot": request.path_params["bot"],
            "online": False,
        }
        token = f"visitor-{visitor['id']}"
        tokens[token] = ("visitor", visitor)
        world.open(visitor["bot"], visitor)
    visitor = tokens[token][1]
    await flush()
    cid = world.open_of.get(visitor["id"])
    return JSONResponse(
        {"token": token, "visitor": visitor, "conversation": public(world.conversations[cid]) if cid else None}, 201
    )


async def conversations(request: Request) -> Response:
    role, who = sender(request)
    query = request.query_params
    states, limit, before = query.getlist("state"), int(query.get("limit", 100)), int(query.get("before") or 1 << 60)
    found = [
        c
        for c in world.conversations.values()
        if c["updated_at_ms"] < before
        and (not states or c["state"] in states)
        and ("bot" not in query or c["bot"] == query["bot"])
        and ("visitor" not in query or c["visitor"]["id"] == query["visitor"])
        and ("tag" not in query or query["tag"] in c["tags"])
        and ("agent" not in query or (c["owner"] or {}).get("id") == query["agent"])
        and (query.get("q", "").lower() in json.dumps([c["visitor"], c["preview"]]).lower())
        and (c["bot"] in who["bots"] if role != "visitor" else c["visitor"]["id"] == who["id"])
    ]
    found.sort(key=lambda c: -c["updated_at_ms"])
    more = str(found[limit - 1]["updated_at_ms"]) if len(found) > limit else None
    return JSONResponse({"items": [public(c) for c in found[:limit]], "next": more})


async def conversation(request: Request) -> Response:
    sender(request)
    found = world.conversations.get(request.path_params["cid"])
    if found is None:
        raise Rejected("not_found", "There is no such conversation.")
    return JSONResponse(public(found))


async def events(request: Request) -> Response:
    role, _ = sender(request)
    cid, query = request.path_params["cid"], request.query_params
    after, limit = int(query.get("after", 0)), int(query.get("limit", 500))
    found = [e for e in world.events[cid] if e["sequence"] > after and (role != "visitor" or e["type"] not in INTERNAL)]
    return JSONResponse({"events": found[:limit], "last_sequence": world.conversations[cid]["last_sequence"]})


async def commands(request: Request) -> Response:
    role, who = sender(request)
    ack = await carry_out(role, who, await request.json() | {"conversation": request.path_params["cid"]})
    return JSONResponse(
        {"error": ack} if ack["type"] == "error" else ack,
        STATUS.get(ack.get("code", ""), 400) if ack["type"] == "error" else 200,
    )


async def attachments(request: Request) -> Response:
    sender(request)
    async with request.form() as form:
        upload = next(iter(form.values()))
        blob = f"b{next(numbers)}"
        content = await upload.read()  # type: ignore[union-attr]
        blobs[blob] = (upload.filename or "file", upload.content_type or "application/octet-stream", content)  # type: ignore[union-attr]
    name, kind, content = blobs[blob]
    return JSONResponse(
        {
            "attachment": {
                "id": blob,
                "name": name,
                "content_type": kind,
                "size": len(content),
                "url": f"/api/attachments/{blob}",
            }
        },
        201,
    )


async def attachment(request: Request) -> Response:
    _, kind, content = blobs[request.path_params["blob"]]
    return Response(content, media_type=kind)


async def agents(request: Request) -> Response:
    sender(request)
    return JSONResponse({"items": [world.agent_view(a) for a in world.agents.values()]})


async def agent(request: Request) -> Response:
    sender(request)
    return JSONResponse(world.agent_view(world.agents[request.path_params["agent"]]))


async def status(request: Request) -> Response:
    sender(request)
    set_status(world, request.path_params["agent"], (await request.json())["status"])
    await flush()
    return JSONResponse({})


async def queue(request: Request) -> Response:
    waiting = sorted(
        (c for c in world.conversations.values() if c["state"] == "queued" and c["bot"] == request.path_params["bot"]),
        key=lambda c: (c["handoff"] or {}).get("since_ms", 0),
    )
    rows = [
        {
            "conversation": c["id"],
            "position": n,
            "since_ms": c["handoff"]["since_ms"],
            "priority": 0,
            "eta_seconds": [n * 20, n * 60],
            "why": "Offered to Alice, who has 20 s left."
            if c.get("offered")
            else "Nobody who is online has a free slot.",
        }
        for n, c in enumerate(waiting, 1)
    ]
    return JSONResponse({"waiting": rows, "agents": [world.agent_view(a) for a in world.agents.values()]})


async def quick_replies(request: Request) -> Response:
    sender(request)
    if request.method == "POST":
        world.quick_replies.append({"id": f"q{next(numbers)}", **await request.json()})
        return JSONResponse(world.quick_replies[-1], 201)
    return JSONResponse({"items": world.quick_replies})


async def quick_reply(request: Request) -> Response:
    sender(request)
    found = next(q for q in world.quick_replies if q["id"] == request.path_params["id"])
    if request.method == "DELETE":
        world.quick_replies.remove(found)
        return Response(status_code=204)
    found.update(await request.json())
    return JSONResponse(found)


async def report(request: Request) -> Response:
    chance = random.Random(4)
    kind = request.path_params["kind"]
    names = (
        [(a["id"], a["name"]) for a in world.agents.values()]
        if kind == "agents"
        else [("demo", "Oakline"), ("demo-basic", "Oakline Basic")]
    )

    def row(identity: str, name: str) -> dict[str, Any]:
        count = chance.randint(20, 140)
        return {
            kind[:-1]: identity,
            "name": name,
            "conversations": count,
            "first_response_p50_ms": chance.randint(4000, 20000),
            "first_response_p90_ms": chance.randint(20000, 60000),
            "within_target": round(chance.uniform(0.6, 0.97), 3),
            "handle_p50_ms": chance.randint(100_000, 400_000),
            "resolutions": {"resolved": count - 12, "unresolved": 6, "spam": 2, "other": 4},
            "rating": {"average": round(chance.uniform(3.6, 4.9), 2), "count": count // 3},
            "missed_offers": chance.randint(0, 6),
            "time_by_status": {"online": 14_400_000, "busy": 3_600_000, "away": 1_800_000},
        }

    return JSONResponse({"items": [row(i, n) for i, n in names]})


def page(name: str) -> Any:
    async def serve(_: Request) -> Response:
        return FileResponse(
            WEB / name,
            headers={
                "Cache-Control": "no-cache",
                "Content-Security-Policy": POLICY,
                "Access-Control-Allow-Origin": "*",
            },
        )

    return serve


routes = [
    Route("/", page("index.html")),
    Route("/dashboard", page("dashboard.html")),
    Route("/widget.js", page("widget.js")),
    Route("/api/login", login, methods=["POST"]),
    Route("/api/logout", logout, methods=["POST"]),
    Route("/api/me", me),
    Route("/api/bots/{bot}/visitors", visitors, methods=["POST"]),
    Route("/api/bots/{bot}/queue", queue),
    Route("/api/conversations", conversations),
    Route("/api/conversations/{cid}", conversation),
    Route("/api/conversations/{cid}/events", events),
    Route("/api/conversations/{cid}/commands", commands, methods=["POST"]),
    Route("/api/conversations/{cid}/attachments", attachments, methods=["POST"]),
    Route("/api/attachments/{blob}", attachment),
    Route("/api/agents", agents),
    Route("/api/agents/{agent}", agent),
    Route("/api/agents/{agent}/status", status, methods=["PUT"]),
    Route("/api/quick-replies", quick_replies, methods=["GET", "POST"]),
    Route("/api/quick-replies/{id}", quick_reply, methods=["PUT", "DELETE"]),
    Route("/api/reports/{kind}", report),
    WebSocketRoute("/ws", socket),
    Mount("/static", StaticFiles(directory=WEB)),
]
app = Starlette(routes=routes, exception_handlers={Rejected: refused})


def populate(count: int) -> None:
    """A day's conversations, made from the dialogues of the shared data where they are."""
    chance = random.Random(1)
    path = Path("/work/shared/data/dialogues.jsonl")
    lines = path.read_text().splitlines()[:count] if path.exists() else []
    people = [
        "Ana Ruiz",
        "Bjarne Holm",
        "Chiara Conti",
        "Dev Patel",
        "Emma Jones",
        "Farid Aziz",
        "Greta Lund",
        "Hugo Blanc",
        "Ines Costa",
        "Jonas Weber",
        "Kemi Ade",
        "Lars Vik",
    ]
    for index in range(count):
        dialogue = (
            json.loads(lines[index % len(lines)])["turns"]
            if lines
            else [{"from": "visitor", "text": "Where is my order?"}]
        )
        name = people[index % len(people)] + (f" {index}" if index >= len(people) else "")
        visitor = {
            "id": f"seed{index}",
            "name": name,
            "email": f"{name.split()[0].lower()}@mail.example",
            "locale": chance.choice(["en-GB", "de-DE", "nb-NO"]),
            "location": {"city": chance.choice(["Oslo", "Berlin", "Leeds"]), "country": "Europe"},
            "device": {"device": "iPhone", "browser": "Safari", "os": "iOS 18"},
            "page": {"url": "https://oakline.example/boards", "title": "Cutting boards"},
            "attributes": {"plan": "gold", "orders": 3},
            "bot": "demo",
            "online": False,
        }
        cid = world.open("demo", visitor)["id"]
        start = now_ms() - chance.randint(60_000, 3 * 86_400_000)
        state = (
            ["queued", "closed", "assistant", "closed", "assistant"][index % 5] if index % 10 or not index else "closed"
        )
        for turn, said in enumerate(dialogue):
            who = (
                {"id": visitor["id"], "name": name}
                if said["from"] == "visitor"
                else {"id": "assistant", "name": "Assistant"}
            )
            world.message(
                cid,
                said["from"] if said["from"] == "visitor" else "assistant",
                who,
                said["text"],
                at_ms=start + turn * 21_000,
            )
        world.conversations[cid]["tags"] = chance.choice([[], [], ["returns"], ["vip", "returns"], ["shipping"]])
        if state == "queued" and (count < 100 or index % 500 == 0):
            world.conversations[cid]["declined"] = ["alice", "bob"] if index else []
            world.request(cid, "visitor")
            world.conversations[cid]["handoff"]["since_ms"] = now_ms() - (index + 1) * 9_000
        elif state == "closed":
            world.close(cid, "visitor", chance.choice(["resolved", "unresolved", "spam"]))
        world.conversations[cid]["updated_at_ms"] = start + len(dialogue) * 21_000
    world.outbox.clear()


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8100
    populate(int(sys.argv[2]) if len(sys.argv) > 2 else 40)
    uvicorn.run(app, port=port, log_level="warning")


if __name__ == "__main__":
    main()
