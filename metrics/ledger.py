"""Counts of facts, kept in the journal: added in the very append that makes the facts durable.

So each is counted once, whatever crashes and whenever, and whoever asks for them reads them there: no process holds
them, and none has to live for them to be shown. All hosts add to the same counts, so there are as many as there are
label sets, however many hosts and conversations.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from zlib import crc32

from metrics.declared import Name
from metrics.instruments import FACTS, INSTRUMENTS, LABEL_SETS_MAX
from metrics.recorder import Counter, Histogram, Samples, Value, by_metric, new_cell
from runtime.journal import Count, Journal
from runtime.machine import Measure

# A histogram whose buckets are others is another one: what was counted by the old ones cannot be shown by the new.
_STEMS = {name: f"{name}@{crc32(repr(INSTRUMENTS[name].buckets).encode()):x}" for name in FACTS}
_NAMES = {stem: name for name, stem in _STEMS.items()}


def counts(measures: Sequence[Measure]) -> list[Count]:
    """What to add in the journal with the events that these are the measures of."""
    cells: dict[Name, Counter | Histogram] = {}
    for one in measures:
        if one.name in FACTS:
            name = (one.name, one.labels)
            cell = cells.get(name)
            if cell is None:
                cell = cells[name] = new_cell(INSTRUMENTS[one.name])
            cell.take(one.value)
    return [Count(_key(name), _numbers(cell)) for name, cell in cells.items()]


def counted(journal: Journal, names: Iterable[Name]) -> Samples:
    """All that was ever counted, and at least a 0 of each of the names. Raises `StoreFailed`."""
    known: dict[Name, Value] = {name: new_cell(INSTRUMENTS[name[0]]).read() for name in names}
    for one in journal.counts():
        stem, *labels = one.name.split("/")
        name = _NAMES.get(stem)
        if name is not None:
            histogram = INSTRUMENTS[name].kind == "histogram"
            known[name, tuple(labels)] = list(one.numbers) if histogram else one.numbers[0]
    return by_metric(known)


@lru_cache(LABEL_SETS_MAX)
def _key(name: Name) -> str:
    """What the journal calls a label set."""
    return "/".join((_STEMS[name[0]], *name[1]))


def _numbers(cell: Counter | Histogram) -> tuple[float, ...]:
    value = cell.read()
    return tuple(value) if isinstance(value, list) else (value,)
