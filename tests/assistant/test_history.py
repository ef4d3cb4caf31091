"""What the assistant reads: the question, what was said before, and not the request that has been dealt with."""

from typing import Any

import msgspec

from actors import events as e
from actors.assistant.engine import Said, Turn
from actors.assistant.history import turn_of
from actors.settings import Escalation
from runtime.identity import actor_id
from runtime.journal import Record

CONVERSATION = actor_id("conversation", "v-1")
ALICE = e.Person("alice", "Alice")


def records(*events: e.ConversationEvent) -> list[Record]:
    encode = msgspec.json.encode
    return [Record(CONVERSATION, number, number, "", encode(event)) for number, event in enumerate(events, 1)]


def says(speaker: e.Speaker, text: str) -> e.MessageSent:
    return e.MessageSent(text, speaker, e.Person(speaker, ""), text)


def opened() -> e.ConversationOpened:
    return e.ConversationOpened("shop", e.Visitor("v", locale="de-AT"))


def test_messages_since_the_last_answer_are_one_question() -> None:
    turn = turn_of(
        records(opened(), says("assistant", "Hi"), says("visitor", "One thing"), says("visitor", "and another")), "Shop"
    )
    assert turn.question == "One thing\nand another"
    assert turn.said == (Said("assistant", "Hi"),)
    assert (turn.bot, turn.locale) == ("Shop", "de-AT")


def test_an_agents_words_and_her_summary_are_read_too() -> None:
    turn = turn_of(
        records(
            opened(),
            says("visitor", "Where is my order?"),
            says("agent", "On its way."),
            e.ReturnedToAssistant(ALICE, "The parcel comes on Monday."),
            says("visitor", "At what time?"),
        ),
        "Shop",
    )
    assert turn.question == "At what time?"
    assert turn.said == (
        Said("visitor", "Where is my order?"),
        Said("agent", "On its way."),
        Said("summary", "The parcel comes on Monday."),
    )


def test_the_request_for_a_human_is_not_read_again_after_the_return() -> None:
    turn = turn_of(
        records(
            opened(),
            says("visitor", "How much is shipping?"),
            says("assistant", "4.90 EUR"),
            says("visitor", "talk to a human"),
            e.HumanRequested("phrase", "talk to a human"),
            e.AgentAssigned(ALICE, "offer"),
            e.AgentReleased(ALICE, "returned"),
            e.ReturnedToAssistant(ALICE),
            says("visitor", "And to Austria?"),
        ),
        "Shop",
    )
    assert turn.question == "And to Austria?"
    assert "talk to a human" not in [one.text for one in turn.said]


def handed_off(trigger: e.Trigger, *asked: str, meanwhile: str = "", **rules: Any) -> Turn:
    """The turn of a question that is asked after a handoff that led to nobody."""
    queued = [says("visitor", meanwhile)] if meanwhile else []
    events = [
        opened(),
        *(says("visitor", text) for text in asked),
        e.HumanRequested(trigger),
        *queued,
        e.OfflineAnswered("waited"),
        says("system", "We are closed."),
        e.ReturnedToAssistant(e.Person("system", "Shop")),
        says("visitor", "And to Austria?"),
    ]
    return turn_of(records(*events), "Shop", Escalation(**rules))


def test_a_request_that_was_not_the_last_thing_said_is_not_read_again_either() -> None:
    turn = handed_off("phrase", "I want to talk to a human", "please", "How much is shipping?")
    assert turn.question == "please\nHow much is shipping?\nAnd to Austria?", "these are still to be answered"
    assert turn.said == ()


def test_what_asks_for_a_human_in_the_queue_does_not_hand_off_again_after_it() -> None:
    turn = handed_off("visitor", meanwhile="Can I speak to an agent now?")
    assert turn.question == "And to Austria?"
    assert turn.said == ()


def test_a_phrase_of_the_bots_own_is_left_out_too() -> None:
    assert handed_off("phrase", "Beam me up", phrases=["beam me up"]).question == "And to Austria?"


def test_what_only_sounded_like_the_need_of_a_human_was_said_and_is_no_question_any_more() -> None:
    turn = handed_off("keyword", "My lawyer will write to you", keywords=["lawyer"])
    assert turn.question == "And to Austria?"
    assert turn.said == (Said("visitor", "My lawyer will write to you"),)


def test_a_request_that_no_single_message_makes_is_dealt_with_all_the_same() -> None:
    assert handed_off("phrase", "beam me", "up, Scotty", phrases=["beam me up"]).question == "And to Austria?"


def test_what_the_assistant_itself_wanted_a_human_for_is_not_asked_again() -> None:
    assert handed_off("assistant", "My parcel arrived broken").question == "And to Austria?"


def test_what_it_failed_to_answer_is_still_a_question() -> None:
    assert handed_off("assistant_failed", "How much?").question == "How much?\nAnd to Austria?"


def test_where_all_that_was_said_is_dealt_with_nothing_is_asked() -> None:
    events = [opened(), says("visitor", "talk to a human"), e.HumanRequested("phrase")]
    left = [says("visitor", "a human, please!"), e.ReturnedToAssistant(ALICE)]
    assert turn_of(records(*events, *left), "Shop").asked is False
    assert turn_of(records(*events, *left, says("visitor", "")), "Shop").asked is True, "of files alone, too"


def test_what_the_system_says_is_no_part_of_the_talk() -> None:
    turn = turn_of(records(opened(), says("system", "We are closed."), says("visitor", "Oh")), "Shop")
    assert turn.said == ()


def test_a_question_before_the_button_was_pressed_stays() -> None:
    turn = turn_of(records(opened(), says("visitor", "How much?"), e.HumanRequested("visitor")), "Shop")
    assert turn.question == "How much?"


def test_what_was_written_while_the_assistant_answered_is_the_next_question() -> None:
    def answers(text: str, turn: str) -> e.MessageSent:
        return e.MessageSent(text, "assistant", e.Person("assistant", ""), text, turn=turn)

    events = [
        opened(),
        says("visitor", "How much is shipping?"),
        says("visitor", "And how long does it take?"),
        answers("4.90 EUR", "1-2"),
    ]
    turn = turn_of(records(*events), "Shop")
    assert turn.question == "And how long does it take?"
    assert turn.said == (Said("visitor", "How much is shipping?"), Said("assistant", "4.90 EUR"))
    assert turn_of(records(*events, answers("Three days", "1-4")), "Shop").question == ""
