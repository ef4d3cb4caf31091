"""Where things stand in a TOML file: the line of every table, key and array item.

A scanner, not a parser: it is only given text that ``tomllib`` has accepted, so it never has to refuse anything, and
keeps nothing of the values. It exists because no kept TOML library tells positions.
"""

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Table and key names and array indexes, from the root: ``("bots", 0, "routing", "offer_seconds")``."""

SPACE = re.compile(r"[ \t]*")
GAP = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
QUOTED_KEY = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*\"""")
STRING = re.compile(r"'''.*?'''+|\"\"\"(?:\\.|[^\\])*?\"\"\"+|'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
SCALAR = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+|[^\s,\]}#]+")


def lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, at which each path of a valid TOML text first stands."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.array_tables: dict[Path, int] = {}

    def document(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(GAP)
        while self.at < len(self.text):
            table = self._header() if self.text[self.at] == "[" else self._pair(table)
            self._skip(GAP)
        return self.found

    def _header(self) -> Path:
        """Reads ``[a.b]`` or ``[[a.b]]`` and returns the path of its table."""
        is_array = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 2 if is_array else 1
        *parents, last = self._key()
        self._skip(SPACE)
        self.at += 2 if is_array else 1
        path: Path = ()
        for name in parents:
            path = self._latest((*path, name))
            self._note(path, start)
        path = (*path, last)
        self._note(path, start)
        if is_array:
            self.array_tables[path] = self.array_tables.get(path, -1) + 1
        path = self._latest(path)
        self._note(path, start)
        return path

    def _latest(self, path: Path) -> Path:
        """The path itself, or its last item when it is an array of tables."""
        return (*path, self.array_tables[path]) if path in self.array_tables else path

    def _pair(self, table: Path) -> Path:
        """Reads ``key = value`` and returns the table it stands in."""
        start, path = self.at, table
        for name in self._key():
            path = (*path, name)
            self._note(path, start)
        self._skip(SPACE)
        self.at += 1
        self._skip(SPACE)
        self._value(path)
        return table

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(SPACE)
            if self.text[self.at] in "'\"":
                names.append(tomllib.loads(f"key = {self._skip(QUOTED_KEY)}")["key"])
            else:
                names.append(self._skip(BARE_KEY))
            self._skip(SPACE)
            if self.text[self.at] != ".":
                return names
            self.at += 1

    def _value(self, path: Path) -> None:
        match self.text[self.at]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case "'" | '"':
                self._skip(STRING)
            case _:
                self._skip(SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        self._skip(GAP)
        index = 0
        while self.text[self.at] != "]":
            self._note((*path, index), self.at)
            self._value((*path, index))
            self._skip(GAP)
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        self._skip(GAP)
        while self.text[self.at] != "}":
            self._pair(path)
            self._skip(GAP)
        self.at += 1

    def _note(self, path: Path, at: int) -> None:
        self.found.setdefault(path, self.text.count("\n", 0, at) + 1)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return match.group()
