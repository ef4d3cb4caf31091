"""Who somebody is, signed: tokens of visitors and agents, the secret that signs them, and a website's word for a user.

Tokens are JWTs under HS256, opaque to clients. Time comes in, so a token's end can be tested; an agent's token says who
she is, not what she may do: role and bots are looked up in the settings of the moment.
"""

import hashlib
import hmac
import logging
import os
from pathlib import Path
from typing import Literal

import jwt
import msgspec
from jwt.utils import base64url_encode
from msgspec import Struct

from gateway.files import Draft
from runtime.lines import Line

VISITOR_SECONDS = 30 * 86_400
AGENT_SECONDS = 12 * 3_600
SECRET_BYTES_MIN = 16
SECRET_VARIABLE = "LIVESUPPORT_SECRET"
ALGORITHM = "HS256"

_HEADER = base64url_encode(b'{"alg":"HS256","typ":"JWT"}') + b"."
_encode = msgspec.json.Encoder().encode

log = logging.getLogger(__name__)


class Claims(Struct, frozen=True, kw_only=True):
    """What a token says. A visitor belongs to one bot, an agent's bots are in the settings."""

    role: Literal["visitor", "agent"]
    id: str
    bot: str | None = None
    name: str | None = None
    expires_ms: int

    @classmethod
    def of_visitor(cls, visitor_id: str, bot: str, now_ms: int, name: str | None = None) -> "Claims":
        """Good for 30 days."""
        return cls(role="visitor", id=visitor_id, bot=bot, name=name, expires_ms=now_ms + VISITOR_SECONDS * 1000)

    @classmethod
    def of_agent(cls, agent_id: str, now_ms: int, name: str | None = None) -> "Claims":
        """Good for 12 hours."""
        return cls(role="agent", id=agent_id, name=name, expires_ms=now_ms + AGENT_SECONDS * 1000)


class TokenError(Exception):
    """The token proves nothing: it is past its time, or we never signed it."""

    def __init__(self, reason: Literal["expired", "forged"]) -> None:
        self.reason = reason
        super().__init__(f"the token is {reason}")


class Tokens:
    """Signs and reads tokens with one secret."""

    def __init__(self, secret: str) -> None:
        # A key of its own for this use, and of the length that HS256 wants, whatever the secret's.
        self._key = hmac.digest(secret.encode(), b"livesupport tokens", hashlib.sha256)
        self._unsigned = hmac.new(self._key, digestmod=hashlib.sha256)  # begun once: each token's goes on from a copy

    def issue(self, claims: Claims) -> str:
        """The token that says so."""
        # What `jwt.encode` does, but for looking each time whether our key is perhaps a PEM, a certificate or a JSON.
        signed, mac = _HEADER + base64url_encode(_encode(claims)), self._unsigned.copy()
        mac.update(signed)
        return (signed + b"." + base64url_encode(mac.digest())).decode()

    def webhook(self, bot: str) -> str:
        """What Telegram must say with each update of a bot's (1 to 256 characters of A-Z, a-z, 0-9, _ and -)."""
        return hmac.digest(self._key, f"telegram webhook {bot}".encode(), hashlib.sha256).hex()

    def read(self, token: str, now_ms: int) -> Claims:
        """What a token says; raises TokenError unless we signed it and its time is not over."""
        try:
            claims = msgspec.convert(jwt.decode(token, self._key, [ALGORITHM]), Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError, UnicodeError, RecursionError) as error:
            raise TokenError("forged") from error
        if claims.expires_ms <= now_ms:
            raise TokenError("expired")
        return claims


def secret(data_dir: Path | str) -> str:
    """The secret of LIVESUPPORT_SECRET, or else of the file ``secret`` in the data directory, made at the first start.

    Processes that start together all get the same one, and only their user can read it. Raises `ValueError` if there is
    none in the file, or next to none: whoever guesses it signs tokens.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        if len(given.encode()) < SECRET_BYTES_MIN:
            log.warning(Line("the secret can be guessed", variable=SECRET_VARIABLE, bytes_wanted=SECRET_BYTES_MIN))
        return given
    path = Path(data_dir) / "secret"
    if not path.exists():
        _make_secret(path)
    kept = path.read_text(encoding="ascii", errors="replace").strip()
    if len(kept) < SECRET_BYTES_MIN:
        raise ValueError(f"{path} holds no secret. Restore it, or remove it: a new one is made, and all log in again.")
    return kept


def identity_ok(secret: str, user_id: str, user_hmac: str) -> bool:
    """Whether the website that shares ``secret`` vouches for the user: hex HMAC-SHA256, compared in constant time."""
    expected = hmac.new(secret.encode(), user_id.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), user_hmac.lower().encode(errors="surrogatepass"))


def ray_token(secret: str) -> str:
    """The secret that the processes of an embedded Ray share: nobody else on the machine joins it."""
    return hmac.digest(secret.encode(), b"livesupport ray", hashlib.sha256).hex()


def _make_secret(path: Path) -> None:
    """That of the first process to make one."""
    with Draft(path.parent) as draft:
        draft.file.write(f"{os.urandom(32).hex()}\n".encode())
        draft.publish_first(path)
