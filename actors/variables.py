"""`{visitor.name}`-style variables in texts that people have prepared."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\{([a-z]+\.[a-z_]+)\}")
_LONELY = re.compile(r" +([,.!?])")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled in; one without a value leaves nothing, not even a space before a comma."""
    filled = _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)
    return _LONELY.sub(r"\1", filled) if filled != text else text
