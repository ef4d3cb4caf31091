"""`{visitor.name}`-style variables in texts that people have prepared."""

import re
from collections.abc import Iterable, Mapping

GREETING = ("visitor.name", "agent.name")
"""What an agent's greeting may name."""

_VARIABLE = re.compile(r"\{([a-z]+\.[a-z_]+)\}")
_LONELY = re.compile(r" +([,.!?])")


def unknown(text: str, known: Iterable[str]) -> list[str]:
    """The variables of the text that are none of these: people would read them as they stand."""
    return [name for name in _VARIABLE.findall(text) if name not in known]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled in; one without a value leaves nothing, not even a space before a comma."""
    filled = _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)
    return _LONELY.sub(r"\1", filled) if filled != text else text
