"""Words: text folded to a comparable form, cut into tokens, and looked up in a vocabulary that forgives typos.

A token keeps where it stood, so that what was recognised can be quoted as the visitor wrote it.
A typo is an optimal string alignment distance (a swap of neighbours counts once) of 1 for words of 5 to 9 letters and
2 from 10 on; in shorter words, a swap, and one letter too many in words of 4.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST_MENDED, SHORTEST_MENDED_TWICE, LONGEST = 5, 10, 24

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("([\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)")
"""Thai and Lao, kana, and the characters of Chinese."""
_TOKEN = re.compile(r"[^\W_]+(?:\*+[^\W_]*|['\u2019]t\b)*|[.,;:!?()\n\u2026\u2013\u2014\u00bf\u00a1]+|\s-+\s")
_PHRASES = re.compile("[\ufdfa\ufdfb]")
"""Characters that stand for phrases: a text of the one becomes 18 times as long, and holds up its host for 0.1 s."""
_APOSTROPHE = re.compile(r"['\u2019]")
_STRETCHED, _DOUBLED = re.compile(r"(.)\1{2,}"), re.compile(r"(.)\1+")


class Token(NamedTuple):
    """A folded word, or the punctuation that ends a clause, and where it stands in the text."""

    word: str
    start: int
    end: int


def fold(text: str) -> str:
    """The text without case and accents: comparable, not for display."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", _PHRASES.sub(" ", text.casefold()))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[Token]:
    """The words and the clause marks of a text, in order. Apostrophes and hyphens part words and are dropped."""
    return [
        Token(_APOSTROPHE.sub("", fold(found.group())), found.start(), found.end()) for found in _TOKEN.finditer(text)
    ]


def words(text: str) -> list[str]:
    """The folded words of a text, in order. Scripts without spaces have no words to see: each two neighbouring
    characters stand for one, as is usual in searching them."""
    found = _WORD.findall(fold(text))
    return found if text.isascii() else [part for word in found for part in _parts(word)]


def _parts(word: str) -> list[str]:
    parts = [part for part in _UNSPACED.split(word) if part]
    return [two for part in parts for two in (_pairs(part) if _UNSPACED.match(part) else [part])]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def padded(text: str) -> str:
    """The folded words with one space around each, so that whole words and phrases can be found with `in`."""
    return f" {' '.join(words(text))} "


class Vocabulary:
    """Known words, each with a meaning: looked up exactly, then as a typo, then as two words run together.

    `mended` are those worth mending. The others are too many and too short: what is near "that" is seldom a typo of it.
    `glue` are the short words that get stuck to their neighbours when the space is forgotten.
    `real_words` look like a typo of a known word and are none.
    """

    def __init__(
        self,
        meanings: Mapping[str, str],
        mended: Iterable[str] = (),
        glue: Iterable[str] = (),
        real_words: Iterable[str] = (),
    ) -> None:
        self._meanings = dict(meanings)
        self._real = frozenset(real_words)
        self._glue = frozenset(glue)
        self._mended: dict[int, list[str]] = defaultdict(list)
        for word in mended:
            self._mended[len(word)].append(word)
        short = [word for word in self._meanings if 3 <= len(word) < SHORTEST_MENDED]
        self._swapped = {swap: word for word in short for swap in _swaps(word)}

    def exact(self, word: str) -> str | None:
        """What the word means as it is written, or None."""
        return self._meanings.get(word)

    def corrected(self, word: str) -> str | None:
        """What the word means once a typo is mended, or None: it may well be right, and unknown here."""
        if word in self._real or not SHORTEST_MENDED - 2 <= len(word) <= LONGEST:
            return None
        near = self._near(word)
        return self._run_together(word) if near is None else near

    def _near(self, word: str) -> str | None:
        for single in (_STRETCHED.sub(r"\1", word), _DOUBLED.sub(r"\1", word)):
            if single != word and single in self._meanings:
                return self._meanings[single]
        nearest = self._swapped.get(word) or self._nearest(word)
        return None if nearest is None else self._meanings[nearest]

    def _nearest(self, word: str) -> str | None:
        """The known word that is one slip away, or two where words are long."""
        if len(word) == SHORTEST_MENDED:
            for cut in range(1, len(word)):
                if (shorter := word[:cut] + word[cut + 1 :]) in self._mended[SHORTEST_MENDED - 1]:
                    return shorter
        return self._within(word, 1, SHORTEST_MENDED) or self._within(word, 2, SHORTEST_MENDED_TWICE)

    def _within(self, word: str, distance: int, shortest: int) -> str | None:
        for length in range(max(shortest, len(word) - distance), len(word) + distance + 1):
            choices = self._mended.get(length, ())
            found = process.extractOne(word, choices, scorer=OSA.distance, score_cutoff=distance)
            if found is not None:
                return str(found[0])
        return None

    def _run_together(self, word: str) -> str | None:
        """The meanings of two known words, one of them glue, with the space forgotten ("talkto")."""
        for cut in range(1, len(word)):
            left, right = word[:cut], word[cut:]
            glued = left in self._glue or right in self._glue
            if glued and left in self._meanings and right in self._meanings:
                return self._meanings[left] + self._meanings[right]
        return None


def _swaps(word: str) -> list[str]:
    """The word with each two neighbours swapped: of short words little else can be told from another word."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
