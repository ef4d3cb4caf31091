"""Reports of agents and bots over a time. Managers see their bots' whole teams, an agent herself."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.answers import HEADERS, json
from gateway.api.context import Api
from gateway.api.requests import agent_of, integer, one_of, own_bots
from gateway.errors import ProtocolError
from metrics.figures import Figures
from metrics.reports import Asked, Span, as_csv
from runtime.clock import wall_clock_ms

DAY_MS = 86_400_000
DAYS_BEFORE, DAYS_MAX = 7, 400
LATEST_MS = 4_102_444_800_000  # the year 2100


async def agents(api: Api, request: Request) -> Response:
    """Each agent's figures."""
    return _answer(request, "agents", await api.reports.agents(_asked(api, request)))


async def bots(api: Api, request: Request) -> Response:
    """Each bot's figures."""
    return _answer(request, "bots", await api.reports.bots(_asked(api, request)))


def _asked(api: Api, request: Request) -> Asked:
    caller = agent_of(api, request)
    bots = own_bots(api, caller, request.query_params.get("bot"))
    everybody = caller.role != "agent"
    team = [one for one in api.settings.agents if set(bots) & set(one.bots)] if everybody else [caller]
    return Asked(
        bots=tuple(bots),
        agents=tuple(one.id for one in team),
        former=everybody,
        span=_span(request),
        zone=_zone(api, request, bots),
        by_day=bool(one_of(request, "by", ("day",))),
    )


def _span(request: Request) -> Span:
    to_ms = integer(request, "to_ms", wall_clock_ms(), 1, LATEST_MS)
    from_ms = integer(request, "from_ms", max(0, to_ms - DAYS_BEFORE * DAY_MS), 0, LATEST_MS)
    if from_ms >= to_ms:
        raise ProtocolError("bad_request", "from_ms is before to_ms.", field="from_ms")
    if to_ms - from_ms > DAYS_MAX * DAY_MS and "by" in request.query_params:
        raise ProtocolError("bad_request", f"At most {DAYS_MAX} days, day by day.", field="from_ms")
    return Span(from_ms, to_ms)


def _zone(api: Api, request: Request, bots: list[str]) -> str:
    """Whose midnights divide days: the zone asked for, else that of the first bot's opening hours."""
    asked = request.query_params.get("timezone")
    if asked is not None:
        try:
            return ZoneInfo(asked).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ProtocolError("bad_request", "timezone is a name such as Europe/Berlin.", field="timezone") from None
    zones = [hours.timezone for bot in bots if (hours := api.edge.bot(bot).hours) is not None]
    return zones[0] if zones else "UTC"


def _answer(request: Request, name: str, report: Figures) -> Response:
    if "csv" not in one_of(request, "format", ("csv", "json")):
        return json(report)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(as_csv(report["items"]), headers=headers, media_type="text/csv")
