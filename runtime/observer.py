"""Who watches a host at work, such as to count what it does."""

from collections.abc import Sequence
from typing import Any, Protocol

from runtime.ingress import Answered, unheard
from runtime.journal import Count
from runtime.machine import Measure
from runtime.messages import Batch


class Observer(Protocol):
    """Called in the host's loop, once a batch or an append: whatever it takes, the host waits for."""

    def taken(self, batch: Batch[Any]) -> Answered:
        """A batch has arrived. What is returned is called with the replies to it, once all are there."""

    def counts(self, measures: Sequence[Measure]) -> Sequence[Count]:
        """What to add in the journal, in the append of the events that these are the measures of."""

    def commit(self, records: int, seconds: float) -> None:
        """An append of so many records is durable, and has taken so long."""

    def measured(self, measures: Sequence[Measure]) -> None:
        """Of events that are durable, and of signals and commands beside them."""


class Unobserved:
    """Nobody."""

    def taken(self, batch: Batch[Any]) -> Answered:
        """Not looked at."""
        return unheard

    def counts(self, measures: Sequence[Measure]) -> Sequence[Count]:
        """None."""
        return ()

    def commit(self, records: int, seconds: float) -> None:
        """Not looked at."""

    def measured(self, measures: Sequence[Measure]) -> None:
        """Not looked at."""
