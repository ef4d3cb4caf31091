"""A model's reply as it streams in: its text up to a cap, and the tools it calls. No I/O.

Two tools stand between the model and the people: `fetch_human` hands the conversation over, `cannot_answer` says that
the model does not know, so that nobody has to guess it from the words.
"""

from typing import Any

import msgspec
from openai.types.chat import ChatCompletionChunk

from actors.assistant.prompt import TOKENS_A_MESSAGE, tokens

FETCH_HUMAN, CANNOT_ANSWER = "fetch_human", "cannot_answer"
REASON_CHARACTERS = 200


def _tool(name: str, description: str, about: str) -> dict[str, Any]:
    reason = {"type": "string", "description": about}
    parameters = {"type": "object", "properties": {"reason": reason}, "required": ["reason"]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS = [
    _tool(
        FETCH_HUMAN,
        "Hand the conversation to a human colleague: when the visitor asks for one, or needs what only people can do.",
        "Why a human is needed, in a few words, for the colleague.",
    ),
    _tool(
        CANNOT_ANSWER,
        "Say that you do not know the answer. Call it rather than guess.",
        "What you would have to know, in a few words.",
    ),
]


class _Reason(msgspec.Struct):
    reason: str = ""


class Reply:
    """What has come of a reply so far."""

    def __init__(self, characters: int) -> None:
        self._room = characters
        self._text: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._tokens = self._written = 0
        self.finish = ""
        """Why the model stopped ("stop", "length", "tool_calls", "content_filter"); "" while it has not."""
        self.full = False
        """Whether the cap is reached: the rest need not be heard."""

    def add(self, chunk: ChatCompletionChunk) -> str:
        """Takes in one chunk; returns the text it adds."""
        if chunk.usage is not None:
            self._tokens = chunk.usage.total_tokens
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self.finish = choice.finish_reason or self.finish
        for call in choice.delta.tool_calls or []:
            name_and_arguments = self._calls.setdefault(call.index, ["", ""])
            if call.function is not None:
                name_and_arguments[0] += call.function.name or ""
                name_and_arguments[1] += call.function.arguments or ""
        return self._added(choice.delta.content or "")

    def _added(self, text: str) -> str:
        if not self._text:
            text = text.lstrip()
        self.full = self.full or len(text) > self._room
        text = text[: self._room]
        self._room -= len(text)
        if text:
            self._text.append(text)
            self._written += tokens(text) - TOKENS_A_MESSAGE
        return text

    @property
    def text(self) -> str:
        """The whole text so far."""
        return "".join(self._text).rstrip()

    def called(self, tool: str) -> str | None:
        """The reason a tool was called with, perhaps ""; None when it was not called."""
        return next((_reason(arguments) for name, arguments in self._calls.values() if name == tool), None)

    def tokens(self, sent: int) -> int:
        """What the turn cost: as the server counted, or else by our estimate, given that of what was sent."""
        return self._tokens or sent + self._written


def _reason(arguments: str) -> str:
    try:
        return msgspec.json.decode(arguments, type=_Reason).reason[:REASON_CHARACTERS]
    except msgspec.MsgspecError:
        return ""  # The call says enough; its argument is for people to read.
