"""What every benchmark's command does alike: options, mistakes, and an end that leaves nothing."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.load import command
from benchmarks.load.websocket import Lost
from gateway.cli import _benchmarks

pytestmark = pytest.mark.anyio


@command.entry("one")
def fails(argv: Sequence[str] | None = None) -> int:
    """Loses its server."""
    raise Lost("the server closed a connection")


def test_a_failure_is_a_line_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert fails() == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "one: the server closed a connection\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_ends_what_it_has_started_whoever_tells_it_again(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = []

    async def measurement() -> None:
        os.kill(os.getpid(), number)
        try:
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), number)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            ended.append("server")

    @command.entry("one")
    def main(argv: Sequence[str] | None = None) -> int:
        command.run(measurement())
        return 0

    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main() == command.STOPPED
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert ended == ["server"]
    assert capsys.readouterr().err == "one: stopped\n"


async def test_what_blocks_in_a_thread_is_stopped_and_waited_for() -> None:
    begun, stop, log = asyncio.Event(), threading.Event(), []
    loop = asyncio.get_running_loop()

    def blocking() -> None:
        loop.call_soon_threadsafe(begun.set)
        stop.wait()
        log.append("thread has ended")
        raise Lost("stopped")

    task = asyncio.create_task(command.in_thread(blocking, stop.set))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["thread has ended"]


async def test_what_a_thread_returns_or_raises_is_passed_on() -> None:
    assert await command.in_thread(lambda: 7, lambda: None) == 7
    with pytest.raises(ZeroDivisionError):
        await command.in_thread(lambda: 1 // 0, lambda: None)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (command.positive, ["0", "-1", "1.5", "many"]),
        (command.natural, ["-1", "none"]),
        (command.duration, ["0", "-1", "inf", "nan", "soon"]),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(kind: object, wrong: list[str]) -> None:
    assert callable(kind)
    for text in wrong:
        with pytest.raises(argparse.ArgumentTypeError):
            kind(text)


def test_a_folder_must_be_there(tmp_path: Path) -> None:
    assert command.folder(str(tmp_path)) == tmp_path
    with pytest.raises(argparse.ArgumentTypeError):
        command.folder(str(tmp_path / "gone"))
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("name", _benchmarks())
def test_every_benchmark_tells_its_options_and_what_it_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main = importlib.import_module(f"benchmarks.{name}").main
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: livesupport bench {name}")
    if name != "plots":
        assert {"--json", "--seed"} <= set(told.split())
