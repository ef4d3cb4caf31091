"""A waiting conversation is offered to one agent at a time, and every offer ends."""

import pytest

from actors import commands as c
from actors import frames
from actors.settings import AgentSettings, Routing
from runtime.machine import Attached
from tests.actors.scene import ALICE, BOB, MONA, SUPERVISOR, VISITOR, conversation, service, settings


def enlisted(scene: object) -> c.Enlist:
    """What the conversation has just told its supervisor."""
    (command,) = scene.told(SUPERVISOR)  # type: ignore[attr-defined]
    assert isinstance(command, c.Enlist)
    return command


def test_a_request_turns_to_the_supervisor_with_all_that_routing_needs() -> None:
    scene = conversation("assistant", locale="de-AT")
    scene.send(VISITOR, c.RequestHuman("my order"))
    wanted = c.Enlist(2, scene.now_ms, language="de")
    assert enlisted(scene) == wanted


def test_an_offer_rings_at_the_agent_and_says_when_it_ends() -> None:
    scene = conversation("queued")
    assert scene.send(ALICE, c.Offer(2, "least loaded")) == ["offered"]
    (rings,) = scene.told(ALICE)
    assert rings == c.OfferMade("acme", 2, scene.state.visitor, "visitor", "", scene.now_ms + 30_000)
    assert scene.due_seconds() == 30


def test_an_offer_says_what_the_visitor_said_last_and_nobody_else() -> None:
    scene = conversation("live")
    scene.send(VISITOR, c.SendMessage("My parcel is lost."))
    scene.send(ALICE, c.SendMessage("One moment, Bob knows more."))
    scene.send(ALICE, c.Transfer())
    scene.send(BOB, c.Offer(4, ""))
    (rings,) = scene.told(BOB)
    assert isinstance(rings, c.OfferMade)
    assert rings.preview == "My parcel is lost."


def test_accepted_it_is_hers_and_why_her_is_kept() -> None:
    scene = conversation("offered").later(5)
    assert scene.send(ALICE, c.AcceptOffer()) == ["offer_ended", "agent_assigned"]
    assert service(scene) == "alice"
    assert scene.facts[1].why == "least loaded"  # type: ignore[union-attr]
    assert scene.told(ALICE) == [c.Assigned("acme", 3, "offer", 6)]
    assert scene.told(SUPERVISOR) == [c.Delist(3, assigned=True)]
    assert scene.pushed(frames.AgentOnline) == [(frames.AgentOnline("v-1", True), frames.VISITORS)]
    assert scene.measured("handoff_wait_seconds") == [(("acme",), 5.0)]


def test_declined_it_goes_to_the_next_who_has_not_had_it_and_keeps_its_place() -> None:
    scene = conversation("queued")
    asked_ms = scene.now_ms
    scene.later(3).send(ALICE, c.Offer(2, ""))
    assert scene.later(4).send(ALICE, c.DeclineOffer("lunch")) == ["offer_ended"]
    assert scene.told(ALICE) == [c.Released(2, "declined")]
    again = enlisted(scene)
    assert (again.since_ms, again.tried, again.attempt) == (asked_ms, ("alice",), 1)


def test_an_offer_that_nobody_answers_expires_and_moves_on() -> None:
    scene = conversation("offered")
    assert scene.wait(29.9) == []
    assert scene.wait(0.1) == ["offer_ended"]
    assert scene.told(ALICE) == [c.Released(2, "expired")]
    assert enlisted(scene).tried == ("alice",)


def test_an_agent_who_disconnects_while_it_rings_loses_it_at_once() -> None:
    scene = conversation("offered")
    assert scene.later(1).send(ALICE, c.AgentGone(2)) == ["offer_ended"]
    assert scene.facts[0].outcome == "withdrawn"  # type: ignore[union-attr]
    assert scene.told(ALICE) == [c.Released(2, "withdrawn")]
    assert enlisted(scene).tried == ("alice",)


def test_while_it_rings_no_second_agent_gets_it() -> None:
    scene = conversation("offered")
    assert scene.send(BOB, c.Offer(2, "")) == ["(SlotReturned)"]
    assert scene.told(BOB) == [c.Released(2, "withdrawn")]
    assert scene.told(SUPERVISOR) == []


def test_an_offer_for_a_request_that_is_over_gives_the_slot_back_and_strikes_it_off_the_queue() -> None:
    scene = conversation("live")
    assert scene.send(BOB, c.Offer(2, "")) == ["(SlotReturned)"]
    assert scene.told(BOB) == [c.Released(2, "withdrawn")]
    assert scene.told(SUPERVISOR) == [c.Delist(3)]


