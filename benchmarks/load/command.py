"""What the command of every benchmark has: checked options, one line for what went wrong, an end that leaves nothing.

Ctrl-C, SIGTERM            → the measurement is cancelled and ends what it has started; 130
a server or a peer failed  → a line on standard error, with what it said last; 1
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import math
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx

from benchmarks.frames import CommandError, Disconnected
from benchmarks.load import show
from benchmarks.load.http import Refused
from benchmarks.load.websocket import Lost
from benchmarks.peers.program import Failed
from benchmarks.server import ServerFailed

T = TypeVar("T")
STOPPED = 130
"""What a shell says of a program that was interrupted."""
SEED = 1
EXPECTED = (OSError, ValueError, ServerFailed, Failed, Lost, Refused, CommandError, Disconnected, httpx.HTTPError)


class Main(Protocol):
    """What a command runs: arguments, without the program's name, to the code to exit with."""

    def __call__(self, argv: Sequence[str] | None = None, /) -> int: ...


def parser(name: str, about: str) -> argparse.ArgumentParser:
    """With what every benchmark takes: `--json` and `--seed`."""
    made = argparse.ArgumentParser(prog=f"livesupport bench {name}", description=about)
    made.add_argument("--json", action="store_true", help="one JSON object on the last line")
    made.add_argument("--seed", type=int, default=SEED, help="of what is drawn by chance")
    return made


def entry(name: str) -> Callable[[Main], Main]:
    """A benchmark's `main` which ends with 1 and a line where something fails, and with 130 when it is told to end."""

    def ending(main: Main) -> Main:
        @functools.wraps(main)
        def ended(argv: Sequence[str] | None = None) -> int:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin without it
            signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
            try:
                return main(argv)
            except (KeyboardInterrupt, asyncio.CancelledError):
                show.say(f"{name}: stopped")
                return STOPPED
            except EXPECTED as error:
                show.say(f"{name}: {error}")
                return 1

        return ended

    return ending


def run(measurement: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`; the first signal to end cancels it, and while it ends no further one disturbs that.

    Raises CancelledError then.
    """

    async def told() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _once(task.cancel))
        return await measurement

    return asyncio.run(told())


def _once(cancel: Callable[[], object]) -> Callable[[], None]:
    pending = [cancel]

    def heard() -> None:
        while pending:
            pending.pop()()

    return heard


async def in_thread(blocking: Callable[[], T], stop: Callable[[], None]) -> T:
    """What it returns. Cancelled, it is told to `stop` and waited for, so that nothing it uses is taken away before."""
    running = asyncio.ensure_future(asyncio.to_thread(blocking))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop()
        with suppress(Exception):
            await running
        raise


def positive(text: str) -> int:
    """A count of at least one. Raises what argparse makes a message of."""
    if (number := _number(text, int)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def natural(text: str) -> int:
    """A count that may be none."""
    if (number := _number(text, int)) < 0:
        raise argparse.ArgumentTypeError(f"{text} is not 0 or more")
    return number


def duration(text: str) -> float:
    """More than nothing, and finite."""
    number = _number(text, float)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def folder(text: str) -> Path:
    """A folder that is there."""
    if not (path := Path(text)).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder")
    return path


def _number(text: str, kind: Callable[[str], T]) -> T:
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
