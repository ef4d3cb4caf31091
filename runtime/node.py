"""A host's shell in asyncio: it does the I/O that `runtime.host` asks for, and nothing else.

The journal is written by one thread and read by another, so the next turn is decided while an append is under way.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from runtime.clock import wall_clock_ms
from runtime.courier import Call, Courier
from runtime.host import Host
from runtime.identity import ActorId
from runtime.ingress import BatchTicket, Receiver
from runtime.journal import Append, Fenced, Journal, StoreFailed
from runtime.journal.thread import JournalThread
from runtime.limits import HostLimits
from runtime.lines import Line
from runtime.link import Links
from runtime.machine import Find, Machine, Measure
from runtime.messages import Batch, Hello, encode, host_decoder
from runtime.observer import Observer, Unobserved
from runtime.placement import Placement
from runtime.retention import Expired, Retention
from runtime.step import Step

log = logging.getLogger(__name__)

FIND_LIMIT = 1_000_000
STORE_SECONDS = 1.7
"""An append or a load that takes longer has failed: who waits is answered within two seconds, whatever the store."""
SETTLE_SECONDS = 0.2
FIND_SECONDS = 1.0
"""Before a search that the store has not answered is made again."""
STILL_AWAY_SECONDS = 60.0
"""Between two lines of the log that say so."""


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, StoreFailed) else type(error).__name__


def _unforeseen(error: Exception) -> Exception | None:
    return None if isinstance(error, (StoreFailed, TimeoutError)) else error


def new_incarnation() -> str:
    """A name for one life of a process."""
    return secrets.token_hex(8)


class HostNode:
    """One host, its links and its journal.

    `lost` is called when another host has taken its place, and `vacated`, once, when this one may end.
    """

    def __init__(
        self,
        name: str,
        machines: Iterable[Machine],
        placement: Placement,
        open_journal: Callable[[], Journal],
        call: Call,
        *,
        limits: HostLimits = HostLimits(),  # noqa: B008 - frozen
        observer: Observer = Unobserved(),  # noqa: B008 - it holds nothing
        clock: Callable[[], int] = wall_clock_ms,
        lost: Callable[[], None] = lambda: None,
        vacated: Callable[[], None] = lambda: None,
        linger_seconds: float = 0.0,
        expired: Expired | None = None,
    ) -> None:
        kinds = list(machines)
        self.incarnation = new_incarnation()
        self.links = Links(name, self.incarnation)
        self.host = Host(name, kinds, placement, self.links, limits, observer.measured)
        self._clock = clock
        self._lost = lost
        self._vacated = vacated
        self._observer = observer
        commands = dict.fromkeys(command for kind in kinds for command in kind.commands)
        self._receiver = Receiver(self.incarnation, host_decoder(commands), self._take, self._peer_replaced)
        self._courier = Courier(self.links, call, settled=self._poke, linger_seconds=linger_seconds)
        self._writer = JournalThread(open_journal, "journal-writer")
        self._reader = JournalThread(open_journal, "journal-reader")
        self._tasks: set[asyncio.Future[Any]] = set()
        self._settling: asyncio.Task[None] | None = None
        self._expired = expired
        self._retaining: asyncio.Task[None] | None = None
        self._poked = self._stopping = False
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, residents: Iterable[ActorId], greet: Iterable[str]) -> None:
        """Claim the scopes, ring for whoever waits, and tell the `greet`ed peers that this incarnation lives."""
        self._loop = asyncio.get_running_loop()
        scopes = self.host.placement.scopes_of(self.host.name)
        fences = await self._writer.run(lambda journal: journal.claim(scopes))
        alarms = await self._reader.run(lambda journal: list(journal.alarms()))
        self.host.start(fences, alarms, residents, self._clock())
        for peer in greet:
            self.links.send(peer, encode(Hello()))
        retention = Retention(self.host, self._expired, self._clock, self._reader.run, self._writer.run)
        self._retaining = self._loop.create_task(retention.run())
        self._poke()

    async def deliver(self, data: bytes) -> bytes:
        """A batch from a peer; returns once all of it is durable or refused."""
        return await self._receiver.deliver(data)

    def _take(self, batch: Batch[Any], ticket: BatchTicket) -> None:
        ticket.answered = self._observer.taken(batch)
        self.host.deliver(batch, ticket, self._clock(), self._receiver.first_hand(batch))
        self._poke()

    def _peer_replaced(self, peer: str) -> None:
        self.host.peer_gone(peer, self._clock())

    def _poke(self) -> None:
        """Run a turn soon: all that arrives in this round of the loop shares it."""
        if not self._poked:
            self._poked = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._poked = False
        if self._stopping:
            return
        now_ms = self._clock()
        self._do(self.host.poll(now_ms), now_ms)
        self._courier.pump()
        if self.host.vacated() and all(link.idle for _, link in self.links):
            vacated, self._vacated = self._vacated, lambda: None
            vacated()

    def _do(self, step: Step, now_ms: int) -> None:
        if step.load:
            self._spawn(self._load(step.load))
        if step.whole:
            self._spawn(self._load(step.whole, whole=True))
        for actor, find in step.find:
            self._spawn(self._find(actor, find))
        if step.append is not None:
            self._spawn(self._append(step.append, step.measures))
        if self._timer is not None:
            self._timer.cancel()
        delay = max(0, step.wake_at_ms - now_ms) / 1000
        self._timer = self._loop.call_later(delay, self._poke)

    def _spawn(self, coroutine: Any) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _append(self, append: Append, measures: Sequence[Measure]) -> None:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self._write(append, measures)
        except Fenced as why:
            log.warning(Line("fenced", host=self.host.name, incarnation=self.incarnation, why=why))
            self.host.refused()
            self._lost()
        except Exception as why:  # whatever the store met: a host whose append never ends answers nobody any more
            line = Line("append failed", host=self.host.name, records=len(append.records), why=_why(why))
            log.error(line, exc_info=_unforeseen(why))
            self.host.failed()
            self._settling = self._loop.create_task(self._settle())
        else:
            self._observer.commit(len(append.records), time.perf_counter() - started)
            self.host.committed()
        self._turn()

    async def _settle(self) -> None:
        """Asks the store several times a second, and says once a minute that it is away, and when it is back."""
        began, said = self._loop.time(), -STILL_AWAY_SECONDS
        while True:
            try:
                async with asyncio.timeout(STORE_SECONDS):
                    await self._writer.run(lambda journal: journal.settle())
                break
            except Exception as why:
                away = self._loop.time() - began
                if away - said >= STILL_AWAY_SECONDS:
                    said = away
                    line = Line("store away", host=self.host.name, seconds=round(away), why=_why(why))
                    log.error(line, exc_info=_unforeseen(why))
                await asyncio.sleep(SETTLE_SECONDS)
        if said >= 0:
            log.warning(Line("store answers", host=self.host.name, seconds=round(self._loop.time() - began)))
        self.host.settled()
        self._turn()

    async def _write(self, append: Append, measures: Sequence[Measure]) -> None:
        append = replace(append, counts=self._observer.counts(measures))
        await self._writer.run(lambda journal: journal.append(append))

    async def _load(self, actors: list[ActorId], whole: bool = False) -> None:
        try:
            async with asyncio.timeout(STORE_SECONDS):
                stored = await self._reader.run(lambda journal: journal.load(actors, whole))
        except Exception as why:
            line = Line("load failed", host=self.host.name, actors=len(actors), why=_why(why))
            log.error(line, exc_info=_unforeseen(why))
            self.host.load_failed(actors)
        else:
            self.host.loaded(stored)
        self._turn()

    async def _find(self, actor: ActorId, find: Find) -> None:
        terms = [[term] for term in find.terms]
        while not self._stopping:
            try:
                rows = await self._reader.run(lambda journal: journal.find(terms, FIND_LIMIT))
            except Exception as why:  # whatever the store met: who asked knows nothing without an answer
                line = Line("find failed", host=self.host.name, actor=actor, why=_why(why))
                log.error(line, exc_info=_unforeseen(why))
                await asyncio.sleep(FIND_SECONDS)
            else:
                self.host.found(actor, find, [row.body for row in rows])
                self._turn()
                return

    async def stop(self) -> None:
        """Let the append under way end, then stop. What comes now is answered by nobody, and so it is sent again."""
        self._stopping = True
        if self._timer is not None:
            self._timer.cancel()
        self._courier.stop()
        for task in (self._settling, self._retaining):
            if task is not None:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writer.stop()
        await self._reader.stop()
