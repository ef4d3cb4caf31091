"""One command as the body of a request; the answer is its ack, and the same `ref` is answered again."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from actors.events import Attachment
from gateway import frames as f
from gateway.api.answers import json
from gateway.api.context import Api
from gateway.api.requests import identity_of, name, need_room, path, read
from gateway.errors import ProtocolError
from gateway.submission import Ack, submit

SOCKET_ONLY = (f.WatchConversation, f.Unwatch, f.WatchBot, f.UnwatchBot, f.Ping)


async def commands(api: Api, request: Request) -> Response:
    """Carry out one command."""
    identity = identity_of(api, request)
    frame = _frame(request, await read(request, api.settings.limits.frame_bytes))
    name(request, ref=frame.ref, command=frame.tag)
    attachments: tuple[Attachment, ...] = ()
    if isinstance(frame, f.SendMessage):
        need_room(api, identity, frame.ref)
        attachments = api.edge.attachments(frame.attached())
    answered: asyncio.Future[Ack | ProtocolError] = asyncio.get_running_loop().create_future()

    def answer(frame: f.ClientFrame, value: Ack | ProtocolError) -> None:
        if not answered.done():
            answered.set_result(value)

    submit(api.edge.hub, identity, path(request, "conversation"), frame, answer, attachments)
    ack = await answered
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
