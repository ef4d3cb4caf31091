"""Terms: a text's words reduced to their stems, for comparing a question with what is written."""

from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped]
from rapidfuzz import process
from rapidfuzz.distance import OSA

from actors.assistant.language.stopwords import FILLERS, STOPWORDS

SHORTEST_MENDED = 4

_STEMMERS = {
    code: snowballstemmer.stemmer(name)
    for code, name in {"en": "english", "de": "german", "fr": "french", "es": "spanish"}.items()
}

OTHER = "und"
"""A language that none of these is: its words are compared as they are written, slips and endings forgiven alike."""

SMALL = {**{language: STOPWORDS[language] | FILLERS for language in _STEMMERS}, OTHER: frozenset[str]()}
"""The words of a language that say nothing of a text's subject."""


@lru_cache(65_536)
def stem(word: str, language: str) -> str:
    """The Snowball stem of a folded word; the word itself in a language that is not known here."""
    return word if language == OTHER else str(_STEMMERS[language].stemWord(word))


SMALL_STEMS = {language: frozenset(stem(word, language) for word in listed) for language, listed in SMALL.items()}


def content_terms(words: Iterable[str], language: str) -> list[str]:
    """The stems of the words that have a subject: no small words, no numbers."""
    return [stem(word, language) for word in words if word.isalpha() and word not in SMALL[language]]


def nearest(term: str, known: Iterable[str]) -> str | None:
    """The known term that is one slip away, or two where terms are long; None without one, or for a short term."""
    if len(term) < SHORTEST_MENDED:
        return None
    slips = 1 if len(term) < 2 * SHORTEST_MENDED else 2
    near = process.extractOne(term, known, scorer=OSA.distance, score_cutoff=slips)
    return None if near is None or near[0][0] != term[0] else str(near[0])
