"""One bot's lobby, a thousand agents watching: how long until all know of a new conversation, and what does it cost?

    python -m benchmarks.fanout [--watchers 1000] [--rate 50] [--seconds 5] [--rounds 5]
        [--against socketio-redis] [--json]

Visitors open at a steady rate, whatever becomes of it; each opening is a request, and timed from there until each
watcher's socket has brought it. Our changes of a lobby are coalesced, so one frame may tell of several. Peers tell what
we tell, to as many, and store nothing; their rounds and ours take turns.
"""

import argparse
import sys
import threading
import time
from array import array
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from benchmarks.configuration import Setup
from benchmarks.load import command, show
from benchmarks.load.contest import HEAR_SECONDS, TINY, add_peers
from benchmarks.load.crowd import Crowd, Member
from benchmarks.load.http import ask
from benchmarks.load.spread import medians
from benchmarks.load.usage import Meter
from benchmarks.machine import percentile
from benchmarks.peers import AT_ONCE, Advance, Lobby
from benchmarks.peers.livesupport import Livesupport
from benchmarks.peers.registry import LOBBIES, lobby, missing

PATIENCE_SECONDS = 30.0
TURN_SECONDS = 0.05


@dataclass(slots=True, kw_only=True)
class Watcher(Member):
    """One agent's socket: when it was first told of each conversation."""

    told: dict[bytes, float] = field(default_factory=dict)


class Watchers(Crowd[Watcher]):
    """All who watch the lobby of one server."""

    def __init__(self, server: Lobby) -> None:
        super().__init__()
        self.server = server
        self.members: list[Watcher] = []
        self.tellings = 0

    def enter(self, count: int, advance: Advance) -> None:
        """So many agents connect and watch; blocking."""

        def one(number: int) -> Watcher:
            watcher = Watcher(self.server.watch(number))
            advance(1)
            return watcher

        with ThreadPoolExecutor(AT_ONCE) as pool:
            self.members += [self.join(made) for made in pool.map(one, range(count))]

    def heard(self, member: Watcher, data: bytes, whole: int, now: float) -> bytes:
        """Each conversation counts the first time."""
        for key in self.server.shown.findall(data, 0, whole):
            if key not in member.told:
                member.told[key] = now
                self.tellings += 1
        return b""

    def forget(self) -> None:
        """What was told so far."""
        self.tellings = 0
        for member in self.members:
            member.told.clear()


class Openings(threading.Thread):
    """Opens at a steady rate. `asked`: conversation → when its request went out."""

    def __init__(self, server: Lobby, count: int, rate: float) -> None:
        super().__init__(daemon=True)
        self._server, self._count, self._rate = server, count, rate
        self._ended = threading.Event()
        self.asked: dict[bytes, float] = {}

    def run(self) -> None:
        """All of them, or until `end`."""
        begun = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number in range(self._count):
                if self._ended.wait(max(0.0, begun + number / self._rate - time.perf_counter())):
                    break
                pool.submit(self._open)

    def end(self) -> None:
        """Returns when no request is under way any more."""
        self._ended.set()
        self.join()

    def _open(self) -> None:
        asked = time.perf_counter()
        body = msgspec.json.decode(ask(self._server.port, [self._server.opening]).bodies[0])
        self.asked[body["conversation"]["id"].encode()] = asked


def measure(watchers: Watchers, options: argparse.Namespace, advance: Advance) -> dict[str, float]:
    """One round: open, and wait until everybody was told of everything."""
    count, members = round(options.rate * options.seconds), watchers.members
    watchers.turn(time.perf_counter() + 1.0)
    watchers.forget()
    meter, openings = Meter(watchers.server), Openings(watchers.server, count, options.rate)
    begun = time.perf_counter()
    openings.start()
    try:
        give_up_at = begun + options.seconds + PATIENCE_SECONDS
        while watchers.tellings < count * len(members) and time.perf_counter() < give_up_at:
            before = watchers.tellings
            watchers.turn(time.perf_counter() + TURN_SECONDS)
            advance(watchers.tellings - before)
        seconds, cpu = time.perf_counter() - begun, sum(meter.seconds().values())
    finally:
        openings.end()
    return {
        "tellings_a_second": watchers.tellings / seconds,
        **_told(members, openings.asked),
        "server_cpu_us_a_telling": cpu / max(1, watchers.tellings) * 1e6,
        "server_cpu_ms_an_opening": cpu / max(1, len(openings.asked)) * 1e3,
        "faults": count * len(members) - watchers.tellings,
    }


