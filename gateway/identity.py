"""Who a client is, and which conversations may be a visitor's: they are numbered, `V-1`, `V-2`."""

import secrets

from msgspec import Struct

from gateway.sessions import Role
from gateway.tokens import Claims


class Identity(Struct, frozen=True):
    """Who a token is. `bot` is a visitor's; an agent's are in her settings. `sender` is how actors know her or him.
    `claims` are the token's: who stays for long is asked now and then whether it is still good."""

    role: Role
    id: str
    name: str
    bot: str = ""
    sender: str = ""
    claims: Claims | None = None

    @classmethod
    def of(cls, role: Role, id: str, name: str, bot: str = "", claims: Claims | None = None) -> "Identity":
        """The identity with the sender's address that belongs to it."""
        return cls(role, id, name, bot, f"{role}/{id}", claims)


def new_visitor(now_ms: int) -> str:
    """A name that nobody else has.

    Names that begin with the time lie side by side in a store's indexes: whoever comes is written into pages that are
    being written anyway. Else each would dirty one of its own in every index.
    """
    return f"{now_ms:011x}{secrets.token_bytes(8).hex()}"


def successor(visitor: str, key: str | None) -> str:
    """The name of a visitor's conversation after this one."""
    number = int(key.rpartition("-")[2]) + 1 if key else 1
    return f"{visitor}-{number}"


def returning(visitor: str, now_ms: int) -> str:
    """The name of the next conversation of a visitor who may have had some that are forgotten.

    None of them had it, and none must: actors remember what a conversation told them by its name and its count. Two
    windows of the same minute name the same.
    """
    return f"{visitor}-{now_ms // 60_000}"


def visitor_of(key: str) -> str:
    """Whose conversation it is."""
    return key.rpartition("-")[0]


def later(key: str, than: str) -> bool:
    """The first of two conversations of a visitor came after the other."""
    return int(key.rpartition("-")[2]) > int(than.rpartition("-")[2])


def may_be_of(identity: Identity, key: str) -> bool:
    """False for a name that no conversation of the visitor has: no actor need be asked, or be made to ask."""
    if identity.role == "agent":
        return True
    visitor, _, number = key.rpartition("-")
    return visitor == identity.id and number.isascii() and number.isdecimal() and len(number) <= DIGITS_MAX


DIGITS_MAX = 9
"""Of a conversation's number."""
