"""A real `livesupport up` whose bot has a group at a Bot API server of ours; and people to talk to each other there."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.configuration import Setup
from benchmarks.rest import Rest, Visitor
from benchmarks.server import Server
from tests.telegram.bot_api import BotApi, Chat, Member
from tests.telegram.bot_api.server import TOKEN

ALICE, BOB, EVE = Member(11, "Alice"), Member(12, "Bob"), Member(13, "Eve")
TOKEN_ENV = "TEST_TELEGRAM_TOKEN"
AGENTS = """
[[agents]]
id = "alice"
name = "Alice"
bots = ["demo"]
telegram_user = 11

[[agents]]
id = "bob"
name = "Bob"
bots = ["demo"]
telegram_user = 12
"""


@dataclass
class Team:
    """`events` reads a conversation as the dashboard does, by an agent's token."""

    api: BotApi
    group: Chat
    server: Server
    rest: Rest
    token: str

    async def visitor(self, name: str, *texts: str) -> Visitor:
        """A visitor who has opened the chat, and has written."""
        visitor = await self.rest.open_visitor("demo", name=name)
        for text in texts:
            await self.say(visitor, text)
        return visitor

    async def say(self, visitor: Visitor, text: str, **fields: Any) -> Any:
        """The visitor writes."""
        return await self._command(visitor.token, visitor, "send_message", text=text, **fields)

    async def _command(self, token: str, visitor: Visitor, type: str, **fields: Any) -> Any:
        return await self.rest.command(token, visitor.conversation["id"], type, ref=secrets.token_hex(4), **fields)

    async def as_agent(self, visitor: Visitor, type: str, **fields: Any) -> Any:
        """The agent at the dashboard does something."""
        return await self._command(self.token, visitor, type, **fields)

    async def events(self, visitor: Visitor) -> list[Any]:
        """All that has happened, as the dashboard shows it."""
        return await self.rest.events(self.token, visitor.conversation["id"])

    async def texts(self, visitor: Visitor) -> list[str]:
        """`who: text` of every message, as the visitor has them."""
        events = await self.rest.events(visitor.token, visitor.conversation["id"])
        return [f"{one['author']['name']}: {one['text']}" for one in events if one["type"] == "message_sent"]

    async def shown(self, *parts: str, seconds: float = 20.0) -> dict[str, Any]:
        """The bot's message in the group that contains all of this, once it is there."""
        found: dict[str, Any] = await self.api.until(lambda: self.find(*parts), seconds)
        return found

    def find(self, *parts: str) -> dict[str, Any] | None:
        """The bot's message with all of this, if there is one."""
        for one in self.group.of_bot():
            text = one.get("text") or one.get("caption") or ""
            if all(part in text for part in parts):
                return one
        return None


def telegram(api: BotApi, group: int, **settings: Any) -> str:
    """The bot's table."""
    told = {"token_env": TOKEN_ENV, "group": group, "api_url": api.url, "group_per_minute": 2000, "gather_ms": 50}
    told |= settings
    return "\n".join(["[bots.telegram]", *(f"{key} = {_toml(value)}" for key, value in told.items())])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else repr(value).replace("'", '"')


@asynccontextmanager
async def running(
    api: BotApi, group: Chat, arguments: tuple[str, ...] = (), extra: str = "", **settings: Any
) -> AsyncIterator[Team]:
    """The system with a bridge to the group, until the end of the block."""
    os.environ.setdefault(TOKEN_ENV, TOKEN)
    toml = telegram(api, group.id, **settings) + AGENTS + extra
    async with Server(Setup(hosts=2, agents=1, settings=toml, arguments=arguments)) as server, Rest(server.url) as rest:
        login = await rest.login(server.agents[0].email, server.agents[0].password)
        yield Team(api, group, server, rest, login.token)
