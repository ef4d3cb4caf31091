"""The assistant in the whole system: who comes late hears all, who fails is replaced, and what it costs is kept."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from actors import commands as c
from tests.assistant.floor import Watcher, floor
from tests.assistant.model_server import Behaviour, Exchange, fails, model_server

PIECES = ["Your ", "order ", "is ", "on ", "its ", "way."]


def run(story: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await story

    asyncio.run(bounded())


def test_whoever_connects_in_the_middle_of_an_answer_has_all_of_it_once(tmp_path: Path) -> None:
    written: asyncio.Queue[None] = asyncio.Queue()
    read: asyncio.Queue[None] = asyncio.Queue()

    async def in_step(exchange: Exchange) -> None:
        await exchange.begin()
        for piece in PIECES:
            await exchange.chunk({"content": piece})
            written.put_nowait(None)
            await read.get()
        await exchange.end()

    async def story() -> None:
        async with model_server(in_step) as model, floor(tmp_path, model.url) as system:
            watchers = [await system.opened(1)]
            await system.asks(1, "Where is my order?")
            for heard in range(len(PIECES)):
                await written.get()
                await watchers[0].hears(heard + 1)
                watchers.append(Watcher(system.hub, 1))
                if heard % 2:
                    await watchers[-1].hears(1)
                read.put_nowait(None)
            for watcher in watchers:
                said = await watcher.hears_of("message_sent", turn="1-3")
                text = ""
                for chunk in watcher.chunks():
                    assert chunk["offset"] == len(text), watcher.chunks()
                    text += chunk["text"]
                assert text == said["text"] == "".join(PIECES)

    run(story())


async def cut(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.chunk({"content": "Your order"})
    exchange.abort()


async def nonsense(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.write("data: {\n\n")


async def silence(exchange: Exchange) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("behaviour", [cut, nonsense, silence, fails(500), fails(401)])
def test_a_model_that_fails_is_asked_once_more_then_a_human_then_it_apologises(
    tmp_path: Path, behaviour: Behaviour
) -> None:
    async def story() -> None:
        async with (
            model_server(behaviour) as model,
            floor(tmp_path, model.url, timeout_seconds=1, retries=0) as system,
        ):
            watcher = await system.opened(1)
            await system.asks(1, "Where is my order?")
            await watcher.hears_of("message_sent", notice="apology")
            events = [event for event in await system.events(1) if event["type"] != "tags_changed"]
            assert [event["type"] for event in events[3:]] == [
                *("turn_retried", "human_requested", "offline_answered"),
                *("message_sent", "message_sent", "returned_to_assistant"),
            ]
            assert events[4]["trigger"] == "assistant_failed"
            assert events[4]["detail"]
            assert len(model.exchanges) == 2

    run(story())


def test_a_question_that_a_takeover_cut_off_is_answered_when_the_agent_gives_it_back(tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def at_first_silent(exchange: Exchange) -> None:
        if not begun.is_set():
            begun.set()
            await silence(exchange)
        assert exchange.body["messages"][-1] == {"role": "user", "content": "Where is my order?"}
        await exchange.begin()
        await exchange.chunk({"content": "On its way."})
        await exchange.end()

    async def story() -> None:
        async with model_server(at_first_silent) as model, floor(tmp_path, model.url) as system:
            watcher = await system.opened(1)
            await system.asks(1, "Where is my order?")
            await begun.wait()
            await system.does(1, "agent/alice", c.TakeOver())
            await system.does(1, "agent/alice", c.ReturnToAssistant())
            said = await watcher.hears_of("message_sent", turn="3-6")
            assert said["text"] == "On its way."

    run(story())


def test_a_worker_that_dies_is_not_waited_for_longer_than_the_bot_allows(tmp_path: Path) -> None:
    async def story() -> None:
        async with model_server(silence) as model, floor(tmp_path, model.url, timeout_seconds=1) as system:
            watcher = await system.opened(1)
            system.cluster.find("assistant/0").deliver = asyncio.Event().wait
            await system.asks(1, "Where is my order?")
            requested = await watcher.hears_of("human_requested", trigger="assistant_failed")
            assert requested["detail"] == "no answer in time"

    run(story())


def test_a_budget_that_is_spent_stays_spent_over_a_restart_and_is_counted_once(tmp_path: Path) -> None:
    async def answers(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.chunk({"content": "On its way."})
        await exchange.chunk({}, "stop", usage={"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100})
        await exchange.write("data: [DONE]\n\n")

    async def refused(key: int) -> None:
        async with floor(tmp_path, model.url, monthly_tokens=150) as system:
            watcher = await system.opened(key)
            await system.asks(key, "And now?")
            requested = await watcher.hears_of("human_requested", trigger="assistant_failed")
            assert "budget" in requested["detail"]
            assert await system.counted("assistant_tokens_total") == 200
            assert await system.counted("assistant_tokens_spent") == 200
            assert await system.counted("assistant_tokens_budget") == 150

    async def story() -> None:
        nonlocal model
        async with model_server(answers) as model:
            async with floor(tmp_path, model.url, monthly_tokens=150) as system:
                watcher = await system.opened(1)
                for turn, question in (("1-3", "Where is it?"), ("1-5", "Sure?")):
                    await system.asks(1, question)
                    await watcher.hears_of("message_sent", turn=turn)
            await refused(2)
            await refused(3)
            assert len(model.exchanges) == 2

    model: Any = None
    run(story())
