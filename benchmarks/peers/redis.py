"""A Redis for peers that need one: between processes, never on disk."""

from __future__ import annotations

import shutil
import subprocess

from benchmarks.peers.program import Programs
from benchmarks.ports import free_port

INSTALL = "apt-get install redis-server"


def missing() -> str | None:
    """The command that installs it; None when it is there."""
    return None if shutil.which("redis-server") else INSTALL


def version() -> str:
    """Redis's."""
    told = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    return told.partition("v=")[2].split()[0]


async def start(programs: Programs) -> int:
    """Starts one among these programs; returns its port."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    await programs.start([*command, "--dir", str(programs.directory)], port)
    return port
