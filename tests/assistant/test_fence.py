"""The fence: a thousand answers are taken over in the middle, at every stage; nobody hears the assistant after that.

Real hosts, a real journal and a real worker; the real openai library reads from a real server, slowly.
"""

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
from gateway.processes import AssistantProcess, HostProcess, Plan
from gateway.sessions import Session
from metrics.recorder import Samples
from runtime.identity import ActorId, actor_id
from runtime.local import LocalCluster
from runtime.machine import Command
from tests.assistant.model_server import Exchange, model_server
from tests.gateway.api.system import Gateway

CONVERSATIONS, AT_ONCE = 1_000, 100
STAGES = ("asked", "first piece", "mid-stream", "final")
PIECES = ["It ", "is ", "on ", "its ", "way."]
WAITS_AFTER = {"asked": 0, "first piece": 1, "mid-stream": 3, "final": 5}
"""How many pieces the server writes before it waits for the takeover to be under way."""
SECONDS = 60


class Model:
    """Writes up to a conversation's stage, and waits there. Then it writes on, or never again."""

    def __init__(self) -> None:
        self.reached = {key: asyncio.Event() for key in range(CONVERSATIONS)}
        self.go = {key: asyncio.Event() for key in range(CONVERSATIONS)}

    async def __call__(self, exchange: Exchange) -> None:
        key = int(exchange.body["messages"][-1]["content"].split()[-1])
        before = WAITS_AFTER[stage_of(key)]
        await exchange.begin()
        for piece in PIECES[:before]:
            await exchange.chunk({"content": piece})
            await asyncio.sleep(0.06)  # so slow that each is a chunk of its own
        self.reached[key].set()
        if hangs(key):
            await asyncio.Event().wait()
        await self.go[key].wait()
        for piece in PIECES[before:]:
            await exchange.chunk({"content": piece})
        await exchange.end()


def stage_of(key: int) -> str:
    return STAGES[key % len(STAGES)]


def hangs(key: int) -> bool:
    """The server of every second conversation writes no more: it must see that it is hung up on."""
    return key % 8 < 3


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
        return [frame for frame in self.frames if frame["type"] == "assistant_chunk"]

    async def hears(self, chunks: int) -> None:
        """So many pieces have come."""
        while len(self.chunks()) < chunks:
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

    async def does(self, key: int, sender: str, command: Command) -> None:
        reply = await self.hub.request(conversation(key), sender, f"{type(command).__name__}", command)
        assert reply.refusal is None, reply.refusal

    async def events(self, key: int) -> list[dict[str, Any]]:
        """All that the journal has of a conversation."""
        found, _ = await self._archive.events(f"v{key}-1", "agent", 0, 500)
        return list(map(msgspec.json.decode, found))

    async def counted(self, name: str) -> float:
        """The sum of a metric over the hosts."""
        decode = msgspec.msgpack.Decoder(Samples).decode
        told = [decode(await self.cluster.find(host).metrics()) for host in ("host/0", "host/1")]
        return sum(value for samples in told for _, value in samples.get(name, []))  # type: ignore[misc]


def conversation(key: int) -> ActorId:
    return actor_id("conversation", f"v{key}-1")


@asynccontextmanager
async def floor(folder: Path, model_url: str) -> AsyncIterator[Floor]:
    settings = Settings(
        store=StoreSettings(url=f"sqlite:///{folder}/live.db"),
        bots=[BotSettings(id="shop", assistant=AssistantSettings(kind="openai", model="m", base_url=model_url))],
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


async def taken_over(floor: Floor, model: Model, key: int) -> Watcher:
    """One conversation: a question, and a takeover when the answer is at the stage."""
    await floor.does(key, f"visitor/{key}", c.Open("shop", Visitor(str(key))))
    watcher = Watcher(floor.hub, key)
    await floor.does(key, f"visitor/{key}", c.SendMessage(f"Where is my order {key}"))
    await model.reached[key].wait()
    await watcher.hears(min(WAITS_AFTER[stage_of(key)], 2))
    model.go[key].set()
    await floor.does(key, "agent/alice", c.TakeOver())
    return watcher


def test_nobody_hears_the_assistant_after_a_takeover_and_what_was_refused_is_counted(tmp_path: Path) -> None:
    async def story() -> None:
        model, free = Model(), asyncio.Semaphore(AT_ONCE)
        async with model_server(model) as server, floor(tmp_path, server.url) as system:

            async def one(key: int) -> Watcher:
                async with free, asyncio.timeout(SECONDS):
                    return await taken_over(system, model, key)

            watchers = await asyncio.gather(*map(one, range(CONVERSATIONS)))
            async with asyncio.timeout(SECONDS):
                await server.at_rest()
            assert server.hang_ups >= sum(map(hangs, range(CONVERSATIONS)))
            answered = Counter[str]()
            for key, watcher in enumerate(watchers):
                events = await system.events(key)
                taken = [event["type"] for event in events].index("agent_assigned")
                assert [event for event in events[taken:] if event.get("from") == "assistant"] == []
                answered[stage_of(key)] += sum("turn" in event for event in events[:taken])
                shown = [frame.get("event", frame)["type"] for frame in watcher.frames]
                assert "assistant_chunk" not in shown[shown.index("agent_assigned") :]
            heard = sum(answered.values()) + sum(len(watcher.chunks()) for watcher in watchers)
            refused = await system.counted("stale_assistant_messages_total")
            assert system.said.total() == heard + refused
            assert refused > 0
            assert await system.counted("stale_assistant_messages_through_total") == 0

    asyncio.run(story())
