"""The simulation finds each of the classic bugs within seconds, and says which seed it was."""

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.checker import Violation
from tests.simulation.tally import TallyRun

SEEDS = 200


def found(bug: str, seed: int) -> str:
    """What a run with the bug has found, or nothing."""
    host_class, journal_class = BUGS[bug]
    try:
        TallyRun(seed, host_class=host_class, journal=journal_class()).run()
    except Violation as violation:
        return str(violation)
    return ""


@pytest.mark.parametrize("bug", BUGS)
def test_the_bug_is_found(bug: str) -> None:
    seed = next((seed for seed in range(SEEDS) if found(bug, seed)), None)
    assert seed is not None, f"{SEEDS} seeds have not found it"
    assert f"[seed {seed}, " in found(bug, seed)
