"""Asynchronous tests of this folder that ask for `system` have one of their own."""

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.gateway.api.system import System, running


@pytest.fixture
def handlers() -> Iterator[None]:
    """For tests of what heeds signals: afterwards they are handled as before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
async def system(tmp_path: Path, anyio_backend: str) -> AsyncIterator[System]:
    async with running(tmp_path) as system:
        yield system
