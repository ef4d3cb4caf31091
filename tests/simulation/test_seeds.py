"""A seed is all that a run depends on."""

import subprocess
import sys

import pytest

TALLY = "from tests.simulation.tally import TallyRun; s = TallyRun(5).run()"
CROWD = """
from tests.actors.test_handoff_machine import Run
run = Run(7_000_001, deeds=80)
run.go()
s = run.crowd.simulation
"""


@pytest.mark.parametrize("run", [TALLY, CROWD], ids=["tally", "crowd"])
def test_a_seed_takes_the_same_steps_in_every_process(run: str) -> None:
    code = f"{run}\nprint(s.loop.steps, s.loop.dice.random())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": hash_seed}, check=True, capture_output=True
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(outputs) == 1
