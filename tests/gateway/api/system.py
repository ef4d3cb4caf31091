"""The whole system in one process: real hosts, a real journal, and a real server on a free port. No Ray."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from starlette.types import ASGIApp

from actors.agent import AgentMachine
from actors.conversation import ConversationMachine
from actors.settings import AgentSettings, BotSettings, Limits, Role, Settings
from actors.supervisor import SupervisorMachine
from gateway.app import build_app
from gateway.archive import Archive
from gateway.edge import Edge
from gateway.hub import Hub
from gateway.listening import Accept, listen, server_of
from gateway.socket import SocketEndpoint
from gateway.tokens import Tokens
from runtime.identity import actor_id
from runtime.journal import Journal, open_journal
from runtime.local import LocalCluster, LocalNetwork
from runtime.node import HostNode
from runtime.placement import Placement
from tests.serving import served

PLACEMENT = Placement(2, pools={"assistant": 1})
SHOP = "https://shop.example"
_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash
PASSWORD = "a word"
HASH = _hash(PASSWORD)


def agent(id: str, role: Role = "agent", bots: tuple[str, ...] = ("shop",), **settings: Any) -> AgentSettings:
    email = f"{id}@shop.example"
    return AgentSettings(id=id, name=id.title(), email=email, role=role, bots=[*bots], password_hash=HASH, **settings)


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
    app: ASGIApp
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


class Host:
    """A host's process: its node, which begins when it is told to."""

    def __init__(self, network: LocalNetwork, name: str, settings: Settings, journal: Callable[[], Journal]) -> None:
        machines = [ConversationMachine(settings), AgentMachine(settings), SupervisorMachine(settings)]
        self._residents = [actor_id("supervisor", bot.id) for bot in settings.bots]
        self.node = HostNode(name, machines, PLACEMENT, journal, network.call)
        self.stop = self.node.stop

    async def start(self) -> None:
        """Own its shards from now on."""
        await self.node.start(self._residents, ["gateway/0"])

    async def deliver(self, batch: bytes) -> bytes:
        """A batch from a peer."""
        return await self.node.deliver(batch)


class Gateway:
    """A gateway's process without its server."""

    def __init__(self, network: LocalNetwork, name: str, settings: Settings, journal: Callable[[], Journal]) -> None:
        self._archive = Archive(journal)
        self._hub = Hub(name, PLACEMENT, network.call)
        self._tasks: set[asyncio.Task[None]] = set()
        self.edge = Edge(settings, self._hub, self._archive, Tokens("a secret for tests"))
        self.deliver = self._hub.receive

    async def start(self) -> None:
        """Begin to renew its leases."""
        await self._archive.start()
        self._hub.catch_up = self._catch_up
        self._hub.start()

    def _catch_up(self, *missed: Any) -> None:
        task = asyncio.get_running_loop().create_task(self._archive.catch_up(*missed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Carry and read no more."""
        self._hub.stop()
        await self._archive.stop()


@contextlib.asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[System]:
    """The system with these settings, until the end of the block."""
    parts: dict[str, Any] = {"bots": BOTS, "agents": TEAM, **settings}
    told = Settings(**parts), lambda: open_journal(f"sqlite:///{folder}/live.db")
    cluster = LocalCluster()
    for host in PLACEMENT.packed_hosts():
        await cluster.add(host, Host, *told).start()
    gateway = cluster.add("gateway/0", Gateway, *told)
    await gateway.start()
    app = build_app(gateway.edge, folder)
    async with (
        serving(app, SocketEndpoint(gateway.edge).accept) as url,
        # Without the authorities of https, which take longer to read than the system takes to start.
        httpx.AsyncClient(base_url=url, trust_env=False, verify=False, timeout=30) as http,
    ):
        yield System(http, app, gateway.edge, cluster)
    await cluster.end()


@contextlib.asynccontextmanager
async def serving(app: Any, accept: Accept | None = None) -> AsyncIterator[str]:
    """The address of a server of the app."""
    async with served(server_of(app, accept), listen("127.0.0.1", 0)) as url:
        yield url


def limits(**settings: int) -> dict[str, Limits]:
    """Other limits than usual, for `running`."""
    return {"limits": Limits(**settings)}
