"""The same processes in one: no Ray, one event loop, calls that are awaited. For tests, and to see what Ray costs."""

import asyncio
from collections.abc import Iterable
from typing import Any

from runtime.courier import Unreachable


class LocalNetwork:
    """The way to other processes of a `LocalCluster`."""

    def __init__(self, cluster: "LocalCluster") -> None:
        self._cluster = cluster

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


class LocalCluster:
    """Processes by name. `dedicated` makes, by kind, the host of an actor that has one of its own."""

    def __init__(self) -> None:
        self._processes: dict[str, Any] = {}
        self._dedicated: dict[str, tuple[Any, tuple[Any, ...]]] = {}
        self.network = LocalNetwork(self)

    def dedicate(self, kind: str, program: Any, *arguments: Any) -> None:
        """Actors of this kind get a process each, when they are first called."""
        self._dedicated[kind] = (program, arguments)

    def start(self, name: str, program: Any, *arguments: Any) -> Any:
        """Start a process."""
        process = self._processes[name] = program(self.network, name, *arguments)
        return process

    def find(self, name: str) -> Any:
        """The process of that name. Raises `Unreachable`."""
        process = self._processes.get(name)
        if process is None:
            made = self._dedicated.get(name.partition("/")[0])
            if made is None:
                raise Unreachable(name)
            return self.start(name, made[0], *made[1])
        return process

    def names(self) -> list[str]:
        """Every process that lives."""
        return sorted(self._processes)

    async def crash(self, name: str) -> None:
        """The process is gone, whatever it was doing."""
        process = self._processes.pop(name)
        await process.crash()

    async def stop(self, first: Iterable[str] = ()) -> None:
        """End every process, the named ones first."""
        for name in [*first, *[one for one in self.names() if one not in set(first)]]:
            await self._processes.pop(name).stop()
