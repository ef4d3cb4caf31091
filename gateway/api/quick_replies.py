"""Prepared answers: agents read those of their bots, managers write them."""

from typing import Annotated, Any

import anyio
import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from actors.settings import AgentSettings, QuickReply
from gateway.api.answers import json, no_content
from gateway.api.context import Api
from gateway.api.requests import agent_of, body_of, own_bots, path
from gateway.errors import ProtocolError


class Written(Struct, frozen=True):
    """A reply as it is sent. No bots named: for all of the writer's."""

    shortcut: Annotated[str, Meta(pattern=r"\A\S{1,40}\Z")]
    text: Annotated[str, Meta(min_length=1, max_length=8_000)]
    bots: list[str] = []


_written = msgspec.json.Decoder(Written)
_in_thread = anyio.to_thread.run_sync


async def quick_replies(api: Api, request: Request) -> Response:
    """The replies of the caller's bots, or of one of them."""
    bots = set(own_bots(api, agent_of(api, request), request.query_params.get("bot")))
    found = await _in_thread(api.replies.all)
    items = [_shown(id, reply) for id, reply in found.items() if not reply.bots or bots.intersection(reply.bots)]
    return json({"items": items})


async def create(api: Api, request: Request) -> Response:
    """A new reply."""
    reply = _reply(api, _writer(api, request), await body_of(api, request, _written))
    return json(_shown(await _in_thread(api.replies.put, reply), reply), 201)


async def change(api: Api, request: Request) -> Response:
    """Another text, shortcut or other bots."""
    writer, id = _writer(api, request), path(request, "reply")
    reply = _reply(api, writer, await body_of(api, request, _written))
    _need_own(api, writer, await _in_thread(api.replies.get, id))
    await _in_thread(api.replies.put, reply, id)
    return json(_shown(id, reply))


async def delete(api: Api, request: Request) -> Response:
    """The reply is gone."""
    writer, id = _writer(api, request), path(request, "reply")
    _need_own(api, writer, await _in_thread(api.replies.get, id))
    await _in_thread(api.replies.put, None, id)
    return no_content()


def _writer(api: Api, request: Request) -> AgentSettings:
    agent = agent_of(api, request)
    if agent.role == "agent":
        raise ProtocolError("forbidden", "Only managers may write quick replies.")
    return agent


def _reply(api: Api, writer: AgentSettings, written: Written) -> QuickReply:
    for bot in written.bots:
        own_bots(api, writer, bot)
    bots = written.bots or ([] if _has_all(api, writer) else writer.bots)
    return QuickReply(shortcut=written.shortcut, text=written.text, bots=bots)


def _need_own(api: Api, writer: AgentSettings, reply: QuickReply) -> None:
    """Raises `forbidden` if the reply is another team's too."""
    if not (_has_all(api, writer) if not reply.bots else set(reply.bots) <= set(writer.bots)):
        raise ProtocolError("forbidden", "That quick reply is of other bots too.")


def _has_all(api: Api, writer: AgentSettings) -> bool:
    return {bot.id for bot in api.settings.bots} <= set(writer.bots)


def _shown(id: str, reply: QuickReply) -> dict[str, Any]:
    return {"id": id, "shortcut": reply.shortcut, "text": reply.text, "bots": reply.bots}
