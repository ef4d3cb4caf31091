"""One end of a conversation as the generator drives it: a socket that is connected, and how to speak on it.

A message's text begins with a token, `#v00012.00000345#`: which end of which conversation said it, and its number
there. Tokens are letters, digits, `#` and `.`, which no encoding here escapes; so a delivery is recognised by a regular
expression over what was received, at the same small cost for every peer.
"""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.dialogue import load

NUMBER = "@@@@@@@@"
"""Stands in a composed message wherever the number will: eight digits, so that lengths are known before."""
NUMBER_BYTES = NUMBER.encode()
TEXT_BYTES = 100
TOKEN = rb"#([va]\d{5})\.(\d{8})#"
ENDS = "va"
DIALOGUES_MAX = 1_000


class Split(Protocol):
    """How a stream is cut into what is complete and what is not."""

    owed: bytes
    """What the protocol obliges a client to answer by now (pongs); the generator sends it and empties it."""

    def whole(self, data: bytes) -> int:
        """How many bytes of it are complete. Raises Lost when the other side says goodbye."""
        ...


@dataclass(frozen=True, slots=True)
class Recognise:
    """What a peer's bytes say. `delivered` has the token's two groups, `acked` one: the number."""

    delivered: re.Pattern[bytes]
    acked: re.Pattern[bytes] | None = None
    refused: bytes | None = None


@dataclass(slots=True)
class Line:
    """One end, connected and allowed to speak. `compose` makes a text the bytes that carry it to the other end."""

    socket: socket.socket
    compose: Callable[[str], bytes]
    split: Split
    rest: bytes = b""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Two ends that hear each other."""

    visitor: Line
    agent: Line

    @property
    def lines(self) -> tuple[Line, Line]:
        """The visitor's and the agent's."""
        return self.visitor, self.agent


def label(end: int, conversation: int) -> str:
    """How an end signs: 0 the visitor's, 1 the agent's."""
    return f"{ENDS[end]}{conversation:05d}"


def marked(signature: str, text: str) -> str:
    """The text with its token before it, the number to be filled in."""
    return f"#{signature}.{NUMBER}#{text}"


Texts = Callable[[int, int], Sequence[str]]
"""What an end of a conversation says, message by message, and then again from the first."""


def plain_texts(conversation: int, end: int) -> Sequence[str]:
    """One text that makes a marked message of 100 bytes."""
    return ["x" * (TEXT_BYTES - len(marked(label(end, conversation), "")))]


def dialogue_texts(path: Path, seed: int) -> Texts:
    """Real dialogues from a file (`benchmarks.dialogue`), one drawn for each conversation. Raises ValueError."""
    dialogues = load(path, DIALOGUES_MAX)
    random.Random(seed).shuffle(dialogues)

    def said(conversation: int, end: int) -> Sequence[str]:
        speaker = ("visitor", "agent")[end]
        turns = dialogues[conversation % len(dialogues)].turns
        return [turn.text.replace("#", "").replace("@", "") for turn in turns if turn.speaker == speaker] or ["?"]

    return said
