"""The HTTP endpoints: which there are, each a function of (api, request)."""

from collections.abc import Mapping

from gateway.api import (
    agents,
    attachments,
    commands,
    conversations,
    health,
    logins,
    openapi,
    quick_replies,
    reports,
    stream,
    visitors,
)
from gateway.api.context import Endpoint
from gateway.telegram import webhook

ENDPOINTS: Mapping[str, Mapping[str, Endpoint]] = {
    "/api/login": {"POST": logins.login},
    "/api/logout": {"POST": logins.logout},
    "/api/me": {"GET": logins.me},
    "/api/bots": {"GET": agents.bots},
    "/api/bots/{bot}/visitors": {"POST": visitors.visitors},
    "/api/bots/{bot}/queue": {"GET": agents.queue},
    "/api/bots/{bot}/telegram": {"GET": webhook.standing},
    "/api/conversations": {"GET": conversations.conversations},
    "/api/conversations/{conversation}": {"GET": conversations.conversation},
    "/api/conversations/{conversation}/events": {"GET": conversations.events},
    "/api/conversations/{conversation}/stream": {"GET": stream.stream},
    "/api/conversations/{conversation}/commands": {"POST": commands.commands},
    "/api/conversations/{conversation}/attachments": {"POST": attachments.upload},
    "/api/attachments/{attachment}": {"GET": attachments.attachment},
    "/api/agents": {"GET": agents.agents},
    "/api/agents/{agent}": {"GET": agents.agent},
    "/api/agents/{agent}/status": {"PUT": agents.status},
    "/api/quick-replies": {"GET": quick_replies.quick_replies, "POST": quick_replies.create},
    "/api/quick-replies/{reply}": {"PUT": quick_replies.change, "DELETE": quick_replies.delete},
    "/api/reports/agents": {"GET": reports.agents},
    "/api/reports/bots": {"GET": reports.bots},
    "/telegram/{bot}": {"POST": webhook.webhook},
    "/healthz": {"GET": health.healthz},
    "/readyz": {"GET": health.readyz},
    "/metrics": {"GET": health.metrics},
    "/openapi.json": {"GET": openapi.openapi},
}

UNHURRIED: frozenset[Endpoint] = frozenset({stream.stream, attachments.upload})
"""These take as long as the client does."""
