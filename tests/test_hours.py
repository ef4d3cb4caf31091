"""Opening hours follow the clock on the wall, whatever the clock does."""

from datetime import datetime

import pytest

from actors.hours import Hours, is_open, span

BERLIN = Hours(
    timezone="Europe/Berlin",
    monday=["09:00-12:30", "13:30-18:00"],
    friday=["20:00-24:00"],
    saturday=["00:00-02:00"],
    closed_dates=["2026-12-25"],
)


def ms(text: str) -> int:
    """Milliseconds of a moment with its offset, such as ``2026-11-23T09:00:00+01:00``."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_without_hours_a_bot_is_always_open() -> None:
    assert is_open(None, 0)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T08:59:59.999+01:00", False),
        ("2026-11-23T09:00:00+01:00", True),
        ("2026-11-23T12:29:59.999+01:00", True),
        ("2026-11-23T12:30:00+01:00", False),
        ("2026-11-23T13:30:00+01:00", True),
        ("2026-11-23T18:00:00+01:00", False),
        ("2026-11-24T10:00:00+01:00", False),
    ],
)
def test_a_span_holds_its_first_moment_and_not_its_last(moment: str, expected: bool) -> None:
    assert is_open(BERLIN, ms(moment)) is expected


def test_a_night_is_open_through_midnight_as_two_spans() -> None:
    assert is_open(BERLIN, ms("2026-11-27T23:59:59.999+01:00"))
    assert is_open(BERLIN, ms("2026-11-28T00:00:00+01:00"))
    assert not is_open(BERLIN, ms("2026-11-28T02:00:00+01:00"))


def test_a_closed_date_is_closed_from_midnight_to_midnight() -> None:
    assert not is_open(BERLIN, ms("2026-12-25T23:00:00+01:00"))
    assert is_open(BERLIN, ms("2026-12-26T00:00:00+01:00"))


def test_hours_that_name_no_day_never_open() -> None:
    assert not is_open(Hours(), 0)


ODD = [
    # Wall-clock time is kept when summer begins.
    ("Europe/Berlin", "09:00-10:00", "2026-03-29T08:59:59+02:00", "2026-03-29T09:00:00+02:00"),
    # A span that begins in the skipped hour begins where the clock lands.
    ("Europe/Berlin", "02:30-04:00", "2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"),
    # One in the hour that comes twice is open both times.
    ("Europe/Berlin", "02:00-02:30", "2026-10-25T01:59:59+02:00", "2026-10-25T02:00:00+02:00"),
    ("Europe/Berlin", "02:00-02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00"),
    ("Europe/Berlin", "02:15-02:30", "2026-10-25T02:14:59+01:00", "2026-10-25T02:15:00+01:00"),
    # A clock that is set back into a span opens it again.
    ("Europe/Berlin", "01:00-02:30", "2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00"),
    # A day whose midnight comes twice begins at the first; one without a midnight at its first moment.
    ("America/Havana", "00:00-01:30", "2025-11-01T23:59:59-04:00", "2025-11-02T00:00:00-04:00"),
    ("America/Santiago", "00:30-05:00", "2026-09-05T23:59:59-04:00", "2026-09-06T01:00:00-03:00"),
    # Clocks that are set by half an hour, and a day that was left out.
    ("Australia/Lord_Howe", "02:00-03:00", "2025-10-05T01:59:59+10:30", "2025-10-05T02:30:00+11:00"),
    ("Pacific/Apia", "00:00-24:00", "2011-12-29T23:59:59-10:00", "2012-01-01T00:00:00+14:00"),
]


@pytest.mark.parametrize(("zone", "open_on_sunday", "closed", "opens"), ODD)
def test_what_the_clock_on_the_wall_says_counts_when_it_is_set(
    zone: str, open_on_sunday: str, closed: str, opens: str
) -> None:
    hours = Hours(timezone=zone, sunday=[open_on_sunday])
    assert not is_open(hours, ms(closed))
    assert is_open(hours, ms(opens))


def test_a_span_inside_the_skipped_hour_waits_for_the_next_week() -> None:
    hours = Hours(timezone="Europe/Berlin", sunday=["02:10-02:50"])
    night = range(ms("2026-03-29T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"), 60_000)
    assert not any(is_open(hours, moment) for moment in night)
    assert is_open(hours, ms("2026-04-05T02:10:00+02:00"))


@pytest.mark.parametrize(
    "text", ["9-5", "09:00", "09:60-10:00", "24:01-24:02", "10:00-10:00", "10:00-09:00", "٠٩:00-10:00"]
)
def test_a_text_that_is_no_span_is_refused_with_itself(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        span(text)


def test_a_span_may_be_written_short_and_end_at_midnight() -> None:
    assert span("9:00 - 24:00") == (540, 1440)