def test_without_a_time_to_ring_it_is_hers_at_once() -> None:
    scene = conversation("queued", settings(Routing(offer_seconds=0)))
    assert scene.send(ALICE, c.Offer(2, "longest idle")) == ["agent_assigned"]
    assert scene.facts[0].why == "longest idle"  # type: ignore[union-attr]


def test_a_second_round_is_open_to_all_who_have_had_it() -> None:
    scene = conversation("queued")
    for attempt, agent in enumerate((ALICE, BOB)):
        scene.send(agent, c.Offer(2, "", attempt))
        scene.send(agent, c.DeclineOffer())
    assert enlisted(scene).tried == ("alice", "bob")
    scene.send(ALICE, c.Offer(2, "", attempt=2))
    scene.send(ALICE, c.DeclineOffer())
    assert enlisted(scene).tried == ("alice",), "Bob has the next word, before Alice is asked a third time"


def test_an_offer_that_was_overtaken_by_news_of_its_end_is_not_taken_any_more() -> None:
    scene = conversation("queued")
    assert scene.send(ALICE, c.AgentGone(2)) == ["offer_ended"], "though it has not come yet"
    assert enlisted(scene).attempt == 1
    assert scene.send(ALICE, c.Offer(2, "")) == ["(SlotReturned)"]
    assert scene.told(ALICE) == [c.Released(2, "withdrawn")]
    assert scene.send(ALICE, c.Offer(2, "", attempt=1)) == ["offered"], "she is back, and asked anew"


def test_a_slot_whose_offer_is_still_to_come_is_not_given_back() -> None:
    scene = conversation("queued")
    assert scene.send(ALICE, c.CheckSlot(2)) == []
    assert scene.send(ALICE, c.Offer(2, "")) == ["offered"]


@pytest.mark.parametrize(
    ("state", "follows"),
    [("live", ["agent_released", "human_requested"]), ("offered", ["offer_ended"]), ("handed", ["sender_left"])],
)
def test_who_serves_the_bot_no_more_keeps_nothing_of_it(state: str, follows: list[str]) -> None:
    scene = conversation(state)
    hers = [AgentSettings(id="alice", bots=["other"]), AgentSettings(id="bob", bots=["acme"])]
    scene.machine = type(scene.machine)(settings(agents=hers))  # type: ignore[call-arg]
    assert scene.refused(ALICE, c.SendMessage("Hello?")).code == "forbidden", "she could not even answer"
    assert scene.send(ALICE, c.CheckSlot(2 if state == "offered" else 3)) == follows


def test_accepting_too_late_says_who_has_it() -> None:
    scene = conversation("live")
    why = scene.refused(BOB, c.AcceptOffer())
    assert (why.code, why.detail["owner"]) == ("conflict", {"kind": "agent", "id": "alice", "name": "Alice"})
    assert scene.send(ALICE, c.AcceptOffer()) == [], "a second click is no error"


def test_taking_over_what_rings_is_accepting_it() -> None:
    scene = conversation("offered")
    scene.send(ALICE, c.TakeOver())
    assert scene.facts[0].outcome == "accepted"  # type: ignore[union-attr]
    assert c.Released(2, "withdrawn") not in scene.told(ALICE)


def test_somebody_else_takes_over_what_rings() -> None:
    scene = conversation("offered")
    scene.send(BOB, c.TakeOver())
    assert service(scene) == "bob"
    assert scene.told(ALICE) == [c.Released(2, "withdrawn")]
    assert scene.told(BOB) == [c.Assigned("acme", 3, "takeover", 6)]


def test_the_longest_wait_ends_an_offer_that_still_rings() -> None:
    scene = conversation("queued", settings(Routing(max_wait_seconds=60)))
    scene.later(50).send(ALICE, c.Offer(2, ""))
    assert scene.due_seconds() == 10
    names = scene.wait(10)
    assert names == ["offer_ended", "offline_answered", "message_sent", "returned_to_assistant", "tags_changed"]
    assert c.Released(2, "withdrawn") in scene.told(ALICE)


def test_an_agent_who_asks_is_told_again_what_rings() -> None:
    scene = conversation("offered")
    scene.restart()
    scene.send(ALICE, c.CheckSlot(2))
    (rings,) = scene.told(ALICE)
    assert isinstance(rings, c.OfferMade)


