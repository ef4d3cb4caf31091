"""To a colleague, who is asked first; to a skill; or back to the queue."""

from actors import commands as c
from actors import events as e
from actors import frames
from actors.settings import AgentSettings, Routing
from runtime.machine import Event
from tests.actors.scene import ALICE, BOB, MONA, SUPERVISOR, VISITOR, agent, conversation, service, settings


def test_the_colleague_is_asked_for_a_slot_and_the_sender_keeps_hers() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.Transfer(to_agent="bob", note="She is cross."))
    assert scene.facts[0] == e.NoteAdded(e.Person("alice", "Alice"), "She is cross.")
    assert scene.told(BOB) == [c.Reserve("v-1", "acme", 4, "Alice asked for her")]
    assert scene.told(ALICE) == []
    assert scene.told(SUPERVISOR) == []


def test_the_colleague_reads_the_note_while_it_rings_and_the_visitor_never_does() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.Transfer(to_agent="bob", note="An angry one."))
    assert [scene.machine.public(fact) for fact in scene.facts if isinstance(fact, Event)][-1] == e.HumanRequested(
        "transfer", to_agent="bob"
    )
    scene.send(BOB, c.Offer(4, ""))
    rings = scene.told(BOB)[0]
    assert isinstance(rings, c.OfferMade)
    assert rings.note == "An angry one."
    bob = agent("bob")
    bob.send(SUPERVISOR, c.Reserve("v-1", "acme", 4, ""))
    bob.send(scene.actor, rings)
    assert bob.pushed(frames.Offer)[0][0].note == "An angry one."


def test_accepted_the_sender_has_her_slot_back() -> None:
    scene = conversation("handed")
    assert scene.send(BOB, c.AcceptOffer()) == ["offer_ended", "agent_assigned"]
    assert scene.facts[1].how == "transfer"  # type: ignore[union-attr]
    assert scene.told(ALICE) == [c.Released(3, "transferred")], "under the epoch she had it"
    assert scene.told(BOB) == [c.Assigned("acme", 5, "transfer", 11)]


def test_declined_it_is_the_senders_again_and_says_why() -> None:
    scene = conversation("handed")
    assert scene.send(BOB, c.DeclineOffer()) == ["offer_ended", "agent_assigned"]
    assert service(scene) == "alice"
    assert scene.facts[1].why == "Bob declined"  # type: ignore[union-attr]
    assert scene.told(ALICE) == [c.Assigned("acme", 5, "transfer", 11)]
    assert scene.told(BOB) == [c.Released(4, "declined")]


def test_not_answered_it_is_the_senders_again() -> None:
    scene = conversation("handed")
    assert scene.wait(30) == ["offer_ended", "agent_assigned"]
    assert service(scene) == "alice"
    assert scene.facts[1].why == "Bob did not answer"  # type: ignore[union-attr]


def test_the_sender_is_not_greeted_anew() -> None:
    scene = conversation("handed", settings(Routing(agent_greeting="Hi, this is {agent.name}.")))
    assert scene.send(BOB, c.DeclineOffer()) == ["offer_ended", "agent_assigned"]


def test_a_colleague_without_a_slot_is_as_one_who_declines_and_nobody_counts_it_against_her() -> None:
    scene = conversation("named")
    scene.send(BOB, c.SlotDenied(4, "is away"))
    assert service(scene) == "alice"
    assert [fact.why for fact in scene.facts if isinstance(fact, e.AgentAssigned)] == ["Bob is away"]
    assert scene.measured("offers_total") == [(("acme", "bob", "withdrawn"), 1.0)]


def test_a_colleague_of_whom_nothing_is_heard_cannot_keep_it() -> None:
    scene = conversation("named")
    assert scene.wait(15) == ["offer_ended", "agent_assigned"]
    assert service(scene) == "alice"


def test_a_colleague_who_leaves_while_it_rings_gives_it_back() -> None:
    scene = conversation("handed")
    scene.send(BOB, c.AgentGone(4))
    assert service(scene) == "alice"


def test_a_sender_who_leaves_meanwhile_does_not_get_it_back() -> None:
    scene = conversation("handed")
    assert scene.send(ALICE, c.AgentGone(3)) == ["sender_left"]
    assert scene.told(ALICE) == [c.Released(3, "gone")]
    assert scene.send(BOB, c.DeclineOffer()) == ["offer_ended"]
    (enlist,) = scene.told(SUPERVISOR)
    assert isinstance(enlist, c.Enlist)
    assert enlist.tried == ("bob",)


