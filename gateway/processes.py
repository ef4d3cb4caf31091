"""The processes of the system, as `runtime.cluster` starts them: hosts, gateways, assistant workers.

Each begins by itself when it is first called, because Ray runs only the constructor again after a crash.
"""

import asyncio
import gc
import logging
import os
import resource
import socket
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from actors.agent import AgentMachine
from actors.assistant.worker import Worker
from actors.budget import BudgetMachine
from actors.conversation import ConversationMachine
from actors.retention import expired
from actors.supervisor import SupervisorMachine
from actors.telegram import TelegramMachine
from gateway.app import build_app
from gateway.archive import Archive
from gateway.attachments import Attachments
from gateway.edge import Edge
from gateway.hub import Hub
from gateway.listening import Server, listen, server_of
from gateway.plan import Plan
from gateway.socket import SocketEndpoint
from gateway.sweeping import keep_swept
from gateway.telegram.bridge import Bridge
from gateway.tokens import Tokens
from metrics.budgets import budget_sampler
from metrics.census import census
from metrics.exporter import Exporter
from metrics.hosts import HostRecorder
from metrics.process import process_sampler
from metrics.queues import queue_sampler, telegram_sampler, waiting
from metrics.recorder import Recorder, Samples, encode
from runtime.clock import wall_clock_ms
from runtime.decider import HostLimits
from runtime.journal.thread import JournalThread
from runtime.lines import Line
from runtime.node import HostNode
from runtime.processes import Network

log = logging.getLogger(__name__)

STORE_AWAY = {"store": "away"}
"""In a status: the process is well, but for what it needs."""
STORE_SECONDS = 1.0
"""How long a gateway waits for the store to say how it is."""


class _Process:
    """Begins once, when it is first called. Its log says that it does, and whether it has lived before."""

    def __init__(self, network: Network, name: str, plan: bytes) -> None:
        self._name = name
        self._network = network
        self._plan = msgspec.msgpack.decode(plan, type=Plan)
        self._beginning: asyncio.Task[None] | None = None
        self._begun = False
        _may_open_many_files()
        if not network.shared_interpreter:
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


class HostProcess(_Process):
    """A host with the live-support machines."""

    def __init__(self, network: Network, name: str, plan: bytes) -> None:
        super().__init__(network, name, plan)
        settings = self._plan.settings
        self._recorder = HostRecorder()
        self.node = HostNode(
            name,
            [
                ConversationMachine(settings),
                AgentMachine(settings),
                SupervisorMachine(settings),
                BudgetMachine(settings),
                TelegramMachine(settings),
            ],
            self._plan.placement(),
            self._plan.journal,
            network.call,
            limits=HostLimits(
                mailbox_commands=settings.limits.mailbox_commands,
                held_actors=settings.runtime.held_actors,
                idle_ms=settings.runtime.idle_seconds * 1000,
            ),
            observer=self._recorder,
            linger_seconds=settings.runtime.linger_ms / 1000,
            expired=partial(expired, days) if (days := settings.store.retention_days) else None,
            lost=lambda: os._exit(1),  # another incarnation has this host's scopes: be restarted, or gone
            vacated=self._leave,
        )
        host = self.node.host
        queues, budgets = queue_sampler(host, self._plan.supervisors()), budget_sampler(host, settings)
        self._recorder.watch(host, self.node.links, queues, budgets, telegram_sampler(host))

    def _leave(self) -> None:
        log.info(Line("left", process=self._name, pid=os.getpid()))
        self._network.leave(self._name)

    async def _begin(self) -> None:
        await self.node.start(self._plan.residents(), self._plan.gateways())
        _calm_collector()

    async def deliver(self, batch: bytes) -> bytes:
        """A batch from a peer."""
        await self.begun()
        return await self.node.deliver(batch)

    async def status(self) -> dict[str, Any]:
        """What `livesupport status` prints of it."""
        await self.begun()
        return {
            "pid": os.getpid(),
            "actors": len(self.node.host.activations),
            "sessions": self.node.host.attachments.count,
            "waiting": waiting(self.node.host, self._plan.supervisors()),
            **(STORE_AWAY if self.node.host.unsettled else {}),
        }

    async def metrics(self) -> bytes:
        """What it counts; see `metrics.recorder`."""
        await self.begun()
        return encode(self._recorder.samples())

    async def _end(self) -> None:
        """Let what is under way end."""
        await self.node.stop()


class AssistantProcess(_Process):
    """A worker of the assistant."""

    def __init__(self, network: Network, name: str, plan: bytes) -> None:
        super().__init__(network, name, plan)
        told = self._plan
        self._worker = Worker(name, told.settings, told.placement(), told.journal, network.call)
        self._recorder = Recorder()
        self._recorder.samplers.append(process_sampler(self._worker.links))

    async def _begin(self) -> None:
        await self._worker.start()

    async def deliver(self, batch: bytes) -> bytes:
        """A batch from a host."""
        await self.begun()
        return await self._worker.deliver(batch)

    async def status(self) -> dict[str, Any]:
        """What `livesupport status` prints of it."""
        await self.begun()
        return {"pid": os.getpid()}

    async def metrics(self) -> bytes:
        """What it counts; see `metrics.recorder`."""
        return encode(self._recorder.samples())

    async def _end(self) -> None:
        """Drop all turns."""
        await self._worker.stop()


class BridgeProcess(_Process):
    """The bridge between a bot and its Telegram group."""

    def __init__(self, network: Network, name: str, plan: bytes) -> None:
        super().__init__(network, name, plan)
        self._bridge = Bridge(name, self._plan, network.call)
        self._recorder = Recorder()
        self._recorder.samplers.append(process_sampler(self._bridge.links))

    async def _begin(self) -> None:
        await self._bridge.start()

    async def deliver(self, batch: bytes) -> bytes:
        """A batch from a host."""
        await self.begun()
        return await self._bridge.deliver(batch)

    async def status(self) -> dict[str, Any]:
        """What `livesupport status` prints of it; with what is wrong, if something is."""
        await self.begun()
        problem = self._bridge.problem
        return {"pid": os.getpid(), **({"problem": problem} if problem else {})}

    async def metrics(self) -> bytes:
        """What it counts; see `metrics.recorder`."""
        return encode(self._recorder.samples())

    async def _end(self) -> None:
        """Listen no more."""
        await self._bridge.stop()


class GatewayProcess(_Process):
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
        _calm_collector()

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


def _may_open_many_files() -> None:
    # A client is a file. The 1,024 that shells and service managers often allow at first are meant for programs that
    # cannot count further; an embedded Ray asks for more by itself, a Ray that runs already does not.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _calm_collector() -> None:
    # What was loaded at the start stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


_tasks: set[asyncio.Task[Any]] = set()


def _keep(task: asyncio.Task[Any]) -> None:
    # The loop holds tasks weakly.
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
