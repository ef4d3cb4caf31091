"""Who gets whom."""

import pytest

from actors import commands as c
from tests.actors.floor import Floor, person, team


def test_the_one_who_is_free_is_asked_at_once() -> None:
    floor = Floor(team(person("alice")))
    assert floor.wait_for_agent("v") == ["v>alice"]


def test_least_loaded_by_capacity_then_longest_idle() -> None:
    floor = Floor(team(person("alice", capacity=4), person("bob", capacity=2), person("carol", capacity=2)))
    assert floor.wait_for_agent("v") == ["v>alice"], "all idle: she has been so the longest"
    floor.agent("alice", load=1)
    assert floor.wait_for_agent("w") == ["w>bob"]
    floor.agent("bob", load=1)
    assert floor.wait_for_agent("x") == ["x>carol"]
    floor.agent("carol", load=1)
    assert floor.wait_for_agent("y") == ["y>alice"], "one of four is less than one of two"
    assert floor.why() == "least loaded (1 of 4), idle longest"


def test_each_in_turn() -> None:
    floor = Floor(team(person("alice", capacity=9), person("bob", capacity=9), strategy="round_robin"))
    asked = []
    for number in range(4):
        asked += floor.wait_for_agent(f"v{number}")
        assert floor.why() == "next in turn"
        floor.agent(asked[-1].partition(">")[2], load=number // 2 + 1)
    assert asked == ["v0>alice", "v1>bob", "v2>alice", "v3>bob"]


@pytest.mark.parametrize("status", ["busy", "away", "offline"])
def test_only_who_is_online_is_asked(status: c.Status) -> None:
    floor = Floor(team(person("alice"), person("bob", capacity=1)))
    floor.agent("bob", load=1)
    floor.agent("alice", status)
    assert floor.wait_for_agent("v") == []


def test_who_has_been_asked_is_not_asked_again_before_she_has_answered() -> None:
    floor = Floor(team(person("alice", capacity=3)))
    assert floor.wait_for_agent("v") == ["v>alice"]
    assert floor.wait_for_agent("w") == []
    assert floor.agent("alice", load=1) == ["w>alice"]


def test_who_comes_free_gets_the_first_in_the_line() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("alice", load=1)
    floor.agent("bob", load=1)
    for key in ("v", "w", "x"):
        assert floor.later(1).wait_for_agent(key) == []
    assert floor.agent("bob") == ["v>bob"]
    assert floor.why() == "first to be free"


def test_priority_counts_as_minutes_waited() -> None:
    floor = Floor(team(person("alice")))
    floor.agent("alice", load=1)
    floor.wait_for_agent("v")
    floor.later(119).wait_for_agent("w", priority=2)
    assert list(floor.queue()) == ["w", "v"]
    floor.later(2).wait_for_agent("x", priority=2)
    assert list(floor.queue()) == ["w", "v", "x"]


def test_a_failed_offer_goes_to_the_next_and_keeps_its_place() -> None:
    floor = Floor(team(person("alice"), person("bob"), person("carol")))
    first_ms = floor.now_ms
    assert floor.wait_for_agent("v") == ["v>alice"]
    floor.agent("alice", load=1)
    assert floor.later(30).wait_for_agent("v", since_ms=first_ms, tried=("alice",), attempt=1) == ["v>bob"]
    floor.agent("alice")
    again = floor.wait_for_agent("v", since_ms=first_ms, tried=("alice", "bob"), attempt=2)
    assert again == ["v>carol"], "although Alice is free"


def test_who_has_declined_is_not_asked_when_she_comes_free() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("bob", load=1)
    floor.wait_for_agent("v", tried=("alice",), attempt=1)
    assert floor.agent("alice") == []
    floor.later(1).wait_for_agent("w")
    assert floor.asked() == ["w>alice"], "whoever is behind does not have to wait for Bob"


@pytest.mark.parametrize(("offer_seconds", "pause"), [(2, 2), (15, 15), (60, 15), (0, 15)])
def test_the_pause_before_a_new_round_is_no_longer_than_an_offer_rings(offer_seconds: int, pause: int) -> None:
    floor = Floor(team(person("alice"), offer_seconds=offer_seconds))
    floor.wait_for_agent("v")
    floor.agent("alice")
    assert floor.wait_for_agent("v", tried=("alice",), attempt=1) == []
    assert floor.passes(pause - 1) == []
    assert floor.passes(1) == ["v>alice"]


def test_when_all_who_are_free_have_had_it_a_new_round_begins() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("bob", load=1)
    assert floor.wait_for_agent("v", tried=("alice",), attempt=1) == []
    assert floor.queue()["v"]["why"] == "Everybody who is free has been asked; they are asked again in a moment."
    assert floor.passes(14) == []
    assert floor.passes(1) == ["v>alice"]


def test_a_skill_is_required_and_relaxed_after_a_time() -> None:
    floor = Floor(team(person("alice"), person("bob", skills=["billing"])))
    floor.agent("bob", load=1)
    assert floor.wait_for_agent("v", skill="billing") == []
    assert floor.queue()["v"]["why"] == "Everybody who could take it has all they can do."
    assert floor.passes(29) == []
    assert floor.passes(1) == ["v>alice"]


def test_who_has_the_skill_gets_it_first() -> None:
    floor = Floor(team(person("alice"), person("bob", skills=["billing"])))
    assert floor.wait_for_agent("v", skill="billing") == ["v>bob"]
    assert floor.why() == "billing, least loaded (0 of 1), idle longest"


def test_a_skill_is_the_same_however_it_is_written() -> None:
    floor = Floor(team(person("alice"), person("bob", skills=["Billing"])))
    assert floor.wait_for_agent("v", skill="billing") == ["v>bob"]
    floor.agent("bob")
    floor.gone("v")
    assert floor.wait_for_agent("w", skill="BILLING") == ["w>bob"]


def test_who_comes_free_leaves_those_whom_she_does_not_suit() -> None:
    floor = Floor(team(person("alice"), person("bob", skills=["billing"])))
    floor.agent("alice", load=1)
    floor.agent("bob", load=1)
    floor.wait_for_agent("v", skill="billing")
    floor.later(1).wait_for_agent("w")
    assert floor.agent("alice") == ["w>alice"]
    assert floor.agent("bob") == ["v>bob"]


def test_the_visitors_language_counts_where_agents_are_particular() -> None:
    floor = Floor(team(person("alice", languages=["en"]), person("bob", languages=["de-AT", "en"]), person("carol")))
    assert floor.wait_for_agent("v", language="de") == ["v>bob"]
    assert floor.wait_for_agent("w", language="de") == ["w>carol"], "she takes anybody"
    assert floor.wait_for_agent("x", language="de") == []
    assert floor.passes(30) == ["x>alice"]


def test_a_language_that_nobody_names_is_spoken_by_those_who_are_not_particular() -> None:
    floor = Floor(team(person("alice", languages=["de"]), person("bob"), skill_seconds=600))
    floor.agent("alice", load=1)
    floor.agent("bob", load=1)
    floor.wait_for_agent("v", language="fi")
    floor.later(1).wait_for_agent("w", language="de")
    floor.later(1).wait_for_agent("x", language="de")
    assert floor.agent("alice") == ["w>alice"]
    assert floor.agent("bob") == ["v>bob"]
    floor.gone("v", assigned=True)
    assert floor.agent("bob") == ["x>bob"]


def test_what_nobody_of_the_bot_can_do_is_not_waited_for() -> None:
    floor = Floor(team(person("alice", languages=["en"], skills=["billing"]), person("bob")))
    assert floor.wait_for_agent("v", skill="piano", language="en") == ["v>alice"]
    floor = Floor(team(person("alice", languages=["en"]), person("bob", languages=["en"], skills=["billing"])))
    assert floor.wait_for_agent("v", skill="billing", language="fr") == ["v>bob"], "the skill still counts"
    floor = Floor(team(person("alice"), person("bob", languages=["en"]), person("carol", languages=["fr"])))
    floor.agent("alice", load=1)
    assert floor.wait_for_agent("v", skill="piano", language="fr") == ["v>carol"], "the language still counts"


def test_what_is_wanted_comes_first_also_where_it_is_not_waited_for() -> None:
    floor = Floor(team(person("alice"), person("bob", skills=["billing"]), skill_seconds=0))
    assert floor.wait_for_agent("v", skill="billing") == ["v>bob"]
    assert floor.wait_for_agent("w", skill="billing") == ["w>alice"]
    assert floor.why() == "nobody with billing was free in time, least loaded (0 of 1), idle longest"


def test_the_agent_whom_the_visitor_had_last_is_chosen() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    assert floor.wait_for_agent("v", sticky="bob") == ["v>bob"]
    assert floor.why() == "had this visitor last"


def test_she_is_waited_for_a_moment_and_then_anybody_will_do() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("bob", load=1)
    assert floor.wait_for_agent("v", sticky="bob") == []
    assert floor.queue()["v"]["why"] == "Waits a moment for Bob, who had this visitor last."
    assert floor.passes(19) == []
    assert floor.passes(1) == ["v>alice"]


def test_in_that_moment_she_comes_free() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("bob", load=1)
    floor.wait_for_agent("v", sticky="bob")
    assert floor.agent("bob") == ["v>bob"]
    assert floor.why() == "had this visitor last"


@pytest.mark.parametrize("status", ["busy", "away", "offline"])
def test_nobody_waits_for_one_who_has_left(status: c.Status) -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("bob", load=1)
    assert floor.wait_for_agent("v", sticky="bob") == []
    assert floor.agent("bob", status, load=1) == ["v>alice"]


def test_nobody_waits_for_the_last_agent_if_that_is_off_or_she_has_declined() -> None:
    floor = Floor(team(person("alice"), person("bob"), sticky_seconds=0))
    floor.agent("bob", load=1)
    assert floor.wait_for_agent("v", sticky="bob") == ["v>alice"]
    floor = Floor(team(person("alice"), person("bob")))
    assert floor.wait_for_agent("v", sticky="bob", tried=("bob",), attempt=1) == ["v>alice"]


def test_first_refusal_after_a_disconnect_if_she_comes_back_in_time() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("alice", "offline")
    floor.agent("bob", load=1)
    floor.wait_for_agent("w")
    floor.later(60).wait_for_agent("v", sticky="alice", priority=1_000_000)
    assert list(floor.queue()) == ["v", "w"], "in front"
    assert floor.agent("alice") == ["v>alice"]


def test_first_refusal_is_for_what_she_dropped_herself() -> None:
    floor = Floor(team(person("alice"), person("bob"), person("carol")), online=False)
    floor.agent("carol", load=1)
    floor.wait_for_agent("of-bob", sticky="bob", priority=1_000_000, trigger="disconnect")
    floor.later(5).wait_for_agent("of-alice", sticky="alice", priority=1_000_000, trigger="disconnect")
    assert list(floor.queue()) == ["of-bob", "of-alice"]
    assert floor.agent("alice") == ["of-alice>alice"], "though another is before it"
    assert floor.why() == "back again, and had this visitor"
    assert floor.agent("carol") == ["of-bob>carol"], "first refusal, but nobody waits for her"


def test_what_she_has_dropped_and_declined_is_another_ones() -> None:
    floor = Floor(team(person("alice"), person("bob")), online=False)
    floor.agent("bob", load=1)
    dropped = {"sticky": "alice", "priority": 1_000_000, "trigger": "disconnect"}
    floor.wait_for_agent("v", **dropped)
    floor.later(1).wait_for_agent("w")
    assert floor.agent("alice") == ["v>alice"]
    floor.wait_for_agent("v", tried=("alice",), attempt=1, **dropped)
    assert floor.agent("alice") == ["w>alice"]


def test_who_was_dropped_and_waits_no_more_is_not_kept_for_her() -> None:
    floor = Floor(team(person("alice"), person("bob")), online=False)
    floor.agent("bob", load=1)
    floor.wait_for_agent("v", sticky="alice", priority=1_000_000, trigger="disconnect")
    floor.wait_for_agent("w")
    floor.gone("v")
    assert floor.agent("alice") == ["w>alice"]


def test_one_who_has_no_slot_after_all_is_passed_over() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    assert floor.wait_for_agent("v") == ["v>alice"]
    assert floor.refuses("alice", "v") == ["v>bob"]
    assert floor.refuses("alice", "v") == [], "that was answered"
    floor.wait_for_agent("v", tried=("alice",), attempt=1)
    assert floor.refuses("bob", "v") == [], "that is old news"
    assert floor.wait_for_agent("w") == [], "she is not free until she says so"


def test_slots_that_are_taken_are_counted_whatever_is_heard() -> None:
    floor = Floor(team(person("alice", capacity=2), person("bob")))
    roster = floor.state.dispatch.roster
    floor.wait_for_agent("v")
    floor.refuses("alice", "v")
    assert (roster.slots, roster.taken) == (3, 2)
    floor.agent("alice", load=1)
    assert (roster.slots, roster.taken) == (3, 1)
    floor.agent("alice", "busy", load=1)
    floor.refuses("alice", "w")
    floor.agent("bob", load=1)
    assert (roster.slots, roster.taken) == (1, 1)
    floor.agent("alice", "offline")
    floor.agent("bob", "offline")
    assert (roster.slots, roster.taken) == (0, 0)


def test_an_agent_of_whom_nothing_is_heard_is_asked_who_she_is() -> None:
    floor = Floor(team(person("alice")))
    floor.wait_for_agent("v")
    floor.gone("v")
    floor.passes(14)
    assert floor.told("agent/alice") == []
    floor.passes(1)
    assert floor.told("agent/alice") == [c.Report()]
    floor.wait_for_agent("w")
    assert floor.asked() == []
    assert floor.agent("alice") == ["w>alice"]


def test_an_offer_of_which_nothing_is_heard_goes_to_the_next() -> None:
    floor = Floor(team(person("alice"), person("bob"), offer_seconds=30))
    floor.wait_for_agent("v")
    floor.agent("alice", load=1)
    assert floor.passes(44) == []
    assert floor.passes(1) == ["v>bob"]


def test_an_agent_with_room_for_several_gets_one_after_the_other() -> None:
    floor = Floor(team(person("alice", capacity=3)), online=False)
    floor.agent("alice", "busy")
    for key in ("v", "w", "x", "y"):
        floor.later(1).wait_for_agent(key)
    asked = [floor.agent("alice", load=load) for load in range(4)]
    assert asked == [["v>alice"], ["w>alice"], ["x>alice"], []]


def test_old_news_of_an_agent_is_no_news() -> None:
    floor = Floor(team(person("alice")))
    floor.agent("alice", load=1)
    floor.send("agent/alice", c.AgentChanged(1, 1, "online", 0, 1, 1, 0))
    assert floor.wait_for_agent("v") == []
    floor.send("agent/alice", c.AgentChanged(2, 0, "online", 0, 1, 1, 0))
    assert floor.asked() == ["v>alice"], "a new life of her actor counts from the beginning"


def test_news_of_an_earlier_life_is_asked_for_once_more_and_then_believed() -> None:
    floor = Floor(team(person("alice")))
    floor.agent("alice", load=1)
    floor.wait_for_agent("v")
    floor.send("agent/alice", c.AgentChanged(0, 9, "online", 0, 1, 1, 0))
    assert floor.asked() == []
    assert floor.told("agent/alice") == [c.Report()]
    floor.send("agent/alice", c.AgentChanged(0, 10, "online", 0, 1, 1, 0, asked=True))
    assert floor.asked() == ["v>alice"]


def test_an_answer_that_newer_news_has_overtaken_is_old() -> None:
    floor = Floor(team(person("alice")))
    floor.send("agent/alice", c.AgentChanged(2, 4, "online", 0, 0, 1, 0))
    assert floor.told("agent/alice") == [c.Report()]
    floor.send("agent/alice", c.AgentChanged(2, 7, "online", 1, 0, 1, 0))
    floor.send("agent/alice", c.AgentChanged(2, 5, "online", 0, 1, 1, 0, asked=True))
    floor.wait_for_agent("v")
    assert floor.asked() == [], "she has somebody by now"
    floor.send("agent/alice", c.AgentChanged(2, 8, "online", 0, 1, 1, 0))
    assert floor.asked() == ["v>alice"]


def test_news_of_a_life_that_is_new_here_is_confirmed_by_herself() -> None:
    floor = Floor(team(person("alice")), online=False)
    floor.send("agent/alice", c.AgentChanged(1, 4, "online", 0, 0, 1, 0))
    assert floor.told("agent/alice") == [c.Report()]
    floor.send("agent/alice", c.AgentChanged(2, 1, "offline", 0, 0, 1, 0, asked=True))
    assert floor.told("agent/alice") == []
    floor.wait_for_agent("v")
    assert floor.nobody() == ["v:nobody"]


def test_agents_of_other_bots_are_nobody_here() -> None:
    floor = Floor(team(person("alice")))
    floor.send("agent/zoe", c.AgentChanged(1, 1, "online", 0, 1, 1, 0))
    assert set(floor.state.dispatch.roster.all) == {"alice"}


def test_old_news_of_a_conversation_is_no_news() -> None:
    floor = Floor(team(person("alice")))
    floor.agent("alice", load=1)
    floor.wait_for_agent("v", epoch=4, attempt=1)
    floor.wait_for_agent("v", epoch=2)
    floor.gone("v", epoch=3)
    assert floor.agent("alice") == ["v>alice"]
    assert floor.told("agent/alice")[0] == c.Reserve("v", "acme", 4, "first to be free", attempt=1)


def test_an_answer_that_nobody_has_asked_for_is_confirmed_too() -> None:
    floor = Floor(team(person("alice")), online=False)
    floor.send("agent/alice", c.AgentChanged(2, 9, "online", 0, 1, 1, 0, asked=True))
    assert floor.told("agent/alice") == [c.Report()], "it may be late, from a host that was replaced"
    floor.send("agent/alice", c.AgentChanged(3, 1, "offline", 0, 0, 1, 0, asked=True))
    assert floor.told("agent/alice") == []


@pytest.mark.parametrize("refuses", [False, True])
def test_who_has_answered_is_not_asked_who_she_is(refuses: bool) -> None:
    floor = Floor(team(person("alice")))
    floor.wait_for_agent("v")
    if refuses:
        floor.refuses("alice", "v")
    else:
        floor.agent("alice", load=1)
    floor.passes(20)
    assert floor.told("agent/alice") == []
