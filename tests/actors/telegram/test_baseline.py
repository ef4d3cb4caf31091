"""What a group's events add up to is one of them, and what lies before it is cut out of the journal."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from msgspec.structs import fields

from actors import commands as c
from actors.telegram import TelegramMachine, words
from actors.telegram import commands as t
from actors.telegram.state import Alert, Authored, Errand, Flying, Group, Thread
from runtime.identity import actor_id
from runtime.limits import HostLimits
from runtime.placement import Placement
from tests.actors.telegram.stage import MINUTE_MS, Stage, settings
from tests.actors.test_agent_history import cut, understood_no_more
from tests.runtime.bench import Bench

ACTOR = actor_id("telegram", "acme")
LIMITS = HostLimits(snapshot_events=20, mailbox_commands=10)
DAY_MS = 86_400_000
REFS = 30


def whole() -> Group:
    """A group of which there is something to say in every field."""
    thread = Thread(
        "ann-1", (7, 1), 'Ann "A"\n', "live", "Alice", 9, [8, 9], 1, 2, 30, (1, 0), (7, 0), True, True, 31, (5, 0),
        [10], 12, "Ann", True, Alert("refund", 50), 1,
    )  # fmt: skip
    says = [t.Say("Hi", 1, 12, "ann-1", (("Alice", 11),), (("Spam", "spam ann-1"),))]
    authored = {40: Authored("ann-1", "ann-1.5", "alice", "ab"), 41: Authored("old-1", "old-1.7", "bob", "cd")}
    errand = Errand(5, "reply", "alice", "conversation/ann-1", c.SendMessage("Hello"), "ann-1", (), 42, 12, "q", "d")
    flying = Flying(6, t.Show("ann-1", (7, 1), (9, 0), skip=(10,)))
    return Group(
        "acme", (-1, -2), "support_bot", 7, 8, {7: None}, {"ann-1": thread, "bob-1": Thread("bob-1", (0, 0))},
        {"bob-1": None}, {"bob-1": None}, {"ann-1": None}, says, {30: "ann-1", 29: "old-1", 28: "older-1"}, authored,
        {12: "ann-1"}, {"ann-1": None}, {5: errand}, {99: 3}, 6, flying, 4, [3, 4], 5, 1, 2, "away", 6, 7, 8, 9,
    )  # fmt: skip


def test_every_field_of_a_group_is_said() -> None:
    """One that is added has to be in `whole`, and then in the baseline."""
    group = whole()
    for one, plain in ((group, Group("")), (group.threads["ann-1"], Thread("", (0, 0)))):
        assert [name for name in one.__struct_fields__ if getattr(one, name) == getattr(plain, name)] == []
    assert [one.name for one in fields(Authored) if getattr(group.authored[40], one.name) == ""] == []
    stage = Stage()
    stage.state = group
    stage.check_baseline()


def test_whatever_was_known_before_makes_no_difference() -> None:
    stage = Stage()
    stage.tell("ann-1", phase="queued")
    assert stage.restated(whole()) == stage.state
    assert stage.restated(stage.state) == stage.state


def test_what_is_said_does_not_change_with_the_state() -> None:
    stage = Stage()
    stage.tell("ann-1", phase="queued")
    fact = stage.machine.baseline(stage.state)
    said = stage.codec.encode_event(fact)
    stage.tell("ann-1", phase="live")
    stage.machine.apply(stage.machine.initial("acme"), fact, 0).threads.clear()
    assert stage.codec.encode_event(fact) == said


def test_a_baseline_does_nothing_else() -> None:
    stage = Stage()
    stage.tell("ann-1", phase="queued")
    assert stage.machine.effects(stage.state, stage.machine.baseline(stage.state), 0) == ()


def test_the_first_ones_that_were_written_are_understood_for_ever() -> None:
    body = (
        b'{"type":"baseline","state":{"group":{"bot":"acme","number":3},"threads":[["ann-1",[2,0],"Ann","queued"]],'
        b'"others":["bob-1"],"messages":[[101,0],[99,1]],"topics":[[12,0]],"authored":[[102,0,".2","alice"]]}}'
    )
    machine = TelegramMachine(settings())
    state = machine.apply(machine.initial("acme"), Stage().codec.decode_event(body), 0)
    assert state == Group(
        "acme",
        number=3,
        threads={"ann-1": Thread("ann-1", (2, 0), "Ann", "queued")},
        messages={101: "ann-1", 99: "bob-1"},
        topics={12: "ann-1"},
        authored={102: Authored("ann-1", "ann-1.2", "alice")},
    )


# In a host


def bench(journal: Any = None, apart: int = 0, **told: Any) -> Bench:
    """A host where baselines are so many events apart."""
    machine = TelegramMachine(settings(**told))
    machine.baseline_events = apart
    return Bench(journal, LIMITS, placement=Placement(1, pools={"bridge/acme": 1}), machines=[machine])


def busy(host: Bench, conversations: int = 60, first: int = 0) -> None:
    """One conversation after the other is opened and closed, and shown: the bridge does at once what it is told."""
    for number in range(first, first + conversations):
        sender = f"conversation/c{number}-1"
        for sequence, phase in enumerate(("queued", "closed"), 1):
            told = t.Mirror(sequence, phase, f"Visitor {number:03}", speaker="visitor")
            host.send(ACTOR, told, ref=f"m{number}-{sequence}", sender=sender)
            shown(host)
        host.later(10_000)
        shown(host)


def shown(host: Bench) -> None:
    """Whatever is under way is done."""
    host.settle()
    while (flying := state_of(host).flying) is not None:
        upto = getattr(flying.operation, "until", (0, 0))
        host.send(ACTOR, t.Performed(flying.number, "done", 1_000 + flying.number, upto), sender="bridge/acme/0")
        host.settle()


def state_of(host: Bench) -> Group:
    state = host.host.activations[ACTOR].state
    assert isinstance(state, Group)
    return state


def written(host: Bench) -> bytes:
    """All that the store has of the group."""
    records = [one.body for one in host.journal.records[ACTOR]]
    return b"".join([*records, host.journal.snapshots[ACTOR].state])


@pytest.mark.parametrize("understood", [True, False])
def test_a_group_is_the_same_by_what_is_left(understood: bool) -> None:
    host = bench()
    busy(host)
    state = msgspec.to_builtins(state_of(host))
    assert cut(host, ACTOR) > 100
    if not understood:
        understood_no_more(host)
    after = bench(host.journal)
    after.send(ACTOR, t.Pace(), sender=str(ACTOR))
    after.settle()
    recent = [one for one in state["calls_ms"] if one > after.now_ms - MINUTE_MS]
    again = {"asked_ms": after.now_ms, "calls_ms": [*recent, after.now_ms]}
    assert msgspec.to_builtins(state_of(after)) == state | again, "it has asked again"


def test_what_was_told_lately_is_not_taken_again_after_a_cut() -> None:
    host = bench()
    busy(host)
    cut(host, ACTOR)
    understood_no_more(host)
    after = bench(host.journal)
    last = len(host.journal.records[ACTOR])
    for number in range(60 - REFS // 4, 60):
        told = t.Mirror(1, "queued", "Somebody", speaker="visitor")
        after.send(ACTOR, told, ref=f"m{number}-1", sender=f"conversation/c{number}-1")
        after.settle()
    assert "Somebody" not in {one.visitor for one in state_of(after).threads.values()}
    assert b"Somebody" not in written(after)
    assert len(after.journal.records[ACTOR]) <= last + 1, "a baseline of its own"


def test_baselines_do_not_outweigh_what_they_stand_for() -> None:
    host = bench(apart=100)
    busy(host)
    understood_no_more(host)
    after = bench(host.journal, apart=100)
    busy(after, first=60)
    said = [one.sequence for one in after.journal.records[ACTOR] if one.body.startswith(b'{"type":"baseline"')]
    assert len(said) == 5
    assert all(100 <= later - one < 100 + 3 * LIMITS.snapshot_events for one, later in pairwise([0, *said]))


# What is forgotten


def test_a_conversation_that_was_forgotten_is_forgotten_by_its_group_too() -> None:
    host = bench(retention_days=1)
    busy(host, 3)
    assert b"Visitor 001" in written(host)
    host.later(DAY_MS + 2 * 3_600_000)
    host.settle()
    assert state_of(host).threads == {}
    busy(host, 60, first=3)
    cut(host, ACTOR)
    for name in (b"Visitor 000", b"Visitor 001", b"Visitor 002"):
        assert name not in written(host)
    assert b"Visitor 062" in written(host)


def test_what_is_not_over_for_so_long_stays() -> None:
    stage = Stage(retention_days=2)
    stage.connected()
    stage.tell("ann-1", phase="live", owner="Alice")
    for key in ("bob-1", "cid-1"):
        stage.tell(key, phase="live", owner="Alice")
        stage.tell(key, "", phase="closed")
        stage.wait(36 * 3_600)
    assert set(stage.state.threads) == {"ann-1", "cid-1"}
    stage.restart()
    assert set(stage.state.threads) == {"ann-1", "cid-1"}
    stage.send("conversation/bob-1", t.Mirror(3, "closed", "Bob"))  # it is rated, late
    assert set(stage.state.threads) == {"ann-1", "cid-1"}
    stage.wait(60)
    stage.check_shown()


@pytest.mark.parametrize("topics", [False, True])
def test_what_waits_of_a_forgotten_conversation_waits_no_more(topics: bool) -> None:
    stage = Stage(retention_days=1, topics=topics)
    stage.connected()
    stage.tell("ann-1", phase="queued")
    card = stage.card("ann-1")
    stage.answer = lambda perform: t.Performed(perform.number, "removed")
    stage.tell("ann-1", phase="queued")
    stage.tell("bob-1", phase="queued")
    stage.tell("ann-1", "", phase="closed")
    stage.wait(26 * 3_600)
    assert set(stage.state.threads) == {"bob-1"}
    assert b"ann-1" not in stage.codec.encode_state((stage.state, {}))
    stage.answer = stage.done
    stage.wait(3_600)
    assert stage.shown["bob-1"]
    assert stage.describe()["pending"] == 0
    stage.reply("Hello?", card, tag=words.tag_of("ann-1"))
    assert stage.runs[-1].to == "conversation/ann-1", "which tells who it is that it does not exist"


def test_without_a_bound_nothing_is_looked_for() -> None:
    stage = Stage()
    stage.tell("ann-1", phase="queued")
    stage.tell("ann-1", "", phase="closed")
    stage.wait(60)
    assert stage.machine.deadline(stage.state) is None


def test_what_is_on_its_way_is_waited_for() -> None:
    stage = Stage(retention_days=1)
    stage.connected()
    for key in ("ann-1", "bob-1"):
        stage.tell(key, phase="live", owner="Alice")
    stage.reply("Bye", stage.card("ann-1"))
    stage.answer = lambda perform: None
    for key in ("ann-1", "bob-1"):
        stage.tell(key, "", phase="closed")
    stage.wait(26 * 3_600)
    assert set(stage.state.threads) == {"ann-1", "bob-1"}, "a reply to the one, and a call for the other"
    stage.answer = stage.done
    stage.ran(refusal="not_allowed")
    stage.wait(3 * 3_600)
    assert stage.state.threads == {}
