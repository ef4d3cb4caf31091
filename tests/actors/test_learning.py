"""What a supervisor that has forgotten learns: from the journal who is here and who waits, and from what it hears."""

from actors import commands as c
from runtime.machine import Find, Found
from tests.actors.floor import SUPERVISOR, Floor, person, row, team
from tests.actors.scene import agent, conversation


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
