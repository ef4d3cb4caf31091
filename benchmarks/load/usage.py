"""What processes use, from /proc: CPU seconds and memory, by group."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from benchmarks.processes import PROC, Process

Group = Callable[[Process], str]
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Server(Protocol):
    """Whose processes are measured."""

    def processes(self) -> set[Process]:
        """All of them, now."""
        ...

    def group(self, process: Process) -> str:
        """Which part of the server one is."""
        ...


class Meter:
    """The CPU that a server uses from `start` on. Its processes are looked for when the meter is made and at the end.

    One that came meanwhile counts whole; one that went is in the account of the parent that buried it.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known = server.processes()  # to look for them takes some ms, which would show in the latencies
        self.start()

    def start(self) -> None:
        """From now on."""
        self._before = cpu_seconds(self._known, self._server.group)

    def seconds(self) -> dict[str, float]:
        """By group."""
        after = cpu_seconds(self._server.processes(), self._server.group)
        return {group: after[group] - self._before[group] for group in sorted({*after, *self._before})}


def cpu_seconds(processes: Iterable[Process], group: Group) -> Counter[str]:
    """User and system time that these processes, and children they have buried, have used so far, by group."""
    found: Counter[str] = Counter()
    for process in processes:
        try:
            fields = Path(PROC / str(process.pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks = sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
        found[group(process)] += ticks / TICKS_A_SECOND  # type: ignore[assignment]
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
