"""The same processes in one: no Ray, one event loop, calls that are awaited. For tests, and to see what Ray costs."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runtime.courier import Unreachable
from runtime.processes import ProcessSpec, Status, in_stopping_order
from runtime.wire import Handler


class LocalNetwork:
    """See `runtime.processes.Network`."""

    shared_interpreter = True

    def __init__(self, cluster: "LocalCluster") -> None:
        self._cluster = cluster

    def restarted(self) -> bool:
        """Nothing restarts a process here."""
        return False

    async def listen(self, handler: Handler) -> bytes:
        """Calls find the process itself."""
        return b""

    async def call(self, peer: str, batch: bytes) -> bytes:
        """Deliver a batch. Raises `Unreachable` while the process is down."""
        return await self.ask(peer, "deliver", batch)

    async def ask(self, peer: str, method: str, *arguments: Any) -> bytes:
        """What a method of the process returns. Raises `Unreachable` while it is down."""
        await asyncio.sleep(0)
        answer: bytes = await getattr(self._cluster.find(peer), method)(*arguments)
        return answer

    async def names(self) -> list[str]:
        """Every process that lives."""
        return self._cluster.names()

    def leave(self, name: str) -> None:
        """End the process for good."""
        self._cluster.leave(name)


class LocalCluster:
    """See `runtime.processes.Cluster`. The processes live in a loop of their own, in a thread, unless they are added
    from within a loop that runs already (`add`, `find`, `end`)."""

    address = namespace = folder = ""

    def __init__(self, dedicated: Mapping[str, ProcessSpec] | None = None) -> None:
        self._processes: dict[str, Any] = {}
        self._dedicated = dict(dedicated or {})
        self._leaving: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.network = LocalNetwork(self)

    # From within a loop

    def add(self, name: str, program: Any, *arguments: Any) -> Any:
        """Start a process."""
        process = self._processes[name] = program(self.network, name, *arguments)
        return process

    def find(self, name: str) -> Any:
        """The process of that name. Raises `Unreachable`."""
        process = self._processes.get(name)
        if process is not None:
            return process
        spec = self._dedicated.get(name.partition("/")[0])
        if spec is None:
            raise Unreachable(name)
        return self.add(name, spec.load(), *spec.arguments)

    def names(self) -> list[str]:
        """Every process that lives."""
        return sorted(self._processes)

    def leave(self, name: str) -> None:
        """The process wants to end; it does, and is called no more."""
        process = self._processes.pop(name)
        leaving = asyncio.get_running_loop().create_task(process.stop())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def crash(self, name: str) -> None:
        """The process is gone, whatever it was doing."""
        await self._processes.pop(name).crash()

    async def end(self) -> None:
        """End every process."""
        for name in in_stopping_order(self.names()):
            await self._processes.pop(name).stop()

    # From another thread

    def start(self, processes: Mapping[str, ProcessSpec]) -> None:
        """Start these processes by name."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="cluster", daemon=True)
            self._thread.start()
        for name, spec in processes.items():
            self._loop.call_soon_threadsafe(self.add, name, spec.load(), *spec.arguments)

    def status(self, names: Iterable[str], timeout_seconds: float) -> dict[str, Status]:
        """What each process says of itself, in the time given."""
        assert self._loop is not None, "nothing was started"
        return asyncio.run_coroutine_threadsafe(self._status(list(names), timeout_seconds), self._loop).result()

    async def _status(self, names: list[str], timeout_seconds: float) -> dict[str, Status]:
        return {name: await self._status_of(name, timeout_seconds) for name in names}

    async def _status_of(self, name: str, timeout_seconds: float) -> Status:
        try:
            async with asyncio.timeout(timeout_seconds):
                answer: dict[str, Any] = await self.find(name).status()
        except (Unreachable, TimeoutError):
            return None
        except Exception as why:  # whatever keeps it from beginning is what is asked for
            return {"failed": str(why)}
        return answer

    def stop(self, each: Callable[[str], None] = lambda name: None, timeout_seconds: float = 5.0) -> None:
        """End every process, then the loop."""
        if self._loop is None:
            return
        names = in_stopping_order(self.names())
        try:
            asyncio.run_coroutine_threadsafe(self.end(), self._loop).result(timeout_seconds * max(1, len(names)))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None
        for name in names:
            each(name)
