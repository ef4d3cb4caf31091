"""Asynchronous tests of this folder that ask for `system` have one of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.api.system import System, running


@pytest.fixture
async def system(tmp_path: Path, anyio_backend: str) -> AsyncIterator[System]:
    async with running(tmp_path) as system:
        yield system
