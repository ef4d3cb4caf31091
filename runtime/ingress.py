"""A process's receiving end in asyncio: batches in, answers out, each batch worked on once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from runtime.lines import Line
from runtime.link import Ingress, OutOfTurn
from runtime.messages import Answers, Batch, Reply, encode
from runtime.replies import STUMBLED

log = logging.getLogger(__name__)

Answered = Callable[[Sequence[Reply | None]], None]


def unheard(replies: Sequence[Reply | None]) -> None:
    """Nobody wants to know."""


class BatchTicket:
    """Gathers the replies to a batch's messages; done, and `answered` called with them, when the last one is there."""

    __slots__ = ("_future", "_left", "answered", "refused", "replies")

    def __init__(self, size: int) -> None:
        self.replies: list[Reply | None] = [None] * size
        self.answered: Answered = unheard
        self._left = size
        self.refused = False
        self._future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not size:
            self._future.set_result(None)

    def settle(self, index: int, reply: Reply) -> None:
        """The message with this index has its reply."""
        if self.replies[index] is None:
            self.replies[index] = reply
            self._left -= 1
            if reply.refusal is not None:
                self.refused = True
            if not self._left:
                self._end()

    def settle_all(self, reply: Reply) -> None:
        """Every message has this reply."""
        self.replies = [reply] * len(self.replies)
        self._left, self.refused = 0, reply.refusal is not None
        self._end()

    def settle_rest(self, reply: Reply) -> None:
        """Every message that has no reply yet has this one."""
        for index, known in enumerate(self.replies):
            if known is None:
                self.settle(index, reply)

    def _end(self) -> None:
        self.answered(self.replies)
        if not self._future.done():
            self._future.set_result(None)

    async def done(self) -> None:
        """Returns when every message has its reply."""
        await asyncio.shield(self._future)


class Receiver:
    """Decodes batches and hands each new one to `take` with its ticket. `replaced` hears of senders' new lives."""

    def __init__(
        self,
        incarnation: str,
        decoder: msgspec.msgpack.Decoder[Batch[Any]],
        take: Callable[[Batch[Any], BatchTicket], None],
        replaced: Callable[[str], None] = lambda sender: None,
    ) -> None:
        self._incarnation = incarnation
        self._decode = decoder.decode
        self._take = take
        self._replaced = replaced
        self._ingress = Ingress()

    async def deliver(self, data: bytes) -> bytes:
        """The answers to a batch, once all of it is settled. The same batch again gets the same answers; one that is
        out of turn gets none, and its sender sends it again in its turn."""
        batch = self._decode(data)
        try:
            ticket: BatchTicket | None = self._ingress.known(
                batch.sender, batch.incarnation, batch.number, batch.settled
            )
        except OutOfTurn:
            return encode(Answers(self._incarnation, []))
        if ticket is None:
            ticket = BatchTicket(len(batch.messages))
            self._hand_over(batch, ticket)
        for before in self._ingress.before(batch.sender, batch.incarnation, batch.number):
            await before.done()
        await ticket.done()
        return encode(Answers(self._incarnation, ticket.replies))

    def _hand_over(self, batch: Batch[Any], ticket: BatchTicket) -> None:
        another_life = self._ingress.note(batch.sender, batch.incarnation, batch.number, ticket)
        try:
            if another_life:
                self._replaced(batch.sender)
            self._take(batch, ticket)
        except Exception:  # a batch that nobody settles would hold up all that its sender has to say, for good
            log.exception(Line("batch not taken", sender=batch.sender, messages=len(batch.messages)))
            ticket.settle_rest(STUMBLED)

    def first_hand(self, batch: Batch[Any]) -> bool:
        """Of a batch that was just handed over: see `Ingress`."""
        return self._ingress.first_hand(batch.sender, batch.incarnation, batch.number)
