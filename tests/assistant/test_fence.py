"""The fence: a thousand answers are taken over in the middle, at every stage; nobody hears the assistant after that.

Real hosts, a real journal and a real worker; the real openai library reads from a real server, slowly.
"""

import asyncio
from collections import Counter
from pathlib import Path

from actors import commands as c
from tests.assistant.floor import Floor, Watcher, floor
from tests.assistant.model_server import Exchange, model_server

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


async def taken_over(system: Floor, model: Model, key: int) -> Watcher:
    """One conversation: a question, and a takeover when the answer is at the stage."""
    watcher = await system.opened(key)
    await system.asks(key, f"Where is my order {key}")
    await model.reached[key].wait()
    await watcher.hears(min(WAITS_AFTER[stage_of(key)], 2))
    model.go[key].set()
    await system.does(key, "agent/alice", c.TakeOver())
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
