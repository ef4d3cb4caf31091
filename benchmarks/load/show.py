"""Results for people, as tables; and for programs, as one line of JSON."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table

from benchmarks.load.spread import shown
from benchmarks.machine import machine, versions

console = Console(stderr=True, width=None if sys.stderr.isatty() else 160)
T = TypeVar("T")
ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "delivered a second": lambda one: shown(one, "delivered_a_second"),
    "server CPU µs a message": lambda one: shown(one, "server_cpu_us"),
    "of these": lambda one: ", ".join(f"{group} {us}" for group, us in one["server_cpu_us_by_group"].items()),
    "delivery p50 ms": lambda one: shown(one["delivery_ms"], "p50"),
    "p99 ms": lambda one: shown(one["delivery_ms"], "p99"),
    "p99.9 ms": lambda one: shown(one["delivery_ms"], "p99.9"),
    "memory PSS MB": lambda one: f"{sum(sizes['pss'] for sizes in one['memory_mb'].values()):.0f}",
    "generator CPU µs": lambda one: f"{one['generator_cpu_us']:.1f}",
    "conversations × in flight": lambda one: f"{one['conversations']} × {one['in_flight']}",
    "faults": lambda one: str(one["faults"]),
    "promises": lambda one: one["promises"],
}
UNSHOWN = {"name", "software", "peers", "missing"}
RATIOS = {"cpu": "CPU, ours by theirs", "throughput": "throughput, ours by theirs"}


def progress(*columns: ProgressColumn) -> Progress:
    """Bars on a terminal, and nothing anywhere else; without columns, rich's usual ones."""
    return Progress(*columns, console=console, disable=not console.is_terminal)


def track(sequence: Sequence[T], description: str) -> Iterator[T]:
    """Its elements, with a bar."""
    with progress() as bars:
        yield from bars.track(sequence, description=description)


def say(line: str) -> None:
    """A mistake, as it is."""
    console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)


def report(name: str, options: argparse.Namespace, result: dict[str, Any], tables: Iterable[Table]) -> None:
    """Tables to standard error; with `--json`, all of it on the last line, with where and how it was measured."""
    for table in tables:
        console.print(table)
    if options.json:
        whole = {
            "benchmark": name,
            "at_ms": int(time.time() * 1000),
            "seed": options.seed,
            "options": {key: _plain(value) for key, value in vars(options).items() if key not in ("json", "seed")},
            "machine": machine(),
            "versions": versions(),
            **result,
        }
        print(msgspec.json.encode(whole).decode(), flush=True)


def relay_table(title: str, results: Sequence[dict[str, Any]]) -> Table:
    """A column for each contender: medians of the rounds, and the least and the most in brackets."""
    table = Table("", *(one["name"] for one in results), title=title)
    for row, figure in ROWS.items():
        table.add_row(row, *(figure(one) for one in results))
    if any("ratio" in one for one in results):
        for kind, row in RATIOS.items():
            table.add_row(row, *(shown(one["ratio"], kind) if "ratio" in one else "" for one in results))
    return table


def facts_table(title: str, result: dict[str, Any]) -> Table:
    """A row for each figure, with its range; figures of figures have rows of their own."""
    table = Table("", "", title=title, show_header=False)
    for name, value in result.items():
        if isinstance(value, Mapping) and any(isinstance(one, Mapping) for one in value.values()):
            for inner, figures in value.items():
                table.add_row(inner, _fact(value, inner, figures))
        elif not name.endswith("_range"):
            table.add_row(name.replace("_", " "), _fact(result, name, value))
    return table


def _fact(result: Mapping[str, Any], name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_fact(value, key, one)}" for key, one in value.items() if not key.endswith("_range"))
    return shown(result, name) if isinstance(value, float | int) else str(value)


def facts(name: str, options: argparse.Namespace, title: str, result: dict[str, Any]) -> int:
    """Reports figures; 1 if there are faults: the code to exit with."""
    report(name, options, result, [facts_table(title, result)])
    return faults([result])


def beside(name: str, options: argparse.Namespace, title: str, result: dict[str, Any]) -> int:
    """Reports our figures and those of the peers, a table each; 1 if ours have faults: the code to exit with."""
    tables = [
        facts_table(title if one is result else one["name"], {key: one[key] for key in one if key not in UNSHOWN})
        for one in (result, *result["peers"])
    ]
    report(name, options, result, tables)
    absent(result["missing"])
    return faults([result])


def relays(name: str, options: argparse.Namespace, title: str, result: dict[str, Any]) -> int:
    """Reports contenders side by side; 1 if an account of ours has a fault: the code to exit with."""
    report(name, options, result, [relay_table(title, [*result["results"], *result.get("peers", [])])])
    absent(result.get("missing", {}))
    return faults(result["results"])


def absent(missing: dict[str, str]) -> None:
    """Says which peers were not measured, and the command that installs each."""
    for name, command in missing.items():
        console.print(f"{name} was not measured, it is not installed: {command}")


def faults(results: Iterable[dict[str, Any]]) -> int:
    """1 if anybody's account has a fault: the code to exit with."""
    return int(any(one["faults"] for one in results))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
