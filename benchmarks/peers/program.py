"""Programs that a peer is made of: started in a folder of their own, known by their processes, ended by their ids."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from benchmarks.peers import Peer
from benchmarks.ports import listening
from benchmarks.processes import Process, end, family, outlive

READY_SECONDS = 60.0
STOP_SECONDS = 5.0
LOG_TAIL_LINES = 20
CHECKOUT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A program did not start; the text ends with its last lines of output."""


class ProgramPeer(Peer):
    """A peer that is made of programs."""

    def __init__(self) -> None:
        self.programs = Programs()

    async def stop(self) -> None:
        """Ends all of its programs."""
        await self.programs.stop()

    def processes(self) -> set[Process]:
        """All of them, and what they started."""
        return self.programs.processes()


class Programs:
    """All programs of one peer, and the temporary folder they write to."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(8)
        self._running: list[asyncio.subprocess.Process] = []

    @cached_property
    def directory(self) -> Path:
        """Made when it is first asked for: a peer that is never started leaves none."""
        return Path(tempfile.mkdtemp(prefix="livesupport-peer-"))

    async def start(
        self, command: Sequence[str], port: int, environment: Mapping[str, str] | None = None, *, checkout: bool = False
    ) -> None:
        """Returns when it listens at the port. Raises Failed. It runs in its folder, or in this checkout's."""
        path = self.directory / f"{len(self._running)}.log"
        marked = os.environ | dict(environment or {}) | {"LIVESUPPORT_BENCH_MARK": self._mark}
        with path.open("wb") as log:
            program = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=marked,
                cwd=CHECKOUT if checkout else self.directory, start_new_session=True,
            )  # fmt: skip
        self._running.append(program)
        give_up_at = time.monotonic() + READY_SECONDS
        while not listening(port):
            if program.returncode is not None or time.monotonic() > give_up_at:
                tail = path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
                raise Failed("\n".join([f"{' '.join(command)[:200]}: not ready", *tail]))
            await asyncio.sleep(0.05)

    def processes(self) -> set[Process]:
        """All of them, and what they started."""
        mark = f"LIVESUPPORT_BENCH_MARK={self._mark}".encode()
        return {one for program in self._running for one in family(program.pid, mark)}

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL to what is left; the folder is removed."""
        processes = self.processes()
        for program in self._running:
            if program.returncode is None:
                program.send_signal(signal.SIGTERM)
        await end(await outlive(processes, STOP_SECONDS))
        for program in self._running:
            await program.wait()
        if "directory" in vars(self):
            shutil.rmtree(self.directory, ignore_errors=True)
