"""Contenders side by side: all are started, and their rounds take turns, so that what disturbs one disturbs all."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import Progress, TaskID

from benchmarks.load import show
from benchmarks.load.command import duration, in_thread, positive
from benchmarks.load.generator import Generator
from benchmarks.load.line import Texts, plain_texts
from benchmarks.load.round import Round, measure, summary
from benchmarks.load.spread import ranged
from benchmarks.load.websocket import Lost
from benchmarks.peers import Peer
from benchmarks.peers.registry import PEERS, missing, peer

HEAR_SECONDS = 0.005
KEEP_SECONDS = 1.0
TINY = 0.1
"""Who delivered nothing in a round is taken to have."""


@dataclass(slots=True)
class Contender:
    """Who relays, and what. Where a server can hold fewer conversations, each has more in flight, if it bears that."""

    peer: Peer
    conversations: int = 400
    in_flight: int = 3
    rounds: list[Round] = field(default_factory=list)
    generator: Generator | None = None

    def __post_init__(self) -> None:
        wanted = min(self.conversations * self.in_flight, self.peer.in_flight_max)
        self.conversations = min(self.conversations, self.peer.conversations_max)
        self.in_flight = -(-wanted // self.conversations)


async def contest(
    contenders: Sequence[Contender],
    progress: Progress,
    *,
    seconds: float = 3.0,
    rounds: int = 5,
    texts: Texts = plain_texts,
    profile: Path | None = None,
) -> list[dict[str, Any]]:
    """Each contender's figures, in their order: the medians of its rounds, and its whole account."""
    async with AsyncExitStack() as stack:
        for one in contenders:
            await stack.enter_async_context(one.peer)
        for one in contenders:
            bar = progress.add_task(f"{one.peer.name}: opening", total=one.conversations)
            keeping = asyncio.create_task(_keep(contenders))
            try:
                with _named(one):
                    opened = await one.peer.converse(one.conversations, partial(progress.advance, bar))
            finally:
                keeping.cancel()
                with suppress(asyncio.CancelledError):
                    await keeping
            one.generator = Generator(opened, one.peer.recognise, one.in_flight, texts)
            stack.callback(one.generator.close)
        for number in range(rounds):
            for one in contenders:
                assert one.generator is not None
                bar = progress.add_task(f"{one.peer.name}: round {number + 1} of {rounds}", total=seconds)
                measured = partial(measure, one.peer, one.generator, seconds, partial(_tick, progress, bar), profile)
                with _named(one):
                    one.rounds.append(await in_thread(measured, one.generator.stop))
                progress.remove_task(bar)
                _hear(contenders)
        return [_result(one) for one in contenders]


async def side_by_side(
    options: argparse.Namespace, entrants: Sequence[Peer], texts: Texts = plain_texts, profile: Path | None = None
) -> list[dict[str, Any]]:
    """A contest under the options of `add_load_options`, with a progress bar."""
    contenders = [Contender(one, options.conversations, options.in_flight) for one in entrants]
    with show.progress() as progress:
        return await contest(
            contenders, progress, seconds=options.seconds, rounds=options.rounds, texts=texts, profile=profile
        )


async def beside(
    options: argparse.Namespace,
    ours: Sequence[Peer],
    reference: int = 0,
    texts: Texts = plain_texts,
    profile: Path | None = None,
) -> dict[str, Any]:
    """`results` of ours, and of the `peers` asked for, each with the `ratio` of one of ours to it; who is `missing`."""
    absent = missing(options.against)
    theirs = [peer(name) for name in options.against if name not in absent]
    found = await side_by_side(options, [*ours, *theirs], texts, profile)
    results, peers = found[: len(ours)], found[len(ours) :]
    for one in peers:
        one["ratio"] = ratios(results[reference], one)
    return {"results": results, "peers": peers, "missing": absent}


def _result(one: Contender) -> dict[str, Any]:
    assert one.generator is not None
    return {
        "name": one.peer.name,
        "promises": one.peer.promises,
        "conversations": one.conversations,
        "in_flight": one.in_flight,
        "software": one.peer.versions(),
        **summary(one.rounds, one.generator.account()),
    }


def _hear(contenders: Sequence[Contender]) -> None:
    """Whoever waits for its round answers its server's pings. Raises Lost with the name of the server that left."""
    for one in contenders:
        if one.generator is not None:
            with _named(one):
                one.generator.hear(HEAR_SECONDS)


@contextmanager
def _named(one: Contender) -> Iterator[None]:
    """What is Lost in it is told with the name of the server that left."""
    try:
        yield
    except Lost as lost:
        raise Lost(f"{one.peer.name}: {lost}") from None


async def _keep(contenders: Sequence[Contender]) -> None:
    while True:
        _hear(contenders)
        await asyncio.sleep(KEEP_SECONDS)


def _tick(progress: Progress, bar: TaskID, seconds: float) -> None:
    progress.update(bar, completed=seconds)


def ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Ours by theirs: CPU a message (less is better for us), throughput (more is).

    Of the medians; the ranges are of the rounds, each by the one beside it.
    """
    found: dict[str, Any] = {}
    for kind, figure, digits in (("cpu", "server_cpu_us", 3), ("throughput", "delivered_a_second", 2)):
        rounds = zip(ours[f"{figure}_each_round"], theirs[f"{figure}_each_round"], strict=True)
        found[kind] = round(ours[figure] / max(theirs[figure], TINY), digits)
        found |= ranged(kind, [mine / max(its, TINY) for mine, its in rounds], digits)
    return found


def add_peers(parser: argparse.ArgumentParser, *default: str, known: Iterable[str] = PEERS) -> None:
    """Which of the known peers run beside us; without names after it, none."""
    told = f"peers to run beside us ({' '.join(default)}): {', '.join(known)}"
    parser.add_argument("--against", nargs="*", default=default, choices=list(known), metavar="PEER", help=told)


def add_load_options(parser: argparse.ArgumentParser, *, conversations: int = 400, seconds: float = 3.0) -> None:
    """What every benchmark that relays takes."""
    parser.add_argument("--conversations", type=positive, default=conversations, help="live conversations")
    parser.add_argument("--in-flight", type=positive, default=3, help="messages in flight in each")
    parser.add_argument("--seconds", type=duration, default=seconds, help="of a round")
    parser.add_argument("--rounds", type=positive, default=5, help="the medians of so many are told")
