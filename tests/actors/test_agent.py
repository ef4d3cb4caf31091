"""An agent's status and slots: what she gives, what she gets, and who hears of it."""

import pytest

from actors import commands as c
from actors import frames
from actors.agent.state import SlotFreed, SlotReserved
from actors.settings import AgentSettings, BotSettings, Routing, Settings
from runtime.machine import Attached
from tests.actors.scene import (
    ALICE,
    ITSELF,
    MONA,
    SUPERVISOR,
    ZOE,
    Scene,
    agent,
    attach,
    detach,
    holding,
    offer_made,
    reported,
    ringing,
    settings,
    with_capacity,
)


def test_online_she_has_her_slots_to_give() -> None:
    scene = agent()
    told = reported(scene)
    assert (told.status, told.load, told.free, told.capacity) == ("online", 0, 1, 1)
    assert scene.pushed(frames.AgentStatus) == [(frames.AgentStatus("alice", "online"), "")]


def test_a_slot_is_kept_and_she_offers_herself() -> None:
    scene = agent()
    scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 2, "idle longest"))
    assert scene.facts[0] == SlotReserved("v-1", "acme", 2, "idle longest")
    assert scene.told(ITSELF) == [c.Offer(2, "idle longest")]
    assert reported(scene).free == 0


def test_two_offers_never_share_a_slot() -> None:
    scene = agent()
    scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 2, ""))
    assert scene.send(SUPERVISOR, c.Reserve("w-1", "acme", 2, "")) == ["(Refused)", "(Reported)"]
    assert c.SlotRefused("w-1", 2) in scene.told(SUPERVISOR)


def test_a_colleague_who_asks_for_her_by_name_learns_why_not() -> None:
    def why(scene: Scene) -> str:
        scene.send("conversation/x-1", c.Reserve("x-1", "acme", 4, "Bob asked for her"))
        (denied,) = scene.told("conversation/x-1")
        assert isinstance(denied, c.SlotDenied)
        return denied.reason

    assert why(agent(status="away")) == "is away"
    assert why(holding(agent())) == "has no free slot"
    gone = agent()
    detach(gone)
    assert why(gone) == "has lost the connection"
    wrapping = holding(agent(config=settings(Routing(wrap_up_seconds=10))))
    wrapping.send(ITSELF, c.Released(3, "closed"))
    assert why(wrapping) == "is wrapping up"


def test_asked_twice_for_the_same_it_is_one_slot_and_the_supervisor_hears_of_her() -> None:
    scene = ringing(agent())
    assert scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 2, "")) == ["(Reported)"]
    assert scene.send(ITSELF, c.Reserve("v-1", "acme", 2, "")) == []


@pytest.mark.parametrize("held", [False, True])
def test_a_claim_that_is_over_makes_room_for_the_same_conversations_next(held: bool) -> None:
    scene = holding(agent(), epoch=3) if held else ringing(agent(), epoch=2)
    scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 4, ""))
    assert scene.facts[0] == SlotReserved("v-1", "acme", 4, "")
    assert scene.send(ITSELF, c.Released(3, "gone")) == [], "that was the claim before"


def test_a_claim_that_is_over_makes_no_room_where_she_has_more_than_she_can_do() -> None:
    scene = ringing(agent())
    holding(scene, "w-1", how="takeover")
    assert scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 4, "")) == ["(Refused)", "(Reported)"]


def test_an_offer_rings_at_every_connection_and_at_one_that_comes_later() -> None:
    scene = agent()
    scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 2, ""))
    scene.send(ITSELF, offer_made(scene))
    visitor = {"id": "v", "name": "Vera", "locale": "", "page": {"url": "", "title": "", "referrer": ""}}
    offer = frames.Offer("v-1", "acme", visitor, "visitor", "Help", scene.now_ms + 30_000)
    assert scene.pushed(frames.Offer) == [(offer, "")]
    attach(scene, "s2")
    assert scene.pushed(frames.Offer) == [(offer, "s2")], "and at the others no second time"
    assert scene.send(ITSELF, offer_made(scene)) == [], "it rings already"


def test_what_rings_no_more_is_withdrawn() -> None:
    scene = ringing(agent())
    scene.send(ITSELF, c.Released(2, "withdrawn"))
    assert scene.pushed(frames.OfferWithdrawn) == [(frames.OfferWithdrawn("v-1", "withdrawn"), "")]
    assert reported(scene).free == 1
    assert scene.send(ITSELF, offer_made(scene)) == ["(Refused)"], "too late"
    assert scene.told(ITSELF) == [c.AgentGone(2)], "so that it is not left standing"


def test_what_is_hers_she_hears_of() -> None:
    scene = holding(ringing(agent()))
    assert scene.pushed(frames.Assigned) == [(frames.Assigned("v-1", "acme", "offer"), "")]
    assert scene.described()["conversations"] == ["v-1"]


