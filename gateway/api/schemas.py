"""The objects that clients get, as JSON Schema. What clients send is described by the types that decode it."""

from collections.abc import Iterable
from typing import Any

import msgspec

from actors.commands import STATUSES
from actors.conversation.state import STATES
from actors.events import AnyConversationEvent, Attachment, Visitor
from gateway import frames as f
from gateway.acks import Ack
from gateway.api.agents import NewStatus
from gateway.api.arrivals import Introduction
from gateway.api.logins import Credentials
from gateway.api.quick_replies import Written
from metrics.figures import HOWS, OUTCOMES, REASONS, RESOLUTIONS, SPEAKERS, TRIGGERS

Schema = dict[str, Any]

REFS = "#/components/schemas/{name}"
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "integer", "description": "Milliseconds since the epoch."}
TEXTS: Schema = {"type": "array", "items": TEXT}
RANGE: Schema = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
STATE: Schema = {"enum": list(STATES)}
STATUS: Schema = {"enum": list(STATUSES)}
ROLE: Schema = {"enum": ["agent", "manager", "admin"]}

COMMANDS = (
    *(f.SendMessage, f.SetTyping, f.MarkRead, f.RequestHuman, f.EndConversation, f.Rate, f.UpdateDetails, f.TakeOver),
    *(f.AcceptOffer, f.DeclineOffer, f.ReturnToAssistant, f.Transfer, f.CloseConversation, f.AddNote, f.ChangeTags),
    *(f.Assign, f.SetPriority, f.SetStatus),
)
SENT = (Introduction, Credentials, NewStatus, Written)
TYPES = (*COMMANDS, *SENT, *AnyConversationEvent.__args__, Attachment, Visitor, Ack)


def ref(name: str) -> Schema:
    """The schema of that name."""
    return {"$ref": REFS.format(name=name)}


def struct(kind: type) -> Schema:
    """The schema of a type."""
    return ref(kind.__name__)


def table(**properties: Schema) -> Schema:
    """An object that has all of these; more may come with time."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def maybe(schema: Schema) -> Schema:
    """That, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema, **more: Schema) -> Schema:
    """What lists answer with."""
    return table(items={"type": "array", "items": schema}, **more)


def tagged(*kinds: type) -> Schema:
    """One of these, told apart by `type`."""
    tags = {str(kind.__struct_config__.tag): struct(kind)["$ref"] for kind in kinds}  # type: ignore[attr-defined]
    return {"oneOf": [*map(struct, kinds)], "discriminator": {"propertyName": "type", "mapping": tags}}


def counts(names: Iterable[str]) -> Schema:
    """A number by each of these names."""
    return table(**dict.fromkeys(names, NUMBER))


TIMES = [f"{name}_p{share}_ms" for name in ("first_response", "response", "handle") for share in (50, 90)]
FIGURES: dict[str, Schema] = {
    "conversations": {**NUMBER, "description": "Of an agent: given to her. Of a bot: opened."},
    **dict.fromkeys(TIMES, maybe({**NUMBER, "description": "Milliseconds; nearest rank."})),
    "responses": NUMBER,
    "unanswered": {**NUMBER, "description": "Messages, or takings over, whose target has passed without an answer."},
    "within_target": maybe(
        {"type": "number", "description": "Responses within the bot's target, of these and those that are missing."}
    ),
    "resolutions": counts(RESOLUTIONS),
    "rating": table(average=maybe({"type": "number"}), count=NUMBER),
    "offers": counts(OUTCOMES),
    "missed_offers": NUMBER,
}

OWNER: Schema = {
    "type": "object",
    "properties": {"kind": {"enum": ["assistant", "queue", "agent"]}, "id": TEXT, "name": TEXT},
    "required": ["kind"],
}

OBJECTS: dict[str, Schema] = {
    "Error": table(
        error={
            "type": "object",
            "properties": {"code": TEXT, "message": TEXT, "detail": {"type": "object"}},
            "required": ["code", "message"],
        }
    ),
    "Conversation": table(
        id=TEXT,
        bot=TEXT,
        state=STATE,
        owner=maybe(OWNER),
        epoch=NUMBER,
        visitor=struct(Visitor),
        tags=TEXTS,
        opened_at_ms=TIME,
        updated_at_ms=TIME,
        closed_at_ms=maybe(TIME),
        last_sequence=NUMBER,
        read=table(visitor=NUMBER, agent=NUMBER),
        queue=maybe(table(position=NUMBER, eta_seconds=RANGE)),
        preview=TEXT,
        resolution=maybe({"enum": ["resolved", "unresolved", "spam", "other"]}),
        rating=maybe(NUMBER),
    ),
    "Event": {"allOf": [table(sequence=NUMBER, at_ms=TIME), tagged(*AnyConversationEvent.__args__)]},
    "Command": tagged(*COMMANDS),
    "LoggedIn": table(token=TEXT, agent=table(id=TEXT, name=TEXT, role=ROLE, bots=TEXTS)),
    "Me": {
        "type": "object",
        "properties": {
            "id": TEXT,
            "name": TEXT,
            "role": {"enum": ["visitor", *ROLE["enum"]]},
            "bots": {**TEXTS, "description": "An agent's."},
            "bot": {**TEXT, "description": "A visitor's."},
        },
        "required": ["id", "name", "role"],
    },
    "Arrived": table(token=TEXT, visitor=struct(Visitor), conversation=ref("Conversation")),
    "Agent": table(
        id=TEXT,
        name=TEXT,
        status=STATUS,
        since_ms=TIME,
        load=NUMBER,
        capacity=NUMBER,
        skills=TEXTS,
        languages=TEXTS,
        role=ROLE,
        bots=TEXTS,
        conversations=TEXTS,
    ),
    "TelegramGroup": table(
        bot=TEXT,
        pending={**NUMBER, "description": "Messages that wait to be shown in the group."},
        waiting_since_ms=maybe(TIME),
        problem=maybe(TEXT),
        problem_since_ms=maybe(TIME),
        group=NUMBER,
    ),
    "Queue": table(
        waiting={
            "type": "array",
            "items": table(
                conversation=TEXT, position=NUMBER, since_ms=TIME, priority=NUMBER, eta_seconds=RANGE, why=TEXT
            ),
        },
        agents={
            "type": "array",
            "items": table(id=TEXT, name=TEXT, status=STATUS, load=NUMBER, capacity=NUMBER),
        },
        length=NUMBER,
    ),
    "Bot": table(
        id=TEXT,
        name=TEXT,
        tier={"enum": ["premium", "basic"]},
        response_target_seconds=NUMBER,
        telegram={"type": "boolean", "description": "Whether it has a group there."},
        skills=TEXTS,
        languages=TEXTS,
    ),
    "QuickReply": table(id=TEXT, shortcut=TEXT, text=TEXT, bots=TEXTS),
    "Uploaded": table(attachment=struct(Attachment)),
    "AgentFigures": table(agent=TEXT, name=TEXT, **FIGURES, time_by_status=counts(STATUSES)),
    "BotFigures": table(
        bot=TEXT,
        name=TEXT,
        **FIGURES,
        messages=counts(SPEAKERS),
        handoffs=counts(TRIGGERS),
        takeovers=counts(HOWS),
        offline_answered=counts(REASONS),
        wait_p50_ms=maybe(NUMBER),
        wait_p90_ms=maybe(NUMBER),
    ),
}


def components() -> dict[str, Schema]:
    """Every schema by its name."""
    _, found = msgspec.json.schema_components(TYPES, ref_template=REFS)
    return {**found, **OBJECTS}
