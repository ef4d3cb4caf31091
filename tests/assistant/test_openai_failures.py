"""Servers that refuse, break off, fall silent or talk nonsense; and a turn that is dropped."""

import asyncio

import pytest

from actors.assistant.engine import EngineFailed, Piece, build_engine
from tests.assistant.asking import TURN, asked, last, run, run_failing, said
from tests.assistant.model_server import Exchange, fails, model_server, says


async def hangs(exchange: Exchange) -> None:
    """Begins to answer, and falls silent."""
    await exchange.begin()
    await exchange.chunk({"content": "It"})
    await asyncio.Event().wait()


def test_429_is_tried_again_when_the_server_says_so() -> None:
    async def story() -> None:
        async with model_server(fails(429, "Retry-After: 0.01"), says("Now.")) as model:
            assert (await last(model)).text == "Now."
            assert len(model.exchanges) == 2

    run(story())


def test_500_is_tried_again_and_given_up_in_time() -> None:
    run_failing("InternalServerError 500", fails(500, "retry-after-ms: 1"), requests=3)


def test_a_wait_the_server_asks_for_ends_with_the_turns_time() -> None:
    run_failing("TimeoutError", fails(429, "Retry-After: 30"), timeout_seconds=0.6)


def test_400_is_not_tried_again() -> None:
    run_failing("BadRequestError 400", fails(400))


def test_a_server_that_is_not_there_fails() -> None:
    async def story() -> None:
        engine = build_engine("openai", {"model": "m", "base_url": "http://127.0.0.1:9/v1", "retries": 0})
        with pytest.raises(EngineFailed, match="APIConnectionError"):
            _ = [part async for part in engine.answer(TURN)]

    run(story())


def test_a_stream_that_is_cut_fails_after_its_pieces() -> None:
    async def cut(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.chunk({"content": "It is"})
        exchange.abort()

    async def story() -> None:
        async with model_server(cut) as model:
            engine = build_engine("openai", {"model": "m", "base_url": model.url})
            parts = said(engine.answer(TURN))
            assert await anext(parts) == Piece("It is")
            with pytest.raises(EngineFailed):
                await anext(parts)
            assert len(model.exchanges) == 1

    run(story())


def test_a_stream_that_ends_without_its_end_fails() -> None:
    async def stops(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.chunk({"content": "It is"})

    run_failing("cut", stops)


def test_an_empty_answer_fails() -> None:
    run_failing("empty", says())


def test_a_stream_that_falls_silent_fails_in_time_and_is_hung_up_on() -> None:
    async def story() -> None:
        async with model_server(hangs) as model:
            with pytest.raises(EngineFailed, match="TimeoutError"):
                await asked(model, timeout_seconds=0.6)
            await model.hung_up.wait()

    run(story())


@pytest.mark.parametrize(
    "garbage",
    [
        "data: {not json\n\n",
        "data: []\n\n",
        'data: {"choices": 3}\n\n',
        'data: {"choices": [{}]}\n\n',
        'data: {"choices": [{"delta": {"content": 7}}]}\n\n',
        'data: {"error": {"message": "sk-secret"}}\n\n',
        "data: \xff\n\n",
        "<html>gateway</html>\n\n",
    ],
)
def test_a_malformed_stream_fails_and_nothing_else_is_raised(garbage: str) -> None:
    async def talks_nonsense(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.write(garbage)

    run_failing(".", talks_nonsense)


def test_dropping_the_turn_closes_the_connection() -> None:
    async def story() -> None:
        async with model_server(hangs) as model:
            engine = build_engine("openai", {"model": "m", "base_url": model.url})
            began = asyncio.Event()

            async def listen() -> None:
                async for _ in said(engine.answer(TURN)):
                    began.set()

            listening = asyncio.create_task(listen())
            await began.wait()
            listening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listening
            await model.hung_up.wait()

    run(story())


def test_dropping_the_turn_before_the_first_piece_closes_the_connection() -> None:
    reached = asyncio.Event()

    async def never_begins(exchange: Exchange) -> None:
        reached.set()
        await asyncio.Event().wait()

    async def story() -> None:
        async with model_server(never_begins) as model:
            listening = asyncio.create_task(asked(model))
            await reached.wait()
            listening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listening
            await model.hung_up.wait()

    run(story())
