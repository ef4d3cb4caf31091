"""How should a host take batches: as calls of an async Ray actor, of a sync one, or over a wire? One in flight each.

    python -m benchmarks.ingress [--calls 2000] [--messages 1 30 300] [--json]

A call carries a batch and returns its answers, as a host's does; the actor decodes and encodes them and nothing else,
so what is measured is the way in and out: microseconds of CPU a call (caller and actor) and the round trip.
"""

import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from rich.table import Table

from benchmarks.load import command, show
from benchmarks.machine import percentile
from runtime.wire import Address, Listener, connect

ROUNDS = 5

Call = Callable[[bytes], Awaitable[bytes]]


class AsyncHost:
    """Takes batches in an event loop."""

    async def deliver(self, batch: bytes) -> bytes:
        """Answers a batch."""
        return _answers(batch)

    async def cpu_seconds(self) -> float:
        """CPU used so far."""
        return time.process_time()


class SyncHost:
    """Takes batches in a thread."""

    def deliver(self, batch: bytes) -> bytes:
        """Answers a batch."""
        return _answers(batch)

    def cpu_seconds(self) -> float:
        """CPU used so far."""
        return time.process_time()


class WiredHost(AsyncHost):
    """Takes batches over a wire; Ray tells where it listens."""

    async def where(self) -> bytes:
        """Where batches are taken."""
        return msgspec.msgpack.encode(await Listener(self.deliver).start("127.0.0.1"))


KINDS: dict[type[Any], int] = {AsyncHost: 100, SyncHost: 1, WiredHost: 100}
"""Each with the calls that it may take at a time."""


def _answers(batch: bytes) -> bytes:
    return msgspec.msgpack.encode([[one[0], None] for one in msgspec.msgpack.decode(batch)])


async def _way_in(actor: Any) -> Call:
    if not hasattr(actor, "where"):
        return actor.deliver.remote  # type: ignore[no-any-return]
    wire = await connect(msgspec.msgpack.decode(await actor.where.remote(), type=Address))
    return wire.call


async def _round(actor: Any, call: Call, batch: bytes, calls: int) -> tuple[float, list[float]]:
    before = await actor.cpu_seconds.remote() + time.process_time()
    trips: list[float] = []
    for _ in range(calls):
        started = time.perf_counter()
        await call(batch)
        trips.append(time.perf_counter() - started)
    after = await actor.cpu_seconds.remote() + time.process_time()
    return (after - before) / calls * 1e6, trips


@command.entry("ingress")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; returns 0."""
    parser = command.parser("ingress", "Ray calls, or a wire: the ingress of a host.")
    parser.add_argument("--calls", type=command.positive, default=400, help="calls a round and kind")
    parser.add_argument("--messages", type=command.positive, nargs="+", default=[1, 30, 300], help="messages a call")
    options = parser.parse_args(argv)
    rows = command.run(_measure(options.calls, options.messages))
    table = Table("kind", "messages a call", "CPU µs a call", "p50 ms", "p99 ms", title="Ingress: medians of 5 rounds")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    show.report("ingress", options, {"rows": rows}, [table])
    return 0


async def _measure(calls: int, sizes: list[int]) -> list[dict[str, Any]]:
    from runtime.ray_environment import prepare

    prepare(os.urandom(32).hex())
    import ray

    ray.init(address="local", include_dashboard=False, log_to_driver=False, object_store_memory=80 * 1024 * 1024)
    try:
        hosts = {
            kind.__name__: ray.remote(kind).options(num_cpus=0, max_concurrency=calls_at_once).remote()
            for kind, calls_at_once in KINDS.items()
        }
        ways = {name: await _way_in(actor) for name, actor in hosts.items()}
        rows = []
        for size in show.track(sizes, "measuring"):
            batch = msgspec.msgpack.encode([["conversation/x", "r" * 8, "text" * 25]] * size)
            found: dict[str, list[tuple[float, list[float]]]] = {name: [] for name in hosts}
            for _ in range(ROUNDS):  # in turns: what disturbs one disturbs both
                for name, actor in hosts.items():
                    found[name].append(await _round(actor, ways[name], batch, calls))
            for name, rounds in found.items():
                trips = [trip * 1000 for _, each in rounds for trip in each]
                cpu = percentile([cpu for cpu, _ in rounds], 50)
                p50, p99 = round(percentile(trips, 50), 2), round(percentile(trips, 99), 2)
                rows.append({"kind": name, "messages": size, "cpu_us": round(cpu), "p50_ms": p50, "p99_ms": p99})
        return rows
    finally:
        ray.shutdown()


if __name__ == "__main__":
    sys.exit(main())
