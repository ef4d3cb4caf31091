"""What each endpoint does, takes and answers, for people and for generators of clients. One entry an endpoint."""

from collections.abc import Mapping

from msgspec import Struct

from gateway.acks import Ack
from gateway.api.agents import NewStatus
from gateway.api.arrivals import Introduction
from gateway.api.logins import Credentials
from gateway.api.quick_replies import Written
from gateway.api.schemas import NUMBER, STATE, TEXT, TIME, Schema, listed, maybe, ref, struct, table

JSON = "application/json"


class Operation(Struct, frozen=True, kw_only=True):
    """An endpoint under one method. `errors` are the protocol's codes, besides those of any request; `other_type` is
    what it answers as text where that is asked for."""

    does: str
    answer: Schema | None = None
    answer_type: str = JSON
    other_type: str = ""
    status: int = 200
    query: Mapping[str, Schema] = {}
    body: Schema | None = None
    body_type: str = JSON
    public: bool = False
    errors: tuple[str, ...] = ()


BOT = {**TEXT, "description": "Only of this bot."}
LIST_QUERY: dict[str, Schema] = {
    "bot": BOT,
    "state": {"type": "array", "items": STATE, "description": "May repeat."},
    "agent": TEXT,
    "tag": TEXT,
    "visitor": TEXT,
    "q": {"type": "string", "maxLength": 200, "description": "Occurs in texts, names or e-mails."},
    "before": {**TEXT, "description": "The `next` of the page before."},
    "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
}
EVENTS_QUERY: dict[str, Schema] = {
    "after": {"type": "integer", "minimum": 0, "default": 0, "description": "A sequence."},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1_000, "default": 500},
}
REPORT_QUERY: dict[str, Schema] = {
    "bot": BOT,
    "from_ms": {**TIME, "description": "Seven days before `to_ms` if it is not said."},
    "to_ms": {**TIME, "description": "Now if it is not said; up to, and not with it."},
    "by": {"enum": ["day"], "description": "A row for each day, named in `day`."},
    "timezone": {**TEXT, "description": "Whose midnights divide days; else that of the bot's opening hours."},
    "format": {"enum": ["csv", "json"], "description": "csv: a table, its columns named `outer_inner`."},
}


def report(items: str) -> Schema:
    """A report; `as_of_ms` says as of when."""
    return listed(ref(items), from_ms=TIME, to_ms=TIME, as_of_ms=TIME, timezone=TEXT)


