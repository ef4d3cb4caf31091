"""Real Ray: the bridge, or the host of its group, is killed in the middle; and two hundred conversations at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from benchmarks.rest import Visitor
from tests.telegram.bot_api import BotApi
from tests.telegram.bot_api.flood import Flood
from tests.telegram.team import ALICE, Team, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def team(anyio_backend: str) -> AsyncIterator[Team]:
    """Flood control with a wider limit for the group than Telegram's, and the bridge told of it.

    The bridge counts calls when they begin, the server when they arrive: a tenth is left for the way.
    """
    flood = Flood(1_000, 30)
    limits = {"group_per_minute": 900, "overall_per_second": 25, "gather_ms": 1_000}
    async with BotApi(flood).running() as api, running(api, api.group(), **limits) as started:
        yield started


def kill(team: Team, title: str) -> None:
    """SIGKILL to every process of that title."""
    victims = [one for one in team.server.processes() if title in one.title]
    assert victims
    for victim in victims:
        victim.kill()


@pytest.mark.parametrize("title", ["ray::BridgeProcess", "ray::HostProcess"])
async def test_every_reply_is_done_once_and_every_message_shown_though_a_process_is_killed(
    team: Team, title: str
) -> None:
    visitors = [await team.visitor(f"{title[5:9]}{number}", "Hello") for number in range(6)]
    cards = [await team.shown(f"{one.visitor['name']}: Hello") for one in visitors]
    for turn in range(4):
        for visitor, card in zip(visitors, cards, strict=True):
            team.group.say(ALICE, f"answer {turn}", reply_to=card["message_id"])
            await team.say(visitor, f"question {turn}.")
        if turn == 1:
            kill(team, title)
    for visitor in visitors:
        await team.shown(f"{visitor.visitor['name']}: question 3.", seconds=30)
        await answered(team, visitor)
    for visitor in visitors:
        said = [text for text in await team.texts(visitor) if text.startswith("Alice")]
        assert said == [f"Alice: answer {turn}" for turn in range(4)]
        assert in_order(shown_lines(team, visitor), [f"question {turn}." for turn in range(4)])


async def answered(team: Team, visitor: Visitor) -> None:
    """Returns when the visitor has the last answer."""
    while not any("answer 3" in text for text in await team.texts(visitor)):
        await team.api.until(lambda: True)


def shown_lines(team: Team, visitor: Visitor) -> list[str]:
    """What the group shows of the visitor's words, in the order of the messages."""
    name = visitor.visitor["name"]
    texts = [one.get("text", "") for one in team.group.of_bot()]
    return [line for text in texts for line in text.splitlines() if line.startswith(f"{name}: ")]


def in_order(lines: list[str], wanted: list[str]) -> bool:
    """Each is there, and each after the one before it. What was sent twice may be there twice."""
    places = [next((n for n, line in enumerate(lines) if line.endswith(one)), -1) for one in wanted]
    return -1 not in places and places == sorted(places)


async def test_two_hundred_conversations_at_once_go_through_the_limits_in_order(team: Team) -> None:
    calls, exceeded = len(team.api.calls), team.api.flood.exceeded

    async def talk(number: int) -> Visitor:
        visitor = await team.visitor(f"Crowd{number}")
        for turn in range(4):
            await team.say(visitor, f"turn {turn} of {number}.")
        return visitor

    visitors = await asyncio.gather(*(talk(number) for number in range(200)))
    for number, visitor in enumerate(visitors):
        await team.shown(f"Crowd{number}: turn 3 of {number}.", seconds=60)
        assert in_order(shown_lines(team, visitor), [f"turn {turn} of {number}." for turn in range(4)])
    assert team.api.flood.exceeded == exceeded
    sent = [fields for method, fields in team.api.calls[calls:] if method in ("sendMessage", "editMessageText")]
    assert len(sent) < 1_000  # 1,600 messages, the assistant's with them
    assert pending(await team.rest.request("GET", "/api/bots/demo/telegram", team.token)) < 200


def pending(standing: Any) -> int:
    return int(standing["pending"])
