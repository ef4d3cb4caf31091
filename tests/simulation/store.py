"""The store as the hosts see it: a journal in memory behind a slow and unreliable way.

An append that its host has given up may still be written later, but in the order in which its host sent them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.journal import Append, Fenced, StoreFailed
from runtime.journal.memory import MemoryJournal
from tests.simulation.process import Process

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

APPEND_MS = 2_000

Outcome = Callable[[Exception | None], None]


class Store:
    """See the module. `written` hears of every append that was taken, and who sent it."""

    def __init__(self, simulation: "Simulation", journal: MemoryJournal) -> None:
        self._simulation = simulation
        self._loop = simulation.loop
        self.journal = journal
        self.written: Callable[[Process, Append], None] = lambda process, append: None
        self._away_until_ms = 0
        self._lands_ms: dict[Process, int] = {}

    @property
    def away(self) -> bool:
        return self._loop.now_ms < self._away_until_ms

    def back(self) -> None:
        """It answers again."""
        self._away_until_ms = 0

    def append(self, process: Process, append: Append, outcome: Outcome) -> None:
        """Write it, or not; the host hears `outcome` within `APPEND_MS`."""
        loop, faults = self._loop, self._simulation.faults
        if loop.chance(faults.store_away):
            self._away_until_ms = loop.now_ms + loop.between(500, 12_000)
        if self.away:
            process.later(APPEND_MS, lambda: outcome(StoreFailed("no answer")))
            return
        if loop.chance(faults.append_fails):
            process.later(loop.between(0, 50), lambda: outcome(StoreFailed("no room")))
            return
        slow = loop.chance(faults.append_slow)
        unsure = slow or loop.chance(faults.append_unsure)
        takes_ms = loop.between(APPEND_MS, 6_000) if slow else loop.between(0, 4)
        waits_ms = max(takes_ms, self._free_ms(process))
        self._lands_ms[process] = loop.now_ms + waits_ms
        given_up = unsure or waits_ms > APPEND_MS
        if given_up:
            process.later(APPEND_MS, lambda: outcome(StoreFailed("no answer")))

        def land() -> None:
            result = self._land(process, append)
            if not given_up:
                process.later(loop.between(0, 2), lambda: outcome(result))

        loop.later(waits_ms, land)

    def _land(self, process: Process, append: Append) -> Exception | None:
        try:
            self.journal.append(append)
        except (Fenced, StoreFailed) as why:
            return why
        self.written(process, append)
        return None

    def _free_ms(self, process: Process) -> int:
        return max(0, self._lands_ms.get(process, 0) - self._loop.now_ms)

    def read(
        self, process: Process, what: Callable[[], Any], then: Callable[[Any], None], failed: Callable[[], None]
    ) -> None:
        """Read what is written by now: an append that was given up may still come."""
        self._answer(process, 0, what, then, failed)

    def settle(self, process: Process, then: Callable[[], None], failed: Callable[[], None]) -> None:
        """`then`, when all that the process has appended is written or void: what a host waits for if one failed."""
        self._answer(process, self._free_ms(process), lambda: None, lambda _: then(), failed)

    def _answer(
        self,
        process: Process,
        wait_ms: int,
        what: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[], None],
    ) -> None:
        loop, faults = self._loop, self._simulation.faults
        if self.away or loop.chance(faults.read_fails):
            process.later(loop.between(10, 1_000), failed)
            return

        def look() -> None:
            found = what()
            process.later(loop.between(0, 2), lambda: then(found))

        loop.later(wait_ms + loop.between(1, 3), look)
