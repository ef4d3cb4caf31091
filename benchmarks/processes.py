"""The processes of a server that a benchmark started, found in /proc: its descendants, and all that inherited its mark.

A process that was re-parented (its parent was killed) is found by the mark in its environment; one that overwrote its
environment with a new title is found by its parents. Where there is no /proc, nothing is found.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
DEAD = (b"Z", b"X")
KILL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Process:
    """`started` (clock ticks since boot) tells it from a later process with the same id."""

    pid: int
    started: int
    title: str = field(compare=False, default="")

    @property
    def alive(self) -> bool:
        """It is there, and its id is not another's."""
        found = _stat(self.pid)
        return found is not None and found[1] == self.started

    def kill(self) -> None:
        """SIGKILL, unless it is gone and its id is another's."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def family(pid: int, mark: bytes) -> set[Process]:
    """Every live process that is `pid`, descends from it, or carries `mark` in its environment or has such a parent."""
    parents: dict[int, tuple[int, int]] = {}
    roots = {pid}
    for entry in PROC.glob("[0-9]*"):
        if (found := _stat(int(entry.name))) is not None:
            parents[int(entry.name)] = found
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes():
                    roots.add(int(entry.name))
    return {
        Process(member, started, title(member))
        for member, (_, started) in parents.items()
        if _descends(member, roots, parents)
    }


def find(pid: int) -> Process | None:
    """The live process with this id."""
    found = _stat(pid)
    return Process(pid, found[1], title(pid)) if found is not None else None


def parent(pid: int) -> int:
    """The id of its parent; 0 when it is gone."""
    found = _stat(pid)
    return found[0] if found is not None else 0


def living(processes: Iterable[Process]) -> set[Process]:
    """Those of them that are alive."""
    return {process for process in processes if process.alive}


async def outlive(processes: set[Process], seconds: float) -> set[Process]:
    """Those still alive after so long; returns early when none is."""
    give_up_at = time.monotonic() + seconds
    while (left := living(processes)) and time.monotonic() < give_up_at:  # noqa: ASYNC110, they are not our children
        await asyncio.sleep(0.02)
    return left


async def end(processes: set[Process]) -> None:
    """SIGKILL to each, and waits until they are gone: a signal takes a moment to be delivered."""
    for process in processes:
        process.kill()
    await outlive(processes, KILL_SECONDS)


def title(pid: int) -> str:
    """Its command line, or the title it gave itself; empty when it is gone."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def _stat(pid: int) -> tuple[int, int] | None:
    """Parent and start time of a live process."""
    with contextlib.suppress(OSError):
        fields = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        if fields[0] not in DEAD:
            return int(fields[1]), int(fields[19])
    return None


def _descends(pid: int, roots: set[int], parents: dict[int, tuple[int, int]]) -> bool:
    while pid in parents:
        if pid in roots:
            return True
        pid = parents[pid][0]
    return False
