"""A real Redis server for tests and soaks: found on the PATH, ended by its process id."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

import redis

from benchmarks.ports import free_port


class RedisServer:
    """Starts when entered. `kill` and `start` again: it comes back with what its append-only file holds.

    With `everysec` it would answer before it writes whenever a sync is under way, and a kill would take that with it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address as a store."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it answers."""
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is not on the PATH"
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "appendonly": "yes", "save": ""}
        options |= {"appendfsync": "no"}
        arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
        with redis.Redis(port=self.port) as client:
            for _ in range(500):
                try:
                    client.ping()
                except redis.ConnectionError:
                    time.sleep(0.01)
                else:
                    return
        raise AssertionError("redis-server did not start")

    def kill(self, how: int = signal.SIGKILL) -> None:
        """End the process; returns when it is gone."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait()

    def pause(self, on: bool) -> None:
        """Stop the process where it stands, or let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def limit_memory(self, bytes_max: int) -> None:
        """So much, and no more is taken; 0: no bound."""
        with redis.Redis(port=self.port) as client:
            client.config_set("maxmemory", bytes_max)

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill(signal.SIGTERM)
