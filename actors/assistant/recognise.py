"""When to fetch a human: what a visitor wrote, against the recognition built in and what the bot configures.

Pure functions of the text, some tens of microseconds each: no files, no clock, nothing of conversations or agents.
What the built-in recognition understands stands in ``language/``: a grammar for each of four languages.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from actors.assistant.language.requests import prepare, requested
from actors.assistant.language.words import padded
from actors.assistant.sentiment import LANGUAGE, sentiment
from actors.settings import Escalation

__all__ = ["Match", "Trigger", "escalation", "find_keyword", "prepare", "sentiment", "wants_human"]

DETAIL_CHARACTERS = 120
END_CHARACTERS = 1_000
"""Of a long text only both ends are understood: that is where people say what they want. Words that nobody knows take
long, and nobody else is answered meanwhile. What is configured is looked for in all of it."""

Trigger = Literal["phrase", "keyword", "sentiment"]


class Match(NamedTuple):
    """Why a human should come: what kind of thing fired, and what it was."""

    trigger: Trigger
    detail: str


def wants_human(text: str, phrases: Sequence[str] = ()) -> Match | None:
    """The request for a human in a text: one of the configured phrases, or else one in whatever words; None without."""
    phrase = _first_of(phrases, text)
    if phrase is None:
        phrase = requested(_ends(text))
    return None if phrase is None else Match("phrase", phrase[:DETAIL_CHARACTERS])


def find_keyword(text: str, keywords: Sequence[str]) -> Match | None:
    """The first of the keywords that stands in the text as whole words, whatever its case and accents."""
    keyword = _first_of(keywords, text)
    return None if keyword is None else Match("keyword", keyword)


def escalation(text: str, settings: Escalation) -> Match | None:
    """Whatever in a visitor's text should fetch a human, by the bot's settings: the plainest reason first."""
    asked = wants_human(text, settings.phrases) or find_keyword(text, settings.keywords)
    if asked is not None or settings.sentiment_below is None:
        return asked
    score = sentiment(text)
    return Match("sentiment", f"{score:.2f} ({LANGUAGE})") if score < settings.sentiment_below else None


def _ends(text: str) -> str:
    """The text, or what it begins and ends with as two lines."""
    return text if len(text) <= 2 * END_CHARACTERS else f"{text[:END_CHARACTERS]}\n{text[-END_CHARACTERS:]}"


def _first_of(wanted: Sequence[str], text: str) -> str | None:
    if not wanted:
        return None
    haystack = padded(text)
    return next((original for original, needle in _needles(tuple(wanted)) if needle in haystack), None)


@lru_cache(1_024)
def _needles(wanted: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each phrase with its comparable form; one without a single letter or digit can never be found."""
    return tuple((phrase, padded(phrase)) for phrase in wanted if padded(phrase).strip())
