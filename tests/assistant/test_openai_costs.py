"""What a turn costs, in tokens."""

import pytest

from actors.assistant.engine import Cost, EngineFailed, build_engine
from tests.assistant.asking import TURN, last, run
from tests.assistant.model_server import Exchange, model_server, says


def test_what_is_read_is_paid_for_when_it_was_sent_and_what_is_written_as_it_comes() -> None:
    async def cut(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.chunk({"content": "four letters"})
        exchange.abort()

    async def story() -> None:
        async with model_server(cut, says("one ", "two")) as model:
            engine = build_engine("openai", {"model": "m", "base_url": model.url})
            costs: list[int] = []

            async def listen() -> None:
                async for part in engine.answer(TURN):
                    costs.extend([part.tokens] if isinstance(part, Cost) else [])

            with pytest.raises(EngineFailed):
                await listen()
            read = costs[0]
            assert (read > 20, costs[-1]) == (True, read + 3)
            await listen()
            assert costs[-1] == read + 2

    run(story())


def test_the_servers_own_count_is_believed() -> None:
    async def counts(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.chunk({"content": "Hi"})
        await exchange.chunk({}, "stop", usage={"prompt_tokens": 900, "completion_tokens": 99, "total_tokens": 999})
        await exchange.write("data: [DONE]\n\n")

    async def story() -> None:
        async with model_server(counts) as model:
            assert (await last(model)).tokens == 999

    run(story())
