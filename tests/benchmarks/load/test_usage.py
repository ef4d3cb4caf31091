"""The account of a server's CPU: nobody's is lost and nobody's counted twice, whoever comes and goes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.load import usage
from benchmarks.load.usage import Meter, memory_bytes
from benchmarks.processes import Process

TICKS = usage.TICKS_A_SECOND


class Small:
    """A server whose processes are files below a folder."""

    def __init__(self, proc: Path) -> None:
        self._proc = proc

    def runs(self, pid: int, own: int, buried: int = 0) -> None:
        """A process that has used so many ticks of its own, and whose dead children have."""
        (self._proc / str(pid)).mkdir(exist_ok=True)
        fields = ["S", *["0"] * 10, str(own - 1), "1", str(buried), "0", "20"]
        (self._proc / str(pid) / "stat").write_text(f"{pid} (a ) name) {' '.join(fields)}")

    def ends(self, pid: int) -> None:
        """Nobody finds it any more."""
        (self._proc / str(pid) / "stat").unlink()

    def processes(self) -> set[Process]:
        """Those that run."""
        return {Process(int(path.parent.name), 0, f"of {path.parent.name}") for path in self._proc.glob("*/stat")}

    def group(self, process: Process) -> str:
        """Its title."""
        return process.title


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    monkeypatch.setattr(usage, "PROC", tmp_path)
    return Small(tmp_path)


def test_what_was_used_before_does_not_count(small: Small) -> None:
    small.runs(1, own=500)
    meter = Meter(small)
    small.runs(1, own=500 + TICKS)
    assert meter.seconds() == pytest.approx({"of 1": 1.0})


def test_who_comes_meanwhile_counts_whole(small: Small) -> None:
    small.runs(1, own=5)
    meter = Meter(small)
    small.runs(2, own=3 * TICKS)
    assert meter.seconds() == pytest.approx({"of 1": 0.0, "of 2": 3.0})


def test_who_comes_and_goes_is_in_its_parents_account(small: Small) -> None:
    small.runs(1, own=5)
    meter = Meter(small)
    small.runs(1, own=5, buried=2 * TICKS)
    assert sum(meter.seconds().values()) == pytest.approx(2.0)


def test_who_was_there_and_goes_is_not_counted_twice(small: Small) -> None:
    small.runs(1, own=5)
    small.runs(2, own=4 * TICKS)
    meter = Meter(small)
    small.ends(2)
    small.runs(1, own=5, buried=6 * TICKS)
    assert sum(meter.seconds().values()) == pytest.approx(2.0)


def test_a_child_that_has_ended_is_in_a_real_processs_account() -> None:
    class Itself:
        def processes(self) -> set[Process]:
            return {Process(os.getpid(), 0)}

        def group(self, process: Process) -> str:
            return "itself"

    meter, begun = Meter(Itself()), time.process_time()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"], check=True)
    assert meter.seconds()["itself"] - (time.process_time() - begun) > 0.15


def test_memory_is_told_by_group() -> None:
    found = memory_bytes({Process(os.getpid(), 0)}, lambda _: "itself")
    assert found["itself"]["pss"] > found["itself"]["uss"] > 1_000_000
