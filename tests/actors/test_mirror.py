"""What a conversation tells its bot's Telegram group, and what it keeps to itself."""

import pytest

from actors import commands as c
from actors import events as e
from actors.settings import Telegram
from actors.telegram.commands import Mirror
from runtime.machine import Command
from tests.actors.scene import ALICE, VISITOR, WORKER, Scene, conversation, settings

GROUP = "telegram/acme"


def mirrored(state: str = "assistant", **telegram: object) -> Scene:
    told = Telegram(token_env="TOKEN", group=-1, **telegram)  # type: ignore[arg-type]
    return conversation(state, settings(telegram=told))


def test_a_message_is_told_with_its_sequence_and_how_the_conversation_stands() -> None:
    scene = mirrored("live")
    scene.send(VISITOR, c.SendMessage("Hello"))
    assert scene.told(GROUP) == [Mirror(scene.state.sequence, "live", "Vera", "Alice", "visitor")]


def test_a_greeting_alone_begins_nothing() -> None:
    scene = mirrored("new")
    scene.send(VISITOR, c.Open("acme", e.Visitor("v", "Vera")))
    assert scene.told(GROUP) == []


def test_the_assistants_answers_are_told() -> None:
    scene = mirrored("asked")
    turn = scene.state.turn
    assert turn is not None
    scene.send(WORKER, c.AssistantAnswer(scene.state.epoch, turn.id, "Here"))
    assert [one.speaker for one in scene.told(GROUP)] == ["assistant"]  # type: ignore[attr-defined]


def test_from_the_handoff_on_means_from_its_request() -> None:
    scene = mirrored(mirror="handoff")
    scene.send(VISITOR, c.SendMessage("Where is my order?"))
    assert scene.told(GROUP) == []
    scene.send(VISITOR, c.RequestHuman())
    assert scene.told(GROUP) == [Mirror(scene.state.sequence, "queued", "Vera")]


def test_what_only_keeps_the_books_is_not_told() -> None:
    scene = mirrored("live")
    for sender, command in ((ALICE, c.MarkRead(1)), (ALICE, c.ChangeTags(add=("vip",)))):
        scene.send(sender, command)
        assert scene.told(GROUP) == []


@pytest.mark.parametrize(
    ("sender", "command"),
    [
        (ALICE, c.AddNote("a note")),
        (ALICE, c.ReturnToAssistant()),
        (ALICE, c.CloseConversation("resolved")),
        (VISITOR, c.UpdateDetails(name="Vera B.")),
        (VISITOR, c.Rate(5)),
    ],
)
def test_what_agents_should_see_is_told(sender: str, command: Command) -> None:
    scene = mirrored("live")
    scene.send(sender, command)
    assert scene.told(GROUP)


def test_a_keyword_goes_with_the_visitors_message_and_only_there() -> None:
    scene = mirrored("live", keywords=["refund"])
    scene.send(VISITOR, c.SendMessage("I want a REFUND"))
    [told] = scene.told(GROUP)
    assert isinstance(told, Mirror)
    assert told.keyword == "refund"
    scene.send(ALICE, c.SendMessage("A refund it is"))
    [told] = scene.told(GROUP)
    assert isinstance(told, Mirror)
    assert told.keyword == ""


def test_a_bot_without_a_group_tells_nobody() -> None:
    scene = conversation("live")
    scene.send(VISITOR, c.SendMessage("Hello"))
    assert scene.told(GROUP) == []
