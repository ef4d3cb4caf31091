"""The pages and what they load: files of `gateway/web`, with a policy that lets no script in that is not ours."""

import os
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

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
    """Files that browsers ask for again each time, and get again only when they have changed.

    What they hold is kept in memory: a page is made of dozens, and to read each anew takes longer than all else.
    """

    def __init__(self, directory: os.PathLike[str]) -> None:
        super().__init__(directory=directory)
        self._kept: dict[str, tuple[tuple[int, int], bytes]] = {}

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        headers = FileResponse(full_path, status_code, HEADERS, stat_result=stat_result).headers
        del headers["accept-ranges"]  # a file comes whole
        if self.is_not_modified(headers, Headers(scope=scope)):
            return NotModifiedResponse(headers)
        return Response(self._read(os.fspath(full_path), stat_result), status_code, headers)

    def _read(self, path: str, found: os.stat_result) -> bytes:
        state = found.st_mtime_ns, found.st_size
        before, body = self._kept.get(path, (None, b""))
        if before != state:
            body = Path(path).read_bytes()
            self._kept[path] = state, body
        return body


def routes(folder: os.PathLike[str] = WEB) -> list[BaseRoute]:
    """The pages under their addresses, and all files under `/static`."""
    web = Web(folder)
    pages: list[BaseRoute] = [Route(path, _page(web, name)) for path, name in PAGES.items()]
    return [*pages, Mount("/static", web)]


def _page(web: Web, name: str) -> Any:
    async def page(request: Request) -> Response:
        return await web.get_response(name, request.scope)

    return page
