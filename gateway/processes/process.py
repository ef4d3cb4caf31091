"""What all processes have in common.

Each begins by itself when it is first called, because Ray runs only the constructor again after a crash.
"""

import asyncio
import gc
import logging
import os
import resource
import sys
import threading
from collections.abc import Callable

import msgspec

from gateway.plan import Plan
from runtime.lines import Line
from runtime.processes import Network

log = logging.getLogger(__name__)

STORE_AWAY = {"store": "away"}
"""In a status: the process is well, but for what it needs."""

SWITCH_SECONDS = 0.02
"""How long a thread that wants the interpreter lets another run on before it makes it let go. Ray's main thread wants
it a hundred times a second, to look for signals. A loop lets go whenever it reads or waits; Python's 5 ms would
interrupt it in the middle of a turn for that, and cost a relayed message a twentieth."""


class Process:
    """Begins once, when it is first called. Its log says that it does, and whether it has lived before."""

    def __init__(self, network: Network, name: str, plan: bytes) -> None:
        self._name = name
        self._network = network
        self._plan = msgspec.msgpack.decode(plan, type=Plan)
        self._beginning: asyncio.Task[None] | None = None
        self._begun = False
        _may_open_many_files()
        if not network.shared_interpreter:
            sys.setswitchinterval(SWITCH_SECONDS)
            os.environ.update(self._plan.environment)
            self._plan.write_logs(name)
        again = network.restarted()
        line = Line("restarted" if again else "started", process=name, pid=os.getpid())
        log.log(logging.WARNING if again else logging.INFO, line)

    async def begun(self) -> None:
        """Returns when the process is ready. Raises what kept it from beginning; the next call tries again."""
        if self._beginning is None:
            self._beginning = asyncio.get_running_loop().create_task(self._begin())
        beginning = self._beginning
        try:
            await asyncio.shield(beginning)
            self._begun = True
        except Exception as why:
            if self._beginning is beginning:
                self._beginning = None
                log.exception(Line("cannot begin", process=self._name, why=why))
            raise

    async def _begin(self) -> None:
        raise AssertionError("each process says how it begins")

    async def stop(self) -> None:
        """End in order. What has not begun has taken nothing on, and ends as it is."""
        if self._begun:
            await self._end()

    async def _end(self) -> None:
        raise AssertionError("each process says how it ends")

    async def where(self) -> bytes:
        """Where batches are taken."""
        return await self._network.listen(self.deliver)

    async def deliver(self, batch: bytes) -> bytes:
        """A batch from a peer."""
        raise AssertionError("each process says what becomes of it")


def _may_open_many_files() -> None:
    # A client is a file. The 1,024 that shells and service managers often allow at first are meant for programs that
    # cannot count further; an embedded Ray asks for more by itself, a Ray that runs already does not.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def calm_collector() -> None:
    """What was loaded at the start stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def beside(work: Callable[[], None]) -> None:
    """Do it in a thread: whoever waits already is served meanwhile."""
    threading.Thread(target=work, name=work.__name__, daemon=True).start()
