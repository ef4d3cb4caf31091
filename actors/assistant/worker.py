"""A worker of the assistant: a process of its own, so that a slow model or a long ranking never holds up routing.

One turn a conversation at a time; a newer turn, or a takeover, drops the one before at once, its request to the model
with it. What it says goes to the conversation as commands under the epoch it was asked with: whether it is heard,
the conversation decides.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Self

from actors import commands as c
from actors.assistant.commands import AnswerTurn, DropTurn, silence_ms
from actors.assistant.engine import Answer, Cost, Engine, EngineFailed, Piece, build_engine
from actors.assistant.history import read_turn
from actors.assistant.meter import Meter, has_room
from actors.assistant.recognise import escalation
from actors.settings import BotSettings, Settings
from runtime.courier import Call, Courier
from runtime.identity import ActorId
from runtime.ingress import BatchTicket, Receiver
from runtime.journal import Journal
from runtime.journal.thread import JournalThread
from runtime.lines import Line
from runtime.link import LinkFull, Links
from runtime.machine import Command
from runtime.messages import Asked, Batch, Deliver, Reply, encode, worker_decoder
from runtime.node import new_incarnation
from runtime.placement import Placement
from runtime.requester import Requester

log = logging.getLogger(__name__)

CHUNK_SECONDS = 0.053
"""Between two chunks: so that with the last one, which does not wait, they are at most twenty a second."""
ANSWER_CHARACTERS = 8_000
NO_HUMANS = (
    "I'm this site's assistant, and there is no live support here. But ask me anything: I'll do my best to help."
)

NOTHING_OPEN = "I'm here again. What else can I do for you?"
"""Where an agent has given back what only ever asked for a human."""


class Worker:
    """See the module."""

    def __init__(
        self, name: str, settings: Settings, placement: Placement, open_journal: Callable[[], Journal], call: Call
    ) -> None:
        self.incarnation = new_incarnation()
        self._name = name
        self._settings = settings
        self._placement = placement
        self.links = Links(name, self.incarnation)
        self._courier = Courier(self.links, call)
        self._requester = Requester(placement, self.links, self._courier)
        self._receiver = Receiver(self.incarnation, worker_decoder([AnswerTurn, DropTurn]), self._take)
        self._history = JournalThread(open_journal, "history")
        self._engines: dict[str, Engine] = {}
        self._turns: dict[ActorId, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Open the journal, and make the engines ready: the first visitor should not wait for that."""
        await self._history.open()
        for bot in self._settings.bots:
            try:
                build = partial(build_engine, bot.assistant.kind, bot.assistant)
                self._engines[bot.id] = await asyncio.to_thread(build)
            except (ValueError, OSError) as why:  # the other bots are not to suffer; this one's turns fail
                log.error(Line("assistant not built", bot=bot.id, why=why))

    async def deliver(self, data: bytes) -> bytes:
        """A batch from a host."""
        return await self._receiver.deliver(data)

    def _take(self, batch: Batch[Any], ticket: BatchTicket) -> None:
        for message in batch.messages:
            if isinstance(message, Asked):
                self._drop(message.actor)
                if isinstance(message.request, AnswerTurn):
                    self._begin(message.actor, message.request)
        ticket.settle_all(_DONE)

    def _drop(self, actor: ActorId) -> None:
        task = self._turns.pop(actor, None)
        if task is not None:
            task.cancel()

    def _begin(self, actor: ActorId, ask: AnswerTurn) -> None:
        task = asyncio.get_running_loop().create_task(self._run(actor, ask), name=f"turn of {actor}")
        self._turns[actor] = task
        task.add_done_callback(partial(self._done, actor))

    def _done(self, actor: ActorId, task: asyncio.Task[None]) -> None:
        if self._turns.get(actor) is task:
            del self._turns[actor]
        if not task.cancelled() and task.exception() is not None:
            log.error(Line("turn failed", actor=actor), exc_info=task.exception())

    async def _run(self, actor: ActorId, ask: AnswerTurn) -> None:
        bot = self._settings.bot(ask.bot)
        if bot is None:
            return
        try:
            async with asyncio.timeout(bot.assistant.timeout_seconds):
                answer = await self._answer(actor, ask, bot)
        except Exception as why:  # an engine that stumbles must not leave the visitor waiting
            reason = str(why) if isinstance(why, EngineFailed) else type(why).__name__
            said = {"bot": ask.bot, "turn": ask.turn, "attempt": ask.attempt, "why": reason}
            log.warning(Line("assistant failed", actor=actor, **said))
            answer = _failure(ask, reason)
        self._say(actor, answer, f"{ask.turn}.{ask.attempt}")

    async def _answer(self, actor: ActorId, ask: AnswerTurn, bot: BotSettings) -> c.AssistantAnswer:
        turn = await self._history.run(lambda journal: read_turn(journal, actor, ask.until, bot.name, bot.escalation))
        match = escalation(turn.question, bot.escalation)
        if match is not None and bot.tier == "premium":
            return c.AssistantAnswer(ask.epoch, ask.turn, trigger=match.trigger, detail=match.detail)
        if match is not None and match.trigger == "phrase":
            return c.AssistantAnswer(ask.epoch, ask.turn, NO_HUMANS)
        if not turn.asked:
            return c.AssistantAnswer(ask.epoch, ask.turn, NOTHING_OPEN)
        engine = self._engines.get(ask.bot)
        if engine is None:
            raise EngineFailed("the engine could not be built")
        if bot.assistant.monthly_tokens and not await has_room(self._requester, self._name, bot.id):
            return _failure(ask, "the month's token budget is spent", hopeless=True)
        silence_seconds = silence_ms(bot.assistant) / 1000
        meter = Meter(self._say, bot.id, f"{actor} {ask.turn}.{ask.attempt}")
        stream = _Stream(lambda text, offset: self._say(actor, _chunk(ask, text, offset), ""))
        with meter, stream:
            async with contextlib.aclosing(engine.answer(turn)) as pieces:
                while True:
                    async with asyncio.timeout(silence_seconds):
                        one = await anext(pieces, None)
                    match one:
                        case None:
                            raise EngineFailed("the answer has no end")
                        case Cost(tokens):
                            meter.reads(tokens)
                        case Piece(text):
                            stream.add(text)
                        case Answer():
                            meter.reads(one.tokens)
                            if not one.text.strip() and not one.wants_human:
                                raise EngineFailed("the answer is empty")
                            return _answered(ask, one)

    def _say(self, actor: ActorId, command: Command, ref: str) -> None:
        try:
            self.links.send(self._placement.host_of(actor), encode(Deliver(actor, self._name, ref, command)))
        except LinkFull:  # a conversation asks again in time
            log.error(Line("dropped", to=actor, what=type(command).__name__, why="link full"))
        else:
            self._courier.pump()

    async def stop(self) -> None:
        """Drop all turns."""
        for task in list(self._turns.values()):
            task.cancel()
        self._courier.stop()
        await self._history.stop()


