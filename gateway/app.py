"""The gateway's ASGI application: the HTTP endpoints and the pages. The socket is beside it: see `listening`."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from gateway import pages
from gateway.api import ENDPOINTS, UNHURRIED
from gateway.api.answers import exception_handlers
from gateway.api.context import api_of
from gateway.api.front import Front
from gateway.edge import Edge


def build_app(edge: Edge, data: Path) -> ASGIApp:
    """Everything a gateway serves. Uploads and quick replies are kept below `data`."""
    api = api_of(edge, data)
    edge.attachments, edge.logged_out = api.attachments.resolve, api.logouts.ended
    site = Starlette(routes=pages.routes(), exception_handlers=exception_handlers)
    return Front(api, ENDPOINTS, UNHURRIED, site)
