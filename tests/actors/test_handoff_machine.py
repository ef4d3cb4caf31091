"""Conversations, agents and supervisors together, under every fault there is: whatever happens, the promises hold.

A run prints its seed when it fails; `Run(seed).go()` takes the same steps again. More runs:
`LIVESUPPORT_HANDOFF_RUNS=1000 pytest tests/actors/test_handoff_machine.py`.
"""

import os

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from runtime.identity import actor_id
from runtime.placement import Placement
from tests.actors.crowd import DEDICATED, DEEDS, LATER, PACKED, REASSIGNED, Crowd
from tests.actors.promises import Promises
from tests.conftest import ForEach
from tests.simulation.faults import CALM, ROUGH, SKEWED, Faults

RUNS = int(os.environ.get("LIVESUPPORT_HANDOFF_RUNS", "48"))

OFTEN = ["open", "request", "request", "request", "write", "write", "reply", "close", "transfer", "take_over"]
"""What happens more often than all else."""

QUIET_MS = 80_000
"""Long enough for every check, hold, round and retry; shorter than the longest wait."""


class Run:
    """So many deeds in so much time, then calm, then the promises."""

    def __init__(
        self, seed: int, faults: Faults = ROUGH, placement: Placement = PACKED, deeds: int = 150, redeployed: int = 0
    ) -> None:
        self.crowd = Crowd(seed, faults, placement)
        self.promises = Promises(self.crowd)
        self._deeds = deeds
        self._redeployed = redeployed
        # What a host whose clock is ahead has written may be due two minutes later at the next one's.
        self._late_ms = 130_000 if faults.clock_wrong else 0

    def go(self) -> None:
        """All of it. Raises `Violation`."""
        dice = self.crowd.simulation.loop.dice
        for pick in range(6):
            self.crowd.act("open", pick)
        anew = {dice.randrange(self._deeds) for _ in range(self._redeployed)}
        for number in range(self._deeds):
            self.crowd.run(dice.randint(1, 800))
            if number in anew:
                self.crowd.redeploy(dice.randrange(1_000))
            self.crowd.act(dice.choice([*DEEDS, *OFTEN, *OFTEN]), dice.randrange(1_000))
        self.end()

    def end(self) -> None:
        """Quiet, and then the longest wait."""
        self.crowd.calm(QUIET_MS + self._late_ms)
        self.promises.at_end(self._late_ms)
        longest_ms = 700_000 if self._redeployed else 240_000  # where a bot is gone, the defaults are what counts
        self.crowd.run(longest_ms + self._late_ms)
        self.promises.nobody_waits_at_all()


def rough(seed: int) -> None:
    Run(seed, placement=DEDICATED if seed % 5 == 4 else PACKED).go()


@pytest.mark.parametrize("block", range(6))
def test_every_promise_holds_under_every_fault(block: int, for_each: ForEach) -> None:
    for_each(rough, range(block * RUNS // 6, (block + 1) * RUNS // 6))


def calm(seed: int) -> None:
    Run(seed, CALM).go()


def test_every_promise_holds_when_nothing_goes_wrong(for_each: ForEach) -> None:
    for_each(calm, range(1_000_000, 1_000_000 + max(1, RUNS // 10)))


def test_an_agent_who_was_given_another_bot_is_found_by_its_supervisor_after_a_crash() -> None:
    run = Run(1, CALM)
    run.crowd.run(5_000)
    run.crowd.redeploy(LATER.index(REASSIGNED))
    run.crowd.run(20_000)
    run.crowd.simulation.crash(PACKED.host_of(actor_id("supervisor", "acme")))
    run.end()


def redeployed(seed: int) -> None:
    Run(seed, redeployed=3).go()


def test_every_promise_holds_whatever_the_settings_are_after_a_restart(for_each: ForEach) -> None:
    for_each(redeployed, range(2_000_000, 2_000_000 + max(1, RUNS // 6)))


def skewed(seed: int) -> None:
    Run(seed, SKEWED).go()


def test_every_promise_holds_where_clocks_are_wrong(for_each: ForEach) -> None:
    for_each(skewed, range(3_000_000, 3_000_000 + max(1, RUNS // 10)))


class Handoff(RuleBasedStateMachine):
    """The same crowd, its deeds chosen by hypothesis."""

    @initialize(seed=st.integers(0, 1_000_000), rough=st.booleans())
    def begin(self, seed: int, rough: bool) -> None:
        note(f"seed {seed}")
        self.go = Run(seed, ROUGH if rough else CALM)
        for pick in range(6):
            self.go.crowd.act("open", pick)

    @rule(deed=st.sampled_from([*DEEDS, *OFTEN]), pick=st.integers(0, 999), ms=st.integers(1, 6_000))
    def act(self, deed: str, pick: int, ms: int) -> None:
        self.go.crowd.act(deed, pick)
        self.go.crowd.run(ms)

    def teardown(self) -> None:
        if hasattr(self, "go"):
            self.go.end()


def test_no_sequence_of_deeds_breaks_a_promise() -> None:
    run_state_machine_as_test(
        Handoff,
        settings=settings(
            max_examples=max(5, RUNS // 4),
            stateful_step_count=40,
            deadline=None,
            derandomize="LIVESUPPORT_HANDOFF_RUNS" not in os.environ,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
