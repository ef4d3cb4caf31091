"""HTTP on the wire, as uvicorn serves it, for clients that mean no good or have got stuck. It knows no endpoints.

    a head or a trailer without end ──> 431, or the connection is over
    waits for the client: a head, a body, its reading ── PATIENCE_SECONDS without progress ──> the connection is over

uvicorn bounds bodies and what it writes; but it takes any head, and waits for ever: for the first byte, for the next
one, for the last one, and for who does not read. What is held so is memory and, sooner, the process's open files.
"""

import asyncio
from math import inf
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.cork import Cork

HEAD_BYTES = 64 * 1024
"""Of a request besides its body. What has come in one read with its beginning is not counted."""
PATIENCE_SECONDS = 20.0
BODY_BYTES_MIN = 16 * 1024
"""Of a body in that time; 10 MB of attachment have hours."""

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Http(HttpToolsProtocol):
    """One connection. Its server looks at it every few seconds."""

    _received = 0
    _counted_from = 0
    _waited_since = inf
    _waited_in: RequestResponseCycle | None = None
    _waited_from = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        super().connection_made(cast(asyncio.Transport, transport))
        self.transport = Cork(self.transport, self.loop)

    def handle_websocket_upgrade(self) -> None:
        """It asks for a WebSocket, which writes whole frames by itself."""
        self.transport = cast(Cork, self.transport).open
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Bytes of the client's."""
        self._received += len(data)
        super().data_received(data)
        if self._received - self._counted_from > HEAD_BYTES:
            self._refuse()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._counted_from = self._received
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """A piece of the body; that is bounded by who reads it."""
        self._counted_from = self._received
        super().on_body(body)

    def _refuse(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        else:
            self.transport.abort()

    def resume_writing(self) -> None:
        """The client has read."""
        self._waited_since = inf
        super().resume_writing()

    def look(self, now: float) -> None:
        """End the connection if the client has made us wait for too long. `now` is the loop's time."""
        if not self._waits():
            self._waited_since = inf
        elif self._waited_since == inf or self._waited_in is not self.cycle or self._is_sending():
            self._waited_since, self._waited_in, self._waited_from = now, self.cycle, self._received
        elif now - self._waited_since >= PATIENCE_SECONDS:
            self.transport.abort()

    def _waits(self) -> bool:
        """It is the client's turn."""
        cycle, flow = self.cycle, self.flow
        if cycle is None or flow.write_paused or self.transport.is_closing():
            return True
        if cycle.response_complete:
            return self.timeout_keep_alive_task is None  # else uvicorn minds it
        return cycle.more_body and not flow.read_paused

    def _is_sending(self) -> bool:
        """A body that is wanted has grown by as much as it must, in as long as it may take."""
        wanted = self.cycle is not None and not self.cycle.response_complete and not self.flow.write_paused
        return wanted and self._received - self._waited_from >= BODY_BYTES_MIN
