"""What a request says: who it is from, its body, and the numbers in its query. Whatever is wrong names its field."""

from collections.abc import Collection
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from actors.settings import AgentSettings
from gateway.addresses import crowd_of
from gateway.api.context import Api
from gateway.api.origins import need_same_origin
from gateway.errors import ProtocolError, too_often
from gateway.frames import UNDECODABLE, SendMessage, misfit, no_object
from gateway.identity import Identity
from runtime.clock import wall_clock_ms

COOKIE = "livesupport"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

T = TypeVar("T")


def identity_of(api: Api, request: Request, otherwise: str | None = None) -> Identity:
    """Who asks, by bearer token, the token given otherwise, or an agent's cookie. Raises `unauthorized`."""
    identity = _identity_of(api, request, otherwise)
    name(request, sender=identity.sender)
    return identity


def _identity_of(api: Api, request: Request, otherwise: str | None) -> Identity:
    token = bearer(request)
    token = otherwise if token is None else token
    if token is not None:
        return api.edge.identify(token)
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        raise ProtocolError("unauthorized", "Log in first.")
    if request.method not in SAFE:
        need_same_origin(request)
    identity = api.edge.identify(cookie)
    if identity.role != "agent":
        raise ProtocolError("unauthorized", "The cookie is for agents.")
    return identity


def name(request: Request, **ids: str) -> None:
    """Say of the request what its line in the log will say if it is refused."""
    request.state.ids = {**named(request), **ids}


def named(request: Request) -> dict[str, str]:
    """What was said of it."""
    ids: dict[str, str] = getattr(request.state, "ids", {})
    return ids


def bearer(request: Request) -> str | None:
    """The token of the header, if there is one. Raises `unauthorized` for another scheme."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise ProtocolError("unauthorized", "Expected Authorization: Bearer TOKEN.")
    return token.strip()


def agent_of(api: Api, request: Request) -> AgentSettings:
    """The agent who asks. Raises `forbidden` for a visitor."""
    identity = identity_of(api, request)
    agent = api.settings.agent(identity.id) if identity.role == "agent" else None
    if agent is None:
        raise ProtocolError("forbidden", "Only agents may do that.")
    return agent


def own_bots(api: Api, agent: AgentSettings, asked: str | None) -> list[str]:
    """The agent's bots, or the one of them that is asked for. Raises `forbidden` if it is not hers."""
    if asked is None:
        return [bot for bot in agent.bots if api.settings.bot(bot) is not None]
    if asked not in agent.bots:
        raise ProtocolError("forbidden", f"The bot {asked!r} is not yours.", field="bot")
    return [asked]


async def read(request: Request, limit: int) -> bytes:
    """The whole body. Raises `too_large`, before it is read if it says so itself."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large(limit)
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
    return bytes(body)


def too_large(limit: int) -> ProtocolError:
    """More bytes than allowed."""
    return ProtocolError("too_large", f"At most {limit} bytes.", limit=limit)


async def body_of(api: Api, request: Request, decoder: msgspec.json.Decoder[T], empty: bytes = b"") -> T:
    """The JSON body as its type, `empty` if there is none. Raises `bad_request` with the field, or `too_large`."""
    data = await read(request, api.settings.limits.frame_bytes)
    try:
        return decoder.decode(data or empty)
    except msgspec.ValidationError as error:
        raise misfit(error, "body") from None
    except UNDECODABLE:
        raise no_object("body", "JSON") from None


def integer(request: Request, name: str, default: int, low: int = 0, high: int = 2**53) -> int:
    """A number of the query; more than `high` is `high`. Raises `bad_request`."""
    text = request.query_params.get(name)
    return default if text is None else min(sequence(text, name, low), high)


def sequence(text: str, name: str, low: int = 0) -> int:
    """A whole number from `low`. Raises `bad_request`."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) >= low):
        raise ProtocolError("bad_request", f"{name} is a whole number from {low}.", field=name)
    return int(text)


def one_of(request: Request, name: str, known: Collection[str]) -> list[str]:
    """The values of a parameter that may repeat. Raises `bad_request` for an unknown one."""
    values = request.query_params.getlist(name)
    for value in values:
        if value not in known:
            raise ProtocolError("bad_request", f"{name} is one of {', '.join(sorted(known))}.", field=name)
    return values


def need_room(api: Api, visitor: str, kind: type = SendMessage, ref: str | None = None) -> None:
    """One more command of this kind of a visitor's; under a ref that it had before, the same one. A file counts as a
    message. Raises `rate_limited`."""
    bound = api.edge.bounds.get(kind)
    wait_ms = bound.wait_ms(visitor, wall_clock_ms(), ref) if bound is not None else 0
    if wait_ms:
        raise too_often(wait_ms)


def need_room_for_one_more(api: Api, request: Request) -> None:
    """Somebody new comes from where the request does. Raises `rate_limited`."""
    crowd = crowd_of(api.proxies.client_of(request))
    wait_ms = api.arrivals.wait_ms(crowd, wall_clock_ms()) if crowd and api.arrivals is not None else 0
    if wait_ms:
        raise too_often(wait_ms)


def path(request: Request, name: str) -> str:
    """A part of the path."""
    value: Any = request.path_params[name]
    return str(value)
