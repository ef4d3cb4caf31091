"""The openai engine asked one turn, against a real HTTP server, through the real library."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from actors.assistant.engine import Answer, Cost, EngineFailed, Piece, Turn, build_engine
from tests.assistant.model_server import Behaviour, ModelServer, model_server

TURN = Turn("Where is my order?", bot="Fernhill")


def run(story: Coroutine[Any, Any, None]) -> None:
    """The story, in a loop of its own and in time."""

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await story

    asyncio.run(bounded())


async def asked(
    model: ModelServer, turn: Turn = TURN, folder: Path | str = ".", **options: Any
) -> list[Piece | Answer]:
    """All that an engine with these options says."""
    engine = build_engine("openai", {"model": "m", "base_url": model.url, **options}, folder)
    return [part async for part in said(engine.answer(turn))]


async def said(parts: AsyncGenerator[Piece | Cost | Answer]) -> AsyncGenerator[Piece | Answer]:
    """All but what it costs."""
    async with aclosing(parts):
        async for part in parts:
            if not isinstance(part, Cost):
                yield part


async def last(model: ModelServer, turn: Turn = TURN, folder: Path | str = ".", **options: Any) -> Answer:
    """The answer alone; its pieces add up to it."""
    *pieces, answer = await asked(model, turn, folder, **options)
    assert isinstance(answer, Answer)
    assert "".join(piece.text for piece in pieces).rstrip() == answer.text or answer.wants_human or not answer.known
    return answer


async def fails_with(reason: str, *script: Behaviour, **options: Any) -> ModelServer:
    """An engine asked once: it fails for this reason, which names no key."""
    async with model_server(*script) as model:
        with pytest.raises(EngineFailed, match=reason) as failed:
            await asked(model, **options)
        assert "secret" not in str(failed.value)
        return model


def run_failing(reason: str, *script: Behaviour, requests: int = 1, **options: Any) -> None:
    """The same in a loop of its own, and how many requests it took."""

    async def story() -> None:
        model = await fails_with(reason, *script, **options)
        assert len(model.exchanges) == requests

    run(story())
