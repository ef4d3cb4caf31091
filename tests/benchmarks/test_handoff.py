"""How long each step of a handoff took."""

from __future__ import annotations

from typing import Any, cast

import pytest

from benchmarks.handoff import STEPS, Handoff

NOBODY = cast(Any, None)
MOMENTS = {"asked": 1.0, "acked": 1.01, "offered": 1.02, "accepted": 1.05, "seen": 1.1}


def test_each_step_is_between_two_moments() -> None:
    handoff = Handoff(NOBODY, dict(MOMENTS))
    took = {name: handoff.step(name) for name in STEPS}
    assert [round(value or 0) for value in took.values()] == [10, 20, 30, 50, 100]


@pytest.mark.parametrize("moment", ["offered", "accepted", "seen"])
def test_a_step_without_its_end_or_beginning_has_not_been_taken(moment: str) -> None:
    handoff = Handoff(NOBODY, {name: at for name, at in MOMENTS.items() if name != moment})
    for name, ends in STEPS.items():
        assert (handoff.step(name) is None) == (moment in ends)


def test_only_an_agents_message_is_the_first_reply() -> None:
    handoff = Handoff(NOBODY)
    handoff.frame({"type": "event", "event": {"type": "message_sent", "from": "system"}})
    assert not handoff.times
