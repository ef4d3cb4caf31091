"""Visitors and agents talk through the group, and everybody sees the same."""

from typing import Any

import pytest

from tests.telegram.team import ALICE, BOB, EVE, Team

pytestmark = pytest.mark.anyio


def kinds(events: list[Any], *wanted: str) -> list[Any]:
    return [one for one in events if one["type"] in wanted]


def labels(message: dict[str, Any]) -> list[str]:
    return [one["text"] for row in message["reply_markup"]["inline_keyboard"] for one in row]


def notes(team: Team) -> int:
    """How many notes the bridge has confirmed."""
    return sum(one.get("text") == "Noted." for one in team.group.of_bot())


async def test_the_whole_scene(team: Team) -> None:
    """The visitor asks, an agent replies from the group, a second one is told who owns it, the assistant goes on."""
    ann = await team.visitor("Ann Scene", "What are your opening hours?")
    card = await team.shown("Ann Scene: What are your opening hours?")
    await team.shown("Ann Scene", "Monday to Friday")  # the assistant's answer, in the same message
    assert card["message_id"] == (await team.shown("Ann Scene", "Monday"))["message_id"]

    team.group.say(ALICE, "Alice here: also on Saturdays.", reply_to=card["message_id"])
    await team.shown("Ann Scene", "Alice has it")
    assert (await team.texts(ann))[-1] == "Alice: Alice here: also on Saturdays."
    [assigned] = kinds(await team.events(ann), "agent_assigned")
    assert (assigned["agent"]["id"], assigned["how"]) == ("alice", "telegram")

    second = team.group.say(BOB, "Bob too!", reply_to=card["message_id"])
    told = await team.shown("Not sent", "Alice")
    assert told["reply_to_message"]["message_id"] == second
    assert not any("Bob too" in one for one in await team.texts(ann))

    await team.say(ann, "Thank you, Alice")
    heard = await team.shown("Ann Scene: Thank you, Alice")
    team.group.say(ALICE, "/return wanted the hours", reply_to=heard["message_id"])
    await team.shown("Ann Scene", "Back with the assistant", "wanted the hours")
    await team.say(ann, "And your opening hours?")
    await team.shown("Ann Scene", "Back with the assistant", "Monday")
    assert kinds(await team.events(ann), "message_sent")[-1]["from"] == "assistant"


async def test_a_member_who_is_no_agent_is_told_how_to_become_one(team: Team) -> None:
    await team.visitor("Bea", "Hello there")
    card = await team.shown("Bea: Hello there")
    team.group.say(EVE, "Hi!", reply_to=card["message_id"])
    await team.shown("telegram_user = 13")


async def test_the_buttons_take_over_return_and_close_with_a_resolution(team: Team) -> None:
    cid = await team.visitor("Cid", "I need help")
    card = await team.shown("Cid: I need help")
    assert labels(card) == ["Take over", "Return to AI", "Close"]
    assert f"{team.server.url}/dashboard#/assistant/{cid.conversation['id']}" in card["text"]
    query = team.group.press(BOB, card["message_id"], "Take over")
    await team.api.until(lambda: "💬 Bob has it" in card["text"])
    await team.api.until(lambda: query in team.api.answered)
    team.group.press(BOB, card["message_id"], "Return to AI")
    await team.api.until(lambda: "🤖 The assistant answers" in card["text"])
    team.group.press(BOB, card["message_id"], "Close")
    await team.api.until(lambda: "Spam" in labels(card))
    team.group.press(BOB, card["message_id"], "Spam")
    await team.shown("Cid", "✅ Closed: spam")
    [closed] = kinds(await team.events(cid), "conversation_closed")
    assert (closed["resolution"], closed["agent"]["id"]) == ("spam", "bob")
    assert "reply_markup" not in card


async def test_a_refused_button_is_told_to_who_pressed_it(team: Team) -> None:
    await team.visitor("Dan", "I need help")
    card = await team.shown("Dan: I need help")
    team.group.say(ALICE, "Hi Dan", reply_to=card["message_id"])
    await team.shown("Dan", "Alice has it")
    query = team.group.press(BOB, card["message_id"], "Take over")
    answer = await team.api.until(lambda: team.api.answered.get(query))
    assert "Alice" in answer["text"]
    assert answer["show_alert"] is True


async def test_commands_do_what_they_say(team: Team) -> None:
    eli = await team.visitor("Eli", "I need help")
    card = await team.shown("Eli: I need help")
    team.group.say(ALICE, "/take@support_bot", reply_to=card["message_id"])
    await team.shown("Eli", "Alice has it")
    team.group.say(ALICE, "/note calls back on Monday", reply_to=card["message_id"])
    await team.shown("Noted")
    team.group.say(ALICE, "/close resolved all is well", reply_to=card["message_id"])
    await team.shown("Eli", "✅ Closed by Alice: resolved. all is well")
    events = await team.events(eli)
    assert kinds(events, "note_added")[0]["text"] == "calls back on Monday"
    assert kinds(events, "conversation_closed")[0]["notes"] == "all is well"
    team.group.say(BOB, "/status busy")
    await team.shown("Bob is busy")
    assert (await team.rest.request("GET", "/api/agents/bob", team.token))["status"] == "busy"
    team.group.say(BOB, "/who")
    await team.shown("Bob: busy, ")
    team.group.say(BOB, "/queue")
    await team.api.until(lambda: team.find("Nobody waits") or team.find("1. #c_"))


