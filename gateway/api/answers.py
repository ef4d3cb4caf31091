"""Answers as JSON, and every failure as `{"error": {code, message, detail?}}` with its status."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import ProtocolError
from runtime.journal import StoreFailed
from runtime.lines import Line

log = logging.getLogger(__name__)

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CODES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 413: "too_large", 429: "rate_limited"}
"""Statuses that Starlette answers by itself; any other is a bad request."""

RawHeader = tuple[bytes, bytes]


def json_headers(headers: Mapping[str, str]) -> Sequence[RawHeader]:
    """These headers, and that it is JSON, as they are sent: what many answers have in common is encoded once."""
    named = {**headers, "Content-Type": "application/json"}
    return [(name.lower().encode(), value.encode()) for name, value in named.items()]


_HEADERS = json_headers(HEADERS)
_encode = msgspec.json.Encoder().encode


def json(value: Any, status: int = 200) -> Response:
    """The value as JSON."""
    return raw_json(_encode(value), status)


def raw_json(body: bytes, status: int = 200, headers: Sequence[RawHeader] = _HEADERS) -> Response:
    """What is JSON already."""
    response = Response(body, status)
    response.raw_headers += headers
    return response


def no_content() -> Response:
    """Done, and nothing to say."""
    return Response(status_code=204, headers=HEADERS)


def refused(error: ProtocolError) -> Response:
    """A refusal in the protocol's words."""
    response = json(error.body(), error.status)
    wait_ms = error.detail.get("retry_after_ms", 1000 if error.code == "overloaded" else 0)
    if wait_ms:
        response.headers["Retry-After"] = str(-(-wait_ms // 1000))
    return response


def answer_to(request: Request, error: Exception) -> Response:
    """What a request is answered that has failed so."""
    match error:
        case ProtocolError():
            return refused(error)
        case HTTPException():
            return _http(request, error)
        case StoreFailed():
            log.error(Line("store failed", method=request.method, why=error))
            return refused(ProtocolError("overloaded", "The store does not answer. Try again in a moment."))
    body = {"code": "internal", "message": "Something went wrong here. It has been written to the log."}
    return json({"error": body}, 500)


def foreseen(error: Exception) -> bool:
    """It is no fault of ours."""
    return isinstance(error, (ProtocolError, HTTPException, StoreFailed))


def _http(request: Request, error: HTTPException) -> Response:
    """What Starlette refuses by itself: no such place, not with this method, a form it cannot read."""
    code = CODES.get(error.status_code, "bad_request")
    message = f"{request.method} {request.url.path}: {error.detail}."
    body: dict[str, Any] = {"code": code, "message": message}
    if error.status_code == 400:
        body["detail"] = {"field": "body"}
    response = json({"error": body}, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _answer_to(request: Request, error: Exception) -> Response:
    return answer_to(request, error)


exception_handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _answer_to,
    Exception: _answer_to,
}
"""The same for `Starlette(exception_handlers=...)`. A fault is logged by the server, which sees it after the answer."""
