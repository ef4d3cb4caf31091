"""What a conversation tells the metrics, event by event."""

import pytest

from actors import commands as c
from actors import events as e
from actors.conversation.measures import measures
from actors.conversation.rules import Rules
from actors.conversation.state import Conversation
from actors.settings import Routing
from metrics.recorder import Recorder
from runtime.machine import Measure, Origin
from tests.actors.scene import ALICE, BOB, CLOSED, ITSELF, MONA, VISITOR, WORKER, Scene, conversation, settings

ACME_ALICE = ("acme", "alice")


def said(scene: Scene) -> list[tuple[str, tuple[str, ...], float]]:
    """All that the last command has counted, and that the recorder knows it all."""
    found = scene.all(Measure)
    for one in found:
        Recorder(strict=True).measure(one)
    return [(one.name, one.labels, one.value) for one in found]


def answer(scene: Scene, **more: object) -> c.AssistantAnswer:
    """The assistant's answer to the turn that is open."""
    return c.AssistantAnswer(scene.state.epoch, scene.state.turn.id, **{"text": "At home.", **more})  # type: ignore[arg-type]


def test_each_message_is_counted_by_who_wrote_it() -> None:
    scene = conversation("assistant")
    scene.send(VISITOR, c.SendMessage("Where is my order?"))
    assert said(scene) == [("messages_total", ("acme", "visitor"), 1)]
    scene.later(1.5).send(WORKER, answer(scene))
    assert said(scene) == [
        ("messages_total", ("acme", "assistant"), 1),
        ("assistant_seconds", ("acme", "answered"), 1.5),
    ]


def test_opening_counts_the_greeting_as_the_assistants_message() -> None:
    scene = conversation("new")
    scene.send(VISITOR, c.Open("acme", e.Visitor("v")))
    assert said(scene) == [("messages_total", ("acme", "assistant"), 1)]


def test_from_asking_to_the_first_answer() -> None:
    scene = conversation("assistant")
    scene.send(VISITOR, c.RequestHuman())
    assert said(scene) == [("handoffs_total", ("acme", "visitor"), 1)]
    scene.later(7).send(ALICE, c.Offer(scene.state.epoch, "least loaded"))
    assert said(scene) == []
    scene.later(5).send(ALICE, c.AcceptOffer())
    assert said(scene) == [
        ("offers_total", ("acme", "alice", "accepted"), 1),
        ("takeovers_total", ("acme", "offer"), 1),
        ("handoff_wait_seconds", ("acme",), 12),
    ]
    scene.later(30).send(ALICE, c.SendMessage("Hello"))
    assert said(scene) == [
        ("messages_total", ("acme", "agent"), 1),
        ("first_response_seconds", ACME_ALICE, 30),
        ("response_seconds", ACME_ALICE, 30),
        ("responses_within_target_total", ACME_ALICE, 1),
    ]


def test_an_answer_after_the_target_is_no_answer_within_it() -> None:
    scene = conversation("live")
    scene.later(30.001).send(ALICE, c.SendMessage("Hello"))
    assert scene.measured("response_seconds") == [(ACME_ALICE, 30.001)]
    assert scene.measured("responses_within_target_total") == []


def test_a_response_is_timed_from_the_first_message_that_was_unanswered() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.SendMessage("Hello"))
    for _ in range(3):
        scene.later(10).send(VISITOR, c.SendMessage("Are you there?"))
    scene.later(10).send(ALICE, c.SendMessage("I am."))
    assert said(scene) == [("messages_total", ("acme", "agent"), 1), ("response_seconds", ACME_ALICE, 30), WITHIN]
    scene.later(10).send(ALICE, c.SendMessage("What is your number?"))
    assert said(scene) == [("messages_total", ("acme", "agent"), 1)]


WITHIN = ("responses_within_target_total", ACME_ALICE, 1.0)


def test_two_first_words_in_one_millisecond_are_one_first_response() -> None:
    scene = conversation("assistant")
    scene.send(ALICE, c.TakeOver())
    assert said(scene) == [("takeovers_total", ("acme", "takeover"), 1)]
    scene.later(4).send(ALICE, c.SendMessage("Hello"))
    assert scene.measured("first_response_seconds") == [(ACME_ALICE, 4)]
    assert scene.measured("response_seconds") == []
    scene.send(ALICE, c.SendMessage("It is Alice."))
    assert scene.measured("first_response_seconds") == []


def test_a_takeover_from_another_agent_ends_her_service_and_begins_ones_own() -> None:
    scene = conversation("live")
    scene.later(60).send(MONA, c.TakeOver())
    assert said(scene) == [("handle_seconds", ACME_ALICE, 60), ("takeovers_total", ("acme", "takeover"), 1)]
    scene.later(2).send(MONA, c.SendMessage("I'll take this."))
    assert scene.measured("first_response_seconds") == [(("acme", "mona"), 2)]


def test_closing_counts_the_resolution_and_what_it_took() -> None:
    scene = conversation("live")
    scene.later(90).send(ALICE, c.CloseConversation("resolved"))
    assert said(scene) == [("handle_seconds", ACME_ALICE, 90), ("closed_total", ("acme", "alice", "resolved"), 1)]
    scene.send(VISITOR, c.Rate(4))
    assert said(scene) == [("rating", ACME_ALICE, 4)]