def test_she_may_take_more_than_her_capacity_and_then_gets_no_offers() -> None:
    scene = holding(holding(agent()), "w-1", how="takeover")
    assert (reported(scene).load, reported(scene).free) == (2, 0)
    scene.send("conversation/w-1", c.Released(3, "closed"))
    assert reported(scene).free == 0
    scene.send(ITSELF, c.Released(3, "closed"))
    assert reported(scene).free == 1


def test_missed_in_a_row_she_is_away() -> None:
    scene = agent()
    for epoch in (2, 4):
        ringing(scene, epoch=epoch)
        scene.send(ITSELF, c.Released(epoch, "expired"))
    assert (scene.state.status, scene.state.reason) == ("away", "2 offers missed")


@pytest.mark.parametrize("outcome", ["declined", "accepted"])
def test_an_answer_in_between_begins_the_count_anew(outcome: str) -> None:
    scene = agent()
    ringing(scene, epoch=2).send(ITSELF, c.Released(2, "expired"))
    ringing(scene, epoch=4)
    if outcome == "declined":
        scene.send(ITSELF, c.Released(4, "declined"))
    else:
        holding(scene, epoch=5).send(ITSELF, c.Released(5, "returned"))
    ringing(scene, epoch=6).send(ITSELF, c.Released(6, "expired"))
    assert scene.state.status == "online"


def test_missed_offers_may_change_nothing() -> None:
    scene = agent(config=settings(Routing(missed_offers_until_away=0)))
    for epoch in range(2, 12, 2):
        ringing(scene, epoch=epoch).send(ITSELF, c.Released(epoch, "expired"))
    assert scene.state.status == "online"


def test_after_a_close_she_has_time_to_wrap_up() -> None:
    scene = holding(agent(config=settings(Routing(wrap_up_seconds=10))))
    scene.send(ITSELF, c.Released(3, "closed"))
    assert reported(scene).free == 0
    assert scene.wait(9) == []
    assert scene.wait(1) == ["wrap_up_ended", "(Changed)"]
    assert reported(scene).free == 1


def test_a_shorter_time_to_wrap_up_does_not_end_a_longer_one() -> None:
    bots = [
        BotSettings(id="acme", routing=Routing(wrap_up_seconds=60)),
        BotSettings(id="other", routing=Routing(wrap_up_seconds=5)),
    ]
    team = [AgentSettings(id="alice", name="Alice", bots=["acme", "other"], capacity=2)]
    scene = holding(agent(config=Settings(bots=bots, agents=team)))
    scene.send("conversation/w-1", c.Assigned("other", 3, "offer"))
    scene.send(ITSELF, c.Released(3, "closed"))
    scene.send("conversation/w-1", c.Released(3, "closed"))
    assert "wrap_up_ended" not in scene.wait(59)
    assert "wrap_up_ended" in scene.wait(1)


def test_nothing_is_wrapped_up_after_an_offer_or_a_transfer() -> None:
    scene = agent(config=settings(Routing(wrap_up_seconds=10)))
    ringing(scene).send(ITSELF, c.Released(2, "withdrawn"))
    assert reported(scene).free == 1
    holding(scene).send(ITSELF, c.Released(3, "transferred"))
    assert reported(scene).free == 1


def test_busy_she_keeps_what_she_has_and_gets_nothing_new() -> None:
    scene = holding(ringing(agent(config=with_capacity(3)), "w-1"))
    scene.send(ALICE, c.SetStatus("busy"))
    assert scene.told(ITSELF) == scene.told("conversation/w-1") == []
    assert reported(scene).free == 0


def test_away_what_rings_moves_on() -> None:
    scene = holding(ringing(agent(config=with_capacity(3)), "w-1"))
    scene.send(ALICE, c.SetStatus("away"))
    assert scene.told(ITSELF) == []
    assert scene.told("conversation/w-1") == [c.AgentGone(2)]


def test_offline_by_her_own_hand_all_of_it_moves_on_at_once() -> None:
    scene = holding(ringing(agent(config=with_capacity(3)), "w-1"))
    scene.send(ALICE, c.SetStatus("offline"))
    assert scene.told(ITSELF) == [c.AgentGone(3)]
    assert scene.told("conversation/w-1") == [c.AgentGone(2)]


def test_news_of_an_earlier_attempt_frees_no_slot_of_a_later_one() -> None:
    scene = agent()
    scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 2, "", attempt=1))
    assert scene.told(ITSELF) == [c.Offer(2, "", attempt=1)]
    assert scene.send(ITSELF, c.Released(2, "withdrawn")) == []
    assert scene.send(ITSELF, c.Released(2, "withdrawn", attempt=1)) == ["slot_freed", "(Changed)"]


