"""A host, as a process."""

import logging
import os
from functools import partial
from typing import Any

from actors.agent import AgentMachine
from actors.assistant.recognise import prepare
from actors.budget import BudgetMachine
from actors.conversation import ConversationMachine
from actors.retention import expired
from actors.supervisor import SupervisorMachine
from actors.telegram import TelegramMachine
from gateway.processes.process import STORE_AWAY, Process, beside, calm_collector
from metrics.budgets import budget_sampler
from metrics.hosts import HostRecorder
from metrics.queues import queue_sampler, telegram_sampler, waiting
from metrics.recorder import encode
from runtime.limits import HostLimits
from runtime.lines import Line
from runtime.node import HostNode
from runtime.processes import Network

log = logging.getLogger(__name__)


class HostProcess(Process):
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
        calm_collector()
        beside(prepare)  # for what visitors say

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