class _Stream:
    """Gathers pieces into at most twenty chunks a second. `send` takes a chunk, and how many characters it follows.

    Left without an exception it sends the rest at once: the answer is about to follow.
    """

    def __init__(self, send: Callable[[str, int], None]) -> None:
        self._send = send
        self._text = ""
        self._offset = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, text: str) -> None:
        """One more piece; sent when the last chunk is long enough ago."""
        self._text += text[: ANSWER_CHARACTERS - self._offset - len(self._text)]
        if self._timer is None:
            self._flush()

    def _flush(self) -> None:
        self._timer = None
        if self._text:
            text, self._text = self._text, ""
            self._send(text, self._offset)
            self._offset += len(text)
            self._timer = asyncio.get_running_loop().call_later(CHUNK_SECONDS, self._flush)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
        if self._timer is not None:
            self._timer.cancel()


def _chunk(ask: AnswerTurn, text: str, offset: int) -> c.AssistantChunk:
    return c.AssistantChunk(ask.epoch, ask.turn, text, offset, ask.attempt)


def _failure(ask: AnswerTurn, reason: str, hopeless: bool = False) -> c.AssistantAnswer:
    return c.AssistantAnswer(
        ask.epoch, ask.turn, trigger="assistant_failed", detail=reason, attempt=ask.attempt, hopeless=hopeless
    )


def _answered(ask: AnswerTurn, answer: Answer) -> c.AssistantAnswer:
    return c.AssistantAnswer(
        ask.epoch,
        ask.turn,
        answer.text[:ANSWER_CHARACTERS],
        answer.known,
        answer.sources,
        trigger="assistant" if answer.wants_human else "",
        detail=answer.detail,
        attempt=ask.attempt,
    )


_DONE = Reply()
