"""Every target, and what was measured: runs the benchmarks one after the other and compares.

    python -m benchmarks.targets [--save DIR] [--only relay flat ...] [--from DIR] [--json]

Each benchmark's own JSON is kept in the folder; `--from` compares what such a folder holds and runs nothing, and
`python -m benchmarks.plots DIR` draws it. All of it takes some twenty minutes; `--only` runs a part.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.table import Table

from benchmarks.load import command, show
from benchmarks.load.spread import shown, spread

LONGEST_SECONDS = 900.0
Results = Mapping[str, dict[str, Any]]
Find = Callable[[Results], tuple[dict[str, Any], str]]
RUNS: dict[str, list[str]] = {
    "relay": ["relay", "--against", "ejabberd", "socketio-redis", "socketio-redis-2", "socketio", "bare"],
    "relay-others": [
        "relay", "--against", "ejabberd-archive", "ejabberd-websocket", "channels", "plain-ray", "--seconds", "2",
    ],
    "relay-acked": [
        "relay", "--against", "ejabberd-acks", "socketio-redis-acks", "socketio-sharded", "socketio-sharded-2",
    ],
    "relay-full": ["relay", "--in-flight", "20", "--against", "ejabberd", "socketio-redis", "plain-ray"],
    "relay-idle": ["relay", "--conversations", "10", "--in-flight", "1", "--against", "ejabberd"],
    "relay-linger": ["relay", "--conversations", "10", "--in-flight", "1", "--settings", "linger_ms = 2", "--against"],
    "flat": ["flat"],
    "idle": ["idle", "--against", "ejabberd", "channels", "socketio-redis"],
    "open": ["open"],
    "handoff": ["handoff"],
    "fanout": ["fanout"],
    "recovery": ["recovery"],
    "encodings": ["encodings"],
    "placement": ["placement"],
    "hosts": ["hosts"],
}  # fmt: skip
"""What is run, by the name that its result is kept under."""


@dataclass(frozen=True, slots=True)
class Target:
    """`find` says which figure of what, and raises KeyError while the results lack it. No limit: only reported."""

    what: str
    find: Find
    at_most: float | None = None
    at_least: float | None = None
    unit: str = "×"
    scale: float = 1.0
    """So many of the figure's units make one of the target's."""

    @property
    def wanted(self) -> str:
        """In words."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.unit}"
        return f"≥ {self.at_least:g} {self.unit}" if self.at_least is not None else "reported"

    def verdict(self, value: float) -> str:
        """reached, missed or reported."""
        if self.at_most is None and self.at_least is None:
            return "reported"
        reached = value <= self.at_most if self.at_most is not None else value >= (self.at_least or 0.0)
        return "reached" if reached else "missed"


def against(run: str, peer: str, kind: str = "cpu") -> Find:
    """The ratio of ours to a peer's, by its name."""

    def found(results: Results) -> tuple[dict[str, Any], str]:
        for one in results[run]["peers"]:
            if one["name"] == peer:
                return one["ratio"], kind
        raise KeyError(peer)

    return found


def figure(*path: str | int) -> Find:
    """A figure by its place in the results."""

    def found(results: Results) -> tuple[dict[str, Any], str]:
        at: Any = results
        for step in path[:-1]:
            at = at[step]
        return at, str(path[-1])

    return found


