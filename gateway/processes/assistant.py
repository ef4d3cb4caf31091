"""A worker of the assistant, as a process."""

import os
from typing import Any

from actors.assistant.recognise import prepare
from actors.assistant.worker import Worker
from gateway.processes.process import Process, beside
from metrics.process import process_sampler
from metrics.recorder import Recorder, encode
from runtime.processes import Network


class AssistantProcess(Process):
    """A worker of the assistant."""

    def __init__(self, network: Network, name: str, plan: bytes) -> None:
        super().__init__(network, name, plan)
        told = self._plan
        self._worker = Worker(name, told.settings, told.placement(), told.journal, network.call)
        self._recorder = Recorder()
        self._recorder.samplers.append(process_sampler(self._worker.links))

    async def _begin(self) -> None:
        await self._worker.start()
        beside(prepare)  # for what visitors say

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
