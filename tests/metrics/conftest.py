"""Asynchronous tests of this folder that ask for `whole` have a system of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.metrics.whole import Whole, running


@pytest.fixture
async def whole(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Whole]:
    async with running(tmp_path) as whole:
        yield whole
