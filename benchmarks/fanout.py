"""One bot's lobby, a thousand agents watching: how long until all know of a new conversation, and what does it cost?

    python -m benchmarks.fanout [--watchers 1000] [--rate 50] [--seconds 5] [--json]

Visitors open at a steady rate, whatever becomes of it; each opening is timed from its request until each watcher's
socket has brought it. Changes of a lobby are coalesced, so one frame may tell of several.
"""

import argparse
import re
import sys
import threading
import time
from array import array
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import msgspec
from rich.progress import Progress

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.alone import alone
from benchmarks.load.crowd import Crowd, Member
from benchmarks.load.usage import cpu_seconds
from benchmarks.machine import percentile
from benchmarks.peers import AT_ONCE
from benchmarks.peers.livesupport import Livesupport, Socket

SHOWN = re.compile(rb'\{"id":"([^"]+)","bot"')
PATIENCE_SECONDS = 30.0
TURN_SECONDS = 0.05


@dataclass(slots=True, kw_only=True)
class Watcher(Member):
    """One agent's socket: when it was first told of each conversation."""

    told: dict[bytes, float] = field(default_factory=dict)


class Watchers(Crowd[Watcher]):
    """All who watch the lobby."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = self.tellings = 0

    def heard(self, member: Watcher, data: bytes, whole: int, now: float) -> bytes:
        """Each conversation counts the first time."""
        self.frames += data.count(b'"type":"lobby"', 0, whole)
        for key in SHOWN.findall(data, 0, whole):
            if key not in member.told:
                member.told[key] = now
                self.tellings += 1
        return b""


def enter(server: Livesupport, count: int, progress: Progress) -> tuple[Watchers, list[Watcher]]:
    """All agents connect and watch."""
    bar = progress.add_task("watching", total=count)
    watchers = Watchers()

    def one(token: str) -> Watcher:
        socket = Socket(server.port, token)
        socket.command("watch_bot", bot=server.server.bot)
        progress.advance(bar)
        return Watcher(socket.line(str.encode))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return watchers, [watchers.join(made) for made in pool.map(one, server.log_in(range(count)))]


def openings(server: Livesupport, count: int, rate: float, opened: dict[bytes, float]) -> None:
    """Open at a steady rate: conversation → when its request went out."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def one() -> None:
            asked = time.perf_counter()
            body = msgspec.json.decode(server.open(1).bodies[0])
            opened[body["conversation"]["id"].encode()] = asked

        waiting = []
        for number in range(count):
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            waiting.append(pool.submit(one))
        for future in waiting:
            future.result()


def measure(server: Livesupport, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Watch, open, and wait until everybody was told of everything."""
    watchers, members = enter(server, options.watchers, progress)
    count = int(options.rate * options.seconds)
    opened: dict[bytes, float] = {}
    processes = server.processes()
    watchers.turn(time.perf_counter() + 1.0)
    watchers.frames = watchers.tellings = 0
    before = cpu_seconds(processes, server.group)
    begun = time.perf_counter()
    thread = threading.Thread(target=openings, args=(server, count, options.rate, opened))
    thread.start()
    bar = progress.add_task("telling", total=count * len(members))
    give_up_at = begun + options.seconds + PATIENCE_SECONDS
    while watchers.tellings < count * len(members) and time.perf_counter() < give_up_at:
        watchers.turn(time.perf_counter() + TURN_SECONDS)
        progress.update(bar, completed=watchers.tellings)
    seconds = time.perf_counter() - begun
    after = cpu_seconds(processes, server.group)
    thread.join()
    watchers.close()
    cpu = {group: after[group] - before[group] for group in sorted(after)}
    return {
        "watchers": len(members),
        "opened": len(opened),
        "seconds": round(seconds, 2),
        "frames_a_second": round(watchers.frames / seconds),
        "tellings_a_second": round(watchers.tellings / seconds),
        **_told(members, opened),
        "server_cpu_us_a_telling": round(sum(cpu.values()) / max(1, watchers.tellings) * 1e6, 2),
        "server_cpu_ms_an_opening": round(sum(cpu.values()) / max(1, len(opened)) * 1e3, 2),
        "server_cpu_seconds_by_group": {group: round(used, 2) for group, used in cpu.items()},
    }


def _told(members: Sequence[Watcher], opened: Mapping[bytes, float]) -> dict[str, Any]:
    """How long after its opening a conversation was told to each, and to the last; and what was never told."""
    each, last, untold = array("d"), array("d"), 0
    for key, asked in opened.items():
        took = [member.told[key] - asked for member in members if key in member.told]
        untold += len(members) - len(took)
        each.extend(took)
        last.append(max(took, default=PATIENCE_SECONDS))
    return {
        "told_ms": {f"p{p}": round(percentile(each, p) * 1000, 1) for p in (50, 99)},
        "all_told_ms": {f"p{p}": round(percentile(last, p) * 1000, 1) for p in (50, 99)},
        "faults": untold,
    }


@command.entry("fanout")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if somebody was not told of something."""
    parser = command.parser("fanout", "One lobby, many agents watching.")
    parser.add_argument("--watchers", type=command.positive, default=1_000, help="agents who watch the lobby")
    parser.add_argument("--rate", type=command.duration, default=50.0, help="conversations opened a second")
    parser.add_argument("--seconds", type=command.duration, default=5.0, help="for how long")
    options = parser.parse_args(argv)
    result = command.run(alone(Setup(agents=options.watchers), measure, options))
    return show.facts("fanout", options, "Fan-out", result)


if __name__ == "__main__":
    sys.exit(main())