EJABBERD = "ejabberd, nothing stored, tcp"
SOCKETIO, SHARDED = (f"socket.io, {adapter}, 1 process" for adapter in ("Redis adapter", "sharded Redis adapter"))
PAIR = "2 processes"
TARGETS = (
    Target("CPU a message, by ejabberd's, nothing stored", against("relay", EJABBERD, "cpu"), 1.0),
    Target("by ejabberd's with its archive", against("relay-others", "ejabberd, archive, tcp", "cpu"), 0.05),
    Target("by Django Channels'", against("relay-others", "Django Channels, core.RedisChannelLayer", "cpu"), 0.125),
    Target("by Socket.IO's, Redis adapter", against("relay", SOCKETIO), 0.7),
    Target("by Socket.IO's in two processes, Redis adapter", against("relay", SOCKETIO.replace("1 process", PAIR))),
    Target("by Socket.IO's without", against("relay", "socket.io, no adapter, 1 process", "cpu")),
    Target("by Socket.IO's, sharded Redis adapter", against("relay-acked", SHARDED)),
    Target("by Socket.IO's in two processes, sharded", against("relay-acked", SHARDED.replace("1 process", PAIR))),
    Target("by Socket.IO's that acks, Redis adapter", against("relay-acked", f"{SOCKETIO}, acks")),
    Target("by ejabberd's that acks, nothing stored", against("relay-acked", f"{EJABBERD}, acks")),
    Target("by bare processes', which decide nothing", against("relay", "bare processes", "cpu")),
    Target("throughput at 400 × 3, by plain Ray's", against("relay-others", "plain-ray", "throughput")),
    Target("at 400 × 20", against("relay-full", "plain-ray", "throughput"), at_least=20.0),
    Target("at 400 × 20: CPU a message, by ejabberd's", against("relay-full", EJABBERD, "cpu")),
    Target("10 conversations × 1: p50 delivery", figure("relay-idle", "delivery_ms", "p50"), 5.0, unit="ms"),
    Target("of a second, CPU used meanwhile", figure("relay-idle", "server_cpu_share"), unit="s"),
    Target("with linger_ms = 2", figure("relay-linger", "server_cpu_share"), unit="s"),
    Target("flat: 100,000 by 100 conversations", figure("flat", "ratio", "cpu"), 1.15),
    Target("a held idle conversation", figure("idle", "held", -1, "bytes_each"), 3.0, unit="KB", scale=1000),
    Target("a connected visitor", figure("idle", "connected", -1, "bytes_each"), 40.0, unit="KB", scale=1000),
    Target("opened a second", figure("open", "opened_a_second"), at_least=5_000.0, unit=""),
    Target("opened a second, by plain Ray's", against("open", "plain-ray", "opened_a_second")),
    Target("CPU to open one, by that of a bare answer of uvicorn's", against("open", "uvicorn alone", "cpu")),
    Target("handoff: request → offer, p99", figure("handoff", "steps", "request → offer", "p99_ms"), unit="ms"),
    Target("CPU a handoff, by plain Ray's", figure("handoff", "peers", 0, "ratio", "cpu")),
    Target("a lobby: CPU a telling, by Socket.IO's", figure("fanout", "peers", 0, "ratio", "server_cpu_us_a_telling")),
    Target("kill → all again, by plain Ray's", figure("recovery", "peers", 0, "ratio", "all_conversations_seconds")),
    Target("MessagePack by JSON: CPU a message", figure("encodings", "ratio", "cpu")),
    Target("packed by dedicated: CPU a message", figure("placement", "ratio", "cpu")),
    Target("recovery: kill → first ack", figure("recovery", "first_ack_seconds"), unit="s"),
    Target("kill → all acks", figure("recovery", "all_conversations_seconds"), unit="s"),
)  # fmt: skip


def load(folder: Path) -> dict[str, dict[str, Any]]:
    """The results that a folder holds."""
    return {path.stem: msgspec.json.decode(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def run(name: str, folder: Path) -> int:
    """Runs one benchmark and keeps its result. The code it ended with; its result may say what was wrong.

    One that does not end in LONGEST_SECONDS is told to, and has no result.
    """
    module, *arguments = RUNS[name]
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        try:
            told, _ = running.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            running.terminate()  # and not kill: it ends what it started
            told, _ = running.communicate()
        except BaseException:
            running.terminate()
            running.communicate()
            raise
    lines = told.decode().splitlines()
    if lines and lines[-1].startswith("{"):
        (folder / f"{name}.json").write_text(lines[-1] + "\n")
    return running.returncode


def compare(results: Results) -> list[dict[str, Any]]:
    """A row for each target: what, wanted, measured, verdict. What was not measured says so."""
    rows = []
    for target in TARGETS:
        row: dict[str, Any] = {"what": target.what, "wanted": target.wanted, "measured": None, "shown": ""}
        row |= {"range": None, "unit": target.unit}
        try:
            where, name = target.find(results)
            value = where[name] / target.scale
        except (KeyError, IndexError, TypeError):
            row["verdict"] = "not measured"
        else:
            edges = spread(where, name)
            row |= {"measured": value, "range": [edge / target.scale for edge in edges] if edges else None}
            row |= {
                "shown": f"{shown(where, name, target.scale)} {target.unit}".strip(),
                "verdict": target.verdict(value),
            }
        rows.append(row)
    return rows


@command.entry("targets")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a target was missed or a benchmark failed."""
    parser = command.parser("targets", "Every target against what is measured.")
    parser.add_argument("--save", type=Path, help="a folder for the results; a temporary one is told otherwise")
    parser.add_argument("--only", nargs="+", choices=list(RUNS), default=list(RUNS), help="run only these")
    parser.add_argument("--from", dest="kept", type=command.folder, help="run nothing; compare what this folder holds")
    options: argparse.Namespace = parser.parse_args(argv)
    folder = options.kept or options.save or Path(tempfile.mkdtemp(prefix="livesupport-results-"))
    failed = {}
    if options.kept is None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in show.track(options.only, "benchmarks"):
            if (code := run(name, folder)) != 0:
                failed[name] = code
    rows = compare(load(folder))
    table = Table("", "target", "median (least to most of the rounds)", "", title=f"Targets ({folder})")
    for row in rows:
        table.add_row(row["what"], row["wanted"], row["shown"], row["verdict"])
    absent = {name: how for one in load(folder).values() for name, how in one.get("missing", {}).items()}
    found = {"targets": rows, "failed": failed, "missing": absent, "folder": str(folder)}
    show.report("targets", options, found, [table])
    show.absent(absent)
    return int(bool(failed) or any(row["verdict"] == "missed" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
