"""Which websites a browser may ask from: a bot's own list for its visitors, and no other site for cookies.

A client that sends no `Origin` is no browser of somebody else's: there is nobody to protect.
"""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from actors.settings import BotSettings, Settings
from gateway.errors import ProtocolError

PREFLIGHT_SECONDS = 600


def is_same_origin(connection: HTTPConnection) -> bool:
    """The page that asks is one of ours. The browser's own word counts; without it, the host of the `Origin`."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = connection.headers.get("origin")
    return origin is None or _host(origin) == connection.headers.get("host", "")


def may_serve(bot: BotSettings, connection: HTTPConnection) -> bool:
    """The bot answers visitors of the page that asks."""
    origin = connection.headers.get("origin")
    return origin is None or origin in bot.allowed_origins or is_same_origin(connection)


def need_same_origin(connection: HTTPConnection) -> None:
    """Raises `forbidden` if another website asks."""
    if not is_same_origin(connection):
        raise ProtocolError("forbidden", "Another website may not do that.")


def cors(settings: Settings) -> dict[str, Any]:
    """For Starlette's CORSMiddleware: lets the bots' websites read answers. Cookies stay at home: only a token is
    believed from there."""
    return {
        "allow_origins": sorted({origin for bot in settings.bots for origin in bot.allowed_origins}),
        "allow_methods": ("GET", "POST"),
        "allow_headers": ("Authorization", "Last-Event-ID"),
        "expose_headers": ("Retry-After",),
        "max_age": PREFLIGHT_SECONDS,
    }


def _host(origin: str) -> str:
    """The host and port that browsers send as `Host`: the default port is left out of both."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