def test_read_from_the_journal_a_waiting_conversation_says_so_again() -> None:
    scene = conversation("queued")
    scene.send(ALICE, c.Offer(2, ""))
    scene.send(ALICE, c.DeclineOffer())
    before = enlisted(scene)
    scene.restart()
    assert enlisted(scene) == before


def test_while_it_rings_a_restart_asks_nobody() -> None:
    scene = conversation("offered")
    scene.restart()
    assert scene.told(SUPERVISOR) == []
    assert scene.due_seconds() == 30


def test_the_agent_who_served_this_visitor_last_is_named() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.ReturnToAssistant())
    scene.send(VISITOR, c.RequestHuman())
    assert enlisted(scene).sticky == "alice"


def test_when_her_agent_goes_offline_she_is_in_front_with_first_refusal_for_her() -> None:
    scene = conversation("live").later(100)
    assert scene.send(ALICE, c.AgentGone(3)) == ["agent_released", "human_requested"]
    assert scene.told(ALICE) == [c.Released(3, "gone")]
    again = enlisted(scene)
    assert (again.sticky, again.tried) == ("alice", ())
    assert again.priority > 30 * 24 * 60, "in minutes, more than anybody can have waited"


def test_old_news_of_an_agent_who_has_come_back_takes_nothing_from_her() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.AgentGone(3))
    scene.send(ALICE, c.Offer(4, ""))
    scene.send(ALICE, c.AcceptOffer())
    assert scene.send(ALICE, c.AgentGone(3)) == []
    assert service(scene) == "alice"


def test_a_manager_assigns_by_force_whoever_has_it() -> None:
    scene = conversation("live")
    assert scene.send(MONA, c.Assign("bob")) == ["agent_released", "agent_assigned"]
    assert scene.facts[1].why == "Mona assigned it"  # type: ignore[union-attr]
    assert scene.told(ALICE) == [c.Released(3, "reassigned")]
    assert scene.told(BOB) == [c.Assigned("acme", 4, "assigned", 8)]


def test_nobody_is_assigned_who_is_offline() -> None:
    for state in ("assistant", "queued", "live"):
        refused = conversation(state).refused(MONA, c.Assign("bob", offline=True))
        assert (refused.code, refused.message, refused.detail) == ("not_allowed", "Bob is offline.", {"state": state})


def test_who_has_it_may_be_assigned_it_again_though_she_is_offline() -> None:
    assert conversation("live").send(MONA, c.Assign("alice", offline=True)) == []


def test_a_manager_takes_over_from_an_agent_and_is_owed_the_open_question() -> None:
    scene = conversation("live")
    scene.send(VISITOR, c.SendMessage("Hello?"))
    scene.later(10).send(MONA, c.TakeOver())
    assert service(scene) == "mona"
    assert scene.due_seconds() == 30, "the visitor waits for her answer now"


def test_nobody_is_assigned_who_is_not_the_bots() -> None:
    assert conversation("queued").refused(MONA, c.Assign("zoe")).code == "not_found"
    assert conversation("queued").refused(MONA, c.Assign("nina")).code == "not_found"


def test_an_agent_who_is_not_configured_any_more_gets_nothing() -> None:
    scene = conversation("queued")
    assert scene.send("agent/nina", c.Offer(2, "")) == ["(SlotReturned)"]


def test_a_place_under_an_old_request_is_struck_off_the_queue() -> None:
    scene = conversation("live")
    scene.send(SUPERVISOR, c.Position(2, 1, (60, 300)))
    assert scene.told(SUPERVISOR) == [c.Delist(3)]


def test_old_news_of_an_earlier_offer_in_the_same_request_takes_nothing_from_her_either() -> None:
    scene = conversation("queued")
    scene.send(ALICE, c.Offer(2, ""))
    scene.send(ALICE, c.DeclineOffer())
    scene.send(ALICE, c.Offer(2, "", 1))
    assert scene.send(ALICE, c.AgentGone(2, 0)) == []
    assert scene.send(ALICE, c.AgentGone(2, 1)) == ["offer_ended"]


def test_a_colleagues_line_is_not_taken_for_that_of_who_had_it_before() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.AgentPresence(online=False))
    scene.send(MONA, c.Assign("bob"))
    scene.send(VISITOR, Attached("s"))
    assert (frames.AgentOnline("v-1", True), frames.VISITORS) in scene.pushed(frames.AgentOnline)
