"""What the assistant reads: the question, what was said before, and not the request that has been dealt with."""

import msgspec

from actors import events as e
from actors.assistant.engine import Said
from actors.assistant.history import turn_of
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
