"""The assistant's turns: one at a time, and nobody hears it speak over a human."""

from actors import commands as c
from actors import events as e
from actors import frames
from actors.assistant.commands import POOL, AnswerTurn, DropTurn
from runtime.machine import Announce, Ask, Attached, Detached
from tests.actors.scene import (
    ALICE,
    CLOSED,
    KEYWORDS,
    MONA,
    SUPERVISOR,
    VISITOR,
    WORKER,
    Scene,
    conversation,
    settings,
)


def asked(scene: Scene) -> list[object]:
    """What the last command has asked of the workers."""
    return [one.request for one in scene.all(Ask)]


def streaming(*pieces: str) -> Scene:
    """The assistant has begun to answer."""
    scene = conversation("asked")
    for index, piece in enumerate(pieces):
        scene.send(WORKER, c.AssistantChunk(1, "1-3", piece, offset=len("".join(pieces[:index]))))
    return scene


def answer(scene: Scene, **fields: object) -> list[str]:
    """The worker's last word on the turn that is open."""
    return scene.send(WORKER, c.AssistantAnswer(scene.state.epoch, scene.state.turn.id, **fields))  # type: ignore[arg-type]


def test_a_question_is_asked_with_the_epoch_it_is_asked_under() -> None:
    scene = conversation("assistant")
    scene.send(VISITOR, c.SendMessage("Where is it?"))
    assert asked(scene) == [AnswerTurn("acme", 1, "1-3", 3, 0)]


def test_what_the_visitor_writes_meanwhile_is_the_next_turn() -> None:
    scene = conversation("asked")
    scene.send(VISITOR, c.SendMessage("And when?"))
    assert asked(scene) == []
    answer(scene, text="On its way.")
    assert asked(scene) == [AnswerTurn("acme", 1, "1-5", 5, 0)]
    answer(scene, text="Tomorrow.")
    assert asked(scene) == []
    assert scene.state.turn is None


def test_who_asks_for_a_human_meanwhile_does_not_wait_for_the_end_of_the_answer() -> None:
    scene = streaming("First, open")
    assert scene.send(VISITOR, c.SendMessage("no, I want to talk to a human")) == ["message_sent", "human_requested"]
    assert scene.facts[1] == e.HumanRequested("phrase", "talk to a human")
    assert asked(scene) == [DropTurn(), DropTurn()]
    assert scene.send(WORKER, c.AssistantAnswer(1, "1-3", "First, open the box.")) == ["(StaleRefused)"]
    scene.send(ALICE, c.ReturnToAssistant())
    assert scene.state.turn is not None, "what was cut off is still to be answered"


def test_where_none_can_come_or_it_is_a_whole_letter_the_answer_goes_on() -> None:
    for config, text in ((settings(tier="basic"), "talk to a human"), (settings(), "talk to a human" + " please" * 10)):
        scene = conversation("asked", config)
        assert scene.send(VISITOR, c.SendMessage(text)) == ["message_sent"]


def test_outside_the_hours_a_request_meanwhile_is_answered_and_the_question_before_it_too() -> None:
    scene = conversation("asked", settings(hours=CLOSED))
    scene.send(VISITOR, c.SendMessage("talk to a human"))
    said = [fact for fact in scene.facts if isinstance(fact, e.MessageSent)]
    assert [one.message_id for one in said] == ["v-1.4", "v-1.7"]
    assert asked(scene)[-1] == AnswerTurn("acme", 3, "3-8", 8, 0)


def test_chunks_are_pushed_and_not_kept() -> None:
    scene = streaming("On", " its way")
    assert scene.pushed(frames.AssistantChunk) == [(frames.AssistantChunk("v-1", "1-3", " its way", 2), "")]
    assert scene.state.streamed == "On its way"
    assert scene.replayed().sequence == 3


def test_who_comes_in_the_middle_of_an_answer_hears_all_that_was_heard_of_it() -> None:
    scene = streaming("On", " its way")
    for who, session in ((VISITOR, "s1"), (ALICE, "s2")):
        scene.send(who, Attached(session))
        assert scene.pushed(frames.AssistantChunk) == [(frames.AssistantChunk("v-1", "1-3", "On its way"), session)]
    scene.send(ALICE, Detached("s2"))
    assert scene.pushed(frames.AssistantChunk) == []


