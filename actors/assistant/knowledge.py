"""A bot's knowledge: its Markdown files, read once, and the answer they hold to a question, or the honest lack of one.

An answer is the text of one section, cut at a sentence where it is long, and says under which heading it stands.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from actors.assistant.engine import Answer, Turn
from actors.assistant.language.stopwords import STOPWORDS, language_of
from actors.assistant.language.words import words
from actors.assistant.search import Found, Index
from actors.assistant.sections import load
from actors.assistant.smalltalk import FALLBACK, small_talk, unknown

__all__ = ["KNOWN_ABOVE", "Knowledge"]

KNOWN_ABOVE = 0.5
"""The confidence an answer needs: below it, it is likelier wrong than right."""
ANSWER_CHARACTERS = 1_200

_QUOTES = {"en": "From “{}”", "de": "Aus „{}“", "fr": "Extrait de « {} »", "es": "De «{}»"}
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class Knowledge:
    """What is written in a bot's files."""

    def __init__(self, paths: Sequence[str], folder: Path) -> None:
        """Reads the files, relative to `folder`. Raises ValueError when one cannot be read or none says anything."""
        if not paths:
            raise ValueError("The assistant needs at least one Markdown file in `paths`.")
        sections = load([folder / path for path in paths])
        if not sections:
            raise ValueError(f"There is no text in {', '.join(paths)}.")
        self._index = Index(sections)

    def find(self, question: str, limit: int = 3) -> list[Found]:
        """The sections that fit a question best, most likely first."""
        return self._index.search(question, limit)

    def answer(self, turn: Turn) -> Answer:
        """The answer to a turn: a section quoted, a reply to small talk, or that it is not known."""
        language = spoken(turn)
        reply = small_talk(turn.question, turn.bot, language)
        if reply is not None:
            return Answer(reply)
        found = self.find(turn.question, limit=1)
        if not found or found[0].confidence < KNOWN_ABOVE:
            return Answer(unknown(language), confidence=found[0].confidence if found else 0.0, known=False)
        section, confidence = found[0]
        quote = _QUOTES[language_of(words(section.text), default=language)].format(section.path[-1])
        return Answer(f"{_shortened(section.text)}\n\n{quote}", confidence, sources=(section.heading,))


def spoken(turn: Turn) -> str:
    """The language to answer in: the question's, or the visitor's locale, or English."""
    locale = turn.locale.partition("-")[0].partition("_")[0].lower()
    return language_of(words(turn.question), default=locale if locale in STOPWORDS else FALLBACK)


def _shortened(text: str) -> str:
    """The text, or as many of its sentences as there is room for, and a sign that more follows."""
    if len(text) <= ANSWER_CHARACTERS:
        return text
    end = 0
    for boundary in _SENTENCE.finditer(text):
        if boundary.start() > ANSWER_CHARACTERS:
            break
        end = boundary.start()
    return f"{text[: end or ANSWER_CHARACTERS].rstrip()} …"
