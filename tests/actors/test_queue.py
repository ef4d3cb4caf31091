"""The queue: who waits, where, for how long, and why; and what a supervisor learns when it has forgotten."""

import json
import random
from typing import Any

import pytest

from actors import commands as c
from actors.supervisor.line import Line
from actors.supervisor.machine import NOBODY_AT_ONCE
from actors.supervisor.pace import RECENT_MS, Pace
from actors.supervisor.places import AT_ONCE, EVERY_MS, Places
from actors.supervisor.waiting import Waiting
from runtime.machine import Find, Found, Origin, Tell
from tests.actors.floor import SUPERVISOR, Floor, person, team
from tests.actors.scene import VISITOR, Scene, agent, conversation


def full(**routing: object) -> Floor:
    """Alice is there, and has all she can do."""
    floor = Floor(team(person("alice"), **routing))
    floor.agent("alice", load=1)
    return floor


# Places


def test_the_place_is_told_on_coming() -> None:
    floor = full()
    floor.wait_for_agent("v")
    assert floor.places() == {"v": 1}
    floor.later(1).wait_for_agent("w")
    assert floor.places() == {"w": 2}


def test_places_that_change_are_told_once_a_second_and_only_those() -> None:
    floor = full()
    for key in ("v", "w", "x"):
        floor.later(1).wait_for_agent(key)
    floor.passes(5)
    floor.gone("v")
    assert floor.places() == {}
    floor.gone("w")
    floor.passes(1)
    assert floor.places() == {"x": 1}
    assert floor.due_seconds() == 9, "nothing moves: only the pace is looked at, now and then"
    floor.passes(10)
    assert floor.places() == {}
    floor.gone("x")
    floor.passes(1)
    assert floor.due_seconds() is None


def test_priority_moves_the_others_back() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.passes(5)
    floor.wait_for_agent("w", priority=9)
    assert floor.places() == {"w": 1}
    floor.passes(1)
    assert floor.places() == {"v": 2}


def test_who_has_forgotten_the_place_is_told_it_again() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.wait_for_agent("v", since_ms=floor.now_ms)
    assert floor.places() == {"v": 1}
    assert len(floor.state.dispatch.line) == 1


def test_so_is_whoever_was_read_from_the_journal_while_it_rang() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.later(1).wait_for_agent("w")
    floor.wait_for_agent("w", since_ms=floor.now_ms, tried=("alice",), attempt=1)
    assert floor.places() == {"w": 2}


def test_in_a_long_line_the_front_is_told_at_once_and_the_others_in_turn() -> None:
    line = Line()
    places = Places(line)
    for number in range(1_000):
        line.add(Waiting(f"v{number:04}", c.Enlist(2, number)))
    places.moved()
    told = []
    now_ms = 0
    while places.next_ms <= now_ms + EVERY_MS:
        now_ms = max(now_ms, places.next_ms)
        round_told = list(places.changed(now_ms))
        assert len(round_told) <= 2 * AT_ONCE
        for position, one in round_told:
            one.told = (position, places.pace)
        told += [position for position, _ in round_told]
    assert sorted(told) == list(range(1, 1_001))
    line.remove(line.all["v0000"])
    places.moved()
    assert [position for position, _ in places.changed(now_ms + 1_000)][:3] == [1, 2, 3]


def test_the_wait_is_guessed_until_something_is_known_of_the_pace() -> None:
    pace = Pace()
    assert pace.eta_seconds(1, slots=0) == (0, 300)
    assert pace.eta_seconds(5, slots=2) == (120, 750)


def worked(taken: int, every_seconds: int, times: int) -> Pace:
    """A pace at which somebody left the line for an agent every so often, while so many slots were taken."""
    pace = Pace()
    pace.observe(1, taken)
    for number in range(times):
        pace.assigned()
        pace.observe(1 + (number + 1) * every_seconds * 1000, taken)
    return pace


def test_the_wait_follows_the_work_of_late_and_a_pause_makes_it_longer() -> None:
    pace = worked(taken=1, every_seconds=10, times=10)
    assert pace.eta_seconds(6, slots=1) == (25, 120)
    pace.observe(200_001, 1)
    assert pace.eta_seconds(6, slots=1) == (50, 240)


def test_twice_the_slots_online_is_half_the_wait() -> None:
    assert worked(taken=1, every_seconds=10, times=10).eta_seconds(6, slots=2) == (12, 60)


def test_a_lack_of_visitors_is_not_a_lack_of_agents() -> None:
    quiet = Pace()
    for number in range(10):  # one in ten minutes, who takes a minute of an agent
        quiet.observe(1 + number * 600_000, 0)
        quiet.assigned()
        quiet.observe(1 + number * 600_000 + 60_000, 1)
    assert quiet.eta_seconds(1, slots=1) == (0, 120)


def test_what_was_an_hour_ago_says_nothing_any_more() -> None:
    pace = worked(taken=1, every_seconds=10, times=10)
    pace.observe(100_000 + RECENT_MS, 0)
    assert pace.eta_seconds(1, slots=1) == (0, 300)


