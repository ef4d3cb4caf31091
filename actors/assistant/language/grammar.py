"""A grammar over word classes, compiled to regular expressions over one character a word.

"Can I talk to a human?" becomes CAN I SPEAK LINK DET HUMAN, one private character each, and a rule is written in those
names: ``SPEAK LINK? NP``. A language is a file of words and rules; this file knows none.

    clause   what stands between two HARD marks (punctuation, "but"); SOFT ("and") parts clauses too, but a negation
             reaches over it
    rule     `core` is what asks; `before` must be found in its clause ahead of it, `after` must match what follows
    unless   a guarded rule does not count when `never_before` is found ahead of its core, or `never_after` follows

In a pattern `_` is any one word of the clause, and the name of a macro stands for the macro's pattern.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import count

from actors.assistant.language.words import Vocabulary

CONTEXT_WORDS = 24
"""How many words ahead of a core are read: what bounds the cost of a long text."""

_NAME = re.compile(r"[A-Z]+|_")
_numbers = count(0xE000)


@cache
def symbol(name: str) -> str:
    """The character that stands for a word class, whatever the language; "" for words that say nothing here."""
    return "" if name in ("DROP", "SWEAR") else chr(next(_numbers))


HARD, SOFT, OTHER, SCRAP = symbol("HARD"), symbol("SOFT"), symbol("OTHER"), symbol("SCRAP")
"""Clause marks; unknown words; unknown words so short that a small one may be meant ("talk t oa human")."""


def symbols(names: str) -> str:
    """The characters of several classes: what one written word ("dont") can stand for."""
    return "".join(map(symbol, names.split()))


@dataclass(frozen=True)
class Rule:
    """A way to ask. An unguarded rule carries its own negation ("no more bots")."""

    core: str
    before: str = ""
    after: str = ""
    guarded: bool = True


@dataclass(frozen=True)
class Language:
    """Words by class, and rules over the classes.

    Without a word of the classes in `triggers` no rule can match; typos of the words in `mended` are forgiven,
    and a scrap may stand for a word of the classes in `small`.
    """

    code: str
    classes: Mapping[str, str]
    triggers: str
    rules: Sequence[Rule]
    macros: Mapping[str, str] = field(default_factory=dict)
    never_before: Sequence[str] = ()
    never_after: Sequence[str] = ()
    small: str = ""
    mended: str = ""
    glue: str = ""
    real_words: str = ""

    def vocabulary(self) -> Vocabulary:
        """The words of the language, each with the symbols it stands for."""
        meanings = {word: symbols(names) for names, listed in self.classes.items() for word in listed.split()}
        mended = [word for name in self.mended.split() for word in self.classes[name].split()]
        return Vocabulary(meanings, mended, self.glue.split(), self.real_words.split())


_Asking = tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], bool]
"""A rule, compiled: core, before, after, and whether it is guarded."""


class Grammar:
    """A language, compiled when it is first needed: finds what asks in a line of symbols."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._macros = language.macros
        self._small = language.small.split()
        self.triggers = re.compile(f"[{symbols(language.triggers)}]")

    @cached_property
    def patterns(self) -> tuple[Sequence[_Asking], re.Pattern[str], re.Pattern[str]]:
        """The rules; and what must stand neither ahead of a guarded one nor after it. They take 0.1 s to compile."""
        one = self._language
        rules = [
            (self._compiled(rule.core), self._compiled(rule.before), self._compiled(rule.after), rule.guarded)
            for rule in one.rules
        ]
        never_before, never_after = ("|".join(never) or r"(?!)" for never in (one.never_before, one.never_after))
        return rules, self._compiled(never_before), self._compiled(never_after)

    def find(self, line: str) -> tuple[int, int] | None:
        """Where the first thing that asks stands in a line of symbols, or None; without a trigger there is none."""
        rules, never_before, never_after = self.patterns
        for core, before, after, guarded in rules:
            for found in core.finditer(line):
                start, end = found.span()
                sentence = line[max(0, start - CONTEXT_WORDS) : start].rpartition(HARD)[2]
                if guarded and (never_before.search(sentence) or never_after.match(line, end)):
                    continue
                if before.search(sentence.rpartition(SOFT)[2]) and after.match(line, end):
                    return start, end
        return None

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        return re.compile(self._expanded(pattern).replace(" ", ""))

    def _expanded(self, pattern: str) -> str:
        return _NAME.sub(lambda found: self._written(found.group()), pattern)

    def _written(self, name: str) -> str:
        if name == "_":
            return f"[^{HARD}{SOFT}]"
        if name in self._macros:
            return f"(?:{self._expanded(self._macros[name])})"
        return f"[{symbol(name)}{SCRAP}]" if name in self._small else symbol(name)
