"""A worker answers turns under the epoch they were asked with, one a conversation, and drops them when told to."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors import commands as c
from actors import events as e
from actors.assistant.commands import AnswerTurn, DropTurn
from actors.assistant.engine import Answer, Cost, EngineFailed, Piece, Turn
from actors.assistant.worker import NO_HUMANS, NOTHING_OPEN, Worker
from actors.budget import DescribeBudget, SpendTokens, Standing
from actors.settings import AssistantSettings, BotSettings, Settings
from runtime.identity import actor_id
from runtime.journal import Append, Journal, Record, open_journal
from runtime.messages import Answers, Asked, Deliver, Reply, encode, host_decoder, splice
from runtime.placement import Placement

pytestmark = pytest.mark.anyio

CONVERSATION = actor_id("conversation", "v-1")
SETTINGS = Settings(
    bots=[
        BotSettings(id="shop"),
        BotSettings(id="plain", tier="basic"),
        BotSettings(id="mute", assistant=AssistantSettings(timeout_seconds=1)),
        BotSettings(id="broken"),
        BotSettings(id="wordless"),
        BotSettings(id="chatty"),
        BotSettings(id="dear", assistant=AssistantSettings(monthly_tokens=100)),
    ]
)


class Engine:
    """Answers as the question says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        self.asked.append(turn.question)
        self.begun.set()
        try:
            if turn.question == "fail":
                raise EngineFailed("down")
            if turn.question == "hang":
                await asyncio.Event().wait()
            yield Piece("You said ")
            yield Answer(f"You said {turn.question}", sources=("Echo",), known=turn.question != "unknown")
        finally:
            self.ended.set()


class Wordless(Engine):
    """Ends without a word, and once with a tool alone."""

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        yield Answer(" ", wants_human=turn.question.endswith("help"))


class Mute(Engine):
    """Never says a word."""

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        try:
            await asyncio.Event().wait()
            yield Answer("never")
        finally:
            self.ended.set()


