"""A visitor comes to a bot: who it is, its token, and its conversation."""

from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from actors.commands import Describe, UpdateDetails
from actors.events import Visitor
from actors.settings import BotSettings
from gateway import frames
from gateway.api.answers import json
from gateway.api.arrivals import INTRODUCTION, Arrived, Introduction
from gateway.api.context import Api
from gateway.api.origins import may_serve
from gateway.api.requests import bearer, body_of, need_room, need_room_for_one_more, path
from gateway.api.whereabouts import device_of
from gateway.errors import ProtocolError
from gateway.shown import as_visitor
from runtime.identity import actor_id

DETAILS = ("name", "email", "attributes", "page")


async def visitors(api: Api, request: Request) -> Response:
    """The visitor of the token, or a new one; and its open conversation, opened if there is none."""
    bot = api.edge.bot(path(request, "bot"))
    if not may_serve(bot, request):
        raise ProtocolError("forbidden", "This website may not use the bot.")
    said = await body_of(api, request, INTRODUCTION, empty=b"{}")
    known = await _known(api, request, bot, said)
    if known.new:
        need_room_for_one_more(api, request)
    visitor = _introduced(api, request, said, known.visitor)
    token, conversation = await api.edge.begin(bot, visitor, known.last, known.new)
    if not known.new:
        conversation = await _updated(api, conversation, visitor)
    shown = as_visitor(conversation)
    return json(Arrived(token, shown.visitor, shown), 201)


class _Known(NamedTuple):
    """Who it is, as far as its last conversation knows, and that one; `new`: its name has just been made."""

    visitor: Visitor
    last: dict[str, Any] | None = None
    new: bool = False


async def _known(api: Api, request: Request, bot: BotSettings, said: Introduction) -> _Known:
    """The website's proof counts before a token."""
    visitor_id, verified = api.edge.visitor_id(bot, said.user_id, said.user_hmac)
    holder = _holder(api, request, bot)
    if not verified and holder is None:
        return _Known(Visitor(visitor_id), new=True)
    visitor = Visitor(visitor_id if verified or holder is None else holder, verified=verified)
    row = await api.edge.archive.conversation_of(visitor.id)
    if row is None:
        return _Known(visitor)
    last: dict[str, Any] = msgspec.json.decode(row.body)
    return _Known(msgspec.convert(last["visitor"], Visitor), last)


def _holder(api: Api, request: Request, bot: BotSettings) -> str | None:
    """The visitor whose token this is. One of another bot is a stranger here."""
    token = bearer(request)
    identity = api.edge.identify(token) if token is not None else None
    if identity is not None and identity.role == "agent":
        raise ProtocolError("forbidden", "An agent is no visitor.")
    return identity.id if identity is not None and identity.bot == bot.id else None


async def _updated(api: Api, conversation: bytes, visitor: Visitor) -> bytes:
    """The conversation, told what the visitor says anew of itself."""
    known = msgspec.json.decode(conversation)
    before = msgspec.convert(known["visitor"], Visitor)
    changed = {name: new for name in DETAILS if (new := getattr(visitor, name)) != getattr(before, name)}
    if not changed:
        return conversation
    need_room(api, visitor.id, frames.UpdateDetails)
    actor, sender = actor_id("conversation", known["id"]), f"visitor/{visitor.id}"
    await api.edge.carry_out(actor, sender, UpdateDetails(**changed))
    return await api.edge.ask(actor, sender, Describe())


def _introduced(api: Api, request: Request, said: Introduction, visitor: Visitor) -> Visitor:
    """The visitor with what is said of it now; what is not said stays."""
    return replace(
        visitor,
        name=visitor.name if said.name is None else said.name,
        email=visitor.email if said.email is None else said.email,
        locale=visitor.locale if said.locale is None else said.locale,
        location=api.locations.of(api.proxies.client_of(request)) or visitor.location,
        device=device_of(request.headers.get("user-agent", "")) or visitor.device,
        page=visitor.page if said.page is None else said.page.shortened(),
        attributes={**visitor.attributes, **(said.attributes or {})},
    )
