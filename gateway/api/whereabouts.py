"""What is known of a visitor without asking: the browser from its User-Agent, the city from its address."""

from functools import lru_cache
from typing import Any

import maxminddb
from ua_parser import parse

USER_AGENT_CHARACTERS = 400


@lru_cache(maxsize=2_000)
def device_of(user_agent: str) -> str:
    """`Firefox 141, Windows` or `Mobile Safari 18, iOS, iPhone`; empty if it tells nothing."""
    found = parse(user_agent[:USER_AGENT_CHARACTERS])
    browser, system, device = found.user_agent, found.os, found.device
    parts = [
        f"{browser.family} {browser.major or ''}".strip() if browser is not None else "",
        system.family if system is not None else "",
        device.family if device is not None and device.family not in ("Mac", "Other") else "",
    ]
    return ", ".join(part for part in parts if part)


class Locations:
    """A database in MaxMind's format; without one every place is unknown."""

    def __init__(self, database: str) -> None:
        self._reader = maxminddb.open_database(database) if database else None

    def of(self, address: str) -> str:
        """`Berlin, Germany`, or less; empty if the address is in no known place."""
        if self._reader is None:
            return ""
        try:
            found: Any = self._reader.get(address)
        except ValueError:
            return ""
        names = [_name(found, part) for part in ("city", "country")] if isinstance(found, dict) else []
        return ", ".join(name for name in names if name)


def _name(found: dict[str, Any], part: str) -> str:
    place = found.get(part)
    names = place.get("names", {}) if isinstance(place, dict) else {}
    return str(names.get("en", ""))
