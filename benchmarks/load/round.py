"""One measured round, and what several of them say together."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.load.generator import Generator
from benchmarks.load.ledger import Account
from benchmarks.load.profile import Profiler
from benchmarks.load.spread import medians
from benchmarks.load.usage import Meter, memory_bytes, own_cpu_seconds
from benchmarks.machine import percentile
from benchmarks.peers import Peer

DRAIN_SECONDS = 30.0
REST_SECONDS, REST_SHARE = 0.2, 0.2
"""A server that uses less than this share of a core for so long has done all that it was given."""
PERCENTILES = (50, 99, 99.9)


@dataclass(frozen=True, slots=True)
class Round:
    """What was measured while the load ran; but CPU, of all the server's processes, by group, is from rest to rest, for
    all that were `relayed` from the first to the last: whatever the server does later for any of them is among it."""

    delivered: int
    seconds: float
    relayed: int
    cpu_seconds: dict[str, float]
    cpu_share: float
    generator_cpu_seconds: float
    latency_ms: dict[str, float]
    memory: dict[str, dict[str, int]]

    @property
    def a_second(self) -> float:
        """Messages delivered."""
        return self.delivered / self.seconds

    @property
    def cpu_us(self) -> float:
        """Server CPU for a delivered message."""
        return self.us(sum(self.cpu_seconds.values()))

    def us(self, seconds: float) -> float:
        """These CPU seconds as microseconds a delivered message."""
        return seconds / max(1, self.relayed) * 1e6


def measure(
    peer: Peer, generator: Generator, seconds: float, tick: Callable[[float], None] = lambda _: None,
    profile: Path | None = None, warm: float = 1.0,
) -> Round:  # fmt: skip
    """Load, count, and let what is under way arrive. Profiles the server's own processes into a directory."""
    processes = peer.processes()
    profiler = Profiler(profile, processes, peer.group)
    own, before, loaded, whole = 0.0, generator.account().delivered, Meter(peer), Meter(peer)

    def begin() -> None:
        nonlocal own
        profiler.start(seconds)
        loaded.start()
        own = own_cpu_seconds()

    heard = generator.run(seconds, warm=warm, begin=begin, tick=tick)
    own = own_cpu_seconds() - own
    share = sum(loaded.seconds().values()) / heard.seconds
    memory = memory_bytes(processes, peer.group)
    generator.drain(DRAIN_SECONDS)
    used = at_rest(whole, generator.hear)
    profiler.wait()
    latencies = sorted(heard.latencies)
    return Round(
        delivered=heard.delivered,
        seconds=heard.seconds,
        relayed=generator.account().delivered - before,
        cpu_seconds=used,
        cpu_share=share,
        generator_cpu_seconds=own,
        latency_ms={f"p{p:g}": percentile(latencies, p) * 1000 for p in PERCENTILES},
        memory=memory,
    )


def at_rest(meter: Meter, hear: Callable[[float], None]) -> dict[str, float]:
    """What a server has used when it has done all that it was given, by group; `hear` lets so many seconds pass.

    One that puts off what it owes others while it is busy pays for it, too, and not whoever has the next round.
    """
    used, give_up_at = meter.seconds(), time.perf_counter() + DRAIN_SECONDS
    while time.perf_counter() < give_up_at:
        hear(REST_SECONDS)
        before, used = used, meter.seconds()
        if sum(used.values()) - sum(before.values()) < REST_SHARE * REST_SECONDS:
            return before
    return used


def summary(rounds: Sequence[Round], account: Account) -> dict[str, Any]:
    """The medians of the rounds with their ranges, and the whole account."""
    groups = sorted({group for one in rounds for group in one.cpu_seconds})
    return {
        "rounds": len(rounds),
        **medians("delivered_a_second", [one.a_second for one in rounds], 0),
        "delivered_a_second_each_round": [round(one.a_second) for one in rounds],
        **medians("server_cpu_us", [one.cpu_us for one in rounds]),
        "server_cpu_us_each_round": [round(one.cpu_us, 1) for one in rounds],
        "server_cpu_us_by_group": {
            group: round(statistics.median(one.us(one.cpu_seconds.get(group, 0.0)) for one in rounds), 1)
            for group in groups
        },
        **medians("server_cpu_share", [one.cpu_share for one in rounds], 2),
        "generator_cpu_us": round(statistics.median(one.us(one.generator_cpu_seconds) for one in rounds), 1),
        "delivery_ms": {
            key: value
            for name in rounds[0].latency_ms
            for key, value in medians(name, [one.latency_ms[name] for one in rounds], 2).items()
        },
        "memory_mb": {
            group: {kind: round(size / 1e6, 1) for kind, size in sizes.items()}
            for group, sizes in sorted(rounds[-1].memory.items())
        },
        "account": asdict(account),
        "faults": account.faults,
    }
