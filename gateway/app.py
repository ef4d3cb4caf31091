"""The gateway's Starlette application: the HTTP endpoints and the pages. The socket is beside it: see `listening`."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from gateway.api import cors, exception_handlers, routes
from gateway.edge import Edge

COMPRESSED_FROM_BYTES = 2_048


def build_app(edge: Edge, data: Path) -> Starlette:
    """Everything a gateway serves. Uploads and quick replies are kept below `data`."""
    return Starlette(
        routes=routes(edge, data),
        middleware=[cors(edge.settings), Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES)],
        exception_handlers=exception_handlers,
    )