def test_who_comes_after_the_answer_hears_no_pieces_of_it() -> None:
    scene = streaming("On")
    answer(scene, text="On its way.")
    scene.send(VISITOR, Attached("s1"))
    assert scene.pushed(frames.AssistantChunk) == []


def test_a_piece_that_follows_a_hole_is_not_heard() -> None:
    scene = streaming("On")
    assert scene.send(WORKER, c.AssistantChunk(1, "1-3", "way", offset=7)) == []
    scene.restart()
    assert scene.send(WORKER, c.AssistantChunk(1, "1-3", " its", offset=2)) == [], "its beginning is forgotten"


def test_asked_once_more_the_answer_begins_anew_and_the_former_attempt_is_not_heard() -> None:
    scene = streaming("On its")
    answer(scene, trigger="assistant_failed")
    assert scene.all(Ask) == [Ask(POOL, DropTurn(), 0), Ask(POOL, AnswerTurn("acme", 1, "1-3", 3, 1), 1)]
    assert scene.send(WORKER, c.AssistantChunk(1, "1-3", " way", offset=6)) == []
    scene.send(WORKER, c.AssistantChunk(1, "1-3", "It is", offset=0, attempt=1))
    assert scene.pushed(frames.AssistantChunk) == [(frames.AssistantChunk("v-1", "1-3", "It is", 0), "")]


def test_the_answer_carries_the_turn_that_it_ends_and_where_it_is_from() -> None:
    scene = conversation("asked").later(2)
    answer(scene, text="On its way.", sources=("orders.md",))
    (said,) = scene.facts
    assert isinstance(said, e.MessageSent)
    assert (said.turn, said.sources, said.speaker) == ("1-3", ("orders.md",), "assistant")
    assert scene.measured("assistant_seconds") == [(("acme", "answered"), 2.0)]


def test_after_a_takeover_nothing_of_the_assistants_is_heard_and_all_of_it_is_counted() -> None:
    scene = conversation("asked")
    scene.send(ALICE, c.TakeOver())
    assert DropTurn() in asked(scene)
    for late in (c.AssistantChunk(1, "1-3", "On"), c.AssistantAnswer(1, "1-3", "On its way.")):
        scene.send(WORKER, late)
        assert scene.measured("stale_assistant_messages_total") == [((), 1.0)]
    assert scene.replayed().sequence == 4


def test_handed_back_within_the_turn_the_old_answer_is_still_refused() -> None:
    scene = conversation("asked")
    scene.send(ALICE, c.TakeOver())
    scene.send(ALICE, c.ReturnToAssistant())
    assert scene.send(WORKER, c.AssistantAnswer(1, "1-3", "On its way.")) == ["(StaleRefused)"]


def test_an_answer_given_twice_is_heard_once() -> None:
    scene = conversation("asked")
    answer(scene, text="On its way.")
    assert scene.send(WORKER, c.AssistantAnswer(1, "1-3", "On its way.")) == ["(StaleRefused)"]


def test_an_assistant_of_which_nothing_is_heard_is_asked_once_more_then_a_human() -> None:
    scene = conversation("asked")
    assert scene.wait(15) == ["turn_retried"]
    assert asked(scene) == [DropTurn(), AnswerTurn("acme", 1, "1-3", 3, 1)]  # the same question
    assert scene.wait(15) == ["human_requested"], "within the configured 30 seconds"
    assert scene.facts == [e.HumanRequested("assistant_failed", "no answer in time")]


def test_one_that_fails_is_not_waited_for() -> None:
    scene = conversation("asked")
    assert answer(scene, trigger="assistant_failed") == ["turn_retried"]
    assert answer(scene, trigger="assistant_failed", detail="down", attempt=1) == ["human_requested"]
    assert scene.facts == [e.HumanRequested("assistant_failed", "down")]


def test_one_that_will_fail_again_is_not_asked_again() -> None:
    assert answer(conversation("asked"), trigger="assistant_failed", hopeless=True) == ["human_requested"]


def test_who_was_given_up_and_says_so_later_is_no_second_failure() -> None:
    scene = conversation("asked")
    scene.wait(15)
    assert answer(scene, trigger="assistant_failed") == []
    assert answer(scene, text="On its way.", attempt=1) == ["message_sent"]


