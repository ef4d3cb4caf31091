"""How a connection becomes a WebSocket (RFC 6455, 4.2): the websockets library reads the request and answers it."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from starlette.requests import HTTPConnection
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

PATH = "/ws"


def library_of(subprotocols: Sequence[str], frame_bytes: int) -> ServerProtocol:
    """The library's part of a connection that has not said anything yet."""
    return ServerProtocol(
        subprotocols=[Subprotocol(one) for one in subprotocols],
        select_subprotocol=_first_known,
        max_size=frame_bytes,
    )


def answer(library: ServerProtocol, data: bytes) -> tuple[Request, bool] | None:
    """Answers the request, whole in these bytes, and tells whether it was accepted. None: it is none."""
    library.receive_data(data)
    request = next(iter(library.events_received()), None)
    if not isinstance(request, Request):
        return None
    if request.path.partition("?")[0] == PATH:
        response = library.accept(request)
    else:
        response = library.reject(HTTPStatus.NOT_FOUND, f"The socket is at {PATH}.\n")
    library.send_response(response)
    return request, response.status_code == HTTPStatus.SWITCHING_PROTOCOLS


def connection_of(request: Request, transport: asyncio.Transport) -> HTTPConnection:
    """The accepted request, as the rest of the gateway knows requests."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in request.headers.raw_items()]
    peer = transport.get_extra_info("peername")
    return HTTPConnection({"type": "websocket", "headers": headers, "path": PATH, "client": peer})


def _first_known(library: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """The client's first choice that we speak. It may do without."""
    return next((one for one in offered if one in (library.available_subprotocols or ())), None)
