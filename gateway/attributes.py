"""What a website knows of its visitor beyond name and e-mail: any JSON that every process and both subprotocols carry.

The one place where clients say what nobody has declared, so it is checked by hand: what MessagePack has and JSON has
not, or a number of 400 digits, would be refused far from here, by a host or by the connection of an agent who watches.
"""

import math
from typing import Any

LEVELS_MAX = 16
NUMBER_MIN, NUMBER_MAX = -(2**63), 2**63 - 1


def need_plain(attributes: dict[str, Any] | None) -> None:
    """Raises ValueError, which names the field, unless it is texts, numbers, true, false, null, lists, objects."""
    if attributes is not None and not _plain(attributes, LEVELS_MAX):
        raise ValueError(f"`attributes` are JSON of {LEVELS_MAX} levels at most, whole numbers of 64 bits")


def _plain(value: Any, levels: int) -> bool:
    match value:
        case None | bool() | str():
            return True
        case int():
            return NUMBER_MIN <= value <= NUMBER_MAX
        case float():
            return math.isfinite(value)
        case list():
            return levels > 0 and all(_plain(one, levels - 1) for one in value)
        case dict():
            return levels > 0 and all(isinstance(key, str) and _plain(one, levels - 1) for key, one in value.items())
        case _:
            return False
