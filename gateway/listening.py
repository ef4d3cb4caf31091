"""How a gateway serves: uvicorn in another's process, at an address that the gateways of a machine share."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from gateway.http import Http

DRAIN_SECONDS = 3
"""How long requests under way may take to be answered when their server stops. `Cluster.stop` waits a little longer."""

LOOK_TICKS = 50
"""Tenths of a second between two looks at those who may have got stuck."""


class Server(uvicorn.Server):
    """uvicorn, but for signals, which are the owner's, and for its patience with clients, which has an end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second. True: it is time to stop."""
        if counter % LOOK_TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Http):
                    connection.look(now)
        return await super().on_tick(counter)


Accept = Callable[[set[Any]], Any]
"""Makes what a client is handed over to once it asks for a WebSocket, which has all that an `asyncio.Protocol` has and
need not be one; it joins the set of connections."""


def server_of(app: ASGIApp, accept: Accept | None = None) -> Server:
    """A server of the app, and of sockets. Whose X-Forwarded-For is believed is the app's own matter."""

    # What clients send that is no HTTP is not worth a line: they could fill the log with it.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)

    def protocol(config: uvicorn.Config, server_state: Any, app_state: dict[str, Any]) -> Any:
        assert accept is not None
        return accept(server_state.connections)

    return Server(
        uvicorn.Config(
            app,
            http=Http,
            ws=cast(type[asyncio.Protocol], protocol) if accept is not None else "none",
            proxy_headers=False,
            server_header=False,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening address that several gateways of a machine share. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: asyncio switches Nagle's delay off for such sockets only.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