FORM = table(file={"type": "string", "contentMediaType": "application/octet-stream"})
HTML, SCRIPT = "text/html", "text/javascript"

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "/api/login": {
        "POST": Operation(
            does="Log an agent in: a token, and the same as the cookie `livesupport`.",
            body=struct(Credentials),
            answer=ref("LoggedIn"),
            public=True,
            errors=("unauthorized", "rate_limited"),
        )
    },
    "/api/logout": {"POST": Operation(does="Drop the cookie.", status=204, public=True)},
    "/api/me": {"GET": Operation(does="Who the token is.", answer=ref("Me"))},
    "/api/bots": {"GET": Operation(does="The caller's bots.", answer=listed(ref("Bot")))},
    "/api/bots/{bot}/visitors": {
        "POST": Operation(
            does="A visitor comes. With a visitor's token: the same one, and its open conversation if it has one.",
            body=struct(Introduction),
            answer=ref("Arrived"),
            status=201,
            public=True,
            errors=("unauthorized", "forbidden", "not_found", "too_large", "rate_limited"),
        )
    },
    "/api/bots/{bot}/queue": {
        "GET": Operation(
            does="Who waits for an agent, and why nobody has them yet.",
            answer=ref("Queue"),
            errors=("forbidden", "not_found"),
        )
    },
    "/api/bots/{bot}/telegram": {
        "GET": Operation(
            does="How the bot's Telegram group stands: what waits to be shown there, and what is wrong.",
            answer=ref("TelegramGroup"),
            errors=("forbidden", "not_found"),
        )
    },
    "/telegram/{bot}": {
        "POST": Operation(
            does="Telegram's webhook: one update, with the secret that Telegram was told.",
            body={"type": "object"},
            status=204,
            public=True,
            errors=("unauthorized", "not_found", "too_large"),
        )
    },
    "/api/conversations": {
        "GET": Operation(
            does="Conversations, newest first: an agent's bots', a visitor's own.",
            query=LIST_QUERY,
            answer=listed(ref("Conversation"), next=maybe(TEXT)),
            errors=("forbidden",),
        )
    },
    "/api/conversations/{conversation}": {
        "GET": Operation(
            does="A conversation as it is now.", answer=ref("Conversation"), errors=("forbidden", "not_found")
        )
    },
    "/api/conversations/{conversation}/events": {
        "GET": Operation(
            does="Its history. Visitors get no internal events, so their sequences have holes.",
            query=EVENTS_QUERY,
            answer=table(events={"type": "array", "items": ref("Event")}, last_sequence=NUMBER),
            errors=("forbidden", "not_found"),
        )
    },
    "/api/conversations/{conversation}/stream": {
        "GET": Operation(
            does="Its events as server-sent events: `id` is the sequence, `data` the event frame. "
            "Resumes from `Last-Event-ID` or `after`.",
            query={
                "after": EVENTS_QUERY["after"],
                "token": {**TEXT, "description": "For a browser's EventSource, which sends no header."},
            },
            answer=TEXT,
            answer_type="text/event-stream",
            errors=("forbidden", "not_found", "rate_limited"),
        )
    },
    "/api/conversations/{conversation}/commands": {
        "POST": Operation(
            does="One command. The answer says that it is durable; the same `ref` is answered again, not done again.",
            body=ref("Command"),
            answer=struct(Ack),
            errors=(
                *("forbidden", "basic_tier", "not_found", "not_allowed", "conflict", "closed"),
                *("too_large", "rate_limited"),
            ),
        )
    },
    "/api/conversations/{conversation}/attachments": {
        "POST": Operation(
            does="Upload a file, to be sent in a message.",
            body=FORM,
            body_type="multipart/form-data",
            answer=ref("Uploaded"),
            status=201,
            errors=("forbidden", "not_found", "too_large", "rate_limited"),
        )
    },
    "/api/attachments/{attachment}": {
        "GET": Operation(
            does="The file. Its id gives access: it is told to those who see the message.",
            answer=TEXT,
            answer_type="*/*",
            public=True,
            errors=("not_found",),
        )
    },
    "/api/agents": {
        "GET": Operation(
            does="The agents of the caller's bots.",
            query={"bot": BOT},
            answer=listed(ref("Agent")),
            errors=("forbidden",),
        )
    },
    "/api/agents/{agent}": {
        "GET": Operation(does="An agent as she is now.", answer=ref("Agent"), errors=("not_found",))
    },
    "/api/agents/{agent}/status": {
        "PUT": Operation(
            does="Her status: by herself, or by a manager of one of her bots.",
            body=struct(NewStatus),
            answer=ref("Agent"),
            errors=("forbidden", "not_found"),
        )
    },
    "/api/quick-replies": {
        "GET": Operation(
            does="Prepared answers; variables as they are written.",
            query={"bot": BOT},
            answer=listed(ref("QuickReply")),
            errors=("forbidden",),
        ),
        "POST": Operation(
            does="A new one, by a manager. No bots named: for all of hers.",
            body=struct(Written),
            answer=ref("QuickReply"),
            status=201,
            errors=("forbidden", "too_large"),
        ),
    },
    "/api/quick-replies/{reply}": {
        "PUT": Operation(
            does="Write it anew.", body=struct(Written), answer=ref("QuickReply"), errors=("forbidden", "not_found")
        ),
        "DELETE": Operation(does="Delete it.", status=204, errors=("forbidden", "not_found")),
    },
    "/api/reports/agents": {
        "GET": Operation(
            does="Figures of agents: all of a manager's bots, or the agent's own. Times are medians and 90 %.",
            query=REPORT_QUERY,
            answer=report("AgentFigures"),
            other_type="text/csv",
            errors=("forbidden",),
        )
    },
    "/api/reports/bots": {
        "GET": Operation(
            does="Figures of the caller's bots.",
            query=REPORT_QUERY,
            answer=report("BotFigures"),
            other_type="text/csv",
            errors=("forbidden",),
        )
    },
    "/healthz": {"GET": Operation(does="The process lives.", answer=table(status=TEXT), public=True)},
    "/readyz": {
        "GET": Operation(
            does="Hosts and store have just answered.",
            answer=table(status=TEXT, hosts=NUMBER),
            public=True,
            errors=("overloaded",),
        )
    },
    "/metrics": {"GET": Operation(does="Prometheus text.", answer=TEXT, answer_type="text/plain", public=True)},
    "/openapi.json": {"GET": Operation(does="This.", answer={"type": "object"}, public=True)},
    "/": {"GET": Operation(does="A demo page with the widget.", answer=TEXT, answer_type=HTML, public=True)},
    "/dashboard": {"GET": Operation(does="The agents' dashboard.", answer=TEXT, answer_type=HTML, public=True)},
    "/widget.js": {"GET": Operation(does="The embeddable widget.", answer=TEXT, answer_type=SCRIPT, public=True)},
}
