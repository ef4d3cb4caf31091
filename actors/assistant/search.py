"""Ranked full-text search over sections.

Words are stemmed in the language of their section, where it is known; a question in every language that sections have.
SQLite's FTS5 finds and ranks (bm25, the heading and its aliases above the text); of what it ranks first, confidence
decides.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from actors.assistant.confidence import MOST_EVIDENCE, Features, confidence, term_weight
from actors.assistant.language.stopwords import language_of
from actors.assistant.language.words import words
from actors.assistant.sections import Section
from actors.assistant.terms import OTHER, SMALL, SMALL_STEMS, content_terms, nearest, stem

DEFAULT_LANGUAGE = "en"
CANDIDATES = 24
QUESTION_WORDS = 60
"""So many different words of a question are looked up, the first ones."""
TEXT_WEIGHT, MENDED_WEIGHT, UNKNOWN_WEIGHT, SMALL_WEIGHT = 0.6, 0.8, 0.9, 0.13
"""What counts less than a term in a heading: one in the text, one that was misspelt, one in no section (often a name),
and a small word, in parts of the weight of the rarest term."""

_SENTENCE = re.compile(r"[?.!:;]+")


class Found(NamedTuple):
    """A section, and the likelihood that it answers the question, 0 to 1."""

    section: Section
    confidence: float


class _Entry(NamedTuple):
    section: Section
    language: str
    headings: tuple[frozenset[str], ...]
    """The stems of each sentence of the heading, small words included."""
    named: frozenset[str]
    """Terms of the headings and the aliases."""
    text: frozenset[str]


class Index:
    """Sections, searchable. Built once; searching changes nothing."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self._entries = [_entry(section) for section in sections]
        self._having: dict[str, Counter[str]] = {}
        for entry in self._entries:
            self._having.setdefault(entry.language, Counter()).update(entry.named | entry.text)
        self._rarest = term_weight(len(self._entries), 1)
        self._table = sqlite3.connect(":memory:", check_same_thread=False)
        self._table.execute(
            "CREATE VIRTUAL TABLE section USING fts5(heading, aliases, body, tokenize='unicode61 remove_diacritics 2')"
        )
        self._table.executemany("INSERT INTO section VALUES (?, ?, ?)", map(_row, self._entries))

    def search(self, question: str, limit: int = 3) -> list[Found]:
        """The sections that answer best, most likely first."""
        asked = list(dict.fromkeys(words(question)))[:QUESTION_WORDS]
        terms = {language: self._terms(asked, language) for language in self._having}
        candidates = self._candidates(sorted({term for each in terms.values() for term in each}))
        found = [
            Found(entry.section, confidence(self._features(asked, terms[entry.language], entry)))
            for entry in candidates
        ]
        return sorted(found, key=lambda each: -each.confidence)[:limit]

    def features(self, question: str, section: Section) -> Features:
        """What speaks for one section as the answer; for calibration."""
        asked = list(dict.fromkeys(words(question)))[:QUESTION_WORDS]
        entry = next(entry for entry in self._entries if entry.section is section)
        return self._features(asked, self._terms(asked, entry.language), entry)

    def _terms(self, asked: Sequence[str], language: str) -> dict[str, float]:
        """The question's terms, mended where that makes them known, with how far each is trusted."""
        known = self._having[language]
        terms: dict[str, float] = {}
        for term in content_terms(asked, language):
            mended = term if term in known else nearest(term, known.keys())
            terms[mended or term] = 1.0 if mended in (term, None) else MENDED_WEIGHT
        return terms

    def _candidates(self, terms: Sequence[str]) -> list[_Entry]:
        if not terms:
            return []
        rows = self._table.execute(
            "SELECT rowid FROM section WHERE section MATCH ? ORDER BY bm25(section, 4.0, 3.0, 1.0) LIMIT ?",
            (" OR ".join(f'"{term}"' for term in terms), CANDIDATES),
        )
        return [self._entries[rowid - 1] for (rowid,) in rows]

    def _features(self, asked: Sequence[str], terms: Mapping[str, float], entry: _Entry) -> Features:
        weights = {term: self._weight(term, entry.language) for term in terms}
        matched = sum(
            weights[term] * trust * (1.0 if term in entry.named else TEXT_WEIGHT)
            for term, trust in terms.items()
            if term in entry.named or term in entry.text
        )
        small = {stem(word, entry.language) for word in asked if word in SMALL[entry.language]}
        read = small | terms.keys()
        likeness = max((self._likeness(read, heading, entry.language) for heading in entry.headings), default=0.0)
        return Features(matched / max(sum(weights.values()), 1e-9), min(MOST_EVIDENCE, matched), likeness)

    def _likeness(self, asked: set[str], heading: frozenset[str], language: str) -> float:
        shared = sum(self._weight(term, language) for term in asked & heading)
        return 2 * shared / max(sum(self._weight(term, language) for term in (*asked, *heading)), 1e-9)

    def _weight(self, term: str, language: str) -> float:
        """The term's weight, in parts of that of a term in a single section."""
        if term in SMALL_STEMS[language]:
            return SMALL_WEIGHT
        having = self._having[language][term]
        return term_weight(len(self._entries), having) / self._rarest if having else UNKNOWN_WEIGHT


def _language(written: Sequence[str]) -> str:
    """The language of a section; of what is written in another script, none that is known here."""
    foreign = sum(not word.isascii() for word in written) > len(written) / 2
    return language_of(written, default=OTHER if foreign else DEFAULT_LANGUAGE)


def _entry(section: Section) -> _Entry:
    language = _language(words(f"{section.heading} {section.text}"))
    sentences = (words(sentence) for sentence in _SENTENCE.split(section.path[-1]))
    headings = tuple(frozenset(stem(word, language) for word in sentence) for sentence in sentences if sentence)
    named = content_terms(words(f"{section.heading} {section.aliases}"), language)
    text = content_terms(words(section.text), language)
    return _Entry(section, language, headings, frozenset(named), frozenset(text))


def _row(entry: _Entry) -> tuple[str, str, str]:
    section = entry.section
    columns = (section.path[-1], " ".join((*section.path[:-1], section.aliases)), section.text)
    heading, aliases, body = (" ".join(content_terms(words(column), entry.language)) for column in columns)
    return heading, aliases, body
