"""A bot's tokens: what its assistant's turns have cost this month, counted once, and whether there is room for more.

    spend ──> TokensSpent, journaled; the next month begins at 0

One actor a bot is the only one that counts, so workers, restarts and turns that are dropped need no bookkeeping of
their own. Months are those of UTC. A turn is begun while there is room: those under way at the bound are finished, so
what is spent may exceed it by as much as they cost.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from msgspec import Struct

from actors.settings import Settings
from runtime.machine import Command, Effect, Event, Fact, Measure, Origin, Query, Rejected, Signal, Summary


class SpendTokens(Command, frozen=True, tag="spend_tokens"):
    """The sending worker has had a model read or write so many."""

    tokens: int


class DescribeBudget(Query, frozen=True, tag="describe_budget"):
    """What this month's turns have cost, and what they may."""


class TokensSpent(Event, frozen=True, tag="tokens_spent"):
    """So many more."""

    published: ClassVar[bool] = False
    lasting: ClassVar[bool] = False

    tokens: int


class BudgetBaseline(Event, frozen=True, tag="baseline"):
    """All that was spent in the month that was the last."""

    published: ClassVar[bool] = False
    lasting: ClassVar[bool] = False

    month: str
    spent: int


class Budget(Struct):
    """See the module. `month` is the one that `spent` is of, as in "2026-11"."""

    bot: str
    month: str = ""
    spent: int = 0

    def spent_in(self, month: str) -> int:
        """What that month has cost, if it is not over."""
        return self.spent if month == self.month else 0


class Standing(Struct, frozen=True):
    """The answer to `DescribeBudget`. `monthly` 0: there is no bound."""

    spent: int
    monthly: int

    @property
    def room(self) -> bool:
        """Another turn may begin."""
        return not self.monthly or self.spent < self.monthly


class BudgetMachine:
    """See `runtime.machine.Machine`."""

    kind = "budget"
    commands: tuple[type[Command], ...] = (SpendTokens, DescribeBudget)
    events = TokensSpent | BudgetBaseline
    state = Budget
    resident = True
    baseline_type: type[Event] = BudgetBaseline
    baseline_events = 0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def initial(self, key: str) -> Budget:
        return Budget(key)

    def decide(self, state: Budget, command: SpendTokens, origin: Origin) -> Sequence[Fact]:
        if not origin.sender.startswith("assistant/"):
            raise Rejected("forbidden", "Only the assistant's workers spend tokens.")
        return [TokensSpent(command.tokens)] if command.tokens > 0 else []

    def baseline(self, state: Budget) -> Event:
        return BudgetBaseline(state.month, state.spent)

    def apply(self, state: Budget, fact: TokensSpent | BudgetBaseline, at_ms: int) -> Budget:
        if isinstance(fact, BudgetBaseline):
            state.month, state.spent = fact.month, fact.spent
            return state
        month = month_of(at_ms)
        state.month, state.spent = month, state.spent_in(month) + fact.tokens
        return state

    def effects(self, state: Budget, fact: TokensSpent | BudgetBaseline, at_ms: int) -> Sequence[Effect]:
        if isinstance(fact, BudgetBaseline):
            return ()
        return [Measure("assistant_tokens_total", (state.bot,), fact.tokens)]

    def patience_ms(self, state: Budget) -> int:
        return 0

    def deadline(self, state: Budget) -> tuple[int, Command] | None:
        return None

    def activated(self, state: Budget, now_ms: int) -> Sequence[Signal]:
        return ()

    def answer(self, state: Budget, query: DescribeBudget, origin: Origin) -> Any:
        bot = self._settings.bot(state.bot)
        monthly = bot.assistant.monthly_tokens if bot is not None else 0
        return Standing(state.spent_in(month_of(origin.now_ms)), monthly)

    def summary(self, state: Budget) -> Summary | None:
        return None

    def public(self, event: Event) -> Event | None:
        return None


def month_of(at_ms: int) -> str:
    """The month of a time, in UTC."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m}"
