"""What the endpoints share. An endpoint is `async (api, request) -> Response`, and raises `ProtocolError`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from actors.settings import Settings
from gateway.api.proxies import Proxies
from gateway.api.whereabouts import Locations
from gateway.attachments import Attachments
from gateway.edge import Edge
from gateway.logouts import Logouts
from gateway.quick_replies import QuickReplies
from gateway.ratelimit import Pace, RateLimit
from gateway.seats import Seats
from metrics.reports import Reports
from runtime.clock import wall_clock_ms


@dataclass(frozen=True, kw_only=True)
class Api:
    """One a gateway."""

    edge: Edge
    attachments: Attachments
    replies: QuickReplies
    proxies: Proxies
    locations: Locations
    logins: RateLimit
    """Attempts by an agent's e-mail."""
    uploads: Pace | None
    """Bytes by visitor, and by where it comes from."""
    arrivals: Pace | None
    """New visitors and log-ins by where they come from."""
    strangers: RateLimit
    """Attempts by e-mails that no agent has: they are told the same."""
    logouts: Logouts
    reports: Reports
    streams: Seats
    """Those that are open."""

    @property
    def settings(self) -> Settings:
        """The configuration."""
        return self.edge.settings


Endpoint = Callable[[Api, Request], Awaitable[Response]]


def api_of(edge: Edge, data: Path) -> Api:
    """What the endpoints of this gateway share; its files are below `data`."""
    limits, server = edge.settings.limits, edge.settings.server
    return Api(
        edge=edge,
        attachments=Attachments.below(data, limits.attachment_types),
        replies=QuickReplies(edge.settings.quick_replies, data / "quick-replies.json"),
        proxies=Proxies(server.trusted_proxies),
        locations=Locations(server.geoip_database),
        logins=RateLimit(limits.login_failures, 60),
        uploads=Pace(max(limits.upload_bytes, limits.attachment_bytes), 3_600) if limits.upload_bytes else None,
        arrivals=Pace(limits.address_arrivals, 60) if limits.address_arrivals else None,
        strangers=RateLimit(limits.login_failures, 60),
        logouts=Logouts(data / "logouts"),
        reports=Reports(edge.settings, edge.archive.reading, wall_clock_ms),
        streams=Seats(),
    )
