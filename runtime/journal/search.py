"""What "the text occurs in it" means to every journal: somewhere in a string of the JSON, whatever the case."""

from collections.abc import Iterator
from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode

CODES = frozenset(("type", "kind", "state", "from", "by", "how", "trigger", "outcome", "resolution", "notice"))
"""Fields that hold words of ours, from a fixed list: nobody has written them."""


def escaped(text: str) -> str:
    """The text as it stands inside a string of JSON."""
    return msgspec.json.encode(text)[1:-1].decode()


def occurs(text: str, body: bytes) -> bool:
    """Whether one of the body's strings contains the text. Names of fields, and `CODES`, do not count."""
    if escaped(text).casefold() not in body.decode(errors="replace").casefold():
        return False
    try:
        value = _decode(body)
    except msgspec.DecodeError:
        return True
    sought = text.casefold()
    return any(sought in one.casefold() for one in _strings(value))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in CODES or not isinstance(inner, str):
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
