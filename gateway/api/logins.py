"""Agents log in, and anybody asks who she is."""

import os
from contextlib import suppress
from functools import cache
from typing import Annotated

import anyio
import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from actors.settings import AgentSettings
from gateway import passwords
from gateway.api.answers import json, no_content
from gateway.api.context import Api
from gateway.api.origins import need_same_origin
from gateway.api.requests import COOKIE, bearer, body_of, identity_of, need_room_for_one_more
from gateway.errors import ProtocolError
from gateway.tokens import AGENT_SECONDS, Claims, TokenError
from runtime.clock import wall_clock_ms

WAITING_MAX = 200


class Credentials(Struct, frozen=True):
    """What an agent logs in with."""

    email: Annotated[str, Meta(max_length=254)]
    password: str


_credentials = msgspec.json.Decoder(Credentials)


async def login(api: Api, request: Request) -> Response:
    """A token for the right password, and the same as a cookie for the dashboard."""
    need_same_origin(request)
    need_room_for_one_more(api, request)
    asked = await body_of(api, request, _credentials)
    email = asked.email.strip().casefold()
    agent = api.settings.agent_by_email(email)
    # Those that nobody has are endless: were they counted together, they would push out those that somebody has.
    attempts = api.logins if agent is not None else api.strangers
    wait_ms = attempts.wait_ms(email, wall_clock_ms())
    if wait_ms:
        raise ProtocolError("rate_limited", "Too many attempts. Wait a moment.", retry_after_ms=wait_ms)
    known = await _verified(agent.password_hash if agent is not None else None, asked.password)
    if agent is None or not known:
        raise ProtocolError("unauthorized", "The e-mail or the password is wrong.")
    api.logins.forget(email)
    token = api.edge.tokens.issue(Claims.of_agent(agent.id, wall_clock_ms(), agent.name))
    response = json({"token": token, "agent": _shown(agent)})
    response.set_cookie(
        COOKIE, token, AGENT_SECONDS, secure=api.proxies.is_https(request), httponly=True, samesite="lax"
    )
    return response


async def logout(api: Api, request: Request) -> Response:
    """The token is good for nothing any more, and the cookie is gone."""
    need_same_origin(request)
    with suppress(TokenError):
        token = bearer(request) or request.cookies.get(COOKIE, "")
        claims = api.edge.tokens.read(token, wall_clock_ms())
        if claims.role == "agent":
            api.logouts.end(claims)
    response = no_content()
    response.delete_cookie(COOKIE, secure=api.proxies.is_https(request), httponly=True, samesite="lax")
    return response


async def me(api: Api, request: Request) -> Response:
    """Who the token is."""
    identity = identity_of(api, request)
    agent = api.settings.agent(identity.id) if identity.role == "agent" else None
    if agent is None:
        return json({"id": identity.id, "name": identity.name, "role": "visitor", "bot": identity.bot})
    return json(_shown(agent) | {"email": agent.email, "capacity": agent.capacity, "skills": agent.skills})


def _shown(agent: AgentSettings) -> dict[str, object]:
    return {"id": agent.id, "name": agent.name, "role": agent.role, "bots": agent.bots}


@cache
def _cores() -> anyio.CapacityLimiter:
    """One check for each core at a time: each takes 19 MiB."""
    return anyio.CapacityLimiter(os.cpu_count() or 1)


async def _verified(password_hash: str | None, password: str) -> bool:
    if _cores().statistics().tasks_waiting >= WAITING_MAX:
        raise ProtocolError("overloaded", "Too many log in at once. Try again in a moment.")
    return await anyio.to_thread.run_sync(passwords.verify, password_hash, password, limiter=_cores())
