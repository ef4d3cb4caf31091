"""Passwords of agents: argon2id hashes, and a check that takes as long for an e-mail that nobody has.

The parameters are OWASP's for argon2id (19 MiB, 2 passes, 1 lane). A log-in then takes some 20 ms of one core, and a
burst of them cannot take the memory that conversations need: one check for each core, at 19 MiB each. Both functions
block for that time and release the interpreter's lock: an event loop calls them in a thread.
"""

from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_CHARACTERS_MAX = 1_024

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


def hash(password: str) -> str:
    """The argon2id hash of a password, with a salt of its own; raises ValueError when it is empty or too long."""
    if not 0 < len(password) <= PASSWORD_CHARACTERS_MAX:
        raise ValueError(f"a password has 1 to {PASSWORD_CHARACTERS_MAX:,} characters")
    return _hasher.hash(_bytes(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. Without a hash the answer is no, after the same work."""
    try:
        matches = _hasher.verify(password_hash or _nobody(), _bytes(password[: PASSWORD_CHARACTERS_MAX + 1]))
    except (VerificationError, InvalidHashError, UnicodeError):
        return False
    return matches and bool(password_hash)


def _bytes(password: str) -> bytes:
    """Any text JSON can carry, half a character too, so that no password is an error."""
    return password.encode(errors="surrogatepass")


@cache
def _nobody() -> str:
    """A hash that no known password has, for e-mails that no agent has."""
    return _hasher.hash("")
