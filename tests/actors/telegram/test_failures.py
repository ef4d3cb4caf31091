"""What goes wrong at Telegram is said, and nothing is lost by it."""

from typing import Any

import msgspec
import pytest

from actors.telegram import commands as t
from actors.telegram import words
from tests.actors.telegram.stage import ALICE, BOB, GROUP, Stage


def failing(stage: Stage, outcome: Any, times: int = 1, **told: Any) -> None:
    """The next calls come to that."""
    left = times

    def answer(perform: t.Perform) -> t.Performed:
        nonlocal left
        left -= 1
        return stage.done(perform) if left < 0 else t.Performed(perform.number, outcome, **told)

    stage.answer = answer


def test_a_card_that_was_deleted_is_made_anew_with_what_is_new() -> None:
    stage = Stage()
    stage.tell("ann", phase="queued")
    failing(stage, "reply_gone")
    stage.tell("ann", phase="queued")
    lost, again = stage.operations(t.Show)[-2:]
    assert lost.reply_to
    assert (again.card, again.after, again.reply_to) == (True, (1, 0), 0)
    stage.check_shown()


def test_a_page_that_was_deleted_is_followed_by_a_new_one() -> None:
    stage = Stage()
    stage.tell("ann", phase="queued")
    stage.tell("ann", "", phase="assistant")
    stage.wait(3)
    stage.tell("ann", "assistant")
    failing(stage, "edit_gone")
    stage.wait(3)
    stage.check_shown()


def test_a_card_that_was_deleted_and_has_nothing_new_is_not_missed() -> None:
    stage = Stage()
    stage.tell("ann", phase="queued")
    stage.tell("ann", "", phase="live", owner="Alice")
    failing(stage, "edit_gone")
    stage.wait(60)
    assert stage.card("ann") == 0
    assert len(stage.calls) == 3


def test_a_topic_that_was_deleted_is_made_anew() -> None:
    stage = Stage(topics=True)
    stage.tell("ann", phase="queued")
    failing(stage, "topic_gone")
    stage.tell("ann", phase="queued")
    kinds = [type(operation).__name__ for _, operation in stage.calls]
    assert kinds == ["OpenTopic", "Show", "Show", "OpenTopic", "Show"]
    stage.check_shown()


def test_words_for_a_topic_that_is_gone_are_said_in_the_group() -> None:
    stage = Stage(topics=True)
    stage.connected()
    stage.tell("ann-1", phase="queued")
    failing(stage, "topic_gone")
    stage.update(text="/help", topic=stage.state.threads["ann-1"].topic)
    first, second = stage.operations(t.Say)
    assert first.topic
    assert (second.text, second.topic, second.reply_to) == (words.HELP, 0, 0)
    stage.wait(60)
    assert len(stage.operations(t.Say)) == 2


def test_words_that_reply_to_a_message_that_is_gone_are_said_all_the_same() -> None:
    stage = Stage(topics=True)
    stage.connected()
    stage.tell("ann-1")
    stage.wait(2)
    card, topic = stage.card("ann-1"), stage.state.threads["ann-1"].topic
    stage.reply("Hello!", card, topic=topic)
    failing(stage, "reply_gone")
    stage.ran(refusal="conflict", message="Bob was first.")
    first, second = stage.operations(t.Say)
    assert first.reply_to
    assert (second.text, second.topic, second.reply_to) == ("Not sent: Bob was first.", topic, 0)
    assert (stage.card("ann-1"), stage.state.threads["ann-1"].topic) == (card, topic), "what there is stays"


def test_a_visitor_without_a_name_has_a_topic_all_the_same() -> None:
    stage = Stage(topics=True)
    stage.tell("ann", phase="queued", visitor="")
    assert stage.operations(t.OpenTopic)[0].name == "⏳ Visitor"


def test_without_the_right_to_topics_the_group_itself_is_used_and_told_why() -> None:
    stage = Stage(topics=True)
    failing(stage, "no_topics", why="not enough rights")
    stage.tell("ann", phase="queued")
    assert "not enough rights" in stage.said[0]
    assert stage.operations(t.Show)[0].topic == 0
    stage.update("member", member=True)
    stage.tell("bob", phase="queued")
    assert len(stage.operations(t.OpenTopic)) == 2


