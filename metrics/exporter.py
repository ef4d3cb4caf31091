"""`/metrics` of one gateway shows the whole system: it asks every process for its samples, and the journal for its own.

Each line bears an `instance`: the name of the process, or `system` for what the journal knows of all. Dedicated hosts
are shown together under their kind (`metrics.crowd`). Who does not answer in time is left out, reads 0 in
`process_up`, and is counted.

Counts of facts are the journal's (`metrics.ledger`), whoever lives: they never go backwards.
Counts of the machinery (commands, commits, refusals) begin at 0 with their process, under the same instance: a reader
takes rates first and sums then, `sum(rate(...))`, as every query in this folder does. `rate` sees the restart in the
one series that fell, where a sum would hide it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from metrics.crowd import Crowd
from metrics.exposition import SYSTEM, text
from metrics.recorder import Samples, decode
from runtime.lines import Line

log = logging.getLogger(__name__)

T = TypeVar("T")

ANSWER_SECONDS = 1.0
CENSUS_SECONDS = 3.0


class Network(Protocol):
    """The way to other processes."""

    async def ask(self, peer: str, method: str) -> bytes:
        """What a method of the process returns."""

    async def names(self) -> list[str]:
        """Every process that lives."""


class Exporter:
    """`own` are the samples of the process that this runs in, `census` those of the journal."""

    def __init__(
        self,
        name: str,
        own: Callable[[], Samples],
        census: Callable[[], Awaitable[Samples]],
        network: Network,
        peers: Iterable[str],
        dedicated: frozenset[str] = frozenset(),
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._name = name
        self._own = own
        self._census = census
        self._network = network
        self._peers = [peer for peer in peers if peer != name]
        self._crowds = {kind: Crowd() for kind in sorted(dedicated)}
        self._answer_seconds = answer_seconds
        self._gathering: asyncio.Task[bytes] | None = None

    async def text(self) -> bytes:
        """The exposition. Readers that ask at the same time share one round."""
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().create_task(self._gather(), name="metrics")
            self._gathering.add_done_callback(self._gathered)
        return await asyncio.shield(self._gathering)

    def _gathered(self, task: asyncio.Task[bytes]) -> None:
        self._gathering = None

    async def _gather(self) -> bytes:
        members = await self._members()
        names = [*self._peers, *(members or ())]
        census, *answers = await asyncio.gather(
            self._asked("journal", self._census(), CENSUS_SECONDS),
            *(self._asked(name, self._ask(name), self._answer_seconds) for name in names),
        )
        answered = dict(zip(names, answers, strict=True))
        silent = sum(answer is None for answer in (census, members, *answers))
        system: Samples = {**(census or {}), "processes_silent": [((), float(silent))]}
        shown = {SYSTEM: system} | {name: _up(samples) for name, samples in self._single(answered).items()}
        for kind, crowd in self._crowds.items():
            of_kind = {name: answered[name] for name in members or () if name.partition("/")[0] == kind}
            shown[kind] = crowd.unknown() if members is None else crowd.told(of_kind)
        # Tens of thousands of lines would hold up this process's clients: the thread lets them go first.
        return await asyncio.get_running_loop().run_in_executor(None, text, shown)

    def _single(self, answered: Mapping[str, Samples | None]) -> dict[str, Samples | None]:
        """Those that are shown under their own names."""
        return {self._name: self._own(), **{peer: answered[peer] for peer in self._peers}}

    async def _members(self) -> list[str] | None:
        """The dedicated hosts that live; None if nobody knows."""
        if not self._crowds:
            return []
        names = await self._asked("names", self._network.names(), self._answer_seconds)
        return names if names is None else [name for name in names if name.partition("/")[0] in self._crowds]

    async def _ask(self, name: str) -> Samples:
        return decode(await self._network.ask(name, "metrics"))

    async def _asked(self, whom: str, answer: Awaitable[T], seconds: float) -> T | None:
        try:
            return await asyncio.wait_for(answer, seconds)
        except Exception as why:  # whatever is wrong with one, the others are to be seen
            log.warning(Line("silent", peer=whom, why=type(why).__name__))
            return None


def _up(samples: Samples | None) -> Samples:
    return {**(samples or {}), "process_up": [((), float(samples is not None))]}
