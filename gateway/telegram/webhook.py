"""Telegram's updates as they come to the webhook: `POST /telegram/BOT`, with the secret that we told Telegram."""

import hmac

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from telegram import Update

from actors import commands as c
from gateway.api.answers import json, no_content
from gateway.api.context import Api
from gateway.api.requests import agent_of, own_bots, path, read
from gateway.errors import ProtocolError
from gateway.telegram.listening import understood
from runtime.identity import actor_id

HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE_BYTES = 1024 * 1024


async def webhook(api: Api, request: Request) -> Response:
    """Take one update; 204 once it is in the group's journal. Telegram sends it again after any other answer."""
    bot = api.settings.bot(path(request, "bot"))
    if bot is None or bot.bridge is None or bot.bridge.mode != "webhook":
        raise ProtocolError("not_found", "No bot has its webhook here.")
    said = request.headers.get(HEADER, "")
    if not hmac.compare_digest(said.encode(), api.edge.tokens.webhook(bot.id).encode()):
        raise ProtocolError("unauthorized", "Only Telegram may do that.")
    try:
        update = Update.de_json(msgspec.json.decode(await read(request, UPDATE_BYTES)), None)
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        raise ProtocolError("bad_request", "That is no update.", field="body") from error
    await api.edge.carry_out(actor_id("telegram", bot.id), api.edge.hub.links.sender, understood(update))
    return no_content()


async def standing(api: Api, request: Request) -> Response:
    """How the bot's bridge stands: what waits to be shown in the group, and what is wrong."""
    (bot,) = own_bots(api, agent_of(api, request), path(request, "bot"))
    if bot not in api.settings.bridged():
        raise ProtocolError("not_found", "This bot has no Telegram group.")
    return json(await api.edge.query(actor_id("telegram", bot), f"telegram/{bot}", c.Describe()))
