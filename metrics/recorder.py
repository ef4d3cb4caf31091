"""A process's own counts. Recording is one look-up and one addition; all else happens when somebody asks.

Cells are made at the first use of a label set and kept: hot paths may hold on to them. A measure of a metric that is
not defined is a mistake in the code: `strict` raises it, for tests; in production it is logged once and dropped,
because a host must not fall over its statistics.
"""

import logging
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import Protocol

import msgspec

from metrics.instruments import INSTRUMENTS, LABEL_SETS_MAX, Instrument, UnknownMeasure, instrument
from runtime.lines import Line

log = logging.getLogger(__name__)

Labels = tuple[str, ...]
Value = float | list[float]
"""A number; of a histogram, how many fell into each bucket, the last one without bound, and their sum."""
Samples = dict[str, list[tuple[Labels, Value]]]
"""What a process counts, by metric."""

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Samples).decode


class Measured(Protocol):
    """A `runtime.machine.Measure`."""

    @property
    def name(self) -> str: ...
    @property
    def labels(self) -> Labels: ...
    @property
    def value(self) -> float: ...


class Counter:
    """A sum."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def take(self, value: float, times: int = 1) -> None:
        """Add, so many times."""
        self.value += value * times

    def read(self) -> Value:
        """The sum so far."""
        return self.value


class Histogram:
    """How many values fell into each bucket. An edge belongs to the bucket below it."""

    __slots__ = ("_counts", "_edges", "_sum")

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges = edges
        self._counts = [0] * (len(edges) + 1)
        self._sum = 0.0

    def take(self, value: float, times: int = 1) -> None:
        """One more value, or so many that are the same."""
        self._counts[bisect_left(self._edges, value)] += times
        self._sum += value * times

    def read(self) -> Value:
        """The counts, and the sum behind them."""
        return [*self._counts, self._sum]


class _Nothing:
    """Takes what is not kept."""

    def take(self, value: float, times: int = 1) -> None:
        """Forget it."""


Cell = Counter | Histogram | _Nothing
NOTHING = _Nothing()


class Recorder:
    """See the module. `samplers` are called when somebody asks, and tell what is read rather than counted."""

    def __init__(self, strict: bool = False) -> None:
        self._strict = strict
        self._cells: dict[tuple[str, Labels], Counter | Histogram] = {}
        self._sets: dict[str, int] = {}
        self._said: set[str] = set()
        self.samplers: list[Callable[[], Samples]] = []

    def measure(self, measure: Measured) -> None:
        """One measure of a durable fact."""
        cell = self._cells.get((measure.name, measure.labels))
        (cell or self.cell(measure.name, *measure.labels)).take(measure.value)

    def cell(self, name: str, *labels: str) -> Cell:
        """Where values of this label set go. Raises `UnknownMeasure` if strict."""
        known = self._cells.get((name, labels))
        if known is not None:
            return known
        try:
            return self._new(instrument(name, len(labels)), labels)
        except UnknownMeasure as why:
            if self._strict:
                raise
            return self._dropped(name, str(why))

    def _new(self, found: Instrument, labels: Labels) -> Cell:
        if found.sampled:
            return NOTHING
        sets = self._sets.get(found.name, 0)
        if sets == LABEL_SETS_MAX:
            return self._dropped(found.name, f"more than {LABEL_SETS_MAX} label sets")
        self._sets[found.name] = sets + 1
        cell = self._cells[found.name, labels] = new_cell(found)
        return cell

    def _dropped(self, name: str, why: str) -> Cell:
        if name not in self._said:
            self._said.add(name)
            log.error(Line("measures dropped", metric=name, why=why))
        return NOTHING

    def samples(self) -> Samples:
        """All that is counted, and what the samplers tell now."""
        found = by_metric({key: cell.read() for key, cell in self._cells.items()})
        for sampler in self.samplers:
            for name, samples in sampler().items():
                found.setdefault(name, []).extend(samples)
        return found


def new_cell(found: Instrument) -> Counter | Histogram:
    """One that has counted nothing."""
    return Histogram(found.buckets) if found.kind == "histogram" else Counter()


def cumulative(value: list[float]) -> tuple[list[float], float]:
    """A histogram's counts as readers want them, each bucket with all below it; and the sum."""
    return list(accumulate(value[:-1])), value[-1]


def merged(several: Iterable[Samples]) -> Samples:
    """The samples of processes that share an instance, as those of one."""
    cells: dict[tuple[str, Labels], Value] = {}
    for samples in several:
        for name, found in samples.items():
            together = max if INSTRUMENTS[name].merge == "max" else _sum
            for labels, value in found:
                key = (name, labels)
                cells[key] = together(cells[key], value) if key in cells else value
    return by_metric(cells)


def by_metric(cells: Mapping[tuple[str, Labels], Value]) -> Samples:
    """Values by name and labels, as samples."""
    found: Samples = {}
    for (name, labels), value in cells.items():
        found.setdefault(name, []).append((labels, value))
    return found


def _sum(one: Value, other: Value) -> Value:
    if isinstance(one, list) and isinstance(other, list):
        return [a + b for a, b in zip(one, other, strict=True)]
    assert not isinstance(one, list)
    assert not isinstance(other, list)
    return one + other