def test_the_range_is_honest() -> None:
    """Six agents, talks of two to eight minutes, more visitors than they can take: what was told, and what it was."""
    dice = random.Random(7)
    floor = Floor(team(*(person(f"agent{number}") for number in range(6)), queue_max=1_000))
    told: dict[str, Any] = {}
    waits: dict[str, int] = {}
    ends: list[tuple[int, str]] = []
    arrives_ms = floor.now_ms

    def serve(asked: list[str]) -> None:
        for one in asked:
            key, _, agent = one.partition(">")
            waits[key] = floor.now_ms - int(key)
            floor.agent(agent, load=1)
            floor.gone(key, assigned=True)
            ends.append((floor.now_ms + dice.randint(120_000, 480_000), agent))

    while len(waits) < 400:
        ends.sort()
        if ends and ends[0][0] <= arrives_ms:
            when_ms, agent = ends.pop(0)
            floor.passes((when_ms - floor.now_ms) / 1000)
            serve(floor.agent(agent))
        else:
            floor.passes((arrives_ms - floor.now_ms) / 1000)
            key = str(floor.now_ms)
            serve(floor.wait_for_agent(key))
            told[key] = floor.queue()[key]["eta_seconds"] if key in floor.queue() else None
            arrives_ms += dice.randint(20_000, 80_000)
    rated = [(told[key], waits[key] / 1000) for key in list(waits)[20:] if told.get(key) is not None]
    right = [low <= seconds <= high for (low, high), seconds in rated]
    assert len(right) > 200
    assert sum(right) / len(right) > 0.88


def test_the_wait_is_told_again_when_the_pace_is_another() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.wait_for_agent("w")
    floor.passes(10)
    floor.gone("v", assigned=True)
    floor.passes(1)
    assert floor.places() == {"w": 1}
    floor.wait_for_agent("x")
    floor.later(20).gone("x", assigned=True)
    told = []
    for _ in range(30):
        floor.passes(10)
        told += [one.command.eta_seconds[1] for one in floor.all(Tell) if isinstance(one.command, c.Position)]
    assert told == sorted(told), "nothing moves, so it takes longer and longer"
    assert len(told) > 5
    assert told[-1] > 2 * told[0]


def test_those_who_are_served_make_the_pace() -> None:
    floor = full()
    for number in range(4):
        floor.wait_for_agent(f"v{number}")
    for number in range(3):
        floor.later(30).gone(f"v{number}", assigned=True)
    assert floor.queue()["v3"]["eta_seconds"] == (0, 40)


# Nobody there


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


# Learning anew


def row(scene: Scene) -> bytes:
    """What the journal lists of an actor."""
    found = scene.machine.summary(scene.state)
    assert found is not None
    body: bytes = found.body
    return body


def test_it_looks_up_who_is_here_and_who_waits() -> None:
    floor = Floor(team(person("alice")), online=False, learned=False)
    assert floor.effects == [Find(("here:acme",)), Find(("queued:acme",))]


def test_while_it_learns_nobody_is_sent_away() -> None:
    floor = Floor(team(person("alice")), online=False, learned=False)
    floor.wait_for_agent("v")
    assert floor.nobody() == []
    floor.learn()
    assert floor.nobody() == ["v:nobody"]


def test_who_is_here_is_there_until_she_says_otherwise_and_free_when_she_says_so() -> None:
    floor = Floor(team(person("alice")), online=False, learned=False)
    floor.learn(here=[row(agent())], queued=[row(conversation("queued"))])
    assert floor.nobody() == []
    assert floor.asked() == []
    assert floor.agent("alice") == ["v-1>alice"]


def test_agents_who_are_here_are_asked_who_they_are() -> None:
    floor = Floor(team(person("alice")), online=False, learned=False)
    floor.send(SUPERVISOR, Found(("here:acme",), [row(agent())]))
    assert floor.told("agent/alice") == [c.Report()]


def test_who_waits_stands_where_it_stood() -> None:
    scene = conversation("queued", locale="de")
    scene.later(10).send("agent/alice", c.Offer(2, ""))
    scene.send("agent/alice", c.DeclineOffer())
    floor = Floor(team(person("alice"), person("bob")), online=False, learned=False)
    floor.learn(here=[row(agent())], queued=[row(scene)])
    one = floor.state.dispatch.line.all["v-1"]
    enlist = scene.told(SUPERVISOR)[0]
    assert one.enlist == enlist


def test_what_rings_is_not_offered_to_another() -> None:
    floor = Floor(team(person("alice"), person("bob")), learned=False)
    floor.learn(queued=[row(conversation("offered"))])
    assert floor.asked() == []
    assert floor.queue()["v-1"]["why"] == "Offered to Alice."


def test_what_a_colleague_was_asked_for_by_name_is_not_the_supervisors() -> None:
    floor = Floor(team(person("alice"), person("bob")), learned=False)
    floor.learn(queued=[row(conversation("named"))])
    assert not floor.queue()


def test_what_was_heard_while_it_learned_is_newer_than_the_rows() -> None:
    floor = Floor(team(person("alice")), online=False, learned=False)
    old = row(conversation("queued"))
    floor.gone("v-1", epoch=3)
    floor.learn(here=[row(agent())], queued=[old])
    assert not floor.queue()
    floor = Floor(team(person("alice")), online=False, learned=False)
    floor.gone("v-1", epoch=2)
    floor.learn(here=[row(agent())], queued=[old])
    assert set(floor.queue()) == {"v-1"}, "it was the request before that is over"


def test_who_has_said_so_itself_meanwhile_is_not_listed_twice() -> None:
    floor = Floor(team(person("alice")), learned=False)
    floor.agent("alice", load=1)
    floor.wait_for_agent("v-1", epoch=4)
    floor.learn(queued=[row(conversation("queued"))])
    assert floor.state.dispatch.line.all["v-1"].enlist.epoch == 4


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


def test_a_bot_that_is_not_configured_has_nobody() -> None:
    floor = Floor(team(), online=False)
    floor.wait_for_agent("v")
    assert floor.nobody() == ["v:nobody"]


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
