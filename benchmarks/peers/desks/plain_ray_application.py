"""What uvicorn serves for `plain_ray.py`: each step of a handoff is a call of an actor, which decides it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.peers.plain_ray_application import lifespan, ray


class Conversation:
    """The actor: who has which of its handoffs."""

    def __init__(self) -> None:
        self._agents: dict[str, str | None] = {}

    def ask(self, ticket: str) -> None:
        """A human is wanted."""
        self._agents[ticket] = None

    def accept(self, ticket: str, agent: str) -> bool:
        """Whether it is hers now."""
        if self._agents[ticket] is not None:
            return False
        self._agents[ticket] = agent
        return True

    def say(self, ticket: str, agent: str, text: str) -> str | None:
        """What the visitor hears, if it is hers."""
        return text if self._agents[ticket] == agent else None

    def close(self, ticket: str) -> None:
        """It has ended."""
        del self._agents[ticket]


class Dispatcher:
    """The actor that picks agents: the one with the fewest."""

    def __init__(self) -> None:
        self._loads: dict[str, int] = {}

    def online(self, agent: str) -> None:
        """One more agent."""
        self._loads[agent] = 0

    def assign(self) -> str:
        """Whom it is offered."""
        agent = min(self._loads, key=self._loads.__getitem__)
        self._loads[agent] += 1
        return agent

    def release(self, agent: str) -> None:
        """She has one less."""
        self._loads[agent] -= 1


_actors: dict[str, Any] = {}
_desks: dict[str, WebSocket] = {}
_visitors: dict[str, WebSocket] = {}
_asked: dict[str, str] = {}
"""Ticket → visitor."""


def _actor(kind: type[Any], name: str) -> Any:
    if name not in _actors:
        _actors[name] = ray.remote(kind).options(num_cpus=0).remote()
    return _actors[name]


async def _asks(visitor: str, ticket: str) -> None:
    _asked[ticket] = visitor
    await _actor(Conversation, visitor).ask.remote(ticket)
    await _visitors[visitor].send_text(f"acked {ticket}")
    agent = await _actor(Dispatcher, "dispatcher").assign.remote()
    await _desks[agent].send_text(f"offer {ticket}")


async def _answers(agent: str, verb: str, ticket: str, text: str) -> None:
    visitor = _asked[ticket]
    conversation = _actor(Conversation, visitor)
    if verb == "accept" and await conversation.accept.remote(ticket, agent):
        await _desks[agent].send_text(f"has {ticket}")
    elif verb == "say" and (heard := await conversation.say.remote(ticket, agent, text)) is not None:
        await _visitors[visitor].send_text(f"said {ticket} {heard}")
    elif verb == "close":
        await conversation.close.remote(ticket)
        await _actor(Dispatcher, "dispatcher").release.remote(agent)


async def _visitor(websocket: WebSocket) -> None:
    name = websocket.path_params["name"]
    await _actor(Conversation, name).ask.remote("")  # it has started when it answers
    _visitors[name] = websocket
    await _serve(websocket, lambda words: _asks(name, words[1]))


async def _desk(websocket: WebSocket) -> None:
    name = websocket.path_params["name"]
    await _actor(Dispatcher, "dispatcher").online.remote(name)
    _desks[name] = websocket
    await _serve(websocket, lambda words: _answers(name, words[0], words[1], words[-1]))


async def _serve(websocket: WebSocket, step: Any) -> None:
    """Steps are not waited for: the next one begins while Ray's call for the last is under way."""
    await websocket.accept()
    under_way: set[asyncio.Task[None]] = set()
    try:
        while True:
            task = asyncio.create_task(step((await websocket.receive_text()).split(" ", 2)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
    except WebSocketDisconnect:
        for task in under_way:
            task.cancel()


application = Starlette(
    routes=[WebSocketRoute("/visitor/{name}", _visitor), WebSocketRoute("/desk/{name}", _desk)], lifespan=lifespan
)
