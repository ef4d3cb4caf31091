"""Counts of facts, kept in the journal: added in the very append that makes the facts durable.

So each is counted once, whatever crashes and whenever, and whoever asks for them reads them there: no process holds
them, and none has to live for them to be shown. All hosts add to the same counts, so there are as many as there are
label sets, however many hosts and conversations.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
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


_FACTS: dict[str, tuple[dict[tuple[str, ...], str], Sequence[float]]] = {name: ({}, _EDGES[name]) for name in FACTS}
"""What the journal calls a metric's label sets, each made once, as long as there are not too many; and its edges."""


def counts(measures: Sequence[Measure]) -> list[Count]:
    """What to add in the journal with the events that these are the measures of."""
    values: dict[str, dict[tuple[str, ...], list[float]]] = {}
    for one in measures:
        values.setdefault(one.name, {}).setdefault(one.labels, []).append(one.value)
    facts = [name for name in values if name in _FACTS]
    return [_count(name, labels, found) for name in facts for labels, found in values[name].items()]


def _count(name: str, labels: tuple[str, ...], values: Sequence[float]) -> Count:
    keys, edges = _FACTS[name]
    key = keys.get(labels) or _key(name, labels)
    if not edges:
        return Count(key, {0: sum(values)})
    numbers: dict[int, float] = {len(edges) + 1: sum(values)}
    for value in values:  # there are few: most label sets name an agent
        place = bisect_left(edges, value)
        numbers[place] = numbers.get(place, 0) + 1
    return Count(key, numbers)


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


def _key(metric: str, labels: tuple[str, ...]) -> str:
    keys, _ = _FACTS[metric]
    if len(keys) >= LABEL_SETS_MAX:
        keys.clear()
    key = keys[labels] = "/".join((_STEMS[metric], *labels))
    return key
