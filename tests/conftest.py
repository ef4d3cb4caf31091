"""The order of the suite: fast tests first, then real Ray, then real browsers. And where tests run.

The suite holds of the sources and of what `livesupport compile` made from them, but for the tests that replace a part
of it: compiled code is not there to be replaced. They are marked `sources`, and skipped then.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from gateway.machine_code.compiled import STALE, Compiled

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what tests start would each time compile all that it imports

_LAST = ("tests/cluster/", "tests/browser/")

ForEach = Callable[[Callable[[int], None], Iterable[int]], None]
"""Calls a function of a module with each of the seeds. Raises what the first seed that raises has raised."""


def pytest_configure() -> None:
    """Nothing is tested that was made from other sources than those that are read."""
    if Compiled().state == "stale":
        raise pytest.UsageError(STALE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts by how long a folder takes; within a folder the order stays."""
    if Compiled().state == "compiled":
        for item in items:
            if item.get_closest_marker("sources"):
                item.add_marker(pytest.mark.skip("It replaces a part of what is compiled."))
    items.sort(key=lambda item: next((n for n, folder in enumerate(_LAST, 1) if item.nodeid.startswith(folder)), 0))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """On asyncio, as everything here does."""
    return "asyncio"


@pytest.fixture(scope="module")
def for_each() -> Iterator[ForEach]:
    """A run of a simulation depends on its seed alone, and waits for nothing: there is one under way on each core."""
    # Anew, and not forked: this process may have threads.
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), multiprocessing.get_context("spawn")) as pool:

        def run(one: Callable[[int], None], seeds: Iterable[int]) -> None:
            for _ in pool.map(one, seeds):
                pass

        yield run
