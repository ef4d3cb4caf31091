"""`/metrics` of one gateway shows the whole system: it asks every process for its samples, and the journal for its own.

Each line bears an `instance`: the name of the process, or `system` for what the journal knows. Processes that share a
name's first part and are many, the dedicated hosts, are counted together under that part, for a conversation's name is
never a label. Who does not answer in time is left out, reads 0 in `process_up`, and is counted.

Counts of facts are durable (`metrics.ledger`): a host that starts goes on where it was, and while it is away the
journal speaks for it; so they, and any sum of them, never go backwards. Counts of the machinery (commands, commits,
refusals) begin at 0 with their process, under the same instance: a reader takes rates first and sums then,
`sum(rate(...))`, as every query in this folder does. `rate` sees the restart in the one series that fell, where a sum
would hide it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from metrics.exposition import text
from metrics.recorder import Samples, decode, merged
from runtime.lines import Line

log = logging.getLogger(__name__)

SYSTEM = "system"
ANSWER_SECONDS = 1.0
CENSUS_SECONDS = 3.0

Told = Callable[[], Awaitable[Samples]]


class Network(Protocol):
    """The way to other processes."""

    async def ask(self, peer: str, method: str) -> bytes:
        """What a method of the process returns."""

    async def names(self) -> list[str]:
        """Every process that lives."""


class Exporter:
    """`own` are the samples of the process that this runs in, `census` those of the journal, `kept` what the journal
    has of a process that does not answer."""

    def __init__(
        self,
        name: str,
        own: Callable[[], Samples],
        census: Told,
        kept: Callable[[str], Awaitable[Samples]],
        network: Network,
        peers: Iterable[str],
        dedicated: frozenset[str] = frozenset(),
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._name = name
        self._own = own
        self._census = census
        self._kept = kept
        self._network = network
        self._peers = [peer for peer in peers if peer != name]
        self._dedicated = dedicated
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
        many = await self._many()
        names = [*self._peers, *many]
        census, *answers = await asyncio.gather(
            self._asked(SYSTEM, self._census(), CENSUS_SECONDS),
            *(self._asked(name, self._ask(name), self._answer_seconds) for name in names),
        )
        answered = dict(zip(names, answers, strict=True))
        found: dict[str, Samples | None] = {self._name: self._own()}
        found |= {name: samples for name, samples in answered.items() if name not in many}
        for kind in self._dedicated:
            told = [answered[name] for name in many if name.partition("/")[0] == kind]
            found[kind] = merged(samples for samples in told if samples is not None)
        system = dict(census or {})
        silent = sum(samples is None for samples in (census, *answers))
        system["processes_silent"] = [((), silent)]
        shown = await asyncio.gather(*(self._shown(name, samples) for name, samples in found.items()))
        by_instance = {SYSTEM: system, **dict(zip(found, shown, strict=True))}
        # Tens of thousands of lines would hold up this process's clients: the thread lets them go first.
        return await asyncio.get_running_loop().run_in_executor(None, text, by_instance)

    async def _shown(self, name: str, samples: Samples | None) -> Samples:
        known = samples if samples is not None else await self._asked(name, self._kept(name), CENSUS_SECONDS)
        return {**(known or {}), "process_up": [((), float(samples is not None))]}

    async def _many(self) -> Sequence[str]:
        """The dedicated hosts that live."""
        if not self._dedicated:
            return ()
        try:
            names = await asyncio.wait_for(self._network.names(), self._answer_seconds)
        except Exception as why:
            log.warning(Line("names unknown", why=type(why).__name__))
            return ()
        return [name for name in names if name.partition("/")[0] in self._dedicated]

    async def _ask(self, name: str) -> Samples:
        return decode(await self._network.ask(name, "metrics"))

    async def _asked(self, name: str, answer: Awaitable[Samples], seconds: float) -> Samples | None:
        try:
            return await asyncio.wait_for(answer, seconds)
        except Exception as why:  # whatever is wrong with one process, the others are to be seen
            log.warning(Line("silent", process=name, why=type(why).__name__))
            return None
