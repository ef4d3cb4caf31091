"""The listener alone against the Bot API server: what is confirmed when, and what keeps it from listening."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import httpx
import pytest

from actors.settings import Telegram
from actors.telegram import commands as t
from gateway.telegram.api import bot_of
from gateway.telegram.listening import FORGOTTEN_MS, Listener
from runtime.clock import wall_clock_ms
from tests.telegram.bot_api import BotApi, Member
from tests.telegram.bot_api.server import TOKEN

pytestmark = pytest.mark.anyio

ALICE = Member(11, "Alice")


class Actor:
    """What the group's actor is to a listener. While `busy`, it takes nothing."""

    def __init__(self, api: BotApi, last: tuple[int, int] = (0, 0)) -> None:
        self.last, self.api = last, api
        self.taken: list[t.Update] = []
        self.greetings: list[tuple[str, str]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def last_update(self) -> tuple[int, int]:
        return self.last

    async def take(self, update: t.Update) -> None:
        await self.free.wait()
        self.taken.append(update)
        self.api.notify()

    async def connected(self, username: str, problem: str) -> None:
        self.greetings.append((username, problem))
        self.api.notify()


@asynccontextmanager
async def listening(
    api: BotApi, actor: Actor, token: str = TOKEN, mode: Literal["polling", "webhook"] = "polling", secret: str = "x"
) -> AsyncIterator[Listener]:
    telegram = Telegram(token_env="TOKEN", group=-1001, api_url=api.url, mode=mode)
    bot = bot_of(telegram, token)
    hook = ("https://x.example/telegram/acme", secret)
    listener = Listener(bot, telegram, bool(token), hook, actor.last_update, actor.take, actor.connected)
    task = asyncio.create_task(listener.run())
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.wait([task])
        await listener.stop()


def offsets(api: BotApi) -> list[int]:
    return [int(fields.get("offset", 0)) for method, fields in api.calls if method == "getUpdates"]


async def test_an_update_is_confirmed_only_when_it_was_taken() -> None:
    async with BotApi().running() as api:
        actor, group = Actor(api), api.group()
        actor.free.clear()
        async with listening(api, actor):
            group.say(ALICE, "one")
            await api.until(lambda: offsets(api))
            assert api.waiting == 1
            actor.free.set()
            group.say(ALICE, "two")
            await api.until(lambda: len(actor.taken) == 2)
        assert [one.text for one in actor.taken] == ["one", "two"]
        assert actor.greetings == [("support_bot", "")]


async def test_it_goes_on_after_the_last_update_that_was_taken() -> None:
    async with BotApi().running() as api:
        group = api.group()
        for text in ("old", "older", "new"):
            group.say(ALICE, text)
        actor = Actor(api, (1001, wall_clock_ms()))
        async with listening(api, actor):
            await api.until(lambda: actor.taken)
        assert [one.text for one in actor.taken] == ["new"]


async def test_after_a_week_the_numbers_may_begin_anywhere() -> None:
    async with BotApi().running() as api:
        api.group().say(ALICE, "hello")
        actor = Actor(api, (2_000_000, wall_clock_ms() - FORGOTTEN_MS))
        async with listening(api, actor):
            await api.until(lambda: actor.taken)


async def test_another_poll_is_a_conflict_that_is_told_and_gets_over() -> None:
    async with BotApi().running() as api:
        actor = Actor(api)
        async with listening(api, actor), httpx.AsyncClient(trust_env=False) as http:
            await api.until(lambda: api.polling)
            await http.post(f"{api.url}/bot{TOKEN}/getUpdates", data={"timeout": 0})
            await api.until(lambda: actor.greetings[-1][1])
            assert "somebody else" in actor.greetings[-1][1]
            api.group().say(ALICE, "still here")
            await api.until(lambda: actor.taken)
            assert actor.greetings[-1] == ("support_bot", "")


async def test_a_wrong_token_is_told_without_it() -> None:
    async with BotApi().running() as api:
        actor = Actor(api)
        async with listening(api, actor, "4711:wrong") as listener:
            await listener.tried()
            assert listener.problem == "Telegram does not accept the token in TOKEN"
        assert actor.greetings == [("", listener.problem)]


async def test_a_webhook_that_telegram_refuses_is_told_with_its_reason() -> None:
    async with BotApi().running() as api:
        actor = Actor(api)
        async with listening(api, actor, mode="webhook", secret="not allowed") as listener:
            await listener.tried()
            assert listener.problem == "Telegram refuses: Secret token contains unallowed characters"
        assert actor.greetings == [("", listener.problem)]


async def test_a_webhook_that_was_set_before_does_not_keep_it_from_polling() -> None:
    async with BotApi().running() as api:
        api.webhook = {"url": "https://old.example"}
        actor = Actor(api)
        async with listening(api, actor):
            api.group().say(ALICE, "hello")
            await api.until(lambda: actor.taken)