def test_one_that_writes_on_has_all_the_time_and_no_more() -> None:
    scene = streaming("On")
    for second in range(1, 29):
        assert scene.wait(1) == []
        scene.send(WORKER, c.AssistantChunk(1, "1-3", ".", offset=second + 1))
    assert scene.wait(2) == ["human_requested"], "there is no time left to ask again"


def test_one_that_stops_in_the_middle_is_asked_once_more() -> None:
    scene = streaming("On").later(10)
    scene.send(WORKER, c.AssistantChunk(1, "1-3", " its", offset=2))
    assert scene.wait(14) == []
    assert scene.wait(1) == ["turn_retried"]


def test_asked_once_more_what_was_written_meanwhile_is_still_the_next_turn() -> None:
    scene = conversation("asked")
    scene.send(VISITOR, c.SendMessage("And when?"))
    scene.wait(15)
    assert answer(scene, text="On its way.") == ["message_sent"]
    assert asked(scene) == [AnswerTurn("acme", 1, "1-6", 6, 0)]


def test_where_there_is_no_human_it_apologises() -> None:
    scene = conversation("asked", settings(tier="basic"))
    scene.wait(30)
    assert [fact.speaker for fact in scene.facts if isinstance(fact, e.MessageSent)] == ["assistant"]
    assert scene.state.turn is None


def test_where_no_human_comes_it_apologises_besides_the_offline_message() -> None:
    for hours, further in ((CLOSED, ()), (None, (c.Nobody(2, "nobody"),))):
        scene = conversation("asked", settings(hours=hours))
        answer(scene, trigger="assistant_failed", hopeless=True)
        for command in further:
            scene.send(SUPERVISOR, command)
        said = [fact for fact in scene.facts if isinstance(fact, e.MessageSent)]
        assert [one.notice for one in said] == ["apology", "offline"]
        assert len({one.message_id for one in said}) == 2


def test_an_answer_may_ask_for_a_human_after_it() -> None:
    scene = conversation("asked")
    assert answer(scene, text="I'll fetch somebody.", trigger="assistant") == ["message_sent", "human_requested"]


def test_a_keyword_alerts_the_team_and_asks_for_a_human() -> None:
    scene = conversation("asked", settings(escalation=KEYWORDS))
    answer(scene, trigger="keyword", detail="lawyer")
    assert Announce("bot/acme", frames.Alert("v-1", "lawyer", "Where is my order?")) in scene.effects


def test_a_keyword_alerts_the_team_also_where_the_assistant_does_not_listen() -> None:
    alert = Announce("bot/acme", frames.Alert("v-1", "lawyer", "I'll call my Lawyer!"))
    for state in ("queued", "offered", "live", "named"):
        scene = conversation(state, settings(escalation=KEYWORDS))
        scene.send(VISITOR, c.SendMessage("I'll call my Lawyer!"))
        assert scene.all(Announce) == [alert]
    scene.send(VISITOR, c.SendMessage("Lawyers are dear."))
    assert scene.all(Announce) == []


def test_an_agents_words_alert_nobody() -> None:
    scene = conversation("live", settings(escalation=KEYWORDS))
    scene.send(ALICE, c.SendMessage("No lawyer is needed."))
    assert scene.all(Announce) == []


def test_what_is_written_in_the_queue_is_for_the_agent() -> None:
    scene = conversation("queued")
    assert scene.send(VISITOR, c.SendMessage("Hello?")) == ["message_sent"]
    assert asked(scene) == []
    scene.send(ALICE, c.Offer(2, ""))
    (rings,) = scene.told(ALICE)
    assert isinstance(rings, c.OfferMade)
    assert rings.preview == "Hello?"


def test_returned_with_a_summary_it_is_the_assistants_again() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.ReturnToAssistant("All said."))
    assert scene.facts[1] == e.ReturnedToAssistant(e.Person("alice", "Alice"), "All said.")
    assert scene.told(ALICE) == [c.Released(3, "returned")]
    scene.send(VISITOR, c.SendMessage("And this?"))
    assert asked(scene) == [AnswerTurn("acme", 4, "4-9", 9, 0)]