def _told(members: Sequence[Watcher], opened: Mapping[bytes, float]) -> dict[str, float]:
    """How long after its opening a conversation was told to each, and to the last."""
    each, last = array("d"), array("d")
    for key, asked in opened.items():
        took = [member.told[key] - asked for member in members if key in member.told]
        each.extend(took)
        last.append(max(took, default=PATIENCE_SECONDS))
    return {
        **{f"told_p{p}_ms": percentile(each, p) * 1000 for p in (50, 99)},
        **{f"all_told_p{p}_ms": percentile(last, p) * 1000 for p in (50, 99)},
    }


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Our figures, and those of each peer with the ratio of ours to its."""
    absent = missing(options.against)
    theirs = [lobby(name) for name in options.against if name not in absent]
    servers: list[Lobby] = [Livesupport(Setup(agents=options.watchers)), *theirs]
    rounds: list[list[dict[str, float]]] = [[] for _ in servers]
    with show.progress() as progress:
        async with AsyncExitStack() as stack:
            crowds = []
            for server in servers:
                await stack.enter_async_context(server)
                crowds.append(watchers := Watchers(server))
                stack.callback(watchers.close)
                bar = progress.add_task(f"{server.name}: watching", total=options.watchers)
                entering = partial(watchers.enter, options.watchers, partial(progress.advance, bar))
                await command.in_thread(entering, watchers.stop)
            tellings = round(options.rate * options.seconds) * options.watchers
            for number in range(options.rounds):
                for watchers, measured in zip(crowds, rounds, strict=True):
                    told = f"{watchers.server.name}: round {number + 1} of {options.rounds}"
                    bar = progress.add_task(told, total=tellings)
                    one = partial(measure, watchers, options, partial(progress.advance, bar))
                    measured.append(await command.in_thread(one, watchers.stop))
                    progress.remove_task(bar)
                    for each in crowds:
                        each.hear(HEAR_SECONDS)
    ours, *others = [_summary(server, each) for server, each in zip(servers, rounds, strict=True)]
    for other in others:
        other["ratio"] = {
            name: round(ours[name] / max(other[name], TINY), 3) for name in ("server_cpu_us_a_telling", "told_p50_ms")
        }
    return {"watchers": options.watchers, "rounds": options.rounds, **ours, "peers": others, "missing": absent}


def _summary(server: Lobby, rounds: Sequence[dict[str, float]]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": server.name, "promises": server.promises, "software": server.versions()}
    for name in (name for name in rounds[0] if name != "faults"):
        found |= medians(name, [one[name] for one in rounds], 2)
    return {**found, "faults": sum(one["faults"] for one in rounds)}


@command.entry("fanout")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if somebody was not told of something by us."""
    parser = command.parser("fanout", "One lobby, many agents watching.")
    parser.add_argument("--watchers", type=command.positive, default=1_000, help="agents who watch the lobby")
    parser.add_argument("--rate", type=command.duration, default=50.0, help="conversations opened a second")
    parser.add_argument("--seconds", type=command.duration, default=5.0, help="of a round")
    parser.add_argument("--rounds", type=command.positive, default=5, help="the medians of so many are told")
    add_peers(parser, "socketio-redis", known=LOBBIES)
    options = parser.parse_args(argv)
    return show.beside("fanout", options, "Fan-out", command.run(run(options)))


if __name__ == "__main__":
    sys.exit(main())