def test_topics_that_may_not_be_renamed_any_more_are_left_as_they_are() -> None:
    stage = Stage(topics=True)
    stage.tell("ann", phase="queued")

    def no_rights(perform: t.Perform) -> t.Performed:
        manages = isinstance(perform.operation, t.RenameTopic | t.CloseTopic)
        return t.Performed(perform.number, "no_topics", why="no rights") if manages else stage.done(perform)

    stage.answer = no_rights
    stage.tell("ann", "", phase="closed")
    stage.wait(600)
    assert len(stage.operations(t.RenameTopic)) == 1
    assert len(stage.said) == 1


def test_a_group_that_becomes_a_supergroup_is_followed() -> None:
    stage = Stage()
    failing(stage, "moved", new_group=-100777)
    stage.tell("ann", phase="queued")
    stage.check_shown()
    assert stage.describe()["group"] == -100777
    stage.restart()
    stage.connected()
    stage.update(chat=-100777, text="/queue")
    assert len(stage.runs) == 1
    stage.update(chat=GROUP, text="/queue")
    assert len(stage.runs) == 1


def test_the_news_of_the_migration_itself_is_enough() -> None:
    stage = Stage()
    stage.update("migrated", new_group=-100777)
    assert stage.describe()["group"] == -100777


@pytest.mark.parametrize("topics", [False, True])
def test_in_the_supergroup_messages_have_numbers_of_their_own_and_the_old_ones_mean_nothing(topics: bool) -> None:
    stage = Stage(topics=topics)
    stage.connected()
    stage.tell("ann-1", phase="queued")
    reply = stage.reply("Hello!", stage.card("ann-1"))
    stage.own["ann-1"].add(2)
    stage.ran(sequence=2)
    card, topic = stage.card("ann-1"), stage.state.threads["ann-1"].topic
    stage.update("migrated", new_group=-100777)
    for number in (card, reply.message):
        stage.update(chat=-100777, text="Who has lunch with me?", reply_to=number, topic=topic)
        stage.update("edited", chat=-100777, text="Who has lunch?", message=number)
    assert len(stage.runs) == 1, "what members say among themselves is not for visitors"
    stage.sequences["ann-1"] = 2
    stage.tell("ann-1", phase="live")
    again = stage.operations(t.Show)[-1]
    assert (again.page, again.reply_to, again.card) == (0, 0, True), "a card of its own, and no edit of another message"
    assert stage.card("ann-1") not in (0, card)
    stage.check_shown()


def test_news_of_a_migration_that_is_known_forgets_nothing() -> None:
    stage = Stage()
    stage.connected()
    failing(stage, "moved", new_group=-100777)
    stage.tell("ann-1", phase="queued")
    card = stage.card("ann-1")
    failing(stage, "moved", new_group=-100777)
    stage.tell("ann-1", phase="live")
    assert stage.card("ann-1") == card


def test_a_bot_that_was_removed_waits_says_so_and_goes_on_when_it_is_back() -> None:
    stage = Stage()
    failing(stage, "removed", times=100, why="bot was kicked")
    stage.tell("ann", phase="queued")
    stage.wait(600)
    assert len(stage.calls) <= 12
    assert stage.describe()["problem"] == "bot was kicked"
    assert (stage.frames[-1].pending, stage.frames[-1].problem) == (1, "bot was kicked")
    stage.answer = stage.done
    stage.update("member", member=True)
    stage.check_shown()
    assert stage.describe()["problem"] is None


def test_being_removed_is_a_problem_before_anything_is_sent() -> None:
    stage = Stage()
    stage.update("member", member=False)
    assert stage.describe()["problem"] == words.REMOVED


def test_a_message_that_telegram_refuses_is_left_out_said_and_holds_nobody_up() -> None:
    stage = Stage()
    failing(stage, "refused", times=3, why="strange")
    stage.tell("ann-1", phase="queued")
    stage.wait(20)
    assert "#c_ann_1" in stage.said[0]
    stage.tell("bob", phase="queued")
    stage.tell("ann-1", phase="queued")
    assert {one.conversation for one in stage.operations(t.Show)[3:]} == {"ann-1", "bob"}


