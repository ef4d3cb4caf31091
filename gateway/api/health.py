"""Whether the process lives, whether it can serve, and what it counts."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.answers import json
from gateway.api.context import Api
from gateway.errors import ProtocolError
from metrics.exposition import CONTENT_TYPE

READY_SECONDS = 2.0


async def healthz(api: Api, request: Request) -> Response:
    """The process lives."""
    return json({"status": "ok"})


async def readyz(api: Api, request: Request) -> Response:
    """Every packed host and the store have answered just now. Raises `overloaded` with those that have not."""
    hosts = api.edge.hub.placement.packed_hosts()
    answers = await asyncio.gather(api.edge.archive.answers(READY_SECONDS), *(_host(api, host) for host in hosts))
    silent = [name for name, well in zip(("store", *hosts), answers, strict=True) if not well]
    if silent:
        raise ProtocolError("overloaded", f"No answer from {', '.join(silent)}.", silent=silent)
    return json({"status": "ready", "hosts": len(hosts)})


async def _host(api: Api, host: str) -> bool:
    try:
        return await asyncio.wait_for(api.edge.hub.ping(host), READY_SECONDS)
    except TimeoutError:
        return False


async def metrics(api: Api, request: Request) -> Response:
    """Prometheus text, of the whole system."""
    return Response(await api.edge.hub.exposition(), media_type=CONTENT_TYPE)
