"""Updates that Telegram sends by itself, and who else may not."""

from collections.abc import AsyncIterator

import pytest

from benchmarks.frames import CommandError
from tests.telegram.bot_api import BotApi
from tests.telegram.bot_api.flood import Flood
from tests.telegram.conftest import WITHOUT_RAY
from tests.telegram.team import ALICE, Team, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def hooked(anyio_backend: str) -> AsyncIterator[Team]:
    async with (
        BotApi(Flood(5000, 5000)).running() as api,
        running(api, api.group(), WITHOUT_RAY, mode="webhook") as started,
    ):
        yield started


async def test_a_reply_comes_by_the_webhook_once(hooked: Team) -> None:
    ann = await hooked.visitor("Ann", "Hello")
    card = await hooked.shown("Ann: Hello")
    hooked.group.say(ALICE, "By webhook", reply_to=card["message_id"])
    assert set(await hooked.api.push()) == {204}
    await hooked.shown("Ann", "Alice has it")
    hooked.api.repeat()
    assert set(await hooked.api.push()) == {204}
    assert (await hooked.texts(ann)).count("Alice: By webhook") == 1


async def test_without_the_secret_nothing_is_taken(hooked: Team) -> None:
    hooked.group.say(ALICE, "/who")
    secret, hooked.api.webhook["secret_token"] = hooked.api.webhook["secret_token"], "guess"
    assert await hooked.api.push() == [401]
    hooked.api.webhook["secret_token"] = secret
    assert await hooked.api.push() == [204]


async def test_one_connection_so_that_updates_come_in_order(hooked: Team) -> None:
    assert hooked.api.webhook["url"] == f"{hooked.server.url}/telegram/demo"
    assert int(hooked.api.webhook["max_connections"]) == 1


@pytest.mark.parametrize("bot", ["nobody", "demo-basic"])
async def test_a_bot_without_a_webhook_has_none(hooked: Team, bot: str) -> None:
    with pytest.raises(CommandError, match="not_found"):
        await hooked.rest.request("POST", f"/telegram/{bot}", json={"update_id": 1})
