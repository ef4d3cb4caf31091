"""While a human has it: what each side sees of the other, what is said by itself, and how it ends."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from actors import commands as c
from actors import events as e
from actors import frames
from actors.settings import AgentSettings, Limits, Routing
from runtime.machine import Attached, Command, Detached
from tests.actors.scene import ALICE, BOB, MONA, SUPERVISOR, VISITOR, Scene, conversation, settings


def said(scene: Scene, wait: float) -> list[str]:
    """What the system says of itself in that time."""
    before = len(scene.journal)
    scene.wait(wait)
    return [
        body.decode().partition('"text":"')[2].partition('"')[0]
        for body, _ in scene.journal[before:]
        if b'"system"' in body
    ]


def test_agents_see_what_the_visitor_is_typing_and_nobody_else_does() -> None:
    scene = conversation("live")
    scene.send(VISITOR, c.SetTyping(True, "I wou"))
    assert scene.pushed(frames.Typing) == [(frames.Typing("v-1", "visitor", True, "Vera", "I wou"), frames.AGENTS)]
    assert len(scene.journal) == scene.state.sequence


def test_the_visitor_sees_that_the_agent_is_typing_and_not_what() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.SetTyping(True, "Go away"))
    assert scene.pushed(frames.Typing) == [(frames.Typing("v-1", "agent", True, "Alice"), frames.EVERYONE)]


def test_agents_see_whether_the_visitor_is_there() -> None:
    scene = conversation("live").later(1)
    scene.send(VISITOR, Attached("s1"))
    assert scene.pushed(frames.Presence) == [(frames.Presence("v-1", True, scene.now_ms), frames.AGENTS)]
    scene.send(VISITOR, Attached("s2"))
    scene.send(VISITOR, Detached("s1"))
    assert scene.pushed(frames.Presence)[0][0].online is True
    scene.later(1).send(VISITOR, Detached("s2"))
    assert scene.pushed(frames.Presence) == [(frames.Presence("v-1", False, scene.now_ms), frames.AGENTS)]


def test_an_agent_who_begins_to_watch_is_told_whether_the_visitor_is_there() -> None:
    scene = conversation("live")
    scene.send(ALICE, Attached("a1"))
    assert scene.pushed(frames.Presence) == [], "nobody knows"
    scene.send(VISITOR, Attached("s1"))
    seen_ms = scene.now_ms
    scene.later(5).send(BOB, Attached("b1"))
    assert scene.pushed(frames.Presence) == [(frames.Presence("v-1", True, seen_ms), "b1")]
    scene.later(5).send(VISITOR, Detached("s1"))
    scene.later(5).send(BOB, Attached("b2"))
    assert scene.pushed(frames.Presence) == [(frames.Presence("v-1", False, seen_ms + 10_000), "b2")]


def test_the_visitor_sees_whether_the_agent_is_there_also_after_coming_back() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.AgentPresence(False))
    gone = (frames.AgentOnline("v-1", False), frames.VISITORS)
    assert scene.pushed(frames.AgentOnline) == [gone]
    scene.send(VISITOR, Attached("s1"))
    assert gone in scene.pushed(frames.AgentOnline)
    scene.send(BOB, c.AgentPresence(True))
    assert scene.state.agent_online is False, "she has nothing to do with it"


def test_whoever_comes_to_a_closed_conversation_is_led_on_to_the_next() -> None:
    scene = conversation("closed")
    scene.send(VISITOR, c.GoOn("v-2"))
    on = (frames.GoesOn("v-1", "v-2"), frames.VISITORS)
    assert scene.pushed(frames.GoesOn) == [on]
    scene.send(VISITOR, Attached("late"))
    assert scene.pushed(frames.GoesOn) == [on]


def test_the_place_in_the_queue_is_told_and_told_again_to_who_comes_back() -> None:
    scene = conversation("queued")
    scene.send(SUPERVISOR, c.Position(2, 3, (60, 240)))
    place = frames.QueuePosition("v-1", 3, (60, 240))
    assert scene.pushed(frames.QueuePosition) == [(place, frames.EVERYONE)]
    assert scene.described()["queue"] == {"position": 3, "eta_seconds": (60, 240)}
    scene.send(VISITOR, Attached("s1"))
    assert (place, frames.VISITORS) in scene.pushed(frames.QueuePosition)
    scene.send(ALICE, c.TakeOver())
    assert scene.described()["queue"] is None


def test_of_a_long_line_only_the_front_is_shown_to_who_watches_the_bot_at_each_move() -> None:
    scene = conversation("queued")
    assert scene.send(SUPERVISOR, c.Position(2, 300, (60, 240))) == ["(PlaceChanged)", "(PlaceShown)"]
    assert scene.send(SUPERVISOR, c.Position(2, 299, (60, 240))) == ["(PlaceChanged)"]
    assert scene.send(SUPERVISOR, c.Position(2, 20, (60, 240))) == ["(PlaceChanged)", "(PlaceShown)"]


def test_only_the_first_window_to_come_and_the_last_to_go_make_another_row() -> None:
    scene = conversation("live")
    assert scene.send(VISITOR, Attached("s1")) == ["(SessionsChanged)", "(VisitorSeen)"]
    assert scene.send(VISITOR, Attached("s2")) == ["(SessionsChanged)"]
    assert scene.send(VISITOR, Detached("s1")) == ["(SessionsChanged)"]
    assert scene.send(VISITOR, Detached("s2")) == ["(SessionsChanged)", "(VisitorSeen)"]


def test_agents_see_who_else_looks() -> None:
    scene = conversation("live")
    scene.send(ALICE, Attached("a1"))
    scene.send(ALICE, Attached("a2"))
    assert scene.pushed(frames.Viewers) == [(frames.Viewers("v-1", ("alice",)), "a2")], "the others know"
    scene.send(MONA, Attached("m1"))
    assert scene.pushed(frames.Viewers) == [(frames.Viewers("v-1", ("alice", "mona")), frames.AGENTS)]
    scene.send(ALICE, Detached("a1"))
    scene.send(ALICE, Detached("a2"))
    assert scene.pushed(frames.Viewers) == [(frames.Viewers("v-1", ("mona",)), frames.AGENTS)]


def test_a_crowd_that_looks_on_is_told_to_who_comes_and_not_each_to_each() -> None:
    team = [AgentSettings(id=f"a{n:02}", bots=["acme"]) for n in range(100)]
    scene = conversation("assistant", settings(agents=team))
    told = []
    for one in team:
        scene.send(f"agent/{one.id}", Attached(f"s{one.id}"))
        told.append(scene.pushed(frames.Viewers))
    assert [audience for pushed in told[:20] for _, audience in pushed] == [frames.AGENTS] * 20
    assert [audience for pushed in told[20:] for _, audience in pushed] == [f"s{one.id}" for one in team[20:]]
    assert len(told[-1][0][0].agents) == 20
    scene.send("agent/a50", Detached("sa50"))
    assert scene.pushed(frames.Viewers) == []
    scene.send("agent/a00", Detached("sa00"))
    assert "a20" in scene.pushed(frames.Viewers)[0][0].agents


def test_each_sides_reading_is_told_and_only_goes_on() -> None:
    scene = conversation("live")
    assert scene.send(VISITOR, c.MarkRead(3)) == ["read_marked"]
    assert scene.send(VISITOR, c.MarkRead(2)) == []
    assert scene.send(ALICE, c.MarkRead(4)) == ["read_marked"]
    assert scene.send(MONA, c.MarkRead(5)) == [], "a manager who looks on has not read it for Alice"
    assert (scene.state.read_visitor, scene.state.read_agent) == (3, 4)
    assert scene.refused(VISITOR, c.MarkRead(99)).code == "bad_request"


def test_clients_that_mark_as_read_whatever_they_hear_come_to_an_end() -> None:
    scene = conversation("live")
    for said in range(2):
        marks = [scene.send(who, c.MarkRead(scene.state.sequence)) for _ in range(4) for who in (VISITOR, ALICE)]
        assert marks == [["read_marked"]] * 2 + [[]] * 6, said
        scene.send(VISITOR, c.SendMessage("And another thing"))


def test_the_agent_is_introduced_once_when_she_joins() -> None:
    scene = conversation("offered", settings(Routing(agent_greeting="Hi {visitor.name}, this is {agent.name}.")))
    assert scene.send(ALICE, c.AcceptOffer()) == ["offer_ended", "agent_assigned", "message_sent"]
    greeting = scene.facts[2]
    assert isinstance(greeting, e.MessageSent)
    assert (greeting.speaker, greeting.text, greeting.notice) == ("system", "Hi Vera, this is Alice.", "greeting")
    assert greeting.message_id == f"v-1.{scene.state.sequence}"


def test_missing_the_target_is_excused_once() -> None:
    scene = conversation("live")
    assert said(scene, 29) == []
    assert said(scene, 1) == ["Thanks for waiting, I'll be right with you."]
    scene.send(ALICE, c.SendMessage("Hi!"))
    scene.send(VISITOR, c.SendMessage("And?"))
    assert said(scene, 300) == []


def test_who_comes_back_to_it_is_neither_introduced_nor_excused_again() -> None:
    routing = Routing(agent_greeting="I am {agent.name}.", response_target_seconds=30)
    scene = conversation("live", settings(routing))
    assert scene.wait(30) == ["message_sent"]
    scene.send(ALICE, c.AgentGone(3))
    scene.send(ALICE, c.Offer(4, ""))
    assert scene.send(ALICE, c.AcceptOffer()) == ["offer_ended", "agent_assigned"], "she is known"
    assert scene.wait(60) == []
    scene.send(ALICE, c.Transfer(to_agent="bob"))
    scene.send(BOB, c.Offer(6, ""))
    assert scene.send(BOB, c.AcceptOffer()) == ["offer_ended", "agent_assigned", "message_sent"], "he is not"
    assert scene.wait(30) == ["message_sent"]
    scene.send(BOB, c.ReturnToAssistant())
    assert scene.send(BOB, c.TakeOver()) == ["agent_assigned", "message_sent"], "that is another handoff"


def test_without_a_delay_message_nothing_is_said() -> None:
    assert said(conversation("live", settings(Routing(delay_message=""))), 300) == []


def test_who_answers_in_time_needs_no_excuse() -> None:
    scene = conversation("live").later(20)
    scene.send(ALICE, c.SendMessage("Hi!"))
    assert scene.measured("first_response_seconds") == [(("acme", "alice"), 20.0)]
    assert scene.measured("responses_within_target_total") == [(("acme", "alice"), 1.0)]
    assert said(scene, 60) == []


def test_a_question_that_the_assistant_was_at_is_hers_to_answer() -> None:
    scene = conversation("asked")
    scene.send(ALICE, c.TakeOver())
    assert said(scene, 30) != []


def test_a_silent_visitor_is_warned_then_the_conversation_is_closed() -> None:
    for state in ("assistant", "live"):
        scene = conversation(state)
        if state == "live":
            scene.send(ALICE, c.SendMessage("Anything else?"))
        assert scene.wait(1_800) == ["message_sent"]
        names = scene.wait(60)
        assert names[-1] == "conversation_closed"
        assert scene.state.resolution == "other"


def test_a_word_from_the_visitor_puts_off_the_close() -> None:
    scene = conversation("live", settings(Routing(delay_message="")))
    scene.send(ALICE, c.SendMessage("Anything else?"))
    scene.wait(1_830)
    scene.send(VISITOR, c.SendMessage("Wait"))
    assert scene.due_seconds() is None, "now the agent owes an answer"
    scene.send(ALICE, c.SendMessage("Yes?"))
    assert scene.due_seconds() == 1_800


def test_who_is_writing_is_not_silent() -> None:
    scene = conversation("assistant", settings(Routing(idle_close_seconds=600)))
    assert scene.wait(600) == ["message_sent"]
    scene.later(50).send(VISITOR, c.SetTyping(True, "I am just"))
    assert scene.wait(59) == []
    assert scene.wait(1) == ["conversation_closed"]


@pytest.mark.parametrize("deed", [c.UpdateDetails(email="v@example.org"), c.Rate(5)])
def test_who_leaves_an_address_or_rates_is_not_silent(deed: Command) -> None:
    scene = conversation("assistant", settings(Routing(idle_close_seconds=600)))
    scene.wait(640)
    scene.send(VISITOR, deed)
    assert scene.wait(59) == []
    assert scene.wait(1) == ["conversation_closed"]


def test_nobody_is_silent_who_waits() -> None:
    for state in ("queued", "named", "live"):
        scene = conversation(state, settings(Routing(delay_message="", max_wait_seconds=7_200)))
        assert "conversation_closed" not in scene.wait(7_000)


def test_the_idle_close_can_be_off() -> None:
    assert conversation("assistant", settings(Routing(idle_close_seconds=0))).due_seconds() is None


def test_a_rating_is_counted_for_who_served_also_after_the_close() -> None:
    scene = conversation("closed")
    assert scene.send(VISITOR, c.Rate(4, "Quick.")) == ["rated"]
    assert scene.measured("rating") == [(("acme", "alice"), 4.0)]
    assert scene.refused(VISITOR, c.Rate(6)).code == "bad_request"


def test_nobody_is_rated_or_listed_for_a_conversation_that_she_had_no_part_in() -> None:
    scene = conversation("new")
    scene.send(VISITOR, c.Open("acme", e.Visitor("v"), last_agent="alice"))
    scene.send(VISITOR, c.Rate(1))
    assert scene.measured("rating") == [(("acme", ""), 1.0)], "Alice served another one of this visitor's"
    scene.send(VISITOR, c.EndConversation())
    row = scene.machine.summary(scene.state)
    assert row is not None
    assert "agent:alice" not in row.terms
    assert scene.described()["last_agent"] == "alice", "she is still to be asked first the next time"


def test_closing_says_how_it_went() -> None:
    scene = conversation("live").later(90)
    scene.send(ALICE, c.CloseConversation("resolved", "Refunded."))
    assert scene.measured("closed_total") == [(("acme", "alice", "resolved"), 1.0)]
    assert scene.measured("handle_seconds") == [(("acme", "alice"), 90.0)]
    assert scene.told(ALICE) == [c.Released(3, "closed")]


@pytest.mark.parametrize(
    ("sender", "write", "field"),
    [
        (VISITOR, c.SendMessage, "text"),
        (MONA, c.AddNote, "text"),
        (ALICE, c.ReturnToAssistant, "summary"),
        (ALICE, lambda text: c.Transfer(note=text), "note"),
        (ALICE, lambda text: c.CloseConversation("other", text), "notes"),
        (VISITOR, lambda text: c.Rate(5, text), "comment"),
    ],
)
@pytest.mark.parametrize("limit", [50, 8_000])
def test_whatever_people_write_has_the_configured_bound(
    sender: str, write: Callable[[str], Command], field: str, limit: int
) -> None:
    scene = conversation("live", replace(settings(), limits=Limits(text_characters=limit)))
    refused = scene.refused(sender, write("x" * (limit + 1)))
    assert (refused.code, refused.detail) == ("too_large", {"field": field, "limit": limit})
    assert scene.send(sender, write("x" * limit))


def test_a_note_needs_a_text() -> None:
    assert conversation("live").refused(MONA, c.AddNote("  ")).code == "bad_request"


def test_a_tag_is_one_line_whoever_writes_it() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.ChangeTags(("red\n  bot:other", "green\u2028tea")))
    assert scene.state.tags == ("red bot:other", "green tea")


def test_tags_are_trimmed_counted_and_measured() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.ChangeTags((" vip ", "vip", "", "x" * 40)))
    assert scene.state.tags == ("vip", "x" * 40)
    assert scene.send(ALICE, c.ChangeTags(("vip",), ("never",))) == []
    assert scene.refused(ALICE, c.ChangeTags(("x" * 41,))).code == "bad_request"
    scene.send(ALICE, c.ChangeTags(tuple(f"tag {n}" for n in range(8))))
    assert scene.refused(ALICE, c.ChangeTags(("one more",))).code == "bad_request"
    assert scene.send(ALICE, c.ChangeTags(("one more",), ("vip",))) == ["tags_changed"]
    assert len(scene.state.tags) == 10


def test_how_many_tags_of_what_length_is_configured() -> None:
    scene = conversation("live", replace(settings(), limits=Limits(tags=1, tag_characters=3)))
    assert scene.refused(ALICE, c.ChangeTags(("long",))).code == "bad_request"
    assert scene.send(ALICE, c.ChangeTags(("vip",))) == ["tags_changed"]
    assert scene.refused(ALICE, c.ChangeTags(("new",))).code == "bad_request"


def test_details_add_up_and_have_a_limit() -> None:
    scene = conversation("closed")
    scene.send(VISITOR, c.UpdateDetails(name="Vera V.", attributes={"plan": "pro"}))
    scene.send(VISITOR, c.UpdateDetails(attributes={"seats": 3}))
    assert scene.state.visitor.attributes == {"plan": "pro", "seats": 3}
    assert scene.send(VISITOR, c.UpdateDetails(name="Vera V.", attributes={"seats": 3})) == []
    assert scene.refused(VISITOR, c.UpdateDetails(attributes={"a": "x" * 16_384})).code == "too_large"


def test_texts_have_a_limit_and_must_say_something() -> None:
    scene = conversation("assistant")
    assert scene.send(VISITOR, c.SendMessage("x" * 8_000)) == ["message_sent"]
    assert scene.refused(VISITOR, c.SendMessage("x" * 8_001)).code == "too_large"
    assert scene.refused(VISITOR, c.SendMessage(" ")).code == "bad_request"
    file = e.Attachment("a", "a.png", "image/png", 10, "/a.png")
    assert scene.send(VISITOR, c.SendMessage("", (file,))) == ["message_sent"]


def test_a_list_shows_what_was_said_last_and_by_whom_and_of_files_alone_their_names() -> None:
    scene = conversation("assistant")
    scene.send(VISITOR, c.SendMessage("Where is it?"))
    assert (scene.described()["preview"], scene.described()["preview_from"]) == ("Where is it?", "visitor")
    scene.send(ALICE, c.TakeOver())
    files = tuple(e.Attachment(name, name, "image/png", 10, f"/{name}") for name in ("a.png", "b.png"))
    scene.send(ALICE, c.SendMessage("", files))
    assert (scene.described()["preview"], scene.described()["preview_from"]) == ("a.png, b.png", "agent")


def test_the_second_takeover_learns_who_was_first() -> None:
    scene = conversation("assistant")
    scene.send(ALICE, c.TakeOver())
    why = scene.refused(BOB, c.TakeOver())
    assert (why.code, why.detail) == ("conflict", {"owner": {"kind": "agent", "id": "alice", "name": "Alice"}})


def test_replying_from_telegram_takes_the_conversation_over_first() -> None:
    scene = conversation("asked")
    names = scene.send(ALICE, c.SendMessage("Hi!", take_over=True, telegram=True))
    assert names == ["agent_assigned", "message_sent"]
    assert scene.facts[0].how == "telegram"  # type: ignore[union-attr]
    assert scene.facts[1].message_id == "v-1.5"  # type: ignore[union-attr]
    assert scene.send(ALICE, c.SendMessage("Still me.", take_over=True)) == ["message_sent"]


def test_an_agent_corrects_what_she_wrote_or_takes_it_back() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.EditMessage("v-1.6", "Better"))
    assert scene.facts == [e.MessageEdited("v-1.6", "Better")]
    scene.send(ALICE, c.EditMessage("v-1.6"))
    assert scene.facts == [e.MessageEdited("v-1.6", "", deleted=True)]


def test_whoever_asks_again_after_it_was_returned_may_have_the_same_agent_again() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.ReturnToAssistant())
    scene.send(VISITOR, c.RequestHuman())
    (enlist,) = [one for one in scene.told(SUPERVISOR) if isinstance(one, c.Enlist)]
    assert (enlist.tried, enlist.sticky) == ((), "alice")
