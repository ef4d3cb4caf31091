"""Contenders take turns, and each is measured by its own processes."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Sequence
from itertools import groupby

import pytest
from rich.console import Console
from rich.progress import Progress

from benchmarks.load.contest import Contender, contest, ratios
from benchmarks.load.line import Conversation
from benchmarks.load.websocket import Lost
from benchmarks.peers import Peer
from benchmarks.processes import Process
from tests.benchmarks.load.test_generator import RECOGNISE, passes, relay

pytestmark = pytest.mark.anyio


class Echo(Peer):
    """A relay in threads of this process."""

    promises = "nothing"
    recognise = RECOGNISE

    def __init__(self, name: str, log: list[str], conversations_max: int = 100, in_flight_max: int = 10_000) -> None:
        self.name, self.conversations_max, self.in_flight_max = name, conversations_max, in_flight_max
        self._log, self._relays = log, []  # type: ignore[var-annotated]
        self._lock = threading.Lock()

    async def start(self) -> None:
        self._log.append(f"{self.name} starts")

    async def stop(self) -> None:
        for one in self._relays:
            one.__exit__(None, None, None)
        self._log.append(f"{self.name} stops")

    def pair(self, number: int) -> Conversation:
        made = relay(passes)
        with self._lock:
            self._relays.append(made)
        return made.__enter__()

    def processes(self) -> set[Process]:
        self._log.append(f"{self.name} runs")
        return {Process(os.getpid(), 0, "itself")}

    def group(self, process: Process) -> str:
        return process.title


async def test_rounds_take_turns_and_all_is_ended() -> None:
    log: list[str] = []
    contenders = [Contender(Echo(name, log), conversations=2, in_flight=1) for name in ("a", "b")]
    with Progress(console=Console(file=io.StringIO())) as progress:
        results = await contest(contenders, progress, seconds=0.05, rounds=2)
    assert [entry for entry, _ in groupby(log) if entry.endswith("runs")] == ["a runs", "b runs"] * 2
    assert [entry for entry in log if entry.endswith("stops")] == ["b stops", "a stops"]
    for one in results:
        assert one["faults"] == 0
        assert one["delivered_a_second"] > 0
        assert one["server_cpu_us_by_group"].keys() == {"itself"}
        assert len(one["server_cpu_us_each_round"]) == one["rounds"] == 2
        assert one["memory_mb"]["itself"]["pss"] > 1


async def test_who_hangs_up_is_named_also_when_it_was_just_being_opened() -> None:
    def hangs_up(number: int) -> Conversation:
        raise Lost("closed with 1000: ")

    contenders = [Contender(Echo(name, []), conversations=2, in_flight=1) for name in ("a", "b")]
    contenders[1].peer.pair = hangs_up  # type: ignore[method-assign]
    with Progress(console=Console(file=io.StringIO())) as progress, pytest.raises(Lost, match="b: closed with 1000"):
        await contest(contenders, progress, seconds=0.05, rounds=2)


async def test_a_contest_that_is_told_to_end_ends_in_the_middle_of_a_round_and_nothing_runs_on() -> None:
    log: list[str] = []
    contenders = [Contender(Echo(name, log), conversations=2, in_flight=1) for name in ("a", "b")]
    measuring = asyncio.Event()
    loop = asyncio.get_running_loop()
    contenders[0].peer.processes = lambda: loop.call_soon_threadsafe(measuring.set) and set()  # type: ignore[method-assign]
    with Progress(console=Console(file=io.StringIO())) as progress:
        task = asyncio.create_task(contest(contenders, progress, seconds=60.0, rounds=2))
        await measuring.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10.0)
    assert [entry for entry in log if entry.endswith("stops")] == ["b stops", "a stops"]


def test_where_fewer_conversations_fit_each_has_more_in_flight() -> None:
    one = Contender(Echo("small", [], conversations_max=8), conversations=400, in_flight=3)
    assert (one.conversations, one.in_flight) == (8, 150)


def test_nobody_has_more_in_flight_than_it_bears() -> None:
    one = Contender(Echo("weak", [], conversations_max=8, in_flight_max=1_200), conversations=400, in_flight=20)
    assert (one.conversations, one.in_flight) == (8, 150)


def test_ratios_are_ours_by_theirs() -> None:
    ours, theirs = relayed(30.0, 200), relayed(60.0, 100)
    assert ratios(ours, theirs)["cpu"] == 0.5
    assert ratios(ours, theirs)["throughput"] == 2.0


def test_the_range_of_a_ratio_is_of_rounds_beside_each_other() -> None:
    ours, theirs = relayed(30.0, 200, cpu_us=[20.0, 30.0, 40.0]), relayed(60.0, 100, cpu_us=[50.0, 60.0, 100.0])
    assert ratios(ours, theirs)["cpu_range"] == [0.4, 0.5]


def test_who_delivered_nothing_is_no_division_by_zero() -> None:
    assert ratios(relayed(30.0, 200), relayed(0.0, 0))["throughput"] > 100


def relayed(middle_us: float, a_second: float, cpu_us: Sequence[float] = ()) -> dict[str, object]:
    return {
        "server_cpu_us": middle_us,
        "server_cpu_us_each_round": list(cpu_us) or [middle_us] * 3,
        "delivered_a_second": a_second,
        "delivered_a_second_each_round": [a_second] * 3,
    }
