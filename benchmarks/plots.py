"""The results as a page with plots: from the folder that `benchmarks.targets --save` filled.

    python -m benchmarks.plots DIR

Writes an SVG for each question, `results.html` with all of them, and `results.md` with the tables, into the folder.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from benchmarks.chart import Bar, bars
from benchmarks.load import command
from benchmarks.load.spread import shown, spread
from benchmarks.targets import compare, load

OURS = "livesupport"
Results = Mapping[str, dict[str, Any]]


def contenders(results: Results) -> list[dict[str, Any]]:
    """Ourselves, then every peer that relayed, each once."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("relay", "relay-others", "relay-acked"):
        if name in results:
            for one in (results[name], *results[name]["peers"]):
                found.setdefault(one["name"], one)
    return list(found.values())


def _bar(label: str, result: Mapping[str, Any], name: str, ours: bool, scale: float = 1.0) -> Bar:
    """A figure by its name, with its range."""
    edges = spread(result, name)
    return Bar(label, result[name] / scale, ours, (edges[0] / scale, edges[1] / scale) if edges else None)


def _relay(results: Results, title: str, figure: str, unit: str) -> str:
    rows = [_bar(one["name"], one, figure, one["name"] == OURS) for one in contenders(results)]
    return bars(title, sorted(rows, key=lambda row: row.value), unit)


def cpu(results: Results) -> str:
    """Server CPU of a delivered message."""
    return _relay(
        results, "Server CPU for a delivered message (of several runs: a ratio is within one)", "server_cpu_us", "µs"
    )


def throughput(results: Results) -> str:
    """Delivered messages a second."""
    return _relay(
        results, "Messages delivered a second, the load generator on the same cores", "delivered_a_second", "a second"
    )


def latency(results: Results) -> str:
    """Delivery with little load."""
    run = results["relay-idle"]
    rows = [
        _bar(f"{one['name']}, {name}", one["delivery_ms"], name, one is run)
        for one in (run, *run["peers"])
        for name in ("p50", "p99")
    ]
    return bars("Delivery, 10 conversations with 1 message in flight (target: p50)", rows, "ms", 5.0)


def _beside(results: Sequence[dict[str, Any]], peers: Sequence[dict[str, Any]]) -> list[Bar]:
    rows = [_bar(one["name"], one, "server_cpu_us", True) for one in results]
    return rows + [_bar(one["name"], one, "server_cpu_us", False) for one in peers]


def flat(results: Results) -> str:
    """CPU by open conversations."""
    rows = _beside(results["flat"]["results"], results["flat"]["peers"])
    return bars("Server CPU for a message, by conversations open", rows, "µs")


def memory(results: Results) -> str:
    """Bytes of what is idle."""
    run = results["idle"]
    rows = [Bar(f"a held conversation of {one['held']:,}", one["bytes_each"] / 1e3, True) for one in run["held"]]
    rows += [Bar(f"a visitor of {one['connected']:,}", one["bytes_each"] / 1e3, True) for one in run["connected"]]
    rows += [Bar(f"{one['name']}: {one['connected']:,}", one["bytes_each"] / 1e3) for one in run["peers"]]
    return bars("Memory of what is idle, all processes of the server", rows, "KB")


def handoff(results: Results) -> str:
    """Each step of a handoff."""
    run = results["handoff"]
    rows = [
        _bar(f"{step}, {name}{'' if one is run else ', ' + one['name']}", one["steps"][step], f"{name}_ms", one is run)
        for step in run["steps"]
        for name in ("p50", "p99")
        for one in (run, *run["peers"])
    ]
    return bars("A handoff, step by step", rows, "ms")


def fanout(results: Results) -> str:
    """A lobby's CPU."""
    run = results["fanout"]
    rows = [_bar(one["name"], one, "server_cpu_us_a_telling", one is run) for one in (run, *run["peers"])]
    return bars(
        f"Server CPU to tell one of {run['watchers']:,} watchers of an opening, the opening included", rows, "µs"
    )


def recovery(results: Results) -> str:
    """After a kill."""
    run = results["recovery"]
    rows = [
        _bar(f"{what}, {one['name']}: {one['conversations']:,}", one, name, one is run)
        for name, what in (("first_ack_seconds", "first"), ("all_conversations_seconds", "all"))
        for one in (run, *run["peers"])
    ]
    return bars("A host killed, until the first and until all of its conversations answer again", rows, "s")


def hosts(results: Results) -> str:
    """CPU by processes."""
    rows = _beside(results["hosts"]["results"], results["hosts"]["peers"])
    return bars("Server CPU for a message, by hosts and gateways", rows, "µs")


PLOTS: dict[str, tuple[Callable[[Results], str], str]] = {
    "cpu": (cpu, "relay"),
    "throughput": (throughput, "relay"),
    "latency": (latency, "relay-idle"),
    "flat": (flat, "flat"),
    "memory": (memory, "idle"),
    "handoff": (handoff, "handoff"),
    "fanout": (fanout, "fanout"),
    "recovery": (recovery, "recovery"),
    "hosts": (hosts, "hosts"),
}
"""Each with the result it cannot be drawn without."""


def tables(results: Results) -> str:
    """Markdown: the targets, and everybody who relayed."""
    lines = ["| | target | measured | |", "|---|---|---|---|"]
    for row in compare(results):
        lines.append(f"| {row['what']} | {row['wanted'].strip()} | {row['shown']} | {row['verdict']} |")
    lines += ["", "| | delivered a second | server CPU µs | p50 ms | p99 ms | promises |", "|---|---|---|---|---|---|"]
    for one in contenders(results):
        latencies = one["delivery_ms"]
        lines.append(
            f"| {one['name']} | {shown(one, 'delivered_a_second')} | {shown(one, 'server_cpu_us')} "
            f"| {shown(latencies, 'p50')} | {shown(latencies, 'p99')} | {one['promises']} |"
        )
    return "\n".join(lines) + "\n"


def page(results: Results, drawn: Mapping[str, str]) -> str:
    """HTML with everything inside."""
    first = next(iter(results.values()), {})
    where = ", ".join(
        f"{key} {value}" for key, value in {**first.get("machine", {}), **first.get("versions", {})}.items()
    )
    figures = "".join(f"<figure>{svg}</figure>" for svg in drawn.values())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Livesupport: results</title>'
        "<style>:root{color-scheme:light dark}body{max-width:60rem;margin:2rem auto;font-family:system-ui}"
        "pre{overflow-x:auto}</style>"
        f"<h1>Results</h1><p>{escape(where)}</p>{figures}<pre>{escape(tables(results))}</pre></html>\n"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the files and names them; 1 if the folder holds nothing to draw."""
    parser = argparse.ArgumentParser(prog="livesupport bench plots", description="Results as a page with plots.")
    parser.add_argument("folder", type=command.folder, help="what `benchmarks.targets --save` filled")
    folder: Path = parser.parse_args(argv).folder
    results = load(folder)
    drawn = {name: draw(results) for name, (draw, needs) in PLOTS.items() if needs in results}
    files = {f"{name}.svg": svg for name, svg in drawn.items()}
    files |= {"results.html": page(results, drawn), "results.md": tables(results)}
    for name, text in files.items():
        (folder / name).write_text(text)
        print(folder / name)
    return 0 if drawn else 1


if __name__ == "__main__":
    sys.exit(main())
