"""Operations as calls of the Bot API, by the real library over real HTTP; what they read is given by hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors import events as e
from actors.settings import Telegram
from actors.telegram import commands as t
from gateway.attachments import Attachments
from gateway.telegram.api import GroupApi, bot_of
from runtime.identity import actor_id
from runtime.journal import Record
from tests.gateway.telegram.test_pieces import CONVERSATION, KEY, message
from tests.telegram.bot_api import BotApi, Chat
from tests.telegram.bot_api.server import TOKEN

pytestmark = pytest.mark.anyio


def journal(events: list[e.ConversationEvent]) -> Callable[[str, int], AsyncIterator[Record]]:
    async def read(conversation: str, after: int) -> AsyncIterator[Record]:
        for sequence, event in enumerate(events, 1):
            if sequence > after:
                yield Record(actor_id("conversation", conversation), sequence, 0, "", msgspec.json.encode(event))

    return read


@asynccontextmanager
async def calling(folder: Path, *events: e.ConversationEvent) -> AsyncIterator[tuple[GroupApi, Chat]]:
    """The calls of a conversation with these events, and the group that they go to."""

    async def describe(conversation: str) -> dict[str, Any]:
        return CONVERSATION

    async with BotApi().running() as api:
        bot = bot_of(Telegram(token_env="TOKEN", group=-1001, api_url=api.url), TOKEN)
        await bot.initialize()
        server = ("https://chat.x.example", True)
        yield GroupApi(bot, describe, journal([*events]), Attachments(folder), server), api.group()
        await bot.shutdown()


async def test_a_card_that_begins_late_repeats_the_visitors_last_words(tmp_path: Path) -> None:
    asked = e.HumanRequested("visitor")
    async with calling(tmp_path, message("first"), message("My order is late"), asked) as (api, group):
        done = await api.perform(1, group.id, t.Show(KEY, (2, 0), (3, 0), card=True))
    assert (done.outcome, done.upto, done.full) == ("done", (3, 0), False)
    assert group.text().splitlines()[-2:] == ["… Ann: My order is late", "⏳ Waits for a human (visitor)."]


async def test_an_edit_that_changes_nothing_is_done(tmp_path: Path) -> None:
    async with calling(tmp_path, message("first")) as (api, group):
        first = await api.perform(1, group.id, t.Show(KEY, (0, 0), (1, 0), card=True))
        again = await api.perform(2, group.id, t.Show(KEY, (0, 0), (1, 0), first.message, card=True))
    assert (again.outcome, again.message, again.upto) == ("done", first.message, (1, 0))


async def test_what_the_group_does_not_see_needs_no_call(tmp_path: Path) -> None:
    async with calling(tmp_path, e.TagsChanged(added=("vip",))) as (api, group):
        done = await api.perform(1, group.id, t.Show(KEY, (0, 0), (1, 0)))
    assert (done.outcome, done.upto, done.message) == ("done", (1, 0), 0)
    assert group.messages == {}


async def test_a_file_that_is_not_there_any_more_is_told_of(tmp_path: Path) -> None:
    async with calling(tmp_path, message("", files=1)) as (api, group):
        done = await api.perform(1, group.id, t.Show(KEY, (0, 0), (1, 0)))
    assert done.upto == (1, 0)
    assert "Ann: f0 (1 bytes): not here, see the dashboard" in group.text()


@pytest.mark.parametrize(("name", "kind"), [("a.txt", "text/plain"), ("a.png", "image/png")])
async def test_a_file_that_may_not_be_sent_to_the_group_is_told_of_and_holds_nothing_up(
    tmp_path: Path, name: str, kind: str
) -> None:
    kept = Attachments(tmp_path).keep(KEY, name, kind, BytesIO(b"content"))
    async with calling(tmp_path, msgspec.structs.replace(message(""), attachments=(kept,))) as (api, group):
        group.may_send_files = False
        done = await api.perform(1, group.id, t.Show(KEY, (0, 0), (1, 0)))
    assert (done.outcome, done.upto) == ("done", (1, 0))
    assert f"Ann: {name} (7 bytes): not here, see the dashboard" in group.text()


async def test_an_empty_file_is_told_of(tmp_path: Path) -> None:
    kept = Attachments(tmp_path).keep(KEY, "a.txt", "text/plain", BytesIO(b""))
    async with calling(tmp_path, msgspec.structs.replace(message(""), attachments=(kept,))) as (api, group):
        done = await api.perform(1, group.id, t.Show(KEY, (0, 0), (1, 0)))
    assert (done.outcome, done.upto) == ("done", (1, 0))
    assert "Ann: a.txt (0 bytes): not here, see the dashboard" in group.text()


async def test_mentions_name_their_people_and_choices_are_buttons(tmp_path: Path) -> None:
    async with calling(tmp_path) as (api, group):
        say = t.Say("🔔 Look", mentions=(("Alice", 11), ("Bob", 12)), choices=(("Spam", f"spam {KEY}"),))
        done = await api.perform(1, group.id, say)
    sent = group.messages[done.message]
    assert sent["text"] == "🔔 Look Alice Bob"
    assert [(one["offset"], one["length"], one["user"]["id"]) for one in sent["entities"]] == [(8, 5, 11), (14, 3, 12)]
    assert sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == f"spam {KEY}"


@pytest.mark.parametrize(
    ("operation", "outcome"),
    [
        (t.Show(KEY, (0, 0), (1, 0), reply_to=77), "reply_gone"),
        (t.Show(KEY, (0, 0), (1, 0), page=77), "edit_gone"),
        (t.Show(KEY, (0, 0), (1, 0), topic=77), "topic_gone"),
        (t.OpenTopic(KEY, "Ann"), "no_topics"),
        (t.RenameTopic(KEY, 77, "Ann"), "no_topics"),
    ],
)
async def test_what_is_missing_is_told_apart(tmp_path: Path, operation: t.Operation, outcome: str) -> None:
    async with calling(tmp_path, message("first")) as (api, group):
        assert (await api.perform(1, group.id, operation)).outcome == outcome


async def test_a_group_that_is_none_of_the_bots_is_a_problem(tmp_path: Path) -> None:
    async with calling(tmp_path, message("first")) as (api, _):
        done = await api.perform(1, -999, t.Say("Hello"))
    assert done.outcome == "removed"
    assert "hat not found" in done.why
