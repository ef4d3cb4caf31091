"""Tests of this folder run the real thing: `livesupport up`, real Ray, real sockets, and SIGKILL."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
