"""The gateway's Starlette application: the HTTP endpoints, the pages, and the socket."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import WebSocketRoute

from gateway.api import cors, exception_handlers, routes
from gateway.edge import Edge
from gateway.socket import SocketEndpoint

COMPRESSED_FROM_BYTES = 2_048


def build_app(edge: Edge, socket: SocketEndpoint, data: Path) -> Starlette:
    """Everything a gateway serves. Uploads and quick replies are kept below `data`."""
    return Starlette(
        routes=[WebSocketRoute("/ws", socket.endpoint), *routes(edge, data)],
        middleware=[cors(edge.settings), Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES)],
        exception_handlers=exception_handlers,
    )
