"""The queue: who is let in, why nobody has one yet, and when all who wait hear that nobody will come."""

import json

import pytest

from actors import commands as c
from actors.supervisor.machine import NOBODY_AT_ONCE
from runtime.machine import Origin
from tests.actors.floor import Floor, full, person, team
from tests.actors.scene import VISITOR


@pytest.mark.parametrize("status", ["away", "offline"])
def test_with_nobody_there_it_is_said_at_once(status: c.Status) -> None:
    floor = Floor(team(person("alice")), online=False)
    floor.agent("alice", status)
    floor.wait_for_agent("v")
    assert floor.nobody() == ["v:nobody"]
    assert floor.places() == {}
    assert not floor.queue()


def test_somebody_who_is_busy_may_be_free_later() -> None:
    floor = Floor(team(person("alice")), online=False)
    floor.agent("alice", "busy")
    floor.wait_for_agent("v")
    assert floor.nobody() == []
    assert floor.queue()["v"]["why"] == "Everybody who is here is busy."


def test_when_the_last_one_leaves_all_who_wait_are_told() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.wait_for_agent("w")
    floor.agent("alice", "away", load=1)
    assert floor.nobody() == ["v:nobody", "w:nobody"]


def test_what_rings_at_her_is_told_when_its_offer_is_over() -> None:
    floor = Floor(team(person("alice")))
    floor.wait_for_agent("v")
    floor.agent("alice", "offline")
    assert floor.nobody() == []
    floor.wait_for_agent("v", tried=("alice",), attempt=1)
    assert floor.nobody() == ["v:nobody"]


def test_what_was_sent_to_one_who_has_left_is_told_when_nothing_is_heard_of_it() -> None:
    floor = Floor(team(person("alice")))
    floor.wait_for_agent("v")
    floor.agent("alice", "offline")
    floor.passes(45)
    assert floor.nobody() == ["v:nobody"]


def test_a_long_line_is_told_in_parts_that_nobody_is_there_and_who_comes_back_finds_the_rest() -> None:
    floor = full(queue_max=10_000)
    for number in range(NOBODY_AT_ONCE + 200):
        floor.later(1).wait_for_agent(f"v{number:04}")
    floor.agent("alice", "offline")
    assert floor.nobody() == [f"v{number:04}:nobody" for number in range(NOBODY_AT_ONCE)]
    assert floor.agent("alice") == [f"v{NOBODY_AT_ONCE:04}>alice"]
    floor.passes(0)
    assert floor.nobody() == []
    floor.agent("alice", "offline")
    assert len(floor.nobody()) == 199
    assert [one.id for one in floor.state.dispatch.line] == [f"v{NOBODY_AT_ONCE:04}"], "what rings may still be taken"


def test_the_next_part_comes_at_once() -> None:
    floor = full(queue_max=10_000)
    for number in range(2 * NOBODY_AT_ONCE + 1):
        floor.wait_for_agent(f"v{number}")
    floor.agent("alice", "offline")
    floor.passes(0.002)
    assert len(floor.nobody()) == NOBODY_AT_ONCE + 1
    assert not floor.state.dispatch.line.all


def test_a_bot_that_is_not_configured_has_nobody() -> None:
    floor = Floor(team(), online=False)
    floor.wait_for_agent("v")
    assert floor.nobody() == ["v:nobody"]


def test_a_full_queue_says_so() -> None:
    floor = full(queue_max=2)
    for key in ("v", "w", "x"):
        floor.wait_for_agent(key)
    assert floor.nobody() == ["x:queue_full"]
    assert set(floor.queue()) == {"v", "w"}


def test_a_queue_without_room_is_no_hindrance_while_somebody_is_free() -> None:
    floor = Floor(team(person("alice"), queue_max=0))
    assert floor.wait_for_agent("v") == ["v>alice"]
    floor.wait_for_agent("w")
    assert floor.nobody() == ["w:queue_full"]


@pytest.mark.parametrize("trigger", ["disconnect", "transfer"])
def test_who_has_had_an_agent_already_is_let_in_all_the_same(trigger: str) -> None:
    floor = full(queue_max=1)
    floor.wait_for_agent("v")
    floor.wait_for_agent("w", trigger=trigger)
    assert floor.nobody() == []
    floor.wait_for_agent("x", priority=10)
    assert floor.nobody() == ["x:queue_full"], "urgent is not enough"


def test_why_nobody_has_it_yet() -> None:
    floor = Floor(team(person("alice"), person("bob", skills=["billing"])))
    floor.agent("bob", "offline")
    floor.wait_for_agent("v")
    assert floor.queue()["v"]["why"] == "Offered to Alice."
    floor.wait_for_agent("w", skill="billing")
    assert floor.queue()["w"]["why"] == "Nobody online has billing; anybody will do soon."
    floor.wait_for_agent("x")
    assert floor.queue()["x"]["why"] == "Everybody who could take it has all they can do."
    assert floor.queue()["x"]["position"] == 3


def test_it_hears_actors_only() -> None:
    floor = Floor(team(person("alice")))
    assert floor.refused(VISITOR, c.Enlist(2, 0)).code == "forbidden"
    assert floor.refused("assistant/0", c.Enlist(2, 0)).code == "forbidden"


def test_the_endpoints_view_is_json() -> None:
    floor = full()
    floor.wait_for_agent("v")
    answer = floor.machine.answer(floor.state, c.DescribeQueue(), Origin("agent/mona", floor.now_ms))
    json.dumps(answer)
    assert answer["length"] == 1
    assert [one["id"] for one in answer["agents"]] == ["alice"]
    assert set(answer["waiting"][0]) == {"conversation", "position", "since_ms", "priority", "eta_seconds", "why"}


def test_who_waits_under_the_very_request_is_not_struck_off_by_late_news_of_the_one_before() -> None:
    floor = full()
    floor.wait_for_agent("v", epoch=4)
    floor.gone("v", epoch=4)
    assert set(floor.queue()) == {"v"}
