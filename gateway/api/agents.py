"""Agents of the caller's bots, their status, and the bots with who waits there."""

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from actors import commands as c
from actors.settings import AgentSettings
from gateway.api.answers import json
from gateway.api.context import Api
from gateway.api.requests import agent_of, body_of, identity_of, own_bots, path
from gateway.errors import ProtocolError
from gateway.frames import Word
from runtime.identity import actor_id


class NewStatus(Struct, frozen=True):
    """What an agent is to be from now on."""

    status: c.Status
    reason: Word | None = None


_new_status = msgspec.json.Decoder(NewStatus)


async def agents(api: Api, request: Request) -> Response:
    """Every agent of the caller's bots, in the order of the configuration."""
    bots = set(own_bots(api, agent_of(api, request), request.query_params.get("bot")))
    found = [one for one in api.settings.agents if bots.intersection(one.bots)]
    terms = [["kind:agent"], [f"agent:{one.id}" for one in found]]
    rows = await api.edge.archive.find(terms, len(found))
    known = {row["id"]: row for row in (msgspec.json.decode(row.body) for row in rows)}
    return json({"items": [_NEVER_SEEN | known.get(one.id, {}) | _configured(one) for one in found]})


_NEVER_SEEN = {"status": "offline", "reason": "", "since_ms": 0, "load": 0, "conversations": []}


def _configured(agent: AgentSettings) -> dict[str, object]:
    names = ("id", "name", "capacity", "skills", "languages", "role", "bots")
    return {name: getattr(agent, name) for name in names}


async def agent(api: Api, request: Request) -> Response:
    """One agent, as she is now."""
    caller, key = agent_of(api, request), path(request, "agent")
    asked = api.settings.agent(key)
    if asked is None or not set(asked.bots) & set(caller.bots):
        raise ProtocolError("not_found", f"There is no agent {key!r} of your bots.")
    return json(await api.edge.describe(actor_id("agent", key), f"agent/{caller.id}"))


async def status(api: Api, request: Request) -> Response:
    """A new status; the agent as she is then."""
    identity, agent = identity_of(api, request), api.edge.agent(path(request, "agent"))
    actor = actor_id("agent", agent.id)
    asked = await body_of(api, request, _new_status)
    await api.edge.carry_out(actor, identity.sender, c.SetStatus(asked.status, asked.reason or ""))
    return json(await api.edge.describe(actor, identity.sender))


async def bots(api: Api, request: Request) -> Response:
    """The caller's bots, and what their agents can do."""
    mine = [api.edge.bot(bot) for bot in own_bots(api, agent_of(api, request), None)]
    bridged = api.settings.bridged()
    items = [
        {name: getattr(bot, name) for name in ("id", "name", "tier")}
        | {"response_target_seconds": bot.routing.response_target_seconds, "telegram": bot.id in bridged}
        | _abilities(api.settings.agents_of(bot.id))
        for bot in mine
    ]
    return json({"items": items})


def _abilities(team: tuple[AgentSettings, ...]) -> dict[str, list[str]]:
    return {name: sorted({one for agent in team for one in getattr(agent, name)}) for name in ("skills", "languages")}


async def queue(api: Api, request: Request) -> Response:
    """Who waits for an agent of the bot, and why nobody has them yet."""
    caller, bot = agent_of(api, request), api.edge.bot(path(request, "bot"))
    own_bots(api, caller, bot.id)
    supervisor = actor_id("supervisor", bot.id)
    return json(await api.edge.query(supervisor, f"agent/{caller.id}", c.DescribeQueue()))
