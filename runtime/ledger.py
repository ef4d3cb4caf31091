"""Counts that are kept in the journal: their entries go with the append that makes true what they count."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from runtime.identity import ActorId
from runtime.journal import Snapshot, Stored
from runtime.machine import Measure


class Ledger(Protocol):
    """What a host asks of whoever counts its measures."""

    def unsure(self) -> Sequence[ActorId]:
        """The entries that must be read before the next are written: at first all of them."""

    def restore(self, stored: Mapping[ActorId, Stored]) -> None:
        """The journal's answer."""

    def entries(self, measures: Sequence[Measure]) -> Sequence[Snapshot]:
        """What to write with the facts of which these are the measures."""

    def failed(self) -> None:
        """Nobody knows whether the last entries were written."""


class NoLedger:
    """Nothing is kept."""

    def unsure(self) -> Sequence[ActorId]:
        """None."""
        return ()

    def restore(self, stored: Mapping[ActorId, Stored]) -> None:
        """There is nothing."""

    def entries(self, measures: Sequence[Measure]) -> Sequence[Snapshot]:
        """None."""
        return ()

    def failed(self) -> None:
        """It makes no difference."""
