"""Forgets actors whose time is over: by itself, a page now and then, and never one that is in memory. And of those that
live for years, what nobody needs of their history: that is in memory, and where it lies nobody reads any more.

Each host does it for its own shards, under its fences. The actors of a dedicated kind are done by the packed host of
their shard, which claims their scopes: should one live all the same, it is refused, and read again as it then is.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any

from runtime.activation import Activation
from runtime.cutting import LEAST_RECORDS, cut_of
from runtime.host import Host
from runtime.identity import ActorId
from runtime.journal import Cut, Fenced, Journal, StoreFailed
from runtime.lines import Line

log = logging.getLogger(__name__)

EVERY_SECONDS = 3_600.0
FIRST_SECONDS = 60.0
PAUSE_SECONDS = 0.2
"""Between two pages: whoever is served comes first."""

Expired = Callable[[Journal, int], Iterator[Sequence[ActorId]]]
"""The actors that are to be forgotten at that time, page by page."""
InThread = Callable[[Callable[[Journal], Any]], Awaitable[Any]]
"""Runs a function of a journal in the thread of that journal."""


class Retention:
    """`reading` and `writing` call with a journal of theirs. `run` goes on until it is cancelled."""

    def __init__(
        self, host: Host, expired: Expired | None, clock: Callable[[], int], reading: InThread, writing: InThread
    ) -> None:
        self._host = host
        self._expired = expired
        self._clock = clock
        self._reading = reading
        self._writing = writing
        self._looked: dict[ActorId, int] = {}
        self._scrubbed = False  # an earlier life may have ended between the two

    async def run(self, first_seconds: float = FIRST_SECONDS, every_seconds: float = EVERY_SECONDS) -> None:
        """Round after round. Whatever fails costs a round."""
        await asyncio.sleep(first_seconds)
        while True:
            try:
                forgotten = await self.round()
                if forgotten:
                    log.info(Line("forgotten", host=self._host.name, actors=forgotten))
                cut = await self.cut()
                if cut:
                    log.info(Line("histories cut", host=self._host.name, actors=cut))
            except (StoreFailed, Fenced) as why:
                log.warning(Line("retention failed", host=self._host.name, why=why))
            except Exception:  # nobody awaits this, and what was to be forgotten would stay for good
                log.exception(Line("retention failed", host=self._host.name))
            await asyncio.sleep(every_seconds)

    async def round(self) -> int:
        """Forget all whose time is over; how many that were. Raises `StoreFailed` or `Fenced`."""
        expired, now_ms = self._expired, self._clock()
        if expired is None:
            return 0
        pages = await self._reading(lambda journal: expired(journal, now_ms))
        forgotten = 0
        while (page := await self._reading(lambda _: next(pages, None))) is not None:
            ours = (one for one in page if self._host.placement.packed_host_of(one) == self._host.name)
            actors = self._host.passivation.retire(ours)
            try:
                if actors:
                    await self._writing(partial(self._erase, actors))
            finally:
                self._host.passivation.retired(actors)
            forgotten += len(actors)
            self._scrubbed = self._scrubbed and not actors
            await asyncio.sleep(PAUSE_SECONDS)
        if not self._scrubbed:
            self._scrubbed = await self._reading(lambda journal: journal.scrub())
        return forgotten

    def _erase(self, actors: Sequence[ActorId], journal: Journal) -> None:
        scopes = {self._host.placement.scope_of(actor) for actor in actors}
        fences = self._host.fences(scopes)
        foreign = sorted(scopes - fences.keys())
        journal.erase(actors, fences | journal.claim(foreign) if foreign else fences)

    async def cut(self) -> int:
        """Cut the histories that have grown long; how many those were. Raises `StoreFailed` or `Fenced`."""
        forgetful = [one for one in self._host.activations.values() if one.codec.forgetful is not None]
        number = 0
        for one in forgetful:
            if one.sequence - self._looked.get(one.actor, 0) < LEAST_RECORDS:
                continue
            self._looked[one.actor] = one.sequence
            number += await self._cut(one)
            await asyncio.sleep(PAUSE_SECONDS)
        return number

    async def _cut(self, activation: Activation) -> bool:
        cut = await self._reading(partial(_found_in, activation))
        if cut is not None:
            fences = self._host.fences([activation.scope])
            await self._writing(lambda journal: journal.cut([cut], fences))
        return cut is not None


def _found_in(activation: Activation, journal: Journal) -> Cut | None:
    actor = activation.actor
    stored = journal.load([actor], whole=True)[actor]
    return cut_of(activation.codec, actor, stored, 2 * activation.refs_max)