def test_a_question_that_was_cut_off_is_asked_anew_when_the_assistant_has_the_conversation_again() -> None:
    scene = conversation("asked")
    scene.send(ALICE, c.TakeOver())
    scene.send(ALICE, c.ReturnToAssistant())
    assert scene.all(Ask)[-1] == Ask(POOL, AnswerTurn("acme", 3, "3-6", 6, 0), 0)
    assert answer(scene, text="On its way.") == ["message_sent"]
    assert asked(scene) == []


def test_so_is_one_that_the_button_for_a_human_cut_off_and_nobody_came() -> None:
    scene = conversation("asked", settings(hours=CLOSED))
    scene.send(VISITOR, c.RequestHuman())
    assert scene.all(Ask)[-1] == Ask(POOL, AnswerTurn("acme", 3, "3-7", 7, 0), 0), "read up to the return"
    scene = conversation("asked")
    scene.send(VISITOR, c.RequestHuman())
    scene.send(VISITOR, c.SendMessage("Hello?"))
    scene.send(SUPERVISOR, c.Nobody(2, "nobody"))
    assert scene.state.turn is not None


def test_what_an_agent_has_left_unanswered_is_the_assistants_to_answer() -> None:
    scene = conversation("live")
    scene.send(VISITOR, c.SendMessage("When are you open?"))
    scene.send(ALICE, c.ReturnToAssistant("She asks for the hours."))
    assert asked(scene)[-1] == AnswerTurn("acme", 4, "4-9", 9, 0)
    scene = conversation("queued")
    scene.send(VISITOR, c.SendMessage("When are you open?"))
    scene.send(ALICE, c.ReturnToAssistant())
    assert asked(scene)[-1] == AnswerTurn("acme", 3, "3-5", 5, 0)


def test_what_has_been_answered_is_not() -> None:
    scene = conversation("live")
    scene.send(VISITOR, c.SendMessage("When are you open?"))
    scene.send(ALICE, c.SendMessage("From nine to five."))
    scene.send(ALICE, c.ReturnToAssistant())
    assert scene.state.turn is None


def test_what_was_said_to_humans_who_did_not_come_has_had_its_answer() -> None:
    scene = conversation("queued")
    scene.send(VISITOR, c.SendMessage("It is about my lamp."))
    scene.send(SUPERVISOR, c.Nobody(2, "nobody"))
    assert scene.state.turn is None


def test_what_has_fetched_a_human_or_failed_is_not_asked_again_where_none_comes() -> None:
    for fields in ({"trigger": "phrase"}, {"trigger": "keyword"}, {"trigger": "assistant"}):
        scene = conversation("asked", settings(hours=CLOSED))
        answer(scene, **fields)
        assert scene.state.turn is None
    scene = conversation("asked", settings(hours=CLOSED))
    answer(scene, trigger="assistant_failed", hopeless=True)
    assert scene.state.turn is None, "it would fail for ever"


def test_what_was_written_while_a_human_was_fetched_is_still_a_question() -> None:
    scene = conversation("asked", settings(hours=CLOSED))
    scene.send(VISITOR, c.SendMessage("And what does it cost?"))
    answer(scene, trigger="phrase")
    assert scene.state.turn is not None


def test_the_epoch_grows_with_every_change_of_owner_and_nothing_else() -> None:
    scene = conversation("assistant")
    epochs = [scene.state.epoch]

    def step(sender: str, command: object, grows: int) -> None:
        scene.send(sender, command)  # type: ignore[arg-type]
        epochs.append(scene.state.epoch)
        assert epochs[-1] - epochs[-2] == grows, command

    step(VISITOR, c.SendMessage("Hello"), 0)
    step(VISITOR, c.RequestHuman(), 1)
    step(SUPERVISOR, c.Position(2, 1, (60, 300)), 0)
    step(ALICE, c.Offer(2, ""), 0)
    step(ALICE, c.DeclineOffer(), 0)
    step(ALICE, c.TakeOver(), 1)
    step(ALICE, c.AddNote("Nice."), 0)
    step(MONA, c.Assign("bob"), 1)
    step(MONA, c.ReturnToAssistant(), 1)
    step(ALICE, c.CloseConversation("resolved"), 1)
