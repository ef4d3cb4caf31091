"""Carries the batches of a process's links: one call in flight a receiver, one task a busy link, none a message.

A failed call's outcome is unknown, so the same batch goes out again, to whoever has that name by then; receivers know
a batch that they had before. With a linger, the calls of a busy link are that far apart, those of another less: so what
a call itself costs is shared, and yet the first message after a pause waits for nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from runtime.lines import Line
from runtime.linger import linger
from runtime.link import Link, Links
from runtime.messages import Answers, decode_answers

log = logging.getLogger(__name__)

Call = Callable[[str, bytes], Awaitable[bytes]]
"""Delivers a batch to a process by its name. Raises `Unreachable` when nobody knows what became of it."""

SILENT_SECONDS = 0.25
CALLS_MAX = 4
"""Of one batch at a time, when it is sent again."""
PEERS_KEPT = 100_000
"""Past it the peer that was met first is forgotten, and met again."""
RETRY_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5)


LINGER_MESSAGES = 200
"""A link whose calls carry so many is busy: they are a whole linger apart."""
LINGER_LEAST = 0.2
"""The part of a linger that the calls of any link are apart, as long as they follow each other."""


class Unreachable(Exception):
    """The process died, restarts, or does not answer."""


class Courier:
    """`met` hears of each answering incarnation that is new; `settled` is called after replies were handed out."""

    def __init__(
        self,
        links: Links,
        call: Call,
        met: Callable[[str, str], None] = lambda peer, incarnation: None,
        settled: Callable[[], None] = lambda: None,
        linger_seconds: float = 0.0,
    ) -> None:
        self._links = links
        self._call = call
        self._met = met
        self._settled = settled
        self._linger_seconds = linger_seconds
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._incarnations: dict[str, str] = {}

    def pump(self) -> None:
        """Set off for every receiver that has something waiting."""
        for peer in self._links.ready():
            if peer not in self._tasks:
                self._start(peer, empty=False)

    def greet(self, peer: str) -> None:
        """Send an empty batch if nothing is under way: it renews the lease, and tells who answers there."""
        if peer not in self._tasks:
            self._start(peer, empty=True)

    def _start(self, peer: str, empty: bool) -> None:
        task = asyncio.get_running_loop().create_task(self._carry(peer, empty), name=f"link to {peer}")
        self._tasks[peer] = task

    async def _carry(self, peer: str, empty: bool) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while (batch := (link := self._links.to(peer)).take(empty)) is not None:
            empty = False
            started = loop.time()
            try:
                answers = decode_answers(await (self._call_again(peer, batch) if failures else self._call(peer, batch)))
            except Exception as why:  # whatever the call met: the link must outlive it
                if not isinstance(why, Unreachable):
                    log.exception(Line("call failed", sender=self._links.sender, to=peer))
                link.unknown()
                await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
                said = {"to": peer, "batch": link.number, "failures": failures, "why": type(why).__name__}
                log.info(Line("resend", sender=self._links.sender, **said))
                continue
            failures = 0
            carried = self._delivered(peer, link, answers)
            spare = linger(self._linger_seconds, carried, LINGER_MESSAGES, LINGER_LEAST) - (loop.time() - started)
            if spare > 0:
                await asyncio.sleep(spare)
        del self._tasks[peer]

    async def _call_again(self, peer: str, batch: bytes) -> bytes:
        """Calls more than once until one has answered: a call to a process that is just being restarted may be silent
        for seconds, and the next one is heard. Raises what the last one raised, when none is left."""
        calls: set[asyncio.Task[bytes]] = set()
        try:
            while True:
                if len(calls) < CALLS_MAX:
                    calls.add(asyncio.create_task(_task(self._call(peer, batch))))
                done, calls = await asyncio.wait(calls, timeout=SILENT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                answered = [one for one in done if one.exception() is None]
                if answered:
                    return answered[0].result()
                if done and not calls:
                    return done.pop().result()
                if done:  # what fails at once is not tried again at once
                    await asyncio.wait(calls, timeout=SILENT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in calls:
                one.cancel()

    def _delivered(self, peer: str, link: Link, answers: Answers) -> int:
        tokens = link.delivered()
        for token, reply in zip(tokens, answers.replies, strict=False):
            if token is not None and reply is not None:
                try:
                    token[0].settle(token[1], reply)
                except Exception as why:  # whatever one receiver meets: the others must have theirs, and the link live
                    log.exception(Line("reply not taken", sender=self._links.sender, to=peer, why=why))
        if self._incarnations.get(peer) != answers.incarnation:
            self._incarnations[peer] = answers.incarnation
            if len(self._incarnations) > PEERS_KEPT:
                del self._incarnations[next(iter(self._incarnations))]
            self._met(peer, answers.incarnation)
        self._settled()
        return len(tokens)

    def stop(self) -> None:
        """Carry no more."""
        for task in self._tasks.values():
            task.cancel()


async def _task(call: Awaitable[bytes]) -> bytes:
    return await call
