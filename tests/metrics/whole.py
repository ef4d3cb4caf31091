"""The whole system as `up` starts it, but in this process: two hosts, a worker, and a gateway on a free port."""

import contextlib
import json
import re
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import websockets
from argon2 import PasswordHasher
from prometheus_client.parser import text_string_to_metric_families

from actors.settings import (
    AgentSettings,
    AssistantSettings,
    BotSettings,
    Role,
    RuntimeSettings,
    Settings,
    StoreSettings,
)
from gateway.plan import Plan
from gateway.processes.assistant import AssistantProcess
from gateway.processes.gateway import GatewayProcess
from gateway.processes.host import HostProcess
from runtime.local import LocalCluster

PASSWORD = "a word"
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

Labels = frozenset[tuple[str, str]]


def agent(id: str, role: Role = "agent", **settings: Any) -> AgentSettings:
    """One of the team, who can log in."""
    email = f"{id}@acme.example"
    return AgentSettings(id=id, name=id.title(), email=email, role=role, bots=["acme"], password_hash=_HASH, **settings)


FAQ = "# Shipping\n\n## How long does shipping take?\n\nTwo days.\n"
TEAM = [agent("alice", capacity=2), agent("bob"), agent("mara", "manager")]


class Host(HostProcess):
    """A host that can be killed without taking the test with it."""

    async def crash(self) -> None:
        """Gone: nothing of it is heard any more."""
        await self.node.stop()


class Scrape:
    """What `/metrics` said."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._values: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            for one in family.samples:
                values = self._values.setdefault(one.name, {})
                assert frozenset(one.labels.items()) not in values, f"{one} is there twice"
                values[frozenset(one.labels.items())] = one.value

    def of(self, name: str, by: str = "", **labels: str) -> dict[str, float]:
        """The sums of the samples with these labels, by the values of one label."""
        found: dict[str, float] = {}
        for known, value in self._values.get(f"livesupport_{name}", self._values.get(name, {})).items():
            if labels.items() <= set(known):
                key = dict(known).get(by, "")
                found[key] = found.get(key, 0.0) + value
        return found

    def some(self, name: str, by: str = "", **labels: str) -> dict[str, float]:
        """The same without what is 0."""
        return {key: value for key, value in self.of(name, by, **labels).items() if value}

    def sum(self, name: str, **labels: str) -> float:
        """Over all instances."""
        return sum(self.of(name, **labels).values())

    def labels(self, prefix: str) -> dict[str, set[frozenset[str]]]:
        """The sets of labels of each metric whose name begins so; of a histogram, without that of its buckets."""
        found: dict[str, set[frozenset[str]]] = {}
        for name, samples in self._values.items():
            if name.startswith(prefix):
                metric = re.sub("_(bucket|count|sum)$", "", name)
                found.setdefault(metric, set()).update(frozenset(dict(labels)) - {"le"} for labels in samples)
        return found


@dataclass
class Whole:
    """See the module."""

    http: httpx.AsyncClient
    cluster: LocalCluster
    plan: Plan
    packed: bytes
    tokens: dict[str, str] = field(default_factory=dict)

    async def scrape(self) -> Scrape:
        """All that is counted now."""
        response = await self.http.get("/metrics")
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
        return Scrape(response.text)

    async def call(self, method: str, path: str, token: str = "", **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = await self.http.request(method, path, headers=headers, **options)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def agent(self, id: str) -> str:
        """The token of an agent who has logged in."""
        if id not in self.tokens:
            body = {"email": f"{id}@acme.example", "password": PASSWORD}
            self.tokens[id] = (await self.call("POST", "/api/login", json=body))["token"]
            self.http.cookies.clear()
        return self.tokens[id]

    async def visitor(self, bot: str = "acme") -> tuple[str, str]:
        """A new visitor's token and conversation."""
        body = await self.call("POST", f"/api/bots/{bot}/visitors", json={})
        return body["token"], body["conversation"]["id"]

    async def command(self, token: str, conversation: str, type: str, **fields: Any) -> Any:
        """The ack of a command."""
        body = {"type": type, "ref": secrets.token_hex(4), **fields}
        return await self.call("POST", f"/api/conversations/{conversation}/commands", token, json=body)

    @contextlib.asynccontextmanager
    async def connected(self, token: str) -> AsyncIterator[websockets.ClientConnection]:
        """A client's socket, which has been welcomed."""
        url = str(self.http.base_url).replace("http", "ws") + "/ws"
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol("livesupport.json")]) as line:
            await line.send(json.dumps({"type": "hello", "token": token}))
            assert json.loads(await line.recv())["type"] == "welcome"
            yield line

    async def kill(self, host: str) -> None:
        """The host is gone."""
        await self.cluster.crash(host)

    async def start(self, host: str) -> None:
        """The host begins a new life."""
        await self.cluster.add(host, Host, self.packed).begun()


@contextlib.asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[Whole]:
    """The system with these settings, until the end of the block."""
    (folder / "faq.md").write_text(FAQ)
    assistant = AssistantSettings(paths=[str(folder / "faq.md")])
    bots = [
        BotSettings(id="acme", name="Acme", assistant=assistant),
        BotSettings(id="plain", name="Plain", tier="basic", assistant=assistant),
    ]
    parts: dict[str, Any] = {"bots": bots, "agents": TEAM, "runtime": RuntimeSettings(hosts=2), **settings}
    store = StoreSettings(url=f"sqlite:///{folder}/live.db")
    plan = Plan(Settings(store=store, **parts), str(folder), "a secret for tests", "127.0.0.1", _free_port())
    packed = msgspec.msgpack.encode(plan)
    cluster = LocalCluster()
    for host in plan.placement().packed_hosts():
        await cluster.add(host, Host, packed).begun()
    for worker in plan.workers():
        await cluster.add(worker, AssistantProcess, packed).begun()
    await cluster.add("gateway/0", GatewayProcess, packed).begun()
    url = f"http://127.0.0.1:{plan.port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False, verify=False, timeout=30) as http:
        yield Whole(http, cluster, plan, packed)
    await cluster.end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
