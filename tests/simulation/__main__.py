"""Many seeds: `python -m tests.simulation crowd --seeds 100000`. Prints each seed that fails; exit 1 if any does.

A failing seed reproduces exactly: `python -m tests.simulation crowd --first SEED --seeds 1` raises what it found.
"""

import argparse
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.actors import crowd
from tests.actors.test_handoff_machine import Run
from tests.simulation.faults import SKEWED
from tests.simulation.tally import DEDICATED, TallyRun

WORKLOADS: dict[str, Callable[[int], object]] = {
    "tally": lambda seed: TallyRun(seed).run(),
    "tally-dedicated": lambda seed: TallyRun(seed, placement=DEDICATED).run(),
    "crowd": lambda seed: Run(seed).go(),
    "crowd-redeployed": lambda seed: Run(seed, redeployed=3).go(),
    "crowd-skewed": lambda seed: Run(seed, SKEWED).go(),
    "crowd-dedicated": lambda seed: Run(seed, placement=crowd.DEDICATED).go(),
}
"""By name: what runs a seed and raises what it finds. `tally` is a tiny machine that shows what the runtime does; a
`crowd` is visitors, agents, supervisors and an assistant, with the real machines; begun anew now and then with other
settings, and other hosts, in `crowd-redeployed`; with hosts whose clocks are a minute wrong in `crowd-skewed`."""

_CHUNK = 50


def attempt(workload: str, seed: int) -> tuple[int, str]:
    """The seed, and what it has found, if anything."""
    try:
        WORKLOADS[workload](seed)
    except Exception as found:
        return seed, "".join(traceback.format_exception_only(found)).strip()
    return seed, ""


def main() -> int:
    """Run the seeds on all processors."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first one")
    parser.add_argument("--processes", type=int, default=None, help="how many at a time; as many as processors")
    options = parser.parse_args()
    if options.seeds == 1:
        WORKLOADS[options.workload](options.first)
        return 0
    seeds = range(options.first, options.first + options.seeds)
    failed = 0
    with ProcessPoolExecutor(options.processes) as pool:
        for done, (seed, found) in enumerate(pool.map(partial(attempt, options.workload), seeds, chunksize=_CHUNK), 1):
            if found:
                failed += 1
                print(f"seed {seed}: {found}", flush=True)
            if done % 1_000 == 0 or done == options.seeds:
                print(f"{done} of {options.seeds} seeds, {failed} failed", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
