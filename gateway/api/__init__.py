"""The HTTP endpoints: which there are, each a function of (api, request), and how failures read."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway import pages
from gateway.api import (
    agents,
    attachments,
    commands,
    conversations,
    health,
    logins,
    openapi,
    quick_replies,
    reports,
    stream,
    visitors,
)
from gateway.api.answers import exception_handlers
from gateway.api.context import Api, Endpoint, api_of
from gateway.api.origins import cors
from gateway.api.requests import named
from gateway.edge import Edge
from gateway.errors import ProtocolError
from gateway.telegram import webhook

__all__ = ["cors", "exception_handlers", "routes"]

REQUEST_SECONDS = 20.0
"""A host that restarts answers within this; a request that waits longer is told to come again."""

ENDPOINTS: Mapping[str, Mapping[str, Endpoint]] = {
    "/api/login": {"POST": logins.login},
    "/api/logout": {"POST": logins.logout},
    "/api/me": {"GET": logins.me},
    "/api/bots": {"GET": agents.bots},
    "/api/bots/{bot}/visitors": {"POST": visitors.visitors},
    "/api/bots/{bot}/queue": {"GET": agents.queue},
    "/api/bots/{bot}/telegram": {"GET": webhook.standing},
    "/api/conversations": {"GET": conversations.conversations},
    "/api/conversations/{conversation}": {"GET": conversations.conversation},
    "/api/conversations/{conversation}/events": {"GET": conversations.events},
    "/api/conversations/{conversation}/stream": {"GET": stream.stream},
    "/api/conversations/{conversation}/commands": {"POST": commands.commands},
    "/api/conversations/{conversation}/attachments": {"POST": attachments.upload},
    "/api/attachments/{attachment}": {"GET": attachments.attachment},
    "/api/agents": {"GET": agents.agents},
    "/api/agents/{agent}": {"GET": agents.agent},
    "/api/agents/{agent}/status": {"PUT": agents.status},
    "/api/quick-replies": {"GET": quick_replies.quick_replies, "POST": quick_replies.create},
    "/api/quick-replies/{reply}": {"PUT": quick_replies.change, "DELETE": quick_replies.delete},
    "/api/reports/agents": {"GET": reports.agents},
    "/api/reports/bots": {"GET": reports.bots},
    "/telegram/{bot}": {"POST": webhook.webhook},
    "/healthz": {"GET": health.healthz},
    "/readyz": {"GET": health.readyz},
    "/metrics": {"GET": health.metrics},
    "/openapi.json": {"GET": openapi.openapi},
}

UNHURRIED = frozenset({stream.stream, attachments.upload})
"""These take as long as the client does."""


def routes(edge: Edge, data: Path) -> list[BaseRoute]:
    """Every endpoint of a gateway, and the pages. What is uploaded or written by managers is kept below `data`."""
    api = api_of(edge, data)
    edge.attachments, edge.logged_out = api.attachments.resolve, api.logouts.ended
    served = [Route(path, partial(_serve, api, path, by), methods=list(by)) for path, by in ENDPOINTS.items()]
    return [*served, *pages.routes()]


async def _serve(api: Api, path: str, by_method: Mapping[str, Endpoint], request: Request) -> Response:
    endpoint = by_method["GET" if request.method == "HEAD" else request.method]
    try:
        return await _answer(endpoint, api, request)
    except ProtocolError as error:
        asked = {"method": request.method, "path": path, **request.path_params}
        api.edge.hub.recorder.refused(error, **asked, **named(request))
        raise


async def _answer(endpoint: Endpoint, api: Api, request: Request) -> Response:
    try:
        async with asyncio.timeout(None if endpoint in UNHURRIED else REQUEST_SECONDS):
            return await endpoint(api, request)
    except TimeoutError:
        raise ProtocolError("overloaded", "That took too long. Try again in a moment.") from None
    except asyncio.CancelledError:  # the server stops, and has waited for it as long as it may
        raise ProtocolError("overloaded", "This gateway restarts. Try again in a moment.") from None
