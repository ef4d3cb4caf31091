"""When no human comes: said once, back to the assistant, and marked so that somebody finds it. Never a silent wait."""

import pytest

from actors import commands as c
from actors import events as e
from actors.settings import Routing
from tests.actors.scene import ALICE, CLOSED, SUPERVISOR, VISITOR, WORKER, Scene, conversation, settings

OFFLINE = ["offline_answered", "message_sent", "returned_to_assistant", "tags_changed"]


def said(scene: Scene) -> list[str]:
    """What the system has just said."""
    return [fact.text for fact in scene.facts if isinstance(fact, e.MessageSent) and fact.speaker == "system"]


def test_outside_the_hours_the_answer_comes_at_once_and_nobody_is_asked() -> None:
    scene = conversation("assistant", settings(hours=CLOSED))
    assert scene.send(VISITOR, c.RequestHuman()) == ["human_requested", *OFFLINE]
    assert said(scene) == ["We are closed."]
    assert scene.told(SUPERVISOR) == [c.Delist(3)]
    assert scene.state.offline == "hours"
    assert scene.state.phase == "assistant"


@pytest.mark.parametrize("reason", ["nobody", "queue_full"])
def test_the_supervisor_knows_that_nobody_will_come(reason: str) -> None:
    scene = conversation("queued")
    assert scene.send(SUPERVISOR, c.Nobody(2, reason)) == OFFLINE  # type: ignore[arg-type]
    assert scene.state.offline == reason


def test_waited_too_long() -> None:
    scene = conversation("queued")
    assert scene.wait(599) == []
    assert scene.wait(1) == OFFLINE
    assert scene.state.offline == "waited"


def test_a_failed_offer_does_not_make_the_wait_longer() -> None:
    scene = conversation("queued").later(500)
    scene.send(ALICE, c.Offer(2, ""))
    scene.send(ALICE, c.DeclineOffer())
    assert scene.wait(100) == OFFLINE


def test_a_late_word_of_the_supervisors_is_for_a_request_that_is_over() -> None:
    scene = conversation("queued")
    scene.send(SUPERVISOR, c.Nobody(2, "nobody"))
    scene.send(VISITOR, c.RequestHuman())
    assert scene.send(SUPERVISOR, c.Nobody(2, "nobody")) == []
    assert scene.state.phase == "queued"


def test_who_is_offered_it_just_now_may_still_take_it() -> None:
    assert conversation("offered").send(SUPERVISOR, c.Nobody(2, "nobody")) == []


def test_it_is_marked_once_and_found_by_the_mark_until_somebody_takes_it() -> None:
    scene = conversation("queued")
    scene.send(SUPERVISOR, c.Nobody(2, "nobody"))
    scene.send(VISITOR, c.RequestHuman())
    assert "tags_changed" not in scene.send(SUPERVISOR, c.Nobody(4, "nobody"))
    assert scene.state.tags == ("missed",)
    row = scene.machine.summary(scene.state)
    assert row is not None
    assert "tag:missed" in row.terms
    names = scene.send(ALICE, c.SendMessage("Here I am.", take_over=True))
    assert names == ["agent_assigned", "tags_changed", "message_sent"]
    assert (scene.state.offline, scene.state.tags) == ("", ())
    assert scene.facts[2].message_id == f"v-1.{scene.state.sequence}"  # type: ignore[union-attr]


def test_the_visitor_can_leave_an_email() -> None:
    scene = conversation("queued")
    scene.send(SUPERVISOR, c.Nobody(2, "nobody"))
    assert scene.send(VISITOR, c.UpdateDetails(email="v@example.org")) == ["details_changed"]


def test_the_assistant_answers_on_and_does_not_ask_again_by_itself() -> None:
    scene = conversation("asked")
    for _ in range(2):
        scene.send(VISITOR, c.SendMessage("?"))
    for turns in range(1, 3):
        turn = scene.state.turn
        assert turn is not None
        scene.send(WORKER, c.AssistantAnswer(1, turn.id, "I don't know.", known=False))
        assert scene.state.unanswered == turns
        scene.send(VISITOR, c.SendMessage("?"))
    turn = scene.state.turn
    scene.send(WORKER, c.AssistantAnswer(1, turn.id, "I don't know.", known=False))
    assert scene.state.phase == "queued", "three in a row"
    scene.send(SUPERVISOR, c.Nobody(2, "nobody"))
    scene.send(VISITOR, c.SendMessage("And this?"))
    scene.send(WORKER, c.AssistantAnswer(3, scene.state.turn.id, "I don't know.", known=False))
    assert scene.state.phase == "assistant", "the count begins anew"


def test_without_an_offline_message_nothing_is_said_but_all_else_is_the_same() -> None:
    scene = conversation("assistant", settings(hours=type(CLOSED)(offline_message="")))
    names = scene.send(VISITOR, c.RequestHuman())
    assert names == ["human_requested", "offline_answered", "returned_to_assistant", "tags_changed"]


def test_a_conversation_with_all_its_tags_is_marked_too_and_can_still_be_tagged() -> None:
    scene = conversation("assistant")
    scene.send(ALICE, c.ChangeTags(tuple(f"tag {n}" for n in range(10))))
    scene.send(VISITOR, c.RequestHuman())
    assert "tags_changed" in scene.send(SUPERVISOR, c.Nobody(2, "nobody"))
    assert len(scene.state.tags) == 11
    assert scene.refused(ALICE, c.ChangeTags(add=("one more",))).code == "bad_request"
    assert scene.send(ALICE, c.ChangeTags(add=("another",), remove=("tag 0",))) == ["tags_changed"]
    assert scene.send(ALICE, c.ChangeTags(remove=("missed",))) == ["tags_changed"]


def test_a_basic_bot_has_no_humans() -> None:
    basic = settings(tier="basic")
    assert conversation("assistant", basic).refused(VISITOR, c.RequestHuman()).code == "basic_tier"
    assert conversation("assistant", basic).refused(ALICE, c.TakeOver()).code == "basic_tier"
    assert conversation("assistant", basic).refused(ALICE, c.SendMessage("Hi", take_over=True)).code == "basic_tier"
    scene = conversation("asked", basic)
    scene.send(WORKER, c.AssistantAnswer(1, "1-3", "Only me here.", trigger="phrase"))
    assert scene.state.phase == "assistant"


def test_whoever_was_being_served_when_the_hours_ended_is_not_sent_away_because_a_line_drops() -> None:
    scene = conversation("live")
    scene.machine = type(scene.machine)(settings(hours=CLOSED))  # type: ignore[call-arg]
    assert scene.send(ALICE, c.AgentGone(3)) == ["agent_released", "human_requested"]
    assert isinstance(scene.told(SUPERVISOR)[0], c.Enlist)
    assert scene.send(SUPERVISOR, c.Nobody(4, "nobody")) == OFFLINE, "if nobody is there, that is said at once"


def test_a_transfer_is_made_whatever_the_hours() -> None:
    scene = conversation("live")
    scene.machine = type(scene.machine)(settings(Routing(), hours=CLOSED))  # type: ignore[call-arg]
    assert scene.send(ALICE, c.Transfer()) == ["agent_released", "human_requested"]
    assert isinstance(scene.told(SUPERVISOR)[0], c.Enlist)
