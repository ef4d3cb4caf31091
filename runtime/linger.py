"""How long work waits for more of it, when a round costs something whatever it carries: as busy as it was just now."""

BUSY = 50
"""A round that carries so much, messages or sockets, is a busy one: the next waits a whole linger."""


def linger(seconds: float, carried: int, least: float = 0.0) -> float:
    """The seconds that a round waits after one that carried so much; at the `least` this part of the linger."""
    return seconds * min(1.0, max(least, carried / BUSY))
