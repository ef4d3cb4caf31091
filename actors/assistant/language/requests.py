"""Whether a text asks for a human, in any of the languages known here. Another language is a file and a line below."""

from collections.abc import Sequence
from functools import lru_cache

from actors.assistant.language.english import ENGLISH
from actors.assistant.language.french import FRENCH
from actors.assistant.language.german import GERMAN
from actors.assistant.language.grammar import HARD, OTHER, SCRAP, Grammar
from actors.assistant.language.spanish import SPANISH
from actors.assistant.language.words import tokens

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH)
WORDS_REMEMBERED = 32_768
SCRAP_LETTERS = 2

_grammars = [Grammar(language) for language in LANGUAGES]
_vocabularies = [language.vocabulary() for language in LANGUAGES]


def prepare() -> None:
    """What the first texts would otherwise wait for: every language is compiled, in some 0.3 s."""
    for grammar in _grammars:
        _ = grammar.patterns


def requested(text: str) -> str | None:
    """The part of the text that asks for a human, as it was written, or None."""
    found = tokens(text)
    columns = list(zip(*[_meanings(token.word) for token in found], strict=True))
    for grammar, column in zip(_grammars, columns, strict=False):
        line = "".join(column)
        if not grammar.triggers.search(line) or not _plausible(column, columns):
            continue
        span = grammar.find(line)
        if span is not None:
            first, last = _words_of(column, *span)
            return text[found[first].start : found[last].end]
    return None


@lru_cache(WORDS_REMEMBERED)
def _meanings(word: str) -> tuple[str, ...]:
    """The symbols a word stands for, one string a language; a word that one language knows is no typo in another."""
    if not word[0].isalnum():
        return (HARD,) * len(LANGUAGES)
    exact = [vocabulary.exact(word) for vocabulary in _vocabularies]
    if any(meaning is not None for meaning in exact):
        return tuple(OTHER if meaning is None else meaning for meaning in exact)
    if "*" in word:
        return _meanings(word.replace("*", "")) if word.endswith("*in") else ("",) * len(LANGUAGES)
    unknown = SCRAP if len(word) <= SCRAP_LETTERS and word.isalpha() else OTHER
    mended = (vocabulary.corrected(word) for vocabulary in _vocabularies)
    return tuple(unknown if meaning is None else meaning for meaning in mended)


def _plausible(column: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Whether the text may be in this language: "will an agent" is not German, though each word of it could be."""
    return column is columns[0] or _known(column) + 1 >= max(map(_known, columns))


def _known(column: Sequence[str]) -> int:
    return sum(meaning not in (OTHER, SCRAP) for meaning in column)


def _words_of(column: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The first and the last word of a span of symbols."""
    owners = [index for index, meaning in enumerate(column) for _ in meaning]
    return owners[start], owners[end - 1]
