"""What the load generator needs of a server: start it, open conversations, know its messages. One file a server.

A peer is measured by the very code that measures us: `benchmarks.load`. What it lacks by design (acks, durability) is
not added; it is written in its `promises`, and printed beside its figures.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Self

from benchmarks.load.line import Conversation, Line, Recognise
from benchmarks.processes import Process

Advance = Callable[[int], None]
AT_ONCE = 8


class Served(ABC):
    """An async context manager: within it the server runs; afterwards nothing of it does."""

    name: str
    promises: str
    """What a delivered message, or another answer, means there: durable or not, acked or not."""

    @classmethod
    def missing(cls) -> str | None:
        """The command that installs what is not there; None when all is."""
        return None

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Of what it is made of."""
        return {}

    @abstractmethod
    async def start(self) -> None:
        """Returns when it serves."""

    @abstractmethod
    async def stop(self) -> None:
        """Ends it, whatever state it is in."""

    @abstractmethod
    def processes(self) -> set[Process]:
        """All of the server's processes."""

    @abstractmethod
    def group(self, process: Process) -> str:
        """Which part of the server a process is."""

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


class Peer(Served):
    """One that relays conversations."""

    recognise: Recognise
    conversations_max: int = 100_000
    """How many it can reasonably hold here."""
    in_flight_max: int = 100_000
    """With more messages in flight, over all conversations, it delivers less."""
    opened: int = 0
    """Conversations so far."""

    @abstractmethod
    def pair(self, number: int) -> Conversation:
        """One conversation, its two ends connected; blocking, called from threads."""

    async def converse(self, count: int, advance: Advance) -> list[Conversation]:
        """So many more conversations, ready to speak; `advance` is told as they come."""
        numbers = range(self.opened, self.opened + count)
        self.opened += count
        gate = asyncio.Semaphore(AT_ONCE)

        async def enter(number: int) -> Conversation:
            async with gate:
                made = await asyncio.to_thread(self.pair, number)
                advance(1)
                return made

        return await asyncio.gather(*(enter(number) for number in numbers))


class Lobby(Peer):
    """One whose agents can watch a lobby: what opens is shown to all of them."""

    shown: re.Pattern[bytes]
    """Its group is a conversation's key, in what tells a watcher of it."""
    opening: bytes
    """The HTTP request that opens a conversation; the answer says `{"conversation": {"id": KEY}}`."""

    @property
    @abstractmethod
    def port(self) -> int:
        """Where it is asked."""

    @abstractmethod
    def watch(self, number: int) -> Line:
        """One agent, connected and watching; blocking, called from threads."""
