"""The engine of kind `openai`: any server that speaks OpenAI's chat completions, through its own library.

    opening     connection errors, 408, 409, 429 and 5xx are tried again with back-off (Retry-After is obeyed)
    streaming   pieces as they come; once text has come nothing is retried, for a visitor has read it
    the end     EngineFailed for a stream that is cut, malformed, empty or late
    dropped     closing the iterator, or cancelling its task, closes the connection to the server

The key comes from the environment, and stands in no message of an error: only its kind and its status do.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec import Struct
from openai import APIStatusError, AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from actors.assistant import prompt
from actors.assistant.engine import Answer, Cost, EngineFailed, Piece, Turn, as_options
from actors.assistant.knowledge import KNOWN_ABOVE, Knowledge, spoken
from actors.assistant.reply import CANNOT_ANSWER, FETCH_HUMAN, TOOLS, Reply
from actors.assistant.search import Found
from actors.assistant.smalltalk import unknown

OPENAI_URL, OPENAI_KEY = "https://api.openai.com/v1", "OPENAI_API_KEY"
RELATED_ABOVE = 0.15
"""The confidence a passage needs to be shown to the model, which can judge it better than we."""


class Options(Struct, frozen=True):
    """What is configured; the ranges stand in the settings."""

    model: str = ""
    base_url: str = ""
    """"": OpenAI's own."""
    api_key_env: str = ""
    """The variable that holds the key. "": OPENAI_API_KEY at OpenAI, and no key anywhere else."""
    instructions: str = ""
    timeout_seconds: float = 30
    """For the whole turn, retries included."""
    retries: int = 2
    context_tokens: int = 3_000
    """What of the conversation the model is sent, question included."""
    answer_characters: int = 4_000
    paths: list[str] = []
    """Markdown files to look up passages in; none: the model is on its own."""
    passages: int = 3
    tools: bool = True
    """Whether the model is offered its two tools; not every server takes them."""


class OpenAIEngine:
    """See the module."""

    def __init__(self, options: Options, client: AsyncOpenAI, knowledge: Knowledge | None) -> None:
        self._options = options
        self._client = client
        self._knowledge = knowledge

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        """Pieces as the model writes them, then the answer; the connection is closed before the answer is given.

        What is sent is paid for when it has been sent; what has come is, too, when the turn is dropped or fails.
        """
        deadline = asyncio.get_running_loop().time() + self._options.timeout_seconds
        passages = self._passages(turn)
        sent = prompt.messages(turn, self._options.instructions, passages, self._options.context_tokens)
        read = sum(prompt.tokens(message.content) for message in sent)
        reply = Reply(self._options.answer_characters)
        stream = await self._open(sent, deadline)
        try:
            yield Cost(read)
            chunks = aiter(stream)
            while not reply.full and (text := await _next(chunks, reply, deadline)) is not None:
                if text:
                    yield Cost(reply.tokens(read))
                    yield Piece(text)
        finally:
            await stream.close()
        yield Cost(reply.tokens(read))
        yield _answer(reply, turn, passages, read)

    def _passages(self, turn: Turn) -> list[Found]:
        """What the bot's files say to the question, or to it and the one before when it says too little alone."""
        if self._knowledge is None:
            return []
        before = [said.text for said in turn.said if said.role == "visitor"][-1:]
        for question in (turn.question, "\n".join([*before, turn.question])):
            found = self._knowledge.find(question, self._options.passages)
            related = [each for each in found if each.confidence > RELATED_ABOVE]
            if related:
                return related
        return []

    async def _open(self, sent: Sequence[prompt.Message], deadline: float) -> AsyncStream[ChatCompletionChunk]:
        request: dict[str, Any] = {
            "model": self._options.model,
            "messages": msgspec.to_builtins(sent),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self._options.tools:
            request["tools"] = TOOLS
        try:
            async with asyncio.timeout_at(deadline):
                return cast(AsyncStream[ChatCompletionChunk], await self._client.chat.completions.create(**request))
        except Exception as error:
            raise _failed(error) from None


async def _next(chunks: AsyncIterator[ChatCompletionChunk], reply: Reply, deadline: float) -> str | None:
    """The text of the next chunk, perhaps "", and None at the end.

    The library checks no chunk against its types: whatever one of a wrong shape makes it or us raise is one failure.
    """
    try:
        async with asyncio.timeout_at(deadline):
            chunk = await anext(chunks, None)
        return None if chunk is None else reply.add(chunk)
    except Exception as error:
        raise _failed(error) from None


def _answer(reply: Reply, turn: Turn, passages: Sequence[Found], sent: int) -> Answer:
    cost = reply.tokens(sent)
    human, missing = reply.called(FETCH_HUMAN), reply.called(CANNOT_ANSWER)
    if human is not None:
        return Answer(reply.text, wants_human=True, detail=human, tokens=cost)
    if missing is not None or reply.finish == "content_filter":
        detail = missing if missing is not None else reply.finish
        return Answer(reply.text or unknown(spoken(turn)), confidence=0.0, known=False, detail=detail, tokens=cost)
    if not reply.finish and not reply.full:
        raise EngineFailed("the stream was cut")
    if not reply.text:
        raise EngineFailed("the answer is empty")
    sources = tuple(found.section.heading for found in passages if found.confidence > KNOWN_ABOVE)
    return Answer(reply.text, sources=sources, tokens=cost)


def _failed(error: Exception) -> EngineFailed:
    """Says what went wrong without the server's words, which may quote the key."""
    status = f" {error.status_code}" if isinstance(error, APIStatusError) else ""
    return EngineFailed(f"{type(error).__name__}{status}")


def build(options: Mapping[str, object] | Struct, folder: Path) -> OpenAIEngine:
    """Reads the key and the files; raises ValueError when either is missing. Nothing is asked of the server yet."""
    chosen = as_options(options, Options)
    if not chosen.model:
        raise ValueError("The name of the model is not configured.")
    key = "unused"
    variable = chosen.api_key_env or (OPENAI_KEY if not chosen.base_url else "")
    if variable:
        key = os.environ.get(variable, "")
        if not key:
            raise ValueError(f"The environment variable {variable}, which should hold the model's key, is not set.")
    client = AsyncOpenAI(
        api_key=key,
        base_url=chosen.base_url or OPENAI_URL,
        timeout=chosen.timeout_seconds,
        max_retries=chosen.retries,
    )
    return OpenAIEngine(chosen, client, Knowledge(chosen.paths, folder) if chosen.paths else None)