def test_a_sender_who_leaves_after_that_is_told_by_her_own_actor() -> None:
    scene = conversation("named")
    scene.send(BOB, c.SlotDenied(4, "is away"))
    assert scene.send(ALICE, c.AgentGone(3)) == [], "that was what she had before"
    assert scene.send(ALICE, c.AgentGone(5)) == ["agent_released", "human_requested"]


def test_the_longest_wait_gives_it_back_too() -> None:
    scene = conversation("live", settings(Routing(max_wait_seconds=10)))
    scene.send(ALICE, c.Transfer(to_agent="bob"))
    scene.send(BOB, c.Offer(4, ""))
    assert scene.wait(10) == ["offer_ended", "agent_assigned"]
    assert service(scene) == "alice"


def test_if_the_visitor_leaves_meanwhile_the_sender_is_free() -> None:
    scene = conversation("handed")
    scene.send(VISITOR, c.EndConversation())
    assert scene.told(ALICE) == [c.Released(3, "transferred")]
    assert scene.told(BOB) == [c.Released(4, "withdrawn")]


def test_somebody_else_takes_it_over_meanwhile() -> None:
    scene = conversation("handed")
    scene.send(MONA, c.TakeOver())
    assert scene.told(ALICE) == [c.Released(3, "transferred")]
    assert scene.told(BOB) == [c.Released(4, "withdrawn")]


def test_the_sender_takes_it_back_herself_and_her_slot_stays() -> None:
    scene = conversation("handed")
    scene.send(ALICE, c.TakeOver())
    assert scene.told(ALICE) == [c.Assigned("acme", 5, "takeover", 11)]


def test_back_to_the_queue_the_slot_is_free_at_once_and_the_next_is_somebody_else() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.Transfer())
    assert scene.told(ALICE) == [c.Released(3, "transferred")]
    (enlist,) = scene.told(SUPERVISOR)
    assert isinstance(enlist, c.Enlist)
    assert (enlist.tried, enlist.skill) == (("alice",), "")
    scene.send(BOB, c.Offer(4, ""))
    assert scene.told(ALICE) == [], "she has it back once"


def test_to_a_skill() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.Transfer(skill="billing"))
    (enlist,) = scene.told(SUPERVISOR)
    assert isinstance(enlist, c.Enlist)
    assert enlist.skill == "billing"


def test_who_has_sent_it_on_is_not_preferred_for_having_had_this_visitor_last() -> None:
    for transfer in (c.Transfer(), c.Transfer(skill="billing"), c.Transfer(to_agent="bob")):
        scene = conversation("live")
        scene.send(ALICE, transfer)
        if transfer.to_agent:
            scene.send(ALICE, c.AgentGone(3))
            scene.send(BOB, c.SlotDenied(4, "is away"))
        (enlist,) = scene.told(SUPERVISOR)
        assert isinstance(enlist, c.Enlist)
        assert enlist.sticky == ""
        assert scene.described()["handoff"]["sticky"] == "", "nor by a supervisor that learns of it from the index"


def test_a_manager_transfers_for_the_owner_who_gets_it_back() -> None:
    scene = conversation("live")
    scene.send(MONA, c.Transfer(to_agent="bob"))
    scene.send(BOB, c.SlotDenied(4, "is away"))
    assert service(scene) == "alice"


def test_nobody_transfers_to_herself_or_to_strangers() -> None:
    scene = conversation("live")
    assert scene.refused(ALICE, c.Transfer(to_agent="alice")).code == "bad_request"
    assert scene.refused(ALICE, c.Transfer(to_agent="zoe")).code == "not_found"


def test_only_who_was_asked_by_name_can_offer_herself() -> None:
    scene = conversation("named")
    assert scene.send(MONA, c.Offer(4, "")) == ["(SlotReturned)"]


def test_without_a_time_to_ring_a_transfer_is_done_at_once() -> None:
    scene = conversation("live", settings(Routing(offer_seconds=0)))
    scene.send(ALICE, c.Transfer(to_agent="bob"))
    assert scene.send(BOB, c.Offer(4, "")) == ["agent_assigned"]
    assert scene.facts[0].how == "transfer"  # type: ignore[union-attr]


def test_a_colleague_who_is_configured_no_more_by_then_is_not_waited_for() -> None:
    scene = conversation("named")
    left = settings(agents=[AgentSettings(id="alice", name="Alice", bots=["acme"])])
    scene.machine = type(scene.machine)(left)  # type: ignore[call-arg]
    assert scene.wait(15) == ["offer_ended", "agent_assigned"]
    assert service(scene) == "alice"
