"""The HTTP endpoints: what `routes` of them there are, each a function of (api, request), and how failures read."""

import asyncio
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway import pages
from gateway.api import agents, commands, conversations, health, logins, visitors
from gateway.api.answers import exception_handlers
from gateway.api.context import Api, Endpoint, api_of
from gateway.api.origins import cors
from gateway.edge import Edge
from gateway.errors import ProtocolError

__all__ = ["cors", "exception_handlers", "routes"]

REQUEST_SECONDS = 20.0
"""A host that restarts answers within this; a request that waits longer is told to come again."""

_QUICK: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/api/login", logins.login),
    ("POST", "/api/logout", logins.logout),
    ("GET", "/api/me", logins.me),
    ("POST", "/api/bots/{bot}/visitors", visitors.visitors),
    ("GET", "/api/bots/{bot}/queue", agents.queue),
    ("GET", "/api/bots", agents.bots),
    ("GET", "/api/conversations", conversations.conversations),
    ("GET", "/api/conversations/{conversation}", conversations.conversation),
    ("GET", "/api/conversations/{conversation}/events", conversations.events),
    ("POST", "/api/conversations/{conversation}/commands", commands.commands),
    ("GET", "/api/agents", agents.agents),
    ("GET", "/api/agents/{agent}", agents.agent),
    ("PUT", "/api/agents/{agent}/status", agents.status),
    ("GET", "/healthz", health.healthz),
    ("GET", "/readyz", health.readyz),
)


def routes(edge: Edge, data: Path) -> list[BaseRoute]:
    """Every endpoint of a gateway, and the pages. What is uploaded or written by managers is kept below `data`."""
    api = api_of(edge)
    quick = [Route(path, partial(_in_time, api, endpoint), methods=[method]) for method, path, endpoint in _QUICK]
    return [*quick, *pages.routes()]


async def _in_time(api: Api, endpoint: Endpoint, request: Request) -> Response:
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            return await endpoint(api, request)
    except TimeoutError:
        raise ProtocolError("overloaded", "That took too long. Try again in a moment.") from None
