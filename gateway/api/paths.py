"""Paths with parts in braces, and what is found there: one look-up for each part, however many paths there are."""

from collections.abc import Iterable
from typing import Any

_ANY = "{}/"
"""What stands for a part in braces: no part has a slash in it."""
_HERE = "/"
"""Below it is what the path that ends here is of."""


class Paths:
    """Knows templates such as `/api/bots/{bot}/queue`. Where a part may be a word or anything, it is the word."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._root: dict[str, Any] = {}
        for template in templates:
            node, names = self._root, []
            for part in _parts(template):
                if part.startswith("{"):
                    names.append(part[1:-1])
                    part = _ANY
                node = node.setdefault(part, {})
            node[_HERE] = template, names

    def find(self, path: str) -> tuple[str, dict[str, str]] | None:
        """The template of the path, and what stands in it for each part in braces. A slash at the end says nothing."""
        node, values = self._root, []
        for part in _parts(path):
            below = node.get(part)
            if below is None:
                below = node.get(_ANY) if part else None
                if below is None:
                    return None
                values.append(part)
            node = below
        if _HERE not in node:
            return None
        template, names = node[_HERE]
        return template, dict(zip(names, values, strict=True))


def _parts(path: str) -> list[str]:
    return path.removesuffix("/").split("/")[1:]
