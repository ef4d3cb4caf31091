"""Samples of many processes as one Prometheus text: each family once, an `instance` label on every line.

The text format 0.0.4, as every Prometheus reads it. Families come in the order of `instruments.py`, and only those of
which there is a sample.
"""

from collections.abc import Iterable, Mapping

from metrics.instruments import INSTRUMENTS, Instrument
from metrics.recorder import Labels, Samples, Value, cumulative

SYSTEM = "system"
"""The instance of what is of no process, but of all."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


_EDGES = {
    name: [f',le="{edge}"}} ' for edge in (*map(_number, one.buckets), "+Inf")]
    for name, one in INSTRUMENTS.items()
    if one.kind == "histogram"
}
"""How the lines of a histogram's buckets go on behind their labels."""


def text(by_instance: Mapping[str, Samples]) -> bytes:
    """The exposition of all instances."""
    lines: list[str] = []
    for name, instrument in INSTRUMENTS.items():
        told = [(instance, samples[name]) for instance, samples in by_instance.items() if samples.get(name)]
        if told:
            lines += (
                f"# HELP {instrument.family} {_escaped_help(instrument.help)}",
                f"# TYPE {instrument.family} {instrument.kind}",
            )
            for instance, samples in told:
                for labels, value in samples:
                    lines += _lines(instrument, _label_text(instrument.labels, labels, instance), value)
    lines.append("")
    return "\n".join(lines).encode()


def _lines(instrument: Instrument, labels: str, value: Value) -> Iterable[str]:
    if not isinstance(value, list):
        return (f"{instrument.family}{{{labels}}} {_number(value)}",)
    counts, total = cumulative(value)
    family = instrument.family
    bucket = f"{family}_bucket{{{labels}"
    lines = [f"{bucket}{edge}{count:.0f}" for edge, count in zip(_EDGES[instrument.name], counts, strict=True)]
    lines.append(f"{family}_count{{{labels}}} {_number(counts[-1])}")
    lines.append(f"{family}_sum{{{labels}}} {_number(total)}")
    return lines


def _label_text(names: Labels, values: Labels, instance: str) -> str:
    pairs = zip((*names, "instance"), (*values, instance), strict=True)
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _escaped_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
