"""How many are here at a time, by who they are and by where they come from."""

from collections import Counter
from collections.abc import Iterable, Mapping

from gateway.identity import Identity

ADDRESS_MAX = 1_000
"""Connections of visitors from one address of the internet, and so many streams, at a gateway."""


class Seats:
    """Taken, and left again."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def take(self, wanted: Mapping[str, int]) -> bool:
        """Take a seat under each name. False, and none is taken, if one has as many taken as it may."""
        if any(self._taken[name] >= most for name, most in wanted.items()):
            return False
        self._taken.update(wanted.keys())
        return True

    def leave(self, names: Iterable[str]) -> None:
        """Leave the seats that were taken under these."""
        for name in names:
            self._taken[name] -= 1
            if not self._taken[name]:
                del self._taken[name]


def seats_of(identity: Identity, crowd: str, own_max: int) -> dict[str, int]:
    """What somebody sits under, and how many may. A name is had for the asking by visitors, so their address counts."""
    by_address = {crowd: ADDRESS_MAX} if crowd and identity.role == "visitor" else {}
    return {identity.sender: own_max, **by_address}
