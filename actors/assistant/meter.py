"""What a worker's turns cost: told to the bot's budget as it is known, and asked for before a turn begins."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

import msgspec

from actors.budget import DescribeBudget, SpendTokens, Standing
from runtime.identity import ActorId, actor_id
from runtime.machine import Command
from runtime.messages import Reply

Send = Callable[[ActorId, Command, str, Any], None]
"""Sends an actor a command with a ref; the ticket in the token, if there is one, is settled with the reply."""

_decode = msgspec.json.Decoder(Standing).decode


async def has_room(send: Send, bot: str) -> bool:
    """Whether the bot's month has room for another turn."""
    answer = _Awaited()
    send(actor_id("budget", bot), DescribeBudget(), "", (answer, 0))
    reply = await answer.future
    return reply.value is None or _decode(reply.value).room


class Meter:
    """One attempt's cost. What is read is told at once, as a worker may die; what is written when the attempt ends,
    however it does. Each growth is told once, under a ref of its own."""

    def __init__(self, tell: Callable[[ActorId, Command, str], None], bot: str, ref: str) -> None:
        self._tell = tell
        self._budget = actor_id("budget", bot)
        self._ref = ref
        self._cost = self._told = self._times = 0

    def reads(self, tokens: int) -> None:
        """The attempt has cost so many so far, all in all."""
        self._cost = max(self._cost, tokens)
        if not self._times:
            self._settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._settle()

    def _settle(self) -> None:
        if self._cost > self._told:
            self._times += 1
            self._tell(self._budget, SpendTokens(self._cost - self._told), f"{self._ref}.{self._times}")
            self._told = self._cost


class _Awaited:
    """A ticket whose reply can be awaited."""

    def __init__(self) -> None:
        self.future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def settle(self, index: int, reply: Reply) -> None:
        if not self.future.done():
            self.future.set_result(reply)
