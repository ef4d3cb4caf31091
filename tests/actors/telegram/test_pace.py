"""Telegram's limits, what goes first within them, and that nothing is lost while it waits."""

import random

import pytest

from actors.telegram import commands as t
from tests.actors.telegram.stage import MINUTE_MS, Stage


def away(perform: t.Perform) -> t.Performed:
    return t.Performed(perform.number, "away")


def test_two_hundred_conversations_at_once_are_all_shown_within_the_limits_and_in_order() -> None:
    stage, words = Stage(), random.Random(1)
    for _ in range(10):
        for number in words.sample(range(200), 200):
            stage.tell(f"visitor{number}")
            stage.tell(f"visitor{number}", "assistant")
        stage.wait(2)
    assert stage.describe()["pending"] > 2_000
    stage.wait(30 * 60)
    stage.check_shown()
    assert stage.describe()["pending"] == 0
    assert len(stage.calls) < 420  # 4,000 messages


def test_after_an_hour_without_telegram_everything_arrives_coalesced() -> None:
    stage = Stage()
    stage.tell("ann", phase="queued")
    stage.answer = away
    for minute in range(60):
        stage.tell("ann", phase="live", owner="Alice")
        stage.tell(f"visitor{minute % 10}", phase="queued")
        stage.wait(60)
    tried = len(stage.calls)
    assert tried < 200  # it is not asked all the time
    assert stage.describe()["pending"] == 120
    assert "does not answer" in stage.describe()["problem"]
    stage.answer = stage.done
    stage.wait(5 * 60)
    stage.check_shown()
    assert len(stage.calls) - tried < 2 * 11 + 1  # a message and a card for each conversation
    assert stage.describe()["problem"] is None


def test_a_visitor_who_waits_for_a_human_goes_before_the_assistants_chatter() -> None:
    stage = Stage()
    for number in range(40):
        stage.tell(f"chatter{number}")
    stage.wait(2)
    assert len(stage.calls) == 16  # a share of the minute is kept free
    stage.tell("ann", phase="queued")
    when_ms, operation = stage.calls[-1]
    assert (when_ms, operation.conversation) == (stage.now_ms, "ann")  # type: ignore[union-attr]


@pytest.mark.parametrize("gather_ms", [0, 300, 1_000])
def test_chatter_is_shown_once_it_has_gathered_for_as_long_as_configured(gather_ms: int) -> None:
    stage = Stage(gather_ms=gather_ms)
    begun_ms = stage.now_ms
    stage.tell("ann")
    stage.wait(2)
    [(when_ms, _)] = stage.calls
    assert when_ms == begun_ms + gather_ms


def test_in_a_full_minute_who_waits_is_shown_before_live_talk_and_that_before_ends() -> None:
    stage = Stage()
    for number in range(20):
        stage.tell(f"first{number}", phase="live")
    stage.tell("ended", phase="closed")
    stage.tell("talking", phase="live")
    stage.tell("waiting", phase="queued")
    stage.wait(61)
    cards = [one.conversation for one in stage.operations(t.Show)]
    assert cards[20:22] == ["waiting", "talking"]


def test_chatter_that_has_waited_long_is_not_starved_by_what_is_urgent() -> None:
    stage = Stage()
    stage.tell("patient")
    for _ in range(400):
        for number in range(3):
            stage.tell(f"busy{number}", phase="live")
        stage.wait(2)
    assert stage.shown["patient"]


def test_a_question_and_its_answer_are_one_message_and_the_next_ones_are_added_to_it() -> None:
    stage = Stage()
    stage.tell("ann")
    stage.wait(0.3)
    stage.tell("ann", "assistant")
    stage.wait(2)
    stage.tell("ann")
    stage.wait(0.5)
    stage.tell("ann", "assistant")
    stage.wait(2)
    first, second = stage.operations(t.Show)
    assert (first.page, first.card, first.silent) == (0, True, True)
    assert (second.page, second.after, second.until) == (stage.card("ann"), (0, 0), (4, 0))


