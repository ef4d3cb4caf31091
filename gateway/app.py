"""The gateway's Starlette application: the HTTP endpoints, the pages, and the socket."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from gateway.api import cors, exception_handlers, routes
from gateway.edge import Edge
from gateway.socket import SocketEndpoint


def build_app(edge: Edge, socket: SocketEndpoint, data: Path) -> Starlette:
    """Everything a gateway serves. Uploads and quick replies are kept below `data`."""
    return Starlette(
        routes=[WebSocketRoute("/ws", socket.endpoint), *routes(edge, data)],
        middleware=[cors(edge.settings)],
        exception_handlers=exception_handlers,
    )