def test_what_no_agent_had_a_part_in_is_closed_by_none() -> None:
    scene = conversation("assistant")
    scene.send(VISITOR, c.EndConversation())
    assert said(scene) == [("closed_total", ("acme", "", "other"), 1)]
    scene.send(VISITOR, c.Rate(1))
    assert said(scene) == [("rating", ("acme", ""), 1)]


@pytest.mark.parametrize(
    ("outcome", "sender", "command"),
    [("declined", ALICE, c.DeclineOffer()), ("withdrawn", ALICE, c.AgentGone(2)), ("withdrawn", BOB, c.TakeOver())],
)
def test_offers_are_counted_by_how_they_end(outcome: str, sender: str, command: c.Command) -> None:
    scene = conversation("offered")
    scene.send(sender, command)
    assert scene.measured("offers_total") == [(("acme", "alice", outcome), 1)]


def test_an_offer_that_nobody_answers_has_expired() -> None:
    scene = conversation("offered")
    scene.wait(31)
    assert scene.measured("offers_total") == [(("acme", "alice", "expired"), 1)]


def test_a_transfer_is_a_handoff_and_the_wait_begins_anew() -> None:
    scene = conversation("live")
    scene.later(100).send(ALICE, c.Transfer(to_agent="bob"))
    assert said(scene) == [("handle_seconds", ACME_ALICE, 100), ("handoffs_total", ("acme", "transfer"), 1)]
    scene.send(BOB, c.Offer(scene.state.epoch, "asked"))
    scene.later(3).send(BOB, c.AcceptOffer())
    assert scene.measured("takeovers_total") == [(("acme", "transfer"), 1)]
    assert scene.measured("handoff_wait_seconds") == [(("acme",), 3)]


def test_the_offline_message_is_counted_by_why() -> None:
    scene = conversation("assistant", settings(hours=CLOSED))
    scene.send(VISITOR, c.RequestHuman())
    assert scene.measured("handoffs_total") == [(("acme", "visitor"), 1)]
    assert scene.measured("offline_answered_total") == [(("acme", "hours"), 1)]
    waiting = conversation("queued")
    waiting.wait(601)
    assert waiting.measured("offline_answered_total") == [(("acme", "waited"), 1)]


# The assistant


def test_a_turn_that_the_assistant_did_not_know() -> None:
    scene = conversation("asked")
    scene.later(2).send(WORKER, answer(scene, known=False))
    assert scene.measured("assistant_seconds") == [(("acme", "unknown"), 2)]


def test_a_turn_that_asks_for_a_human_with_a_text_is_counted_once() -> None:
    scene = conversation("asked")
    scene.later(2).send(WORKER, answer(scene, trigger="assistant"))
    assert scene.measured("assistant_seconds") == [(("acme", "answered"), 2)]
    assert scene.measured("handoffs_total") == [(("acme", "assistant"), 1)]


def test_a_turn_that_only_asks_for_a_human_is_escalated() -> None:
    scene = conversation("asked")
    scene.later(2).send(WORKER, answer(scene, text="", trigger="phrase"))
    assert said(scene) == [("handoffs_total", ("acme", "phrase"), 1), ("assistant_seconds", ("acme", "escalated"), 2)]


def test_a_turn_without_an_answer_is_retried_then_failed() -> None:
    scene = conversation("asked")
    scene.wait(15)
    assert scene.measured("assistant_seconds") == [(("acme", "retried"), 15)]
    scene.wait(15)
    assert scene.measured("assistant_seconds") == [(("acme", "failed"), 30)]
    assert scene.measured("handoffs_total") == [(("acme", "assistant_failed"), 1)]


def test_where_there_is_no_human_a_failed_turn_has_failed_too() -> None:
    scene = conversation("asked", settings(tier="basic"))
    scene.wait(60)
    assert [labels for labels, _ in scene.measured("assistant_seconds")] == [("acme", "retried"), ("acme", "failed")]


@pytest.mark.parametrize(("sender", "command"), [(ALICE, c.TakeOver()), (VISITOR, c.RequestHuman())])
def test_a_turn_that_a_human_cuts_short_is_dropped(sender: str, command: c.Command) -> None:
    scene = conversation("asked")
    scene.later(3).send(sender, command)
    assert scene.measured("assistant_seconds") == [(("acme", "dropped"), 3)]


def test_what_the_assistant_says_too_late_is_counted_and_not_kept() -> None:
    scene = conversation("asked")
    late = answer(scene)
    scene.send(ALICE, c.TakeOver())
    scene.send(WORKER, late)
    assert said(scene) == [("stale_assistant_messages_total", (), 1)]


def test_an_answer_that_got_through_would_be_counted() -> None:
    scene = conversation("live")
    through = e.MessageSent("m", "assistant", e.Person("assistant", "Acme"), "Me again", turn="1-1")
    found = measures(Rules(settings()), scene.state, through, scene.now_ms)
    assert Measure("stale_assistant_messages_through_total", ("acme",)) in found


# Replay


def test_replay_counts_nothing() -> None:
    scene = conversation("live", settings(Routing(delay_message="")))
    scene.send(ALICE, c.SendMessage("Hello"))
    scene.restart()
    assert said(scene) == []
    assert isinstance(scene.state, Conversation)
    scene.later(5).send(ALICE, c.SendMessage("Still here"))
    assert said(scene) == [("messages_total", ("acme", "agent"), 1)]


def test_time_itself_counts_only_what_it_brings() -> None:
    scene = conversation("queued")
    assert scene.machine.decide(scene.state, c.WaitedTooLong(), Origin(ITSELF, scene.now_ms)) == []
