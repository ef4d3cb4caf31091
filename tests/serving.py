"""An app on a real socket of the loopback, and an end that takes no longer than it must.

uvicorn looks for its end, and for the end of its connections, every tenth of a second; hundreds of tests would wait.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn

DRAIN_SECONDS = 3.0


@contextlib.asynccontextmanager
async def served(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[str]:
    """The address at which the server serves until the end of the block."""
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        serving.cancel()
        await asyncio.wait([serving])
        await _closed(server)
        listener.close()


async def _closed(server: uvicorn.Server) -> None:
    """Returns when the clients are gone and their requests answered; what takes too long is cancelled."""
    state = server.server_state
    for one in getattr(server, "servers", ()):  # it has none while it starts
        one.close()
    for connection in list(state.connections):
        connection.shutdown()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while state.connections or state.tasks:  # noqa: ASYNC110 - they tell nobody
                await asyncio.sleep(0.002)
    for task in state.tasks:
        task.cancel()
