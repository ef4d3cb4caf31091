"""Opening hours: when a bot's humans can be reached, in the wall-clock time of one zone.

Pure: the moment comes in, in milliseconds since the epoch, and nothing here reads a clock. A span is local time, so a
schedule means the same before and after a change of the clocks:

    a span's end is not part of it            09:00-12:30 is open at 12:29:59, closed at 12:30
    the hour that is skipped in spring        a span that begins in it begins where the clock lands
    the hour that comes twice in autumn       a span that covers it is open both times
    a closed date                             closed from midnight to midnight, local time
    no table at all                           always open; a table that names no day is never open
"""

from typing import Annotated

from msgspec import Meta, Struct

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_OFFLINE_MESSAGE = "Nobody is here right now. Leave your e-mail and we will write to you."


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