def test_what_telegram_cannot_mean_is_not_tried_for_ever() -> None:
    stage = Stage()
    failing(stage, "reply_gone", times=1_000)
    stage.tell("ann-1", phase="queued")
    stage.wait(600)
    assert len(stage.calls) <= 2 * 3


def test_a_wrong_token_is_a_problem_until_a_bridge_gets_through() -> None:
    stage = Stage()
    stage.send("bridge/acme/0", t.Connected(problem="wrong token"))
    assert stage.frames[-1].problem == "wrong token"
    stage.connected()
    assert stage.describe()["problem"] is None


# Topics


def test_a_topic_is_named_after_its_state_and_closed_with_it() -> None:
    stage = Stage(topics=True)
    stage.connected()
    stage.tell("ann", phase="queued")
    stage.tell("ann", "", phase="live", owner="Alice")
    stage.wait(3)
    stage.tell("ann", "", phase="closed")
    stage.wait(3)
    names = [stage.operations(t.OpenTopic)[0].name, *(one.name for one in stage.operations(t.RenameTopic))]
    assert names == ["⏳ Ann", "💬 Ann · Alice", "✅ Ann"]
    assert len(stage.operations(t.CloseTopic)) == 1
    calls = len(stage.calls)
    stage.wait(60)
    assert len(stage.calls) == calls


def test_a_plain_message_in_a_topic_is_a_reply() -> None:
    stage = Stage(topics=True)
    stage.connected()
    stage.tell("ann-1", phase="queued")
    stage.update(text="Hello!", topic=stage.state.threads["ann-1"].topic)
    assert stage.runs[-1].to == "conversation/ann-1"


# Mentions


ON_DUTY = msgspec.json.encode({"agents": [{"id": "bob", "status": "busy"}, {"id": "alice", "status": "away"}]}).decode()


def test_a_keyword_mentions_who_is_on_duty_and_once_more_if_nobody_answers() -> None:
    stage = Stage()
    stage.tell("ann", keyword="refund")
    stage.ran(value=ON_DUTY)
    [first] = stage.operations(t.Say)
    assert (first.text, first.mentions) == ("🔔 Ann wrote “refund”.", (("Bob", BOB),))
    stage.wait(31)
    stage.ran(value=ON_DUTY)
    assert stage.said[-1] == "🔔 Ann wrote “refund”, and nobody has answered."
    stage.wait(600)
    assert len(stage.runs) == 2


def test_an_answer_ends_the_mentions() -> None:
    stage = Stage()
    stage.tell("ann", keyword="refund")
    stage.ran(value=ON_DUTY)
    stage.tell("ann", "agent", phase="live", owner="Bob")
    stage.wait(600)
    assert len(stage.runs) == 1


def test_an_answer_from_the_group_itself_ends_them_too() -> None:
    stage = Stage()
    stage.connected()
    stage.tell("ann-1", keyword="refund")
    stage.ran(value=ON_DUTY)
    stage.wait(2)
    stage.reply("Of course", stage.card("ann-1"))
    stage.ran(sequence=2)
    stage.tell("ann-1", "agent", phase="live", owner="Alice")
    stage.wait(600)
    assert len(stage.runs) == 2  # who is on duty, once; and the reply


def test_when_nobody_is_on_duty_all_are_mentioned() -> None:
    stage = Stage()
    stage.tell("ann", keyword="refund")
    stage.ran(value='{"agents": []}')
    assert stage.operations(t.Say)[0].mentions == (("Alice", ALICE), ("Bob", BOB))


def test_mentions_that_have_waited_for_telegram_are_made_together() -> None:
    stage = Stage()
    failing(stage, "away", times=1_000)
    for number in range(30):
        stage.tell(f"visitor{number}", keyword="refund")
        stage.ran(value=ON_DUTY)
        stage.wait(1)
    stage.answer = stage.done
    calls = len(stage.calls)
    stage.wait(120)
    stage.check_shown()
    told = [one.text for _, one in stage.calls[calls:] if isinstance(one, t.Say)]
    assert len(told) <= 4
    assert all(f"Visitor{number} " in "".join(told) for number in range(30))


def test_a_repeated_keyword_does_not_mention_again_and_again() -> None:
    stage = Stage()
    for _ in range(5):
        stage.tell("ann", keyword="refund")
    assert len(stage.runs) == 1
