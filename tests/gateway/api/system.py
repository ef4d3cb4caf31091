"""The whole system in one process: real hosts, a real journal, and a real server on a free port. No Ray."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from argon2 import PasswordHasher

from actors.settings import AgentSettings, BotSettings, Limits, Role, RuntimeSettings, Settings, StoreSettings
from gateway.app import build_app
from gateway.archive import Archive
from gateway.edge import Edge
from gateway.hub import Hub
from gateway.processes import HostProcess, Plan, _Server, listen
from gateway.socket import SocketEndpoint
from gateway.tokens import Tokens
from runtime.local import LocalCluster

SHOP = "https://shop.example"
_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash
PASSWORD = "a word"
_HASH = _hash(PASSWORD)


def agent(id: str, role: Role = "agent", bots: tuple[str, ...] = ("shop",), **settings: Any) -> AgentSettings:
    email = f"{id}@shop.example"
    return AgentSettings(id=id, name=id.title(), email=email, role=role, bots=[*bots], password_hash=_HASH, **settings)


BOTS = [
    BotSettings(id="shop", name="Shop", allowed_origins=[SHOP], identity_secret_env="SHOP_IDENTITY"),
    BotSettings(id="bank", name="Bank"),
    BotSettings(id="plain", name="Plain", tier="basic"),
]

TEAM = [
    agent("alice", skills=["billing"], languages=["en"]),
    agent("bob", capacity=3),
    agent("mara", "manager"),
    agent("zoe", "manager", ("bank",)),
]


@dataclass
class System:
    """`call` answers with the status and the JSON."""

    http: httpx.AsyncClient
    edge: Edge
    cluster: LocalCluster
    tokens: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, token: str = "", **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        response = await self.ask(method, path, token, **options)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def refusal(self, method: str, path: str, token: str = "", **options: Any) -> tuple[int, str, dict[str, Any]]:
        """Status, code and detail of an answer that must be a refusal in the protocol's words."""
        response = await self.ask(method, path, token, **options)
        assert response.is_error, response.text
        error = response.json()["error"]
        assert set(error) <= {"code", "message", "detail"}
        assert error["message"]
        return response.status_code, error["code"], error.get("detail", {})

    async def ask(self, method: str, path: str, token: str = "", **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **options)

    async def agent(self, id: str) -> str:
        """The token of an agent who has logged in."""
        if id not in self.tokens:
            body = {"email": f"{id}@shop.example", "password": PASSWORD}
            self.tokens[id] = (await self.call("POST", "/api/login", json=body))["token"]
            self.http.cookies.clear()
        return self.tokens[id]

    async def visitor(self, bot: str = "shop", **said: Any) -> tuple[str, str]:
        """A new visitor's token and conversation."""
        body = await self.call("POST", f"/api/bots/{bot}/visitors", json=said)
        return body["token"], body["conversation"]["id"]

    async def command(self, token: str, conversation: str, type: str, ref: str = "", **fields: Any) -> Any:
        """The ack of a command."""
        body = {"type": type, "ref": ref or secrets.token_hex(4), **fields}
        return await self.call("POST", f"/api/conversations/{conversation}/commands", token, json=body)


@contextlib.asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[System]:
    """The system with these settings, until the end of the block."""
    store = StoreSettings(url=f"sqlite:///{folder}/live.db")
    runtime = RuntimeSettings(hosts=2)
    parts: dict[str, Any] = {"bots": BOTS, "agents": TEAM, "runtime": runtime, "store": store, **settings}
    plan = Plan(Settings(**parts), str(folder), "a secret for tests", "127.0.0.1", 0)
    cluster = LocalCluster()
    packed = msgspec.msgpack.encode(plan)
    for name in plan.placement().packed_hosts():
        cluster.start(name, HostProcess, packed)
    hub = cluster.start("gateway/0", lambda network, name: Hub(name, plan.placement(), network.call))
    archive = Archive(plan.journal)
    edge = Edge(plan.settings, hub, archive, Tokens(plan.secret))
    await archive.start()
    hub.start()
    tasks: set[asyncio.Task[None]] = set()

    def catch_up(*missed: Any) -> None:
        task = asyncio.get_running_loop().create_task(archive.catch_up(*missed))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    hub.catch_up = catch_up
    app = build_app(edge, SocketEndpoint(edge), folder)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
        yield System(http, edge, cluster)
    hub.stop()
    await archive.stop()
    for name in plan.placement().packed_hosts():
        await cluster.find(name).stop()


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The address of a server of the app."""
    server = _Server(
        uvicorn.Config(app, log_level="warning", lifespan="off", proxy_headers=False, timeout_graceful_shutdown=1)
    )
    listener = listen("127.0.0.1", 0)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def limits(**settings: int) -> dict[str, Limits]:
    """Other limits than usual, for `running`."""
    return {"limits": Limits(**settings)}