def test_a_page_that_is_full_is_followed_by_a_new_one() -> None:
    stage = Stage()
    stage.tell("ann")
    stage.tell("ann", "assistant")

    def full(perform: t.Perform) -> t.Performed:
        done = stage.done(perform)
        return t.Performed(done.number, "done", done.message, (1, 0), full=True)

    stage.answer = full
    stage.wait(1.5)
    stage.answer = stage.done
    stage.wait(2)
    second = stage.operations(t.Show)[1]
    assert (second.page, second.card, second.after, second.reply_to) == (0, False, (1, 0), stage.card("ann"))


def test_flood_control_is_obeyed_and_the_call_made_again() -> None:
    stage = Stage()
    stage.answer = lambda perform: t.Performed(perform.number, "wait", retry_ms=17_000)
    stage.tell("ann", phase="queued")
    stage.answer = stage.done
    stage.wait(16.9)
    assert len(stage.calls) == 1
    stage.wait(0.1)
    assert len(stage.calls) == 2
    stage.check_shown()


def test_flood_control_is_obeyed_whatever_gets_well_meanwhile() -> None:
    stage = Stage()
    stage.answer = away
    stage.tell("ann", phase="queued")
    stage.wait(5)
    assert stage.describe()["problem"]
    stage.answer = lambda perform: t.Performed(perform.number, "wait", retry_ms=60_000)
    stage.wait(5)
    tried = len(stage.calls)
    stage.answer = stage.done
    stage.connected()
    stage.update("member", member=True)
    stage.wait(50)
    assert len(stage.calls) == tried
    stage.wait(10)
    stage.check_shown()


def test_the_overall_limit_holds_where_the_groups_is_wide() -> None:
    stage = Stage(group_per_minute=10_000, overall_per_second=30)
    for number in range(100):
        stage.tell(f"visitor{number}", phase="queued")
    assert len(stage.calls) == 30
    stage.wait(4)
    stage.check_shown()


def test_a_restart_forgets_neither_what_waits_nor_the_calls_of_the_last_minute() -> None:
    stage = Stage()
    for number in range(30):
        stage.tell(f"visitor{number}", phase="queued")
    assert len(stage.calls) == 20
    stage.restart()
    assert len(stage.calls) == 20
    stage.wait(MINUTE_MS / 1000)
    stage.check_shown()


def test_a_call_of_which_nothing_was_heard_is_asked_for_again_under_its_number() -> None:
    stage = Stage()
    asked: list[int] = []
    stage.answer = lambda perform: asked.append(perform.number)
    stage.tell("ann", phase="queued")
    stage.restart()
    stage.wait(125)
    assert len(asked) >= 3
    assert len(set(asked)) == 1


def test_what_was_asked_for_again_counts_in_its_minute_also_after_a_restart() -> None:
    stage = Stage()
    stage.answer = lambda perform: None
    stage.tell("ann", phase="queued")
    stage.answer = stage.done
    stage.restart()  # the stage minds the limits, and it has made that call twice
    for number in range(30):
        stage.tell(f"visitor{number}", phase="queued")
    stage.restart()
    assert len(stage.calls) == 20


def test_what_is_told_late_is_shown_in_its_place() -> None:
    stage = Stage()
    stage.sequences["ann"] = 6
    stage.tell("ann")
    stage.send("conversation/ann", t.Mirror(5, "assistant", "Ann", speaker="visitor"))
    stage.wait(2)
    assert stage.shown["ann"] == [((4, 0), (7, 0))]


def test_what_is_known_stays_small_however_many_conversations_there_have_been() -> None:
    stage = Stage(group_per_minute=10_000, overall_per_second=1_000)
    for number in range(3_000):
        key = f"visitor{number}"
        stage.tell(key, phase="queued")
        stage.tell(key, "", phase="closed")
        stage.wait(0.2)
    assert len(stage.state.threads) <= 2_000
    assert len(stage.state.messages) <= 5_000
    assert len(stage.codec.encode_state((stage.state, {}))) < 800_000
    assert len(stage.codec.encode_event(stage.machine.baseline(stage.state))) < 400_000


def test_a_card_whose_edit_came_to_nothing_is_edited_again() -> None:
    stage = Stage()
    stage.tell("ann", phase="queued")
    stage.tell("ann", phase="live", owner="Alice")
    stage.answer = away
    stage.wait(1.2)
    stage.answer = stage.done
    stage.wait(5)
    first, second = stage.operations(t.Show)[-2:]
    assert first == second
    assert (second.page, second.card) == (stage.card("ann"), True)
