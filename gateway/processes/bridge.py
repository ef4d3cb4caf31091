"""A bridge to Telegram, as a process."""

import os
from typing import Any

from gateway.processes.process import Process
from gateway.telegram.bridge import Bridge
from metrics.process import process_sampler
from metrics.recorder import Recorder, encode
from runtime.processes import Network


class BridgeProcess(Process):
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