class Broken(Engine):
    """Has a fault."""

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        yield Answer(str(1 // len(turn.said)))


class Chatty(Engine):
    """Writes ten letters, one at a time, whenever a chunk was heard."""

    ROUNDS, LETTERS = 25, 10

    def __init__(self) -> None:
        super().__init__()
        self.heard = asyncio.Semaphore()

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        for _ in range(self.ROUNDS):
            await self.heard.acquire()
            for _ in range(self.LETTERS):
                yield Piece("x")
        yield Answer("x" * self.LETTERS * self.ROUNDS)


class Dear(Engine):
    """Costs."""

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        yield Cost(50)
        yield Cost(53)
        yield Piece("four")
        if turn.question.endswith("hang"):
            self.begun.set()
            await asyncio.Event().wait()
        yield Answer("four letters", tokens=58)


class Stuttering(Engine):
    """Says two things at once, and then no more."""

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        yield Piece("a")
        yield Piece("b")
        await asyncio.Event().wait()


class Desk:
    """A worker, and what it says to the conversation."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/live.db"
        self.said: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.spent: asyncio.Queue[tuple[str, str, int]] = asyncio.Queue()
        self.earlier: list[int] = []
        self.engine, self.mute, self.dear, self.chatty = Engine(), Mute(), Dear(), Chatty()
        self.worker = Worker("assistant/0", SETTINGS, Placement(1, pools={"assistant": 1}), self.journal, self.call)
        self._decode = host_decoder([c.AssistantAnswer, c.AssistantChunk, SpendTokens, DescribeBudget]).decode
        self._number = 0
        self._sequence = 0

    def journal(self) -> Journal:
        return open_journal(self.url)

    async def call(self, peer: str, batch: bytes) -> bytes:
        messages = self._decode(batch).messages
        for message in messages:
            assert isinstance(message, Deliver)
            assert message.sender == "assistant/0"
            if message.to == CONVERSATION:
                self.said.put_nowait((message.ref, message.command))
            elif isinstance(message.command, SpendTokens):
                self.spent.put_nowait((message.to, message.ref, message.command.tokens))
        standing = Reply(value=msgspec.json.encode(Standing(sum(self.earlier), 100)))
        return encode(Answers("host", [standing] * len(messages)))

    def visitor_says(self, text: str) -> None:
        self.says(e.MessageSent("m", "visitor", e.Person("v", ""), text))

    def says(self, event: e.ConversationEvent) -> None:
        """What the conversation's journal says next."""
        journal = self.journal()
        self._sequence += 1
        record = Record(CONVERSATION, self._sequence, 1, "", msgspec.json.encode(event))
        journal.append(Append(journal.claim(["shard/0"]), [record], [], []))
        journal.close()

    async def ask(self, request: AnswerTurn | DropTurn) -> None:
        self._number += 1
        await self.worker.deliver(
            splice("host/0", "h", self._number, self._number - 1, [encode(Asked(CONVERSATION, request))])
        )

    async def turn(self, text: str, bot: str = "shop", epoch: int = 1, attempt: int = 0) -> None:
        self.visitor_says(text)
        await self.ask(AnswerTurn(bot, epoch, f"t{self._sequence}", self._sequence, attempt))

    async def answer(self) -> tuple[str, c.AssistantAnswer]:
        async with asyncio.timeout(10):
            while True:
                ref, command = await self.said.get()
                if isinstance(command, c.AssistantAnswer):
                    return ref, command


@pytest.fixture
async def desk(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    desk.visitor_says("hello")
    await desk.worker.start()
    desk.worker._engines = {
        "shop": desk.engine,
        "plain": desk.engine,
        "mute": desk.mute,
        "broken": Broken(),
        "wordless": Wordless(),
        "chatty": desk.chatty,
        "dear": desk.dear,
    }
    yield desk
    await desk.worker.stop()


async def test_an_answer_carries_the_epoch_and_the_turn_it_was_asked_under(desk: Desk) -> None:
    await desk.turn("how much?", epoch=7, attempt=1)
    ref, answer = await desk.answer()
    assert (answer.epoch, answer.turn, ref) == (7, "t2", "t2.1")
    assert answer.text == "You said hello\nhow much?"
    assert answer.sources == ("Echo",)


async def test_where_nothing_is_open_any_more_the_engine_is_not_asked(desk: Desk) -> None:
    desk.says(e.HumanRequested("phrase"))
    desk.says(e.MessageSent("m", "agent", e.Person("alice", ""), "Here I am."))
    desk.visitor_says("talk to a human, I said")
    desk.says(e.ReturnedToAssistant(e.Person("alice", "")))
    await desk.ask(AnswerTurn("shop", 3, "3-5", 5, 0))
    _, answer = await desk.answer()
    assert (answer.text, answer.trigger, answer.known) == (NOTHING_OPEN, "", True)
    assert desk.engine.asked == []


async def test_an_answer_without_a_word_is_a_failure_unless_it_fetches_a_human(desk: Desk) -> None:
    await desk.turn("x", bot="wordless")
    assert (await desk.answer())[1].trigger == "assistant_failed"
    await desk.turn("help", bot="wordless")
    assert (await desk.answer())[1].trigger == "assistant"


async def test_pieces_go_ahead_of_the_answer(desk: Desk) -> None:
    await desk.turn("x")
    async with asyncio.timeout(10):
        _, piece = await desk.said.get()
    assert piece == c.AssistantChunk(1, "t2", "You said ")


async def test_who_asks_for_a_human_gets_no_answer_but_a_human(desk: Desk) -> None:
    await desk.turn("I want to talk to a human")
    _, answer = await desk.answer()
    assert (answer.trigger, answer.text) == ("phrase", "")
    assert desk.engine.asked == []


async def test_on_a_basic_bot_the_request_is_answered_politely(desk: Desk) -> None:
    await desk.turn("I want to talk to a human", bot="plain")
    _, answer = await desk.answer()
    assert (answer.trigger, answer.text) == ("", NO_HUMANS)


async def test_a_dropped_turn_ends_at_once_and_says_nothing(desk: Desk) -> None:
    desk.visitor_says("hang")
    await desk.ask(AnswerTurn("shop", 1, "t2", 2, 0))
    desk.engine.asked.clear()
    await desk.ask(DropTurn())
    await desk.turn("after", epoch=3)
    _, answer = await desk.answer()
    assert answer.epoch == 3
    assert desk.said.empty()


async def test_what_fails_is_told_with_its_trigger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.worker._engines = {}
    await desk.turn("x")
    _, answer = await desk.answer()
    assert answer.trigger == "assistant_failed"


async def test_an_engine_that_hangs_is_given_up_in_the_configured_time(desk: Desk, tmp_path: Path) -> None:
    await desk.turn("x", bot="mute")
    begun = asyncio.get_running_loop().time()
    _, answer = await desk.answer()
    assert (answer.trigger, answer.detail, answer.attempt) == ("assistant_failed", "TimeoutError", 0)
    assert asyncio.get_running_loop().time() - begun < 1, "half the bot's time: the other half is for another attempt"
    await asyncio.wait_for(desk.mute.ended.wait(), 5)


async def test_an_engine_that_stumbles_is_one_that_has_failed(desk: Desk) -> None:
    await desk.turn("x", bot="broken")
    _, answer = await desk.answer()
    assert (answer.trigger, answer.detail) == ("assistant_failed", "ZeroDivisionError")


async def test_pieces_are_gathered_into_twenty_chunks_a_second_and_none_is_lost(desk: Desk) -> None:
    await desk.turn("x", bot="chatty")
    chunks: list[tuple[float, c.AssistantChunk]] = []
    async with asyncio.timeout(10):
        while True:
            _, command = await desk.said.get()
            if isinstance(command, c.AssistantAnswer):
                break
            chunks.append((asyncio.get_running_loop().time(), command))
            desk.chatty.heard.release()
    assert "".join(chunk.text for _, chunk in chunks) == command.text
    assert [chunk.offset for _, chunk in chunks] == [
        sum(len(before.text) for _, before in chunks[:index]) for index in range(len(chunks))
    ]
    begun = chunks[0][0]
    assert 5 < sum(at - begun < 1 for at, _ in chunks) <= 20
    assert len(chunks) < len(command.text) / 2


async def test_what_was_written_before_an_engine_fell_silent_is_not_kept_back(desk: Desk) -> None:
    desk.worker._engines["shop"] = Stuttering()
    await desk.turn("x")
    async with asyncio.timeout(10):
        first, second = (await desk.said.get())[1], (await desk.said.get())[1]
    assert (first.text, second.text) == ("a", "b")
    await desk.ask(DropTurn())


async def test_a_turn_is_paid_for_as_its_cost_is_known(desk: Desk) -> None:
    await desk.turn("x", bot="dear", attempt=1)
    await desk.answer()
    budget = actor_id("budget", "dear")
    async with asyncio.timeout(10):
        assert await desk.spent.get() == (budget, f"{CONVERSATION} t2.1.1", 50)
        assert await desk.spent.get() == (budget, f"{CONVERSATION} t2.1.2", 8)


async def test_a_turn_that_is_dropped_is_paid_for_up_to_there(desk: Desk) -> None:
    await desk.turn("hang", bot="dear")
    await desk.dear.begun.wait()
    await desk.ask(DropTurn())
    async with asyncio.timeout(10):
        assert [(await desk.spent.get())[2], (await desk.spent.get())[2]] == [50, 3]


async def test_without_tokens_left_the_model_is_not_asked_and_need_not_be_asked_again(desk: Desk) -> None:
    desk.earlier = [99]
    await desk.turn("x", bot="dear")
    assert (await desk.answer())[1].text == "four letters"
    desk.earlier = [99, 1]
    await desk.turn("y", bot="dear")
    _, answer = await desk.answer()
    assert (answer.trigger, answer.hopeless, answer.text) == ("assistant_failed", True, "")
    assert "budget" in answer.detail
