"""What processes use, from /proc: CPU seconds and memory, by group."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.processes import PROC, Process

Group = Callable[[Process], str]
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(processes: Iterable[Process], group: Group) -> Counter[str]:
    """User and system time that these processes have used so far, by group; a process that is gone is left out."""
    found: Counter[str] = Counter()
    for process in processes:
        try:
            fields = Path(PROC / str(process.pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[group(process)] += (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND  # type: ignore[assignment]
    return found


def memory_bytes(processes: Iterable[Process], group: Group) -> dict[str, dict[str, int]]:
    """By group: `pss` (shared pages divided among those who share them) and `uss` (what is theirs alone)."""
    found: dict[str, dict[str, int]] = {}
    for process in processes:
        try:
            rollup = Path(PROC / str(process.pid) / "smaps_rollup").read_text()
        except OSError:
            continue
        sums = found.setdefault(group(process), {"pss": 0, "uss": 0})
        for line in rollup.splitlines():
            if line.startswith("Pss:"):
                sums["pss"] += int(line.split()[1]) * 1024
            elif line.startswith("Private_"):
                sums["uss"] += int(line.split()[1]) * 1024
    return found


def own_cpu_seconds() -> float:
    """What this process, the load generator, has used so far."""
    times = os.times()
    return times.user + times.system
