"""Scenes share a system where they can: it takes seconds to start."""

from collections.abc import AsyncIterator

import pytest

from tests.telegram.bot_api import BotApi
from tests.telegram.bot_api.flood import Flood
from tests.telegram.team import Team, running

WITHOUT_RAY = ("--address", "none")


@pytest.fixture(scope="module")
async def team(anyio_backend: str) -> AsyncIterator[Team]:
    """A group without topics."""
    async with (
        BotApi(Flood(5000, 5000)).running() as api,
        running(api, api.group(), WITHOUT_RAY, keywords=["refund"]) as started,
    ):
        yield started
