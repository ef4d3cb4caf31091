"""One visitor at one host who writes all the time, a message after the other's ack: the first to know what is away.

It knows how long refusals take, when a message sent after some moment was acked, and when the assistant has answered
one. At the end its messages are looked for in the journal, like everybody's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.client import Socket
from benchmarks.faults.tally import Tally
from benchmarks.frames import CommandError, Frame
from benchmarks.replay.verify import compare
from benchmarks.rest import Rest, Visitor

PAUSE_SECONDS = 0.05


class Probe:
    """`open` it, `start` it, `stop` it. Times are the loop's, in seconds."""

    def __init__(self, url: str, rest: Rest, visitor: Visitor) -> None:
        self.conversation: str = visitor.conversation["id"]
        self.waits_ms: list[float] = []
        """How long each message waited for its ack."""
        self.refused = 0
        self.refusal_seconds_max = 0.0
        """The longest that a message waited to be told `overloaded`."""
        self._url, self._rest, self._token = url, rest, visitor.token
        self._said: list[str] = []
        self._sequence = 0
        self._acked_sent = self._acked_at = 0.0
        self._asked_sequence, self._asked_sent, self._answered_sent, self._answered_at = 0, 0.0, 0.0, 0.0
        self._news = asyncio.Event()
        self._stopping = False
        self._clock = asyncio.get_running_loop().time
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, and begin to write."""
        self._socket = await Socket.connect(
            self._url, self._token, resume={self.conversation: 0}, on_frame=self._see, patience_seconds=60.0
        )
        self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while not self._stopping:
            text = f"How do refunds work? ({len(self._said) + 1})"
            self._said.append(text)
            ref = f"probe-{len(self._said)}"
            sent = self._clock()
            ack = await self._insist(text, ref)
            if not self._asked_sequence:
                self._asked_sequence, self._asked_sent = ack["sequence"], sent
            self._acked_sent, self._acked_at = sent, self._clock()
            self.waits_ms.append((self._acked_at - sent) * 1000)
            self._news.set()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _insist(self, text: str, ref: str) -> Frame:
        while True:
            sent = self._clock()
            try:
                return await self._socket.command("send_message", text=text, ref=ref)
            except CommandError as error:
                if error.retry_after is None:
                    raise
                self.refused += 1
                self._news.set()
                self.refusal_seconds_max = max(self.refusal_seconds_max, self._clock() - sent)
                await asyncio.sleep(error.retry_after)

    def _see(self, frame: Frame) -> None:
        event = frame.get("event", {})
        if event.get("from") == "assistant" and 0 < self._asked_sequence < frame["sequence"]:
            self._answered_sent, self._answered_at = self._asked_sent, self._clock()
            self._asked_sequence = 0
            self._news.set()

    @property
    def latest(self) -> float:
        """When the last message that is acked was sent."""
        return self._acked_sent

    async def acked(self, since: float) -> float:
        """When a message that was sent after that moment was acked: now, or the time of the latest."""
        await self._until(lambda: self._acked_sent >= since)
        return self._acked_at

    async def answered(self, since: float) -> float:
        """When the assistant had answered a message that was sent after that moment."""
        await self._until(lambda: self._answered_sent >= since)
        return self._answered_at

    async def refusal(self) -> None:
        """Returns when a message has been told `overloaded`."""
        await self._until(lambda: self.refused > 0)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            assert self._task is not None
            if self._task.done():
                self._task.result()  # raises what has ended it
            self._news.clear()
            waiting = asyncio.create_task(self._news.wait())
            await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()

    async def stop(self) -> Tally:
        """Ends with the message under way, and reads all back."""
        tally = Tally(conversations=1)
        self._stopping = True
        try:
            if self._task is not None:
                await self._task
        except Exception as error:
            tally.blame(f"{self.conversation}: the probe ended: {error!r}")
            self._said.pop()
        finally:
            await self._socket.close()
        events = await self._rest.events(self._token, self.conversation)
        stored = [("visitor", event["text"]) for event in events if event.get("from") == "visitor"]
        count, unsaid = compare([("visitor", text) for text in self._said], stored)
        tally.acked = len(self._said)
        tally.lost, tally.twice, tally.out_of_order = count.lost, count.duplicated, count.out_of_order
        if count or unsaid:
            tally.blame(f"{self.conversation}, a probe: {count}, never said: {unsaid[:3]}")
        return tally

    def abandon(self) -> None:
        """Drop it."""
        if self._task is not None:
            self._task.cancel()
