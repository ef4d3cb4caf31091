"""What is said in a live conversation brings no deadline sooner than its machine says: hosts rely on it."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors import commands as c
from actors.settings import Routing
from runtime.machine import Event
from tests.actors.scene import ALICE, VISITOR, Scene, conversation
from tests.actors.scene import settings as config

Say = Callable[[Scene], object]

SAYINGS: dict[str, Say] = {
    "the visitor writes": lambda scene: scene.send(VISITOR, c.SendMessage("Are you there?")),
    "the agent writes": lambda scene: scene.send(ALICE, c.SendMessage("I am.")),
    "the agent corrects": lambda scene: scene.send(ALICE, c.EditMessage(f"{scene.state.key}.1", "I am!")),
    "the visitor reads": lambda scene: scene.send(VISITOR, c.MarkRead(scene.state.sequence)),
    "the agent reads": lambda scene: scene.send(ALICE, c.MarkRead(scene.state.sequence)),
    "time brings what it brings": lambda scene: scene.wait(scene.due_seconds() or 0),
}

ROUTINGS = [
    Routing(),
    Routing(response_target_seconds=1),
    Routing(idle_close_seconds=5, response_target_seconds=600),
    Routing(idle_close_seconds=0),
    Routing(delay_message=""),
]


@pytest.mark.parametrize("routing", ROUTINGS)
@settings(max_examples=60, deadline=None)
@given(said=st.lists(st.tuples(st.sampled_from(sorted(SAYINGS)), st.sampled_from((0, 1, 5, 40))), max_size=30))
def test_no_quiet_event_brings_a_deadline_before_its_patience_ends(
    routing: Routing, said: list[tuple[str, int]]
) -> None:
    scene = conversation("live", config(routing))
    SAYINGS["the agent writes"](scene)  # so that the visitor's next word is one to answer in time
    for what, seconds in said:
        scene.wait(min(seconds, scene.due_seconds() or seconds))
        if scene.state.phase != "live":
            return
        before_s, patience_s = scene.due_seconds(), scene.machine.patience_ms(scene.state) / 1000
        SAYINGS[what](scene)
        if all(isinstance(fact, Event) and fact.quiet for fact in scene.facts):
            after_s = scene.due_seconds()
            assert after_s is None or after_s >= min(patience_s, patience_s if before_s is None else before_s)


@pytest.mark.parametrize(("target_seconds", "patience_ms"), [(7, 7_000), (90, 30_000)])
def test_the_least_of_all_bots_counts_and_of_one_that_is_gone(target_seconds: int, patience_ms: int) -> None:
    scene = conversation("live", config(Routing(response_target_seconds=target_seconds)))
    assert scene.machine.patience_ms(scene.state) == patience_ms


@pytest.mark.parametrize("phase", ["assistant", "asked", "queued", "offered", "closed"])
def test_where_the_assistant_or_the_queue_has_a_deadline_nothing_is_promised(phase: str) -> None:
    scene = conversation(phase)
    assert scene.machine.patience_ms(scene.state) == 0