def test_an_assignment_that_is_old_news_changes_nothing() -> None:
    scene = ringing(agent(), epoch=6)
    assert scene.send(ITSELF, c.Assigned("acme", 5, "offer")) == []
    holding(scene, epoch=7)
    assert scene.send(ITSELF, c.Assigned("acme", 7, "offer")) == []


def test_every_slot_is_asked_for_now_and_then() -> None:
    scene = holding(ringing(agent(config=with_capacity(3)), "w-1"))
    assert scene.wait(30) == ["(Checked)"]
    assert scene.told(ITSELF) == [c.CheckSlot(3)]
    assert scene.told("conversation/w-1") == [c.CheckSlot(2)]


def test_whoever_is_not_offline_has_a_deadline_so_that_somebody_will_notice() -> None:
    for status in ("online", "busy", "away"):
        assert agent(status=status).due_seconds() == 30
    assert agent(status="offline").due_seconds() is None


def test_read_from_the_journal_nobody_is_connected_and_what_she_has_is_asked_for() -> None:
    scene = holding(ringing(agent(config=with_capacity(3)), "w-1"))
    scene.later(100).restart()
    assert scene.told(ITSELF) == [c.CheckSlot(3)]
    assert scene.told("conversation/w-1") == [c.CheckSlot(2)]
    assert reported(scene).free == 0
    assert scene.due_seconds() == 20
    attach(scene)
    assert reported(scene).free == 1
    assert c.AgentPresence(True) in scene.told(ITSELF)


def test_what_she_says_after_a_restart_is_news_whatever_was_said_before() -> None:
    scene = agent()
    for n in range(5):
        attach(scene, f"t{n}")
    before = scene.state.version
    scene.later(1).restart()
    assert scene.state.version < before
    assert reported(scene).life_ms == scene.now_ms


def test_a_supervisor_that_asks_is_told() -> None:
    scene = agent()
    assert scene.send(SUPERVISOR, c.Report()) == ["(Reported)"]
    assert reported(scene).free == 1


def test_managers_of_her_bots_set_her_status_and_nobody_else_does() -> None:
    scene = agent()
    assert scene.refused("agent/bob", c.SetStatus("away")).code == "forbidden"
    assert scene.refused(ZOE, c.SetStatus("away")).code == "forbidden"
    assert scene.refused("visitor/v", c.SetStatus("away")).code == "forbidden"
    assert scene.send(MONA, c.SetStatus("away", "lunch")) == ["status_changed"]
    assert scene.send(MONA, c.SetStatus("away", "lunch")) == []


def test_somebody_who_is_not_configured_has_no_status_to_set() -> None:
    assert agent("nina", status=None).refused("agent/nina", c.SetStatus("online")).code == "not_found"


def test_an_agent_who_was_taken_out_of_the_configuration_leaves_what_she_had() -> None:
    scene = holding(agent())
    scene.machine = type(scene.machine)(settings(agents=[]))  # type: ignore[call-arg]
    scene.restart()
    assert scene.wait(0) == ["status_changed"]
    assert scene.told(ITSELF) == [c.AgentGone(3)]
    scene.send(ITSELF, c.Released(3, "gone"))
    assert scene.facts[0] == SlotFreed("v-1", "gone")


def test_only_herself_can_be_connected_as_her() -> None:
    assert agent().refused("agent/bob", Attached("s9")).code == "forbidden"


def test_she_is_listed_as_here_while_she_is_not_offline() -> None:
    scene = agent(status="away")
    row = scene.machine.summary(scene.state)
    assert row is not None
    assert "here:acme" in row.terms
    scene.send(ALICE, c.SetStatus("offline"))
    row = scene.machine.summary(scene.state)
    assert row is not None
    assert "here:acme" not in row.terms


def test_her_load_and_capacity_are_measured() -> None:
    scene = ringing(agent())
    scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 4, ""))
    assert scene.measured("agent_load") == [(("alice",), 1.0)]
    assert scene.measured("agent_capacity") == [(("alice",), 1.0)]


def test_that_she_is_offline_is_told_by_the_event_itself() -> None:
    # Found by a run: her host died before the news had left, and nobody had a reason to read her actor again.
    scene = agent()
    assert scene.send(ALICE, c.SetStatus("offline")) == ["status_changed"], "and no signal, which could be lost"
    assert reported(scene).status == "offline"


def test_busy_by_her_own_hand_she_stays_so_whatever_she_misses() -> None:
    scene = ringing(agent(config=settings(Routing(missed_offers_until_away=1))))
    scene.send(scene.actor, c.SetStatus("busy"))
    scene.send(ITSELF, c.Released(2, "expired"))
    assert scene.state.status == "busy"


def test_an_offer_that_comes_to_nothing_leaves_her_as_idle_as_she_was() -> None:
    scene = agent()
    idle_since_ms = reported(scene).idle_since_ms
    ringing(scene.later(60)).later(30).send(ITSELF, c.Released(2, "expired"))
    assert reported(scene).idle_since_ms == idle_since_ms