async def test_edits_and_deletions_of_an_agents_message_reach_the_visitor_and_reactions_do_not(team: Team) -> None:
    fay = await team.visitor("Fay", "I need help")
    card = await team.shown("Fay: I need help")
    written = team.group.say(ALICE, "Helo Fay", reply_to=card["message_id"])
    await team.shown("Fay", "Alice has it")
    team.group.react(written)
    team.group.correct(written, "Hello Fay")
    team.group.say(ALICE, "/delete", reply_to=written)
    await team.shown("Taken back")
    team.group.react(written)
    noted = notes(team)
    team.group.say(ALICE, "/note done", reply_to=card["message_id"])
    await team.api.until(lambda: notes(team) > noted)
    edited = kinds(await team.rest.events(fay.token, fay.conversation["id"]), "message_edited")
    sent = kinds(await team.events(fay), "message_sent")[-1]
    assert [(one["text"], one["deleted"]) for one in edited] == [("Hello Fay", False), ("", True)]
    assert {one["message_id"] for one in edited} == {sent["message_id"]}


async def test_what_is_written_at_the_dashboard_appears_in_the_group(team: Team) -> None:
    gus = await team.visitor("Gus", "I need help")
    await team.shown("Gus: I need help")
    await team.as_agent(gus, "take_over")
    await team.as_agent(gus, "send_message", text="From the dashboard")
    await team.shown("Gus", "Agent-1: From the dashboard")


async def test_a_reply_to_a_message_deleted_from_memory_and_group_still_finds_its_visitor(team: Team) -> None:
    hal = await team.visitor("Hal", "I need help")
    card = await team.shown("Hal: I need help")
    copy = {**card, "message_id": 999_999}  # as one that was sent and never recorded
    team.group.messages[999_999] = copy
    team.group.say(ALICE, "Found you", reply_to=999_999)
    await team.shown("Hal", "Alice has it")
    assert (await team.texts(hal))[-1] == "Alice: Found you"


async def test_a_visitors_words_are_never_markup_and_never_name_another_conversation(team: Team) -> None:
    text = "<b>bold</b> _x_ &amp; 😀\n#c_other_1"
    ivy = await team.visitor("Ivy #c_other_1", text)
    card = await team.shown("Ivy #c_other_1: <b>bold</b>")
    bold = [one for one in card["entities"] if one["type"] == "bold"]
    units = card["text"].encode("utf-16-le")
    assert {units[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le") for one in bold} == {
        "Ivy #c_other_1",
        "Ivy #c_other_1: ",
        "Benchmark: ",
    }
    team.group.messages[999_998] = {**card, "message_id": 999_998}
    team.group.say(ALICE, "For Ivy", reply_to=999_998)
    await team.shown("Ivy", "Alice has it")
    assert (await team.texts(ivy))[-1] == "Alice: For Ivy"


async def test_a_long_text_is_shown_whole_in_several_messages(team: Team) -> None:
    text = " ".join(f"word{number}" for number in range(1000))
    await team.visitor("Jan", text)
    await team.shown("Jan", "word999")
    shown = "".join(one.get("text", "") for one in team.group.of_bot() if one.get("text", "").startswith("Jan"))
    assert all(f"word{number}" in shown for number in range(1000))


async def test_a_keyword_mentions_the_agents(team: Team) -> None:
    await team.visitor("Kim", "I want a refund!")
    alert = await team.shown("🔔 Kim wrote “refund”.")
    mentioned = [one["user"]["id"] for one in alert["entities"] if one["type"] == "text_mention"]
    assert mentioned
    assert set(mentioned) <= {11, 12}


async def test_an_update_that_comes_again_is_not_done_again(team: Team) -> None:
    lea = await team.visitor("Lea", "I need help")
    card = await team.shown("Lea: I need help")
    noted = notes(team)
    team.group.say(ALICE, "Once", reply_to=card["message_id"])
    await team.shown("Lea", "Alice has it")
    team.api.repeat()
    team.group.say(ALICE, "Twice", reply_to=card["message_id"])
    team.group.say(ALICE, "/note the last order", reply_to=card["message_id"])
    await team.api.until(lambda: notes(team) > noted)  # orders for one conversation are done in their order
    texts = await team.texts(lea)
    assert texts.count("Alice: Once") == texts.count("Alice: Twice") == 1


async def test_the_standing_of_the_group_is_told_to_its_agents_and_to_the_metrics(team: Team) -> None:
    standing = await team.rest.request("GET", "/api/bots/demo/telegram", team.token)
    assert (standing["problem"], standing["group"]) == (None, -1001)
    metrics = await team.rest._http.get("/metrics")
    assert "livesupport_telegram_pending" in metrics.text
