"""The simulation finds each of the classic bugs within seconds, and says which seed it was."""

import pytest
from msgspec import structs

from tests.simulation.bugs import BUGS
from tests.simulation.checker import Violation
from tests.simulation.faults import ROUGH
from tests.simulation.tally import TallyRun

SEEDS = 200
SLOW = structs.replace(ROUGH, append_slow=0.05)
"""The store is slower than mostly: what only such appends bring to light is else found in one run of a hundred."""


def found(bug: str, seed: int) -> str:
    """What a run with the bug has found, or nothing."""
    host_class, journal_class = BUGS[bug]
    try:
        TallyRun(seed, SLOW, host_class=host_class, journal=journal_class()).run()
    except Violation as violation:
        return str(violation)
    return ""


@pytest.mark.sources
@pytest.mark.parametrize("bug", BUGS)
def test_the_bug_is_found(bug: str) -> None:
    seed = next((seed for seed in range(SEEDS) if found(bug, seed)), None)
    assert seed is not None, f"{SEEDS} seeds have not found it"
    assert f"[seed {seed}, " in found(bug, seed)
