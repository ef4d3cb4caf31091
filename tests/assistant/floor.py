"""The system in one process with the assistant in it: real hosts, a real journal, a real worker, and a model to ask."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from actors import commands as c
from actors.events import Visitor
from actors.settings import AgentSettings, AssistantSettings, BotSettings, Settings, StoreSettings
from gateway.edge import Edge
from gateway.hub import Hub
from gateway.plan import Plan
from gateway.processes.assistant import AssistantProcess
from gateway.processes.host import HostProcess
from gateway.sessions import Session
from metrics.ledger import counted
from metrics.recorder import Samples
from runtime.identity import ActorId, actor_id
from runtime.local import LocalCluster
from runtime.machine import Command
from tests.gateway.api.system import Gateway


class Watcher:
    """A visitor's session in the gateway, and what it was sent."""

    def __init__(self, hub: Hub, key: int) -> None:
        self.frames: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._session = Session("visitor", str(key), "", self._wake)
        hub.open(self._session)
        hub.watch(self._session, conversation(key), None)

    def _wake(self) -> None:
        asyncio.get_running_loop().call_soon(self._take)

    def _take(self) -> None:
        self.frames += map(msgspec.json.decode, self._session.take())
        self._news.set()

    def chunks(self) -> list[dict[str, Any]]:
        """The pieces that have come."""
        return [frame for frame in self.frames if frame["type"] == "assistant_chunk"]

    async def hears(self, chunks: int) -> None:
        """So many pieces have come."""
        while len(self.chunks()) < chunks:
            await self._next()

    async def hears_of(self, type: str, **fields: Any) -> dict[str, Any]:
        """The first event of that type with these fields."""
        while True:
            for frame in self.frames:
                event = frame.get("event", {})
                if event.get("type") == type and fields.items() <= event.items():
                    return event  # type: ignore[no-any-return]
            await self._next()

    async def _next(self) -> None:
        self._news.clear()
        await self._news.wait()


class Floor:
    """The system, and all that its worker has said."""

    def __init__(self, cluster: LocalCluster, edge: Edge) -> None:
        self.cluster = cluster
        self.hub = edge.hub
        self._archive = edge.archive
        self.said = Counter[str]()
        worker = cluster.find("assistant/0")._worker
        say = worker._say

        def heard_saying(actor: ActorId, command: Command, ref: str) -> None:
            self.said[type(command).__name__] += isinstance(command, c.AssistantChunk | c.AssistantAnswer)
            say(actor, command, ref)

        worker._say = heard_saying

    async def opened(self, key: int) -> Watcher:
        """A new conversation, and its visitor's session."""
        await self.does(key, f"visitor/{key}", c.Open("shop", Visitor(str(key))))
        return Watcher(self.hub, key)

    async def asks(self, key: int, question: str) -> None:
        """The visitor writes; every question of a conversation is another."""
        await self.does(key, f"visitor/{key}", c.SendMessage(question), question)

    async def does(self, key: int, sender: str, command: Command, ref: str = "") -> None:
        """Send a command, which must be accepted."""
        reply = await self.hub.request(conversation(key), sender, ref or type(command).__name__, command)
        assert reply.refusal is None, reply.refusal

    async def events(self, key: int) -> list[dict[str, Any]]:
        """All that the journal has of a conversation."""
        found, _ = await self._archive.events(f"v{key}-1", "agent", 0, 500)
        return list(map(msgspec.json.decode, found))

    async def counted(self, name: str) -> float:
        """The sum of a metric: over the hosts, and what the journal has counted."""
        decode = msgspec.msgpack.Decoder(Samples).decode
        told = [decode(await self.cluster.find(host).metrics()) for host in ("host/0", "host/1")]
        told.append(await self._archive.reading.run(lambda journal: counted(journal, ())))
        return sum(value for samples in told for _, value in samples.get(name, []))  # type: ignore[misc]


def conversation(key: int) -> ActorId:
    """The first conversation of a visitor."""
    return actor_id("conversation", f"v{key}-1")


@asynccontextmanager
async def floor(folder: Path, model_url: str, **assistant: Any) -> AsyncIterator[Floor]:
    """Two hosts, a worker that asks the model, and a gateway, on the data in the folder; one bot, `shop`."""
    settings = Settings(
        store=StoreSettings(url=f"sqlite:///{folder}/live.db"),
        bots=[
            BotSettings(
                id="shop", assistant=AssistantSettings(kind="openai", model="m", base_url=model_url, **assistant)
            )
        ],
        agents=[AgentSettings(id="alice", bots=["shop"])],
    )
    plan = Plan(settings, str(folder), "secret")
    packed, cluster = msgspec.msgpack.encode(plan), LocalCluster()
    for name in ("host/0", "host/1"):
        await cluster.add(name, HostProcess, packed).begun()
    await cluster.add("assistant/0", AssistantProcess, packed).begun()
    gateway = cluster.add("gateway/0", Gateway, settings, plan.journal)
    await gateway.start()
    try:
        yield Floor(cluster, gateway.edge)
    finally:
        await cluster.end()
