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
from datetime import date, datetime, time, timedelta
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

    def spans(self, day: date) -> list[Span]:
        return [] if day in self.closed else self.week[day.weekday()]

    def is_open(self, at: int) -> bool:
        """Whether the wall clock is inside a span, at that many seconds since the epoch."""
        wall = datetime.fromtimestamp(at, self.zone)
        minute = wall.hour * 60 + wall.minute
        return any(start <= minute < end for start, end in self.spans(wall.date()))

    def next_opening(self, after: int) -> int | None:
        """The first second from ``after`` on that is open, or None when there is none."""
        today = self._date(after)
        if not any(self.week):
            return None
        # Each closed date can swallow at most one week's only opening, and so can a change of the clocks.
        for offset in range(7 * (len(self.closed) + 3)):
            day = today + timedelta(days=offset)
            moments = (max(after, moment) for moment in self._turns(day))
            openings = [moment for moment in moments if self._date(moment) == day and self.is_open(moment)]
            if openings:
                return min(openings)
        return None

    def _turns(self, day: date) -> list[int]:
        """When a day can turn from closed to open: spans begin, the clock jumps. Some moments may be outside it."""
        spans = self.spans(day)
        if not spans:
            return []
        starts = [self._instant(day, start, fold) for start, _ in spans for fold in (0, 1)]
        first, last = self._instant(day, 0, 0), self._instant(day + timedelta(days=1), 0, 1)
        return [*starts, self._clock_change(first, last)]

    def _instant(self, day: date, minute: int, fold: int) -> int:
        wall = datetime.combine(day, time(minute // 60 % 24, minute % 60), self.zone)
        return int(wall.replace(fold=fold).timestamp())

    def _clock_change(self, low: int, high: int) -> int:
        """The first second in (low, high] with the offset that holds at ``high``; ``low`` when it never changes."""
        target = self._offset(high)
        if self._offset(low) == target:
            return low
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._offset(middle) == target else (middle, high)
        return high

    def _date(self, at: int) -> date:
        return datetime.fromtimestamp(at, self.zone).date()

    def _offset(self, at: int) -> timedelta | None:
        return datetime.fromtimestamp(at, self.zone).utcoffset()


def is_open(hours: Hours | None, now_ms: int) -> bool:
    """Whether humans can be reached at that moment."""
    return hours is None or hours.schedule.is_open(now_ms // 1000)


def next_opening_ms(hours: Hours | None, now_ms: int) -> int | None:
    """The first moment from ``now_ms`` on that is open: ``now_ms`` itself when it is open, None when there is none."""
    if is_open(hours, now_ms):
        return now_ms
    assert hours is not None
    opening = hours.schedule.next_opening(now_ms // 1000)
    return None if opening is None else opening * 1000


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
