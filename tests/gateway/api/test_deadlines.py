"""Who takes too long is cancelled, whoever else began before or after."""

import asyncio

import pytest

from gateway.api.deadlines import Deadlines

pytestmark = pytest.mark.anyio

SOON, LATE = 0.02, 60.0


async def _in_time(deadlines: Deadlines, until: asyncio.Event) -> bool:
    task = asyncio.current_task()
    assert task is not None
    deadlines.begin(task)
    try:
        await until.wait()
    except asyncio.CancelledError:
        task.uncancel()
    return deadlines.end(task)


async def test_each_that_is_late_is_cancelled_and_none_that_is_not() -> None:
    deadlines, never, at_once = Deadlines(SOON), asyncio.Event(), asyncio.Event()
    at_once.set()
    began = [_in_time(deadlines, one) for one in (at_once, never, at_once, never)]
    assert await asyncio.gather(*began) == [True, False, True, False]


async def test_the_next_is_watched_when_none_was_late() -> None:
    deadlines, never, at_once = Deadlines(SOON), asyncio.Event(), asyncio.Event()
    at_once.set()
    assert await _in_time(deadlines, at_once)
    assert not await _in_time(deadlines, never)
    assert not await _in_time(deadlines, never)


async def test_who_is_cancelled_by_another_was_not_late() -> None:
    deadlines = Deadlines(LATE)
    task = asyncio.create_task(_in_time(deadlines, asyncio.Event()))
    await asyncio.sleep(0)
    task.cancel()
    assert await task
