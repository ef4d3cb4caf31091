"""What a model is told: messages by role, within a budget of tokens. Pure text; no model, no network.

    system      who the model is, the bot's instructions; then passages of the bot's own files
    assistant   what the assistant said, what agents said, and an agent's summary when she handed back
    user        what the visitor said, and nothing else ever

Instructions and visitors' words never share a message, so no visitor can write into the instructions' place. The budget
bounds what was said: the question always stands, and of the rest the latest that has room.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from actors.assistant.engine import Said, Turn
from actors.assistant.search import Found

PASSAGE_CHARACTERS = 1_500
TOKENS_A_MESSAGE = 4
CHARACTERS_A_TOKEN = 4
"""Of ASCII text; every other character is counted as a token, which is more than most are."""

_RULES = (
    "You are the assistant of {bot}, writing with a visitor in the chat of its website. Answer briefly, in plain text "
    "and in the visitor's language. Say only what you know from these instructions, the passages given to you and the "
    "conversation."
)
_PASSAGES = "Passages of {bot}'s own pages that may answer the visitor:"
_SUMMARY = "(A colleague spoke with the visitor and sums up: {text})"


class Message(Struct, frozen=True):
    """One message to the model."""

    role: Literal["system", "assistant", "user"]
    content: str


def messages(turn: Turn, instructions: str, passages: Sequence[Found], budget: int) -> list[Message]:
    """What the model is sent for a turn; what was said costs at most `budget` tokens, by our estimate."""
    told = [Message("system", "\n\n".join(filter(None, (_RULES.format(bot=turn.bot or "this site"), instructions))))]
    if passages:
        quoted = [f"{found.section.heading}\n{found.section.text[:PASSAGE_CHARACTERS]}" for found in passages]
        told.append(Message("system", "\n\n".join((_PASSAGES.format(bot=turn.bot or "this site"), *quoted))))
    question = Message("user", _clipped(turn.question, budget))
    left = budget - tokens(question.content)
    recent: list[Message] = []
    for said in reversed(turn.said):
        message = _message(said)
        left -= tokens(message.content)
        if left < 0:
            break
        recent.append(message)
    return [*told, *reversed(recent), question]


def tokens(text: str) -> int:
    """About how many tokens a message of this text costs; rather too many than too few."""
    ascii_characters = sum(map(str.isascii, text))
    return TOKENS_A_MESSAGE + len(text) - ascii_characters + -(-ascii_characters // CHARACTERS_A_TOKEN)


def _message(said: Said) -> Message:
    match said.role:
        case "visitor":
            return Message("user", said.text)
        case "summary":
            return Message("assistant", _SUMMARY.format(text=said.text))
        case _:
            return Message("assistant", said.text)


def _clipped(text: str, budget: int) -> str:
    """The end of a text that is too long for the budget: what was written last."""
    while tokens(text) > budget and len(text) > 1:
        text = text[-max(1, len(text) * budget // (tokens(text) + 1)) :]
    return text
