"""What goes wrong at Telegram is said in the group or to the agents, and nothing is lost."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from benchmarks.client import Socket
from tests.telegram.bot_api import BotApi
from tests.telegram.bot_api.flood import Flood
from tests.telegram.conftest import WITHOUT_RAY
from tests.telegram.team import ALICE, TOKEN_ENV, Team, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def fresh(anyio_backend: str) -> AsyncIterator[Team]:
    """A group that may come to harm."""
    async with (
        BotApi(Flood(5000, 5000)).running() as api,
        running(api, api.group(), WITHOUT_RAY) as started,
    ):
        yield started


async def watching(team: Team) -> tuple[Socket, list[Any]]:
    """An agent at the dashboard, and the frames on how the group stands that she gets."""
    frames: list[Any] = []

    def take(frame: Any) -> None:
        if frame["type"] == "telegram":
            frames.append(frame)
            team.api.notify()

    socket = await Socket.connect(team.server.url, team.token, on_frame=take)
    await socket.watch_bot("demo")
    return socket, frames


async def standing(team: Team) -> Any:
    return await team.rest.request("GET", "/api/bots/demo/telegram", team.token)


async def test_a_lost_answer_is_a_message_twice_and_never_one_too_few(fresh: Team) -> None:
    """What is promised when nobody knows whether Telegram took a message: at least once."""
    fresh.api.lose = 1
    await fresh.visitor("Bea", "Hello")
    await fresh.api.until(lambda: sum("Bea: Hello" in one.get("text", "") for one in fresh.group.of_bot()) == 2)


async def test_flood_control_is_waited_for(fresh: Team) -> None:
    usual, fresh.api.flood = fresh.api.flood, Flood(2, 100, minute=2.0)
    for name in ("Cid", "Dan", "Eli", "Fay"):
        await fresh.visitor(name, "Hello")
    for name in ("Cid", "Dan", "Eli", "Fay"):
        await fresh.shown(f"{name}: Hello")
    assert fresh.api.flood.exceeded
    fresh.api.flood = usual


async def test_removed_deleted_migrated_and_away(fresh: Team) -> None:
    """One group's bad day: each time what was written meanwhile arrives, and agents are told what is wrong."""
    api, group = fresh.api, fresh.group
    socket, frames = await watching(fresh)
    ann = await fresh.visitor("Ann", "One")
    card = await fresh.shown("Ann: One")

    for one in group.of_bot():
        group.delete(one["message_id"])
    await fresh.say(ann, "Two")
    again = await fresh.shown("Ann: Two")
    assert again["message_id"] != card["message_id"]
    assert "reply_markup" in again

    group.kick()
    await fresh.say(ann, "Three")
    await api.until(lambda: frames and frames[-1]["pending"] and "kicked" in frames[-1]["problem"])
    assert "kicked" in (await standing(fresh))["problem"]
    group.invite()
    await fresh.shown("Ann: Three")
    await api.until(lambda: frames[-1] == {"type": "telegram", "bot": "demo", "pending": 0, "problem": ""})

    new = api.migrate(group, -1009)
    fresh.group = new
    await fresh.say(ann, "Four")
    moved = await fresh.shown("Four")
    new.say(ALICE, "I am here now", reply_to=moved["message_id"])
    await fresh.shown("Ann", "Alice has it")
    assert (await fresh.texts(ann))[-1] == "Alice: I am here now"

    api.down = True
    await api._notify()
    for number in range(5):
        await fresh.say(ann, f"Five {number}")
    pending = await standing(fresh)
    assert pending["pending"] >= 1
    api.down = False
    await fresh.shown("Ann: Five 0", "Ann: Five 4")
    await socket.close()


OTHER = """
[[bots]]
id = "other"
tier = "premium"
[bots.telegram]
token_env = "NO_SUCH_TOKEN"
group = -5
"""


async def test_a_wrong_and_a_missing_token_are_told_at_the_start_and_the_rest_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(TOKEN_ENV, "4711:wrong")
    async with BotApi().running() as api, running(api, api.group(), WITHOUT_RAY, OTHER) as team:
        said = team.server.log.read_text()
        assert f"does not accept the token in {TOKEN_ENV}" in said
        assert "NO_SUCH_TOKEN holds no token" in said
        assert "4711:wrong" not in said
        ann = await team.visitor("Ann", "What are your opening hours?")
        assert await team.texts(ann)
        assert TOKEN_ENV in (await standing(team))["problem"]
