"""Carries the batches of a process's links: a task a call, none a message.

A failed call's outcome is unknown, so the same batch goes out again, to whoever has that name by then; receivers know
a batch that they had before. With a linger, the calls of a busy link are that far apart, those of another less: so what
a call itself costs is shared, and yet the first message after a pause waits for nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from runtime.lines import Line
from runtime.linger import linger
from runtime.link import Flight, Link, Links
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
    """`met` hears of each receiver that answers in a new life; `settled` is called after replies were handed out."""

    def __init__(
        self,
        links: Links,
        call: Call,
        met: Callable[[str], None] = lambda peer: None,
        settled: Callable[[], None] = lambda: None,
        linger_seconds: float = 0.0,
    ) -> None:
        self.links = links
        self.call = call
        self.linger_seconds = linger_seconds
        self._met = met
        self._settled = settled
        self._carriers: dict[str, _Carrier] = {}
        self._incarnations: dict[str, str] = {}

    def pump(self) -> None:
        """Set off for every receiver that has something waiting."""
        for peer in self.links.ready():
            carrier = self._carriers.get(peer)
            if carrier is None:
                self._carriers[peer] = _Carrier(self, peer)
            else:
                carrier.go()

    def greet(self, peer: str) -> None:
        """Send an empty batch if nothing is under way: it renews the lease, and tells who answers there."""
        if peer not in self._carriers:
            self._carriers[peer] = _Carrier(self, peer, empty=True)

    def done(self, peer: str) -> None:
        """Nothing is left for this receiver."""
        del self._carriers[peer]

    def delivered(self, peer: str, flight: Flight, answers: Answers) -> None:
        """Hand out the replies."""
        for token, reply in zip(flight.tokens, answers.replies, strict=True):
            if token is not None and reply is not None:
                ticket, index = token
                try:
                    ticket.settle(index, reply)
                except Exception:  # whatever one receiver meets: the others must have theirs, and the link live
                    log.exception(Line("reply not taken", sender=self.links.sender, to=peer))
        if self._incarnations.get(peer) != answers.incarnation:
            self._incarnations[peer] = answers.incarnation
            if len(self._incarnations) > PEERS_KEPT:
                del self._incarnations[next(iter(self._incarnations))]
            self._met(peer)
        self._settled()

    def stop(self) -> None:
        """Carry no more."""
        for carrier in self._carriers.values():
            carrier.stop()


class _Carrier:
    """One receiver's calls, until nothing waits and nothing is under way."""

    def __init__(self, courier: Courier, peer: str, empty: bool = False) -> None:
        self._courier = courier
        self._peer = peer
        self._empty = empty
        self._loop = asyncio.get_running_loop()
        self._calls: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._answered = False
        self._gathering = False
        self._pause: asyncio.TimerHandle | None = None
        self.go()

    def go(self) -> None:
        """Something waits, or a call has ended: what else comes in this round of the loop shares the next call."""
        if self._pause is None and not self._gathering and self._may_call:
            self._gathering = True
            task = self._loop.create_task(self._carry(), name=f"link to {self._peer}")
            self._calls.add(task)
            task.add_done_callback(self._ended)

    @property
    def _may_call(self) -> bool:
        # Until one call is answered, nobody knows whether the receiver listens at all.
        alone = not self._calls or self._answered or self._failures
        return bool(alone) and (self._empty or self._courier.links.to(self._peer).due)

    async def _carry(self) -> None:
        self._gathering = False
        link = self._courier.links.to(self._peer)
        flight = link.take(self._empty)
        self._empty = False
        if flight is None:
            return
        self._pause_for(linger(self._courier.linger_seconds, len(flight.messages), LINGER_MESSAGES, LINGER_LEAST))
        batch = link.batch(flight)
        try:
            answers = decode_answers(await (self._call_again(batch) if self._failures else self._call(batch)))
            if len(answers.replies) != len(flight.messages) or not link.delivered(flight):
                raise Unreachable("out of turn")
        except Exception as why:  # whatever the call met: the link must outlive it
            self._failed(link, flight, why)
        else:
            self._failures, self._answered = 0, True
            self._courier.delivered(self._peer, flight, answers)

    def _pause_for(self, seconds: float) -> None:
        if self._pause is not None:
            self._pause.cancel()
        self._pause = self._loop.call_later(seconds, self._paused)

    def _paused(self) -> None:
        self._pause = None
        self._next()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        if not task.cancelled():
            self._next()

    def _next(self) -> None:
        self.go()
        if not self._calls and self._pause is None:
            self._courier.done(self._peer)

    def _failed(self, link: Link, flight: Flight, why: Exception) -> None:
        sender = self._courier.links.sender
        if not isinstance(why, Unreachable):
            log.exception(Line("call failed", sender=sender, to=self._peer))
        if link.unknown(flight):
            self._pause_for(RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)])
            self._failures, self._answered = self._failures + 1, False
            said = {"to": self._peer, "batch": flight.number, "failures": self._failures, "why": type(why).__name__}
            log.info(Line("resend", sender=sender, **said))

    def _call(self, batch: bytes) -> Awaitable[bytes]:
        return self._courier.call(self._peer, batch)

    async def _call_again(self, batch: bytes) -> bytes:
        """Calls more than once until one has answered: a call to a process that is just being restarted may be silent
        for seconds, and the next one is heard. Raises what the last one raised, when none is left."""
        calls: set[asyncio.Task[bytes]] = set()
        try:
            while True:
                if len(calls) < CALLS_MAX:
                    calls.add(asyncio.create_task(_task(self._call(batch))))
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

    def stop(self) -> None:
        """Call no more."""
        if self._pause is not None:
            self._pause.cancel()
        for task in self._calls:
            task.cancel()


async def _task(call: Awaitable[bytes]) -> bytes:
    return await call
