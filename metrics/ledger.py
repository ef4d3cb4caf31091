"""Counts of facts, kept in the journal: added in the very append that makes the facts durable.

So each is counted once, whatever crashes and whenever, and whoever asks for them reads them there: no process holds
them, and none has to live for them to be shown. A packed host counts under its own name; dedicated hosts under their
kind, together, so what is kept does not grow with the conversations.
"""

from collections.abc import Iterable, Sequence
from zlib import crc32

from metrics.declared import Name
from metrics.instruments import FACTS, INSTRUMENTS
from metrics.recorder import Counter, Histogram, Samples, new_cell
from runtime.journal import Count, Journal
from runtime.machine import Measure

# A histogram whose buckets are others is another one: what was counted by the old ones cannot be shown by the new.
_STEMS = {name: f"{name}@{crc32(repr(INSTRUMENTS[name].buckets).encode()):x}" for name in FACTS}
_NAMES = {stem: name for name, stem in _STEMS.items()}


class Ledger:
    """One host's, or that of all dedicated hosts of a kind: the `owner` of what is counted."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def counts(self, measures: Sequence[Measure]) -> list[Count]:
        """What to add with the events that these are the measures of."""
        cells: dict[Name, Counter | Histogram] = {}
        for one in measures:
            if one.name in FACTS:
                name = (one.name, one.labels)
                cell = cells.get(name)
                if cell is None:
                    cell = cells[name] = new_cell(INSTRUMENTS[one.name])
                cell.take(one.value)
        return [Count(self._owner, _key(name), _numbers(cell)) for name, cell in cells.items()]


def counted(journal: Journal, owners: Iterable[str], names: Iterable[Name]) -> dict[str, Samples]:
    """All that was ever counted, by its owner; the `owners` have at least a 0 of each of the names.

    Raises `StoreFailed`.
    """
    zeros = {name: new_cell(INSTRUMENTS[name[0]]).read() for name in names}
    known = {owner: dict(zeros) for owner in owners}
    for one in journal.counts():
        stem, *rest = one.name.split("/")
        name = _NAMES.get(stem)
        if name is not None:
            value = list(one.numbers) if INSTRUMENTS[name].kind == "histogram" else one.numbers[0]
            known.setdefault(one.owner, {})[name, tuple(rest)] = value
    found: dict[str, Samples] = {}
    for owner, values in known.items():
        samples = found[owner] = {}
        for (name, labels), value in values.items():
            samples.setdefault(name, []).append((labels, value))
    return found


def _key(name: Name) -> str:
    """What the journal calls a label set."""
    return "/".join((_STEMS[name[0]], *name[1]))


def _numbers(cell: Counter | Histogram) -> tuple[float, ...]:
    value = cell.read()
    return tuple(value) if isinstance(value, list) else (value,)
