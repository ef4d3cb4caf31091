"""What a worker is asked. Its answers are commands of the conversation."""

from actors.settings import AssistantSettings
from runtime.machine import Command

POOL = "assistant"
ATTEMPTS = 2
"""How often a turn is asked."""


class AnswerTurn(Command, frozen=True, tag="answer_turn"):
    """Answer the conversation as it stands in the journal, up to a sequence."""

    bot: str
    epoch: int
    turn: str
    until: int
    attempt: int


class DropTurn(Command, frozen=True, tag="drop_turn"):
    """Nobody waits for this conversation's answer any more."""


def silence_ms(assistant: AssistantSettings) -> int:
    """How long a turn that says nothing is waited for. Half of what the visitor waits at most: for the other half
    it is asked once more."""
    return assistant.timeout_seconds * 1000 // ATTEMPTS


def turn_id(epoch: int, sequence: int) -> str:
    """The name of the turn that was asked under an epoch, up to a sequence."""
    return f"{epoch}-{sequence}"


def turn_sequence(turn: str) -> int:
    """The sequence that a turn was asked up to: later messages are the next one's."""
    return int(turn.rpartition("-")[2])
