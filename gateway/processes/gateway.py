"""A gateway, as a process."""

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

from gateway.app import build_app
from gateway.archive import Archive
from gateway.attachments import Attachments
from gateway.edge import Edge
from gateway.hub import Hub
from gateway.listening import Server, listen, server_of
from gateway.processes.process import STORE_AWAY, Process, calm_collector
from gateway.socket import SocketEndpoint
from gateway.sweeping import keep_swept
from gateway.tokens import Tokens
from metrics.census import census
from metrics.exporter import Exporter
from metrics.recorder import Samples, encode
from runtime.clock import wall_clock_ms
from runtime.journal.thread import JournalThread
from runtime.processes import Network

STORE_SECONDS = 1.0
"""How long a gateway waits for the store to say how it is."""


class GatewayProcess(Process):
    """A gateway: uvicorn and Starlette in the loop of a Ray actor."""

    def __init__(self, network: Network, name: str, plan: bytes) -> None:
        super().__init__(network, name, plan)
        told = self._plan
        linger_seconds = told.settings.runtime.linger_ms / 1000
        self.hub = Hub(name, told.placement(), network.call, linger_seconds)
        self._archive = Archive(told.journal)
        self._edge = Edge(told.settings, self.hub, self._archive, Tokens(told.secret))
        self._socket = SocketEndpoint(self._edge, linger_seconds)
        self._sweeping: asyncio.Task[None] | None = None
        self._reading = JournalThread(told.journal, "census")
        placement = told.placement()
        peers = [*placement.packed_hosts(), *told.workers(), *told.bridges(), *told.gateways()]
        own, dedicated = self.hub.recorder.samples, placement.dedicated
        exporter = Exporter(name, own, self._census, network, peers, dedicated)
        self.hub.exposition = exporter.text

    async def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        self.hub.catch_up = lambda session, actor, after, until: _keep(
            loop.create_task(self._archive.catch_up(session, actor, after, until))
        )
        await self._archive.start()
        self.hub.start()
        self._server = server_of(build_app(self._edge, Path(self._plan.data)), self._socket.accept)
        self._serving = loop.create_task(_serve(self._server, listen(self._plan.host, self._plan.port)))
        await _started(self._server, self._serving)
        if self._plan.settings.store.retention_days and self._name == self._plan.gateways()[0]:
            attachments = Attachments.below(Path(self._plan.data))
            self._sweeping = loop.create_task(keep_swept(attachments, self._reading))
        calm_collector()

    async def deliver(self, batch: bytes) -> bytes:
        """A batch from a host."""
        await self.begun()
        return await self.hub.receive(batch)

    async def status(self) -> dict[str, Any]:
        """What `livesupport status` prints of it."""
        await self.begun()
        away = {} if await self._archive.answers(STORE_SECONDS) else STORE_AWAY
        return {"pid": os.getpid(), "sessions": len(self.hub.sessions), **away}

    async def metrics(self) -> bytes:
        """What it counts; see `metrics.recorder`."""
        return encode(self.hub.recorder.samples())

    async def _census(self) -> Samples:
        return await self._reading.run(lambda journal: census(journal, self._plan.settings, wall_clock_ms()))

    async def _end(self) -> None:
        """Listen no more, send the clients away, and end when the requests under way are answered."""
        self._server.should_exit = True
        await self._socket.drain()
        self.hub.dismiss()
        await asyncio.wait([self._serving])  # it gives them DRAIN_SECONDS
        if self._sweeping is not None:
            self._sweeping.cancel()
        self.hub.stop()
        await self._archive.stop()
        await self._reading.stop()


async def _serve(server: Server, listener: socket.socket) -> None:
    with listener:
        await server.serve(sockets=[listener])


async def _started(server: Server, serving: asyncio.Task[None]) -> None:
    # uvicorn says that it has started in a flag, and in nothing that could be awaited.
    while not server.started:
        if serving.done():
            serving.result()
            raise RuntimeError("The server ended before it had started.")
        await asyncio.sleep(0.01)


_tasks: set[asyncio.Task[Any]] = set()


def _keep(task: asyncio.Task[Any]) -> None:
    # The loop holds tasks weakly.
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
