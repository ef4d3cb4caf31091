"""Workers answer an actor's requests with commands, after a while, or die before."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from runtime.identity import ActorId
from runtime.machine import Command
from runtime.messages import Batch, Deliver, Reply, encode, worker_decoder
from tests.simulation.process import Process, Settling

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

Work = Callable[["Simulation", ActorId, Any], Iterable[tuple[int, Command]]]
"""What a worker makes of a request: commands for the actor that asked, each after so many milliseconds."""


class Pool(msgspec.Struct):
    """The requests that a pool takes, and what its workers do with one."""

    requests: list[type]
    work: Work


class Worker(Process):
    """One life of a worker."""

    crash_chance = "worker_crash"

    def decoder(self) -> msgspec.msgpack.Decoder[Batch[Any]]:
        return worker_decoder(self._pool.requests)

    @property
    def _pool(self) -> Pool:
        return self.simulation.pools[self.name.partition("/")[0]]

    def take(self, batch: Batch[Any], ticket: Settling) -> None:
        for index, message in enumerate(batch.messages):
            ticket.settle(index, Reply())
            if not hasattr(message, "request"):
                continue
            for delay_ms, command in self._pool.work(self.simulation, message.actor, message.request):
                self._answer(delay_ms, message.actor, command)

    def _answer(self, delay_ms: int, actor: ActorId, command: Command) -> None:
        def send() -> None:
            message = encode(Deliver(actor, self.name, "", command))
            self.links.send(self.simulation.placement.host_of(actor), message)
            self.pump()

        self.later(delay_ms, send)
