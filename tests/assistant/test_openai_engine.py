"""What the openai engine makes of an answer: pieces, tools, and where it ends."""

import asyncio

import pytest

from actors.assistant.engine import Answer, Piece, Turn, build_engine
from tests.assistant.asking import TURN, asked, last, run, run_failing, said
from tests.assistant.model_server import Exchange, calls, model_server, says


def test_pieces_come_as_they_are_written_and_the_answer_is_the_whole() -> None:
    async def story() -> None:
        async with model_server(says("It ", "is on", " its way. ")) as model:
            *pieces, answer = await asked(model)
            assert pieces == [Piece("It "), Piece("is on"), Piece(" its way. ")]
            assert isinstance(answer, Answer)
            assert (answer.text, answer.known, answer.wants_human) == ("It is on its way.", True, False)
            assert answer.tokens > 0

    run(story())


def test_a_piece_is_heard_before_the_next_one_is_written() -> None:
    heard = asyncio.Event()

    async def slowly(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.chunk({"content": "one "})
        await heard.wait()
        await exchange.chunk({"content": "two"})
        await exchange.end()

    async def story() -> None:
        async with model_server(slowly) as model:
            engine = build_engine("openai", {"model": "m", "base_url": model.url})
            parts = []
            async for part in said(engine.answer(TURN)):
                parts.append(part)
                heard.set()
            assert parts[:2] == [Piece("one "), Piece("two")]

    run(story())


def test_the_model_can_hand_off_and_say_why() -> None:
    async def story() -> None:
        async with model_server(calls("fetch_human", '{"reason": "wants a refund in cash"}', "One moment.")) as model:
            answer = await last(model)
            assert answer.wants_human
            assert answer.detail == "wants a refund in cash"
            assert answer.text == "One moment."
            assert [tool["function"]["name"] for tool in model.exchanges[0].body["tools"]] == [
                "fetch_human",
                "cannot_answer",
            ]

    run(story())


@pytest.mark.parametrize("arguments", ["", "{", "[]", '{"reason": 3}', "null"])
def test_a_hand_off_with_a_garbled_reason_is_a_hand_off(arguments: str) -> None:
    async def story() -> None:
        async with model_server(calls("fetch_human", arguments)) as model:
            answer = await last(model)
            assert (answer.wants_human, answer.detail) == (True, "")

    run(story())


def test_a_model_that_does_not_know_says_so_in_the_visitors_language() -> None:
    async def story() -> None:
        async with model_server(calls("cannot_answer", '{"reason": "prices"}')) as model:
            answer = await last(model, Turn("Was kostet das denn?"))
            assert (answer.known, answer.confidence, answer.detail) == (False, 0.0, "prices")
            assert answer.text.startswith("Das weiß ich leider nicht")

    run(story())


def test_a_tool_nobody_offered_is_not_an_answer() -> None:
    run_failing("empty", calls("rm", "{}"))


def test_an_answer_is_capped_and_the_rest_is_not_listened_to() -> None:
    async def story() -> None:
        async def without_end(exchange: Exchange) -> None:
            await exchange.begin()
            while True:
                await exchange.chunk({"content": "blah " * 20})

        async with model_server(without_end) as model:
            answer = await last(model, answer_characters=250)
            assert len(answer.text) in (249, 250)
            await model.hung_up.wait()

    run(story())


def test_many_turns_share_an_engine() -> None:
    async def story() -> None:
        async def echoes(exchange: Exchange) -> None:
            await says(exchange.body["messages"][-1]["content"])(exchange)

        async with model_server(echoes) as model:
            engine = build_engine("openai", {"model": "m", "base_url": model.url})

            async def answer(number: int) -> Piece | Answer:
                return [part async for part in engine.answer(Turn(f"number {number}"))][-1]

            answers = await asyncio.gather(*map(answer, range(50)))
            assert [part.text for part in answers] == [f"number {number}" for number in range(50)]

    run(story())
