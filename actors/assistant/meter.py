"""What a worker's turns cost: told to the bot's budget as it is known, and asked for before a turn begins."""

from collections.abc import Callable
from typing import Self

import msgspec

from actors.budget import DescribeBudget, SpendTokens, Standing
from runtime.identity import ActorId, actor_id
from runtime.machine import Command
from runtime.requester import Requester

_decode = msgspec.json.Decoder(Standing).decode


async def has_room(requester: Requester, asker: str, bot: str) -> bool:
    """Whether the bot's month has room for another turn. It has if the budget cannot be asked."""
    reply = await requester.request(actor_id("budget", bot), asker, "", DescribeBudget())
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
