"""Priority: what brought a request about, what a manager has said, and that both count as minutes waited."""

import pytest

from actors import commands as c
from actors import events as e
from actors.settings import PRIORITY_MAX, Priorities, Routing
from tests.actors.floor import Floor, person, row, team
from tests.actors.scene import ALICE, BOB, MONA, SUPERVISOR, VISITOR, WORKER, agent, conversation, settings
from tests.actors.test_offers import enlisted

URGENT = settings(Routing(priority=Priorities(keyword=15, transfer=5)))


def test_what_brings_a_request_about_says_how_urgent_it_is() -> None:
    scene = conversation("asked", URGENT)
    scene.send(WORKER, c.AssistantAnswer(1, scene.state.turn.id, trigger="keyword", detail="lawyer"))
    assert enlisted(scene).priority == 15
    scene = conversation("live", URGENT)
    scene.send(ALICE, c.Transfer(skill="billing"))
    assert enlisted(scene).priority == 5
    scene = conversation("queued", URGENT)
    assert scene.state.wait.priority == 0


def test_a_manager_moves_it_in_the_queue_and_it_stays_so_in_later_handoffs() -> None:
    scene = conversation("queued", URGENT)
    assert scene.send(MONA, c.SetPriority(30)) == ["priority_changed"]
    assert scene.told(SUPERVISOR) == [c.Prioritise(2, 30)]
    assert scene.described()["priority"] == 30
    assert scene.send(MONA, c.SetPriority(30)) == [], "said already"
    scene.send(ALICE, c.TakeOver())
    scene.send(ALICE, c.Transfer(skill="billing"))
    assert enlisted(scene).priority == 30


def test_said_before_it_is_asked_for_it_counts_from_the_beginning() -> None:
    scene = conversation("assistant")
    scene.send(MONA, c.SetPriority(30))
    assert scene.told(SUPERVISOR) == []
    scene.send(VISITOR, c.RequestHuman())
    assert enlisted(scene).priority == 30


def test_who_was_dropped_stays_in_front_whatever_the_priority() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.AgentGone(3))
    before = scene.state.wait.priority
    scene.send(MONA, c.SetPriority(5))
    assert scene.told(SUPERVISOR) == [c.Prioritise(4, before + 5)]


def test_what_a_colleague_is_asked_for_by_name_is_not_in_the_queue() -> None:
    scene = conversation("named")
    scene.send(MONA, c.SetPriority(5))
    assert scene.told(SUPERVISOR) == []


@pytest.mark.parametrize("priority", [-1, PRIORITY_MAX + 1])
def test_a_priority_has_bounds(priority: int) -> None:
    assert conversation("queued").refused(MONA, c.SetPriority(priority)).detail == {"field": "priority"}
    assert conversation("queued").send(MONA, c.SetPriority(PRIORITY_MAX)) == ["priority_changed"]


def test_only_managers_set_priorities() -> None:
    assert conversation("queued").refused(BOB, c.SetPriority(5)).code == "forbidden"
    assert conversation("assistant", settings(tier="basic")).refused(MONA, c.SetPriority(5)).code == "basic_tier"


def test_visitors_do_not_see_how_urgent_they_are() -> None:
    scene = conversation("assistant", URGENT)
    asked = e.HumanRequested("keyword", priority=15)
    assert scene.machine.public(asked) == e.HumanRequested("keyword")


# In the queue


def waiting() -> Floor:
    """Alice has all she can do; v, w and x wait, a minute apart."""
    floor = Floor(team(person("alice")))
    floor.agent("alice", load=1)
    for key in ("v", "w", "x"):
        floor.wait_for_agent(key)
        floor.passes(60)
    return floor


def prioritise(floor: Floor, key: str, priority: int, epoch: int = 2) -> None:
    floor.send(f"conversation/{key}", c.Prioritise(epoch, priority))


def test_it_moves_in_front_of_whom_waited_longer_by_no_more_and_all_are_told() -> None:
    floor = waiting()
    prioritise(floor, "x", 1)
    assert list(floor.queue()) == ["v", "w", "x"], "a minute is what w has waited longer, and w was first"
    prioritise(floor, "x", 2)
    assert list(floor.queue()) == ["v", "x", "w"]
    floor.passes(1)
    assert floor.places() == {"x": 2, "w": 3}
    prioritise(floor, "x", 3)
    assert floor.queue()["x"]["position"] == 1
    assert floor.queue()["x"]["priority"] == 3
    assert floor.agent("alice") == ["x>alice"]


def test_less_urgent_it_moves_back() -> None:
    floor = waiting()
    prioritise(floor, "x", 9)
    prioritise(floor, "x", 0)
    assert list(floor.queue()) == ["v", "w", "x"]
    assert floor.agent("alice") == ["v>alice"]


def test_while_it_rings_only_its_place_is_another() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("bob", load=1)
    floor.wait_for_agent("v")
    floor.wait_for_agent("w")
    prioritise(floor, "v", 9)
    assert floor.asked() == []
    assert floor.queue()["v"]["why"] == "Offered to Alice."
    assert floor.agent("bob") == ["w>bob"]


def test_one_who_waits_for_one_agent_moves_too() -> None:
    floor = Floor(team(person("alice"), person("bob")))
    floor.agent("alice", load=1)
    floor.agent("bob", load=1)
    floor.wait_for_agent("v", sticky="alice")
    floor.later(1).wait_for_agent("w", sticky="alice")
    prioritise(floor, "w", 9)
    assert [one.id for one in floor.state.dispatch.stands.held("alice")] == ["w", "v"]
    assert floor.agent("alice") == ["w>alice"]


def test_old_news_of_a_priority_is_no_news() -> None:
    floor = waiting()
    prioritise(floor, "x", 9, epoch=1)
    prioritise(floor, "nobody", 9)
    assert list(floor.queue()) == ["v", "w", "x"]


def test_a_priority_that_is_heard_of_while_it_learns_is_newer_than_the_row() -> None:
    scene = conversation("queued")
    old = row(scene)
    floor = Floor(team(person("alice")), online=False, learned=False)
    prioritise(floor, scene.state.key, 9)
    floor.learn(here=[row(agent())], queued=[old])
    assert floor.queue()[scene.state.key]["priority"] == 9
