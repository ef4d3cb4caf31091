"""Conversations as they are now, in lists and with their histories. Visitors see their own, agents their bots'."""

import re
from collections.abc import AsyncGenerator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from actors.conversation.state import STATES
from gateway.api.answers import HEADERS, raw_json
from gateway.api.context import Api
from gateway.api.requests import agent_of, identity_of, integer, one_of, own_bots, path
from gateway.current import current
from gateway.errors import ProtocolError
from gateway.identity import Identity
from gateway.shown import as_visitor
from runtime.journal import Listed

PAGE, PAGE_MAX = 50, 500
EVENTS, EVENTS_MAX = 500, 1_000
PIECE = 50
"""Events that are read, and held, at a time."""
SEARCH_CHARACTERS = 200
CURSOR = re.compile(r"\d{1,15}~[A-Za-z0-9._~/-]{1,200}")

_encode = msgspec.json.Encoder().encode


async def conversations(api: Api, request: Request) -> Response:
    """A page of a list, newest first."""
    identity = identity_of(api, request)
    limit = integer(request, "limit", PAGE, 1, PAGE_MAX)
    terms = _visitors_terms(request, identity) if identity.role == "visitor" else _agents_terms(api, request)
    rows: list[Listed] = []
    if all(terms):
        rows = await api.edge.archive.find(terms, limit + 1, _before(request), _search(request))
    bodies = await current(api.edge.hub, identity.sender, rows[:limit])
    items = b",".join(_item(body, identity) for body in bodies)
    cursor = rows[limit - 1].cursor if len(rows) > limit else None
    return raw_json(b'{"items":[%b],"next":%b}' % (items, _encode(cursor)))


def _agents_terms(api: Api, request: Request) -> list[list[str]]:
    """Of each list a row has at least one term. The store looks where a list is short, so the narrow ones are first."""
    query = request.query_params
    bots, states = own_bots(api, agent_of(api, request), query.get("bot")), one_of(request, "state", STATES)
    narrow = [[f"{name}:{query[name]}"] for name in ("tag", "visitor", "agent") if name in query]
    if states and (len(states) > 1 or len(bots) == 1):
        return [*narrow, [f"{state}:{bot}" for state in states for bot in bots]]
    state = [[f"state:{states[0]}"]] if states else []
    return [*narrow, *state, [f"bot:{bot}" for bot in bots], ["kind:conversation"]]


def _visitors_terms(request: Request, identity: Identity) -> list[list[str]]:
    for name in ("q", "tag", "agent"):  # what they would find by is not theirs to see
        if name in request.query_params:
            raise ProtocolError("forbidden", f"Only agents may search by {name}.", field=name)
    states = [f"state:{state}" for state in one_of(request, "state", STATES)]
    return [[f"visitor:{identity.id}"], [f"bot:{identity.bot}"], *([states] if states else [])]


def _before(request: Request) -> str:
    before = request.query_params.get("before", "")
    if before and not CURSOR.fullmatch(before):
        raise ProtocolError("bad_request", "before is the `next` of another page.", field="before")
    return before


def _search(request: Request) -> str:
    text = request.query_params.get("q", "").strip()
    if len(text) > SEARCH_CHARACTERS:
        raise ProtocolError("bad_request", f"q has {SEARCH_CHARACTERS} characters at most.", field="q")
    return text


def _item(body: bytes, identity: Identity) -> bytes:
    if identity.role == "agent":
        return body
    return _encode(as_visitor(body))


async def conversation(api: Api, request: Request) -> Response:
    """One, as it is now."""
    identity = identity_of(api, request)
    return raw_json(_encode(await api.edge.conversation(identity, path(request, "conversation"))))


async def events(api: Api, request: Request) -> Response:
    """A page of the history, oldest first."""
    identity, key = identity_of(api, request), path(request, "conversation")
    after = integer(request, "after", 0)
    limit = integer(request, "limit", EVENTS, 1, EVENTS_MAX)
    last: int = (await api.edge.conversation(identity, key))["last_sequence"]
    pieces = _pieces(api, identity, key, after, last, limit)
    first, more = await anext(pieces, b""), await anext(pieces, b"")
    if not more:
        return raw_json(b'{"events":[%b],"last_sequence":%d}' % (first, last))
    return StreamingResponse(_streamed(first, more, pieces, last), headers=HEADERS, media_type="application/json")


async def _pieces(api: Api, identity: Identity, key: str, after: int, last: int, limit: int) -> AsyncGenerator[bytes]:
    """The events that the identity may see, some at a time; none is empty, though what is hidden leaves holes."""
    read = -1
    while read < after < last and limit > 0:  # of what is forgotten meanwhile nothing more is found
        read = after
        events, after = await api.edge.archive.events(key, identity.role, after, min(limit, PIECE))
        limit -= len(events)
        if events:
            yield b",".join(events)


async def _streamed(first: bytes, second: bytes, others: AsyncGenerator[bytes], last: int) -> AsyncGenerator[bytes]:
    """The same answer, as its client reads it: of many long texts it would be megabytes that wait for each."""
    yield b'{"events":[%b,%b' % (first, second)
    del first, second
    async for piece in others:
        yield b",%b" % piece
    yield b'],"last_sequence":%d}' % last
