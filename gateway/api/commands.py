"""One command as the body of a request; the answer is its ack, and the same `ref` is answered again."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from gateway import frames as f
from gateway.acks import Ack
from gateway.api.answers import json
from gateway.api.context import Api
from gateway.api.requests import identity_of, name, need_room, path, read
from gateway.errors import ProtocolError
from gateway.hub import Hub
from gateway.identity import Identity
from gateway.submission import Assignment, Submission, need_right
from runtime.identity import actor_id

SOCKET_ONLY = (f.WatchConversation, f.Unwatch, f.WatchBot, f.UnwatchBot, f.Ping)


class _Waiting:
    """The client of a request, which waits for the one answer."""

    def __init__(self, hub: Hub, identity: Identity) -> None:
        self.hub = hub
        self.identity = identity
        self.answer: asyncio.Future[Ack | ProtocolError] = asyncio.get_running_loop().create_future()

    def answered(self, frame: f.ClientFrame, answer: Ack | ProtocolError) -> None:
        """The answer has come, and somebody may still wait for it."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def moved(self, key: str) -> None:
        """The ack tells that too."""


async def commands(api: Api, request: Request) -> Response:
    """Carry out one command."""
    identity = identity_of(api, request)
    frame = _frame(request, await read(request, api.settings.limits.frame_bytes))
    name(request, ref=frame.ref, command=frame.tag)
    if identity.role == "visitor":
        need_room(api, identity.id, type(frame), frame.ref)
    command = f.command_of(frame, api.edge.attachments)
    key = path(request, "conversation")
    need_right(identity, key, frame)
    await api.edge.need_begun(identity, key)
    actor = actor_id("conversation", key)
    if isinstance(frame, f.Assign | f.SetStatus):
        agent = api.edge.agent(frame.agent or identity.id)
        if isinstance(frame, f.SetStatus):
            actor, key = actor_id("agent", agent.id), ""
    waiting = _Waiting(api.edge.hub, identity)
    kind = Assignment if isinstance(frame, f.Assign) else Submission
    kind(waiting, actor, key, frame, command).send()
    ack = await waiting.answer
    if isinstance(ack, ProtocolError):
        raise ack
    return json(ack)


def _frame(request: Request, data: bytes) -> f.ClientFrame:
    try:
        frame: f.ClientFrame = f.decode_json(data)
    except f.UNDECODABLE as error:
        wrong, ref = f.malformed(data, error, packed=False)
        name(request, ref=ref or "")
        raise wrong from None
    if isinstance(frame, SOCKET_ONLY):
        raise ProtocolError("bad_request", "That is for sockets only.", field="type")
    return frame
