"""Counts of facts, kept in the journal: added in the very append that makes the facts durable.

So each is counted once, whatever crashes and whenever, and whoever asks for them reads them there: no process holds
them, and none has to live for them to be shown. All hosts add to the same counts, so there are as many as there are
label sets, however many hosts and conversations.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from zlib import crc32

from metrics.declared import Name
from metrics.instruments import FACTS, INSTRUMENTS, LABEL_SETS_MAX
from metrics.recorder import Samples, Value, by_metric, new_cell
from runtime.journal import Count, Journal
from runtime.machine import Measure

# A histogram whose buckets are others is another one: what was counted by the old ones cannot be shown by the new.
_STEMS = {name: f"{name}@{crc32(repr(INSTRUMENTS[name].buckets).encode()):x}" for name in FACTS}
_NAMES = {stem: name for name, stem in _STEMS.items()}
_EDGES = {name: INSTRUMENTS[name].buckets for name in FACTS}
"""Of a histogram; a counter has none. The places of a histogram are its buckets and, behind them, the sum."""


def counts(measures: Sequence[Measure]) -> list[Count]:
    """What to add in the journal with the events that these are the measures of."""
    added: dict[Name, dict[int, float]] = {}
    for one in measures:
        edges = _EDGES.get(one.name)
        if edges is None:
            continue
        numbers = added.setdefault((one.name, one.labels), {})
        place = bisect_left(edges, one.value)
        if edges:
            numbers[place] = numbers.get(place, 0) + 1
            place = len(edges) + 1
        numbers[place] = numbers.get(place, 0) + one.value
    return [Count(_key(name), numbers) for name, numbers in added.items()]


def counted(journal: Journal, names: Iterable[Name]) -> Samples:
    """All that was ever counted, and at least a 0 of each of the names. Raises `StoreFailed`."""
    known: dict[Name, Value] = {name: new_cell(INSTRUMENTS[name[0]]).read() for name in names}
    for one in journal.counts():
        stem, *labels = one.name.split("/")
        name = _NAMES.get(stem)
        if name is not None:
            known[name, tuple(labels)] = _value(name, one.numbers)
    return by_metric(known)


def _value(name: str, numbers: Mapping[int, float]) -> Value:
    if not _EDGES[name]:
        return numbers.get(0, 0.0)
    return [numbers.get(place, 0.0) for place in range(len(_EDGES[name]) + 2)]


@lru_cache(LABEL_SETS_MAX)
def _key(name: Name) -> str:
    """What the journal calls a label set."""
    return "/".join((_STEMS[name[0]], *name[1]))
