"""Flame graphs of a server's Python processes under load, made by py-spy where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.load.usage import Group
from benchmarks.processes import Process

PROFILED = frozenset({"gateway", "host", "server"})
RATE = 200
LATE_SECONDS = 20.0
INSTALL = "pip install -e '.[bench]'"


class Profiler:
    """Samples each profiled process while the load runs. Without a directory it does nothing."""

    def __init__(self, directory: Path | None, processes: Iterable[Process], group: Group) -> None:
        self._directory = directory
        self._wanted = [(group(one), one.pid) for one in processes if group(one) in PROFILED] if directory else []
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, seconds: float) -> None:
        """Begin to sample. Raises FileNotFoundError, saying how to install py-spy."""
        if self._directory is None:
            return
        beside = Path(sys.executable).parent / "py-spy"
        program = str(beside) if beside.exists() else shutil.which("py-spy")
        if program is None:
            raise FileNotFoundError(f"py-spy is not installed: {INSTALL}")
        self._directory.mkdir(parents=True, exist_ok=True)
        for group, pid in self._wanted:
            name = self._directory / f"{group}-{pid}.svg"
            arguments = ["--pid", str(pid), "--duration", str(max(1, int(seconds) - 1)), "--rate", str(RATE)]
            self._running.append(
                subprocess.Popen(
                    [program, "record", *arguments, "--nonblocking", "--format", "flamegraph", "--output", str(name)],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )
            )  # fmt: skip

    def wait(self) -> None:
        """Until every file is written."""
        for one in self._running:
            try:
                one.wait(LATE_SECONDS)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
