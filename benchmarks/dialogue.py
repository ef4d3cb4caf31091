"""Dialogues to play: JSON lines of `{id, topics, turns: [{from: visitor|agent, text}]}`."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path
from typing import Literal

import msgspec

Speaker = Literal["visitor", "agent"]


class Turn(msgspec.Struct, frozen=True):
    """What somebody says before the other one speaks."""

    speaker: Speaker = msgspec.field(name="from")
    text: str


class Dialogue(msgspec.Struct, frozen=True):
    """One conversation as people have had it."""

    id: str
    turns: tuple[Turn, ...]
    topics: tuple[str, ...] = ()

    def script(self, to_assistant: int) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
        """Every turn once, in two acts: what the visitor types to the assistant, and what is said with the agent.

        The first act is the visitor's first `to_assistant` turns, and never fewer than come before the agent's first:
        until then only the assistant can have heard them. With 1, a dialogue that alternates keeps its order.
        """
        leading = next((n for n, turn in enumerate(self.turns) if turn.speaker == "agent"), len(self.turns))
        visitors = [n for n, turn in enumerate(self.turns) if turn.speaker == "visitor"]
        first = set(visitors[: max(leading, to_assistant)])
        return (
            tuple(self.turns[n] for n in visitors if n in first),
            tuple(turn for n, turn in enumerate(self.turns) if n not in first),
        )


_decode = msgspec.json.Decoder(Dialogue).decode


def load(path: Path, count: int) -> list[Dialogue]:
    """The first `count` dialogues, from the start again when the file has fewer. Raises ValueError with the line."""
    dialogues: list[Dialogue] = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                dialogues.append(_decode(line))
            except msgspec.DecodeError as error:
                raise ValueError(f"{path}:{number}: {error}") from None
            if len(dialogues) == count:
                break
    if not dialogues:
        raise ValueError(f"{path}: no dialogues")
    return list(islice(cycle(dialogues), count))
