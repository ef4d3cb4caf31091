"""What uvicorn serves for `plain_ray.py`: each text is one call of its conversation's actor, which says who hears it.

Calls are pipelined: a socket does not wait for one before it makes the next; answers are sent in the order of calls.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from runtime.ray_environment import prepare

prepare(os.environ["BENCHMARK_RAY_TOKEN"])
import ray  # noqa: E402, it reads the environment when it is imported

__all__ = ["application", "lifespan", "ray"]


class Conversation:
    """The actor: it counts what was said, and names the other end."""

    def __init__(self) -> None:
        self._said = 0

    def say(self, end: str, text: str) -> tuple[str, str]:
        """Who shall hear it, and what."""
        self._said += 1
        return "v" if end == "a" else "a", text


RESTARTS = dict.fromkeys(("max_restarts", "max_task_retries"), int(os.environ["BENCHMARK_RAY_RESTARTS"]))
_actors: dict[str, Any] = {}
_sockets: dict[tuple[str, str], WebSocket] = {}


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """A Ray of its own."""
    ray.init(address="local", include_dashboard=False, log_to_driver=False, object_store_memory=80 * 1024 * 1024)
    yield
    ray.shutdown()


async def _socket(websocket: WebSocket) -> None:
    conversation, end = websocket.path_params["conversation"], websocket.path_params["end"]
    if conversation not in _actors:
        _actors[conversation] = ray.remote(Conversation).options(num_cpus=0, **RESTARTS).remote()
    actor = _actors[conversation]
    await actor.say.remote(end, "")  # it has started when it answers
    _sockets[conversation, end] = websocket
    await websocket.accept()
    calls: asyncio.Queue[Any] = asyncio.Queue()
    answers = asyncio.create_task(_answers(conversation, calls))
    try:
        while True:
            calls.put_nowait(actor.say.remote(end, await websocket.receive_text()))
    except WebSocketDisconnect:
        del _sockets[conversation, end]
        answers.cancel()


async def _answers(conversation: str, calls: asyncio.Queue[Any]) -> None:
    while True:
        other, text = await (await calls.get())
        socket = _sockets.get((conversation, other))
        if socket is not None:
            await socket.send_text(text)


application = Starlette(routes=[WebSocketRoute("/{conversation}/{end}", _socket)], lifespan=lifespan)
