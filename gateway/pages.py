"""The pages and what they load: files of `gateway/web`, with a policy that lets no script in that is not ours."""

import os
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

WEB = Path(__file__).parent / "web"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
    # The widget's modules are imported by other websites' pages.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

PAGES = {"/": "index.html", "/dashboard": "dashboard.html", "/widget.js": "widget.js"}


class Web(StaticFiles):
    """Files that browsers ask for again each time, and get again only when they have changed."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        response = super().file_response(*arguments, **options)
        response.headers.update(HEADERS)
        return response


def routes(folder: os.PathLike[str] = WEB) -> list[BaseRoute]:
    """The pages under their addresses, and all files under `/static`."""
    web = Web(directory=folder)
    pages: list[BaseRoute] = [Route(path, _page(web, name)) for path, name in PAGES.items()]
    return [*pages, Mount("/static", web)]


def _page(web: Web, name: str) -> Any:
    async def page(request: Request) -> Response:
        return await web.get_response(name, request.scope)

    return page
