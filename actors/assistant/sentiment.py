"""How a visitor feels: VADER's compound score, -1 to 1. VADER is a lexicon of English, and this knows it.

Its words mean other things elsewhere ("die" is a German article), so text in another language has no score: 0.
"""

from functools import cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

from actors.assistant.language.stopwords import language_of
from actors.assistant.language.words import words

LANGUAGE = "en"
LONGEST = 2_000
"""Bytes that are read: VADER's time grows faster than the text, and an emoji is several words to it."""


def sentiment(text: str) -> float:
    """The compound score of an English text, -1 to 1; 0 for a text in a language that VADER does not know."""
    read = text.encode()[:LONGEST].decode(errors="ignore")
    if language_of(words(read), default=LANGUAGE) != LANGUAGE:
        return 0.0
    return float(_analyzer().polarity_scores(read)["compound"])


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()
