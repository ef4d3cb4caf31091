"""Opening hours: when a bot's humans can be reached, in the wall-clock time of one zone.

Pure: the moment comes in, in milliseconds since the epoch, and nothing here reads a clock. A span is local time, and a
moment is inside it when the clock on the wall says so, which settles every odd case:

    a span's end is not part of it            09:00-12:30 is open at 12:29:59, closed at 12:30
    the hour that is skipped in spring        a span that begins in it begins where the clock lands
    the hour that comes twice in autumn       a span that covers it is open both times
    a closed date                             closed from midnight to midnight, local time
    no table at all                           always open; a table that names no day is never open
"""

import re
from datetime import date, datetime
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES = 24 * 60
DEFAULT_OFFLINE_MESSAGE = "Nobody is here right now. Leave your e-mail and we will write to you."

SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", re.ASCII)

Span = tuple[int, int]
"""Minutes since local midnight: the first one inside, and the first one after."""


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One bot's opening hours; a day that is not named is closed."""

    timezone: str = "UTC"
    monday: list[str] = []
    tuesday: list[str] = []
    wednesday: list[str] = []
    thursday: list[str] = []
    friday: list[str] = []
    saturday: list[str] = []
    sunday: list[str] = []
    closed_dates: list[str] = []
    offline_message: Annotated[str, Meta(max_length=8_000)] = DEFAULT_OFFLINE_MESSAGE

    @cached_property
    def schedule(self) -> "Schedule":
        """The parsed form, made at the first use; raises ValueError when a value is not well-formed."""
        return Schedule(self)


class Schedule:
    """Opening hours ready to be asked."""

    def __init__(self, hours: Hours) -> None:
        self.zone = zone(hours.timezone)
        self.week = [[span(text) for text in getattr(hours, day)] for day in DAYS]
        self.closed = frozenset(date.fromisoformat(text) for text in hours.closed_dates)

    def is_open(self, at: int) -> bool:
        """Whether the wall clock is inside a span, at that many seconds since the epoch."""
        wall = datetime.fromtimestamp(at, self.zone)
        if wall.date() in self.closed:
            return False
        minute = wall.hour * 60 + wall.minute
        return any(start <= minute < end for start, end in self.week[wall.weekday()])


def is_open(hours: Hours | None, now_ms: int) -> bool:
    """Whether humans can be reached at that moment."""
    return hours is None or hours.schedule.is_open(now_ms // 1000)


def span(text: str) -> Span:
    """The minutes of ``09:00-12:30``; raises ValueError, which says what is wrong with it."""
    match = SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a span of time like "09:00-17:30"')
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(from_minute, to_minute) > 59 or max(start, end) > DAY_MINUTES:
        raise ValueError(f'"{text}" names a time that is not on the clock (00:00 to 24:00)')
    if end <= start:
        raise ValueError(f'"{text}" ends before it begins; past midnight it belongs to the next day')
    return start, end


def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; raises ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is not a time zone; they are written like "Europe/Berlin"') from error
