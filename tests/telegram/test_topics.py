"""A forum: a topic for each conversation."""

from collections.abc import AsyncIterator

import pytest

from tests.telegram.bot_api import BotApi
from tests.telegram.bot_api.flood import Flood
from tests.telegram.conftest import WITHOUT_RAY
from tests.telegram.team import ALICE, Team, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def forum(anyio_backend: str) -> AsyncIterator[Team]:
    async with (
        BotApi(Flood(5000, 5000)).running() as api,
        running(api, api.group(forum=True), WITHOUT_RAY, topics=True) as started,
    ):
        yield started


async def test_a_conversation_has_a_topic_that_says_how_it_stands_and_is_closed_with_it(forum: Team) -> None:
    ann = await forum.visitor("Ann", "I need help")
    card = await forum.shown("Ann: I need help")
    topic = forum.group.topics[card["message_thread_id"]]
    assert topic["name"] == "🤖 Ann"
    forum.group.say(ALICE, "A plain message", topic=card["message_thread_id"])
    await forum.api.until(lambda: topic["name"] == "💬 Ann · Alice")
    assert (await forum.texts(ann))[-1] == "Alice: A plain message"
    forum.group.say(ALICE, "/close resolved", topic=card["message_thread_id"])
    await forum.api.until(lambda: topic["closed"])
    assert topic["name"] == "✅ Ann"


async def test_a_topic_that_somebody_deleted_is_made_anew(forum: Team) -> None:
    bea = await forum.visitor("Bea", "I need help")
    card = await forum.shown("Bea: I need help")
    forum.group.delete_topic(card["message_thread_id"])
    await forum.say(bea, "Anybody?")
    again = await forum.shown("Bea: Anybody?")
    assert again["message_thread_id"] != card["message_thread_id"]
    forum.group.say(ALICE, "Here I am", topic=again["message_thread_id"])
    await forum.shown("Bea", "Alice has it")
    assert (await forum.texts(bea))[-1] == "Alice: Here I am"


async def test_without_the_right_to_topics_it_is_said_and_the_group_itself_is_used(forum: Team) -> None:
    forum.group.may_manage_topics = False
    await forum.visitor("Cid", "I need help")
    await forum.shown("I cannot make topics here")
    card = await forum.shown("Cid: I need help")
    assert "message_thread_id" not in card
