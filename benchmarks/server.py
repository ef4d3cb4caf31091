"""A server of our own: `livesupport up` with a generated configuration, started, known by its processes, and ended.

    async with Server(Setup(hosts=2)) as server:
        ...server.url, server.agents, server.processes()...

Leaving it sends SIGTERM and raises ServerFailed unless the server then exits 0 with nothing left behind; whatever is
left, on success or failure, is killed by its process id.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGTERM
from types import MappingProxyType, TracebackType

from benchmarks.configuration import FAQ, Credentials, Setup
from benchmarks.ports import free_port
from benchmarks.processes import Process, end, family, outlive

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90.0
STOP_SECONDS = 30.0
LINGER_SECONDS = 3.0
LOG_TAIL_LINES = 30


class ServerFailed(Exception):
    """It did not start, did not stop, or left processes behind; the text ends with its last lines of output."""


class Server:
    """An async context manager. `kept` is a directory for its data; without it a temporary one is made and removed.

    `environment` is added to what all its processes inherit.
    """

    def __init__(
        self,
        setup: Setup | None = None,
        *,
        kept: Path | None = None,
        command: Sequence[str] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.setup = setup or Setup()
        self.bot = self.setup.bot
        self.agents = tuple(
            Credentials(f"agent-{n}", f"agent-{n}@bench.example", secrets.token_urlsafe(12))
            for n in range(1, self.setup.agents + 1)
        )
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: asyncio.subprocess.Process | None = None
        self.directory = kept or Path(tempfile.gettempdir()) / f"livesupport-bench-{secrets.token_hex(8)}"
        self.data, self.log = self.directory / "data", self.directory / "server.log"
        self._temporary, self._log_begins = kept is None, 0
        self._environment = dict(environment)
        self._command = [*command] if command else _installed()
        self._mark = f"LIVESUPPORT_BENCH_MARK={secrets.token_hex(8)}"

    @property
    def pid(self) -> int:
        """The process id of `livesupport up`."""
        assert self.process is not None, "not started"
        return self.process.pid

    def processes(self) -> set[Process]:
        """All that the server runs now, Ray's included, each with its title."""
        return family(self.pid, self._mark.encode()) if self.process else set()

    async def __aenter__(self) -> Server:
        try:
            await self.start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.stop()
        except ServerFailed:
            if error is None:
                raise
        finally:
            await self._end()

    async def stop(self) -> None:
        """SIGTERM; raises ServerFailed unless it exits 0 in time with no process left. A second call does nothing."""
        if self.process is None:
            return
        before = self.processes()
        if self.process.returncode is None:
            self.process.send_signal(SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                code = await self.process.wait()
        except TimeoutError:
            raise self._failure(f"did not stop in {STOP_SECONDS:.0f} s after SIGTERM") from None
        left = await self._lingering(before | self.processes())
        self.process = None
        if code != 0:
            raise self._failure(f"exited {code} after SIGTERM")
        if left:
            raise self._failure(
                f"left {len(left)} processes behind: {', '.join(process.title for process in left)[:500]}"
            )

    async def kill(self) -> None:
        """SIGKILL to all of it at once, as when a machine dies; `start` brings it back on the same data and port."""
        if self.process is not None:
            for process in self.processes():
                process.kill()
            await self._end_process()

    async def start(self) -> None:
        """Returns when it serves. Raises ServerFailed."""
        self.directory.mkdir(0o700, parents=True, exist_ok=True)  # a server that is never started leaves none
        self.data.mkdir(exist_ok=True)
        config = self.directory / "livesupport.toml"
        (self.directory / "faq.md").write_text(FAQ)
        config.write_text(self.setup.toml(self.agents))
        arguments = ["up", "--config", str(config), "--data", str(self.data), "--port", str(self.port)]
        arguments += self.setup.arguments
        name, _, value = self._mark.partition("=")
        environment = os.environ | self._environment | {name: value, "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as log:
            self._log_begins = log.tell()
            self.process = await asyncio.create_subprocess_exec(
                *self._command, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, start_new_session=True, cwd=ROOT,
            )  # fmt: skip
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._until_ready()
        except TimeoutError:
            raise self._failure(f"not ready in {READY_SECONDS:.0f} s") from None

    async def _until_ready(self) -> None:
        """Looks for the ready line in the log; a file, so that the server never waits for a reader."""
        assert self.process is not None
        while True:
            ended = self.process.returncode is not None
            for line in self.log.read_bytes()[self._log_begins :].decode(errors="replace").splitlines():
                if line.startswith("ready http"):
                    self.url = line.split()[1].rstrip("/")
                    return
            if ended:
                raise self._failure(f"exited {self.process.returncode} before it was ready")
            await asyncio.sleep(0.05)

    async def _end(self) -> None:
        """Whatever happened: nothing of it runs afterwards."""
        await self._end_process()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    async def _end_process(self) -> None:
        if self.process is None:
            return
        left = self.processes()
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
        await end(left | self.processes())
        self.process = None

    async def _lingering(self, processes: set[Process]) -> set[Process]:
        """Those that outlived the server by more than a moment. They are killed here."""
        left = await outlive(processes, LINGER_SECONDS)
        await end(left)
        return left

    def _failure(self, what: str) -> ServerFailed:
        tail = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:] if self.log.exists() else []
        return ServerFailed("\n".join([f"{self._command[0]} up: {what}", *(f"    {line}" for line in tail)]))


def _installed() -> list[str]:
    """The `livesupport` beside this Python; without one, the same entry point from this checkout."""
    script = Path(sys.executable).parent / "livesupport"
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "from gateway.cli import main; main()"]
