"""Calls between processes: they arrive late, twice, not at all, or at somebody who dies before the answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.process import Process

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

GIVE_UP_MS = 3_000


class Network:
    """Whoever calls hears once: the answer, or that the outcome is unknown. Copies go on travelling all the same."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation
        self._loop = simulation.loop
        self._open: dict[Process, dict[object, Callable[[], None]]] = {}

    def call(
        self,
        sender: Process,
        peer: str,
        data: bytes,
        answered: Callable[[bytes], None],
        unknown: Callable[[], None],
    ) -> None:
        """Carry a batch to whoever has that name now."""
        loop, faults = self._loop, self._simulation.faults
        receiver = self._simulation.find(peer)
        if receiver is None or loop.chance(faults.call_lost):
            sender.later(loop.between(5, 300), unknown)
            return
        call = object()
        self._open.setdefault(receiver, {})[call] = lambda: sender.later(loop.between(1, 50), unknown)

        def answer(reply: bytes) -> None:
            if loop.chance(self._simulation.faults.answer_lost):
                sender.later(loop.between(5, 500), unknown)
            else:
                sender.later(loop.between(0, 2), lambda: answered(reply))
            self._open.get(receiver, {}).pop(call, None)

        slow = loop.chance(faults.call_slow)
        delays = [loop.between(500, 8_000) if slow else loop.between(0, 3)]
        if loop.chance(faults.call_twice):
            delays.append(loop.between(0, 6_000))
        for delay_ms in delays:
            receiver.later(delay_ms, lambda: receiver.receive(data, answer))
        if slow:
            sender.later(GIVE_UP_MS, unknown)

    def broken(self, receiver: Process) -> None:
        """The receiver is gone, or taken for gone: whoever waits for its answers learns it."""
        for tell in self._open.pop(receiver, {}).values():
            tell()
