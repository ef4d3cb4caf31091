"""The engine of kind `knowledge`: answers from Markdown files, without a network or a model."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from msgspec import Struct

from actors.assistant.engine import Answer, Piece, Turn, as_options
from actors.assistant.knowledge import Knowledge


class Options(Struct, frozen=True):
    """What is configured: files and folders."""

    paths: list[str] = []


class KnowledgeEngine:
    """Answers at once and whole, in a single piece: who shows answers as they are written shows these too."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece | Answer]:
        """The one answer. It costs well under a millisecond, so it is found in the caller's loop."""
        answer = self._knowledge.answer(turn)
        yield Piece(answer.text)
        yield answer


def build(options: Mapping[str, object] | Struct, folder: Path) -> KnowledgeEngine:
    """Reads the configured files; raises ValueError when they cannot be read."""
    return KnowledgeEngine(Knowledge(as_options(options, Options).paths, folder))
