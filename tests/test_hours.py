"""Opening hours follow the clock on the wall, whatever the clock does."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.hours import DAYS, Hours, is_open, next_opening_ms, span

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


def opening(hours: Hours, after: str) -> str | None:
    found = next_opening_ms(hours, ms(after))
    if found is None:
        return None
    return datetime.fromtimestamp(found / 1000, ZoneInfo(hours.timezone)).isoformat()


def test_without_hours_a_bot_is_always_open() -> None:
    assert is_open(None, 0)
    assert next_opening_ms(None, 12_345) == 12_345


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
    assert opening(BERLIN, "2026-12-25T19:00:00+01:00") == "2026-12-26T00:00:00+01:00"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-11-23T07:00:00+01:00", "2026-11-23T09:00:00+01:00"),
        ("2026-11-23T10:00:00+01:00", "2026-11-23T10:00:00+01:00"),
        ("2026-11-23T12:30:00+01:00", "2026-11-23T13:30:00+01:00"),
        ("2026-11-23T18:00:00+01:00", "2026-11-27T20:00:00+01:00"),
        ("2026-11-28T02:00:00+01:00", "2026-11-30T09:00:00+01:00"),
    ],
)
def test_the_next_opening_is_the_first_open_moment_from_now_on(after: str, expected: str) -> None:
    assert opening(BERLIN, after) == expected


def test_hours_that_name_no_day_never_open() -> None:
    assert not is_open(Hours(), 0)
    assert next_opening_ms(Hours(), 0) is None


def test_a_weekday_that_is_closed_for_months_opens_after_them() -> None:
    mondays = [(date(2026, 11, 23) + timedelta(weeks=week)).isoformat() for week in range(30)]
    hours = Hours(monday=["09:00-10:00"], closed_dates=mondays)
    assert opening(hours, "2026-11-22T00:00:00+00:00") == "2027-06-21T09:00:00+00:00"


def test_opening_hours_keep_their_wall_clock_time_when_summer_begins() -> None:
    hours = Hours(timezone="Europe/Berlin", saturday=["09:00-10:00"], sunday=["09:00-10:00"])
    assert opening(hours, "2026-03-28T11:00:00+01:00") == "2026-03-29T09:00:00+02:00"


def test_a_span_that_begins_in_the_skipped_hour_begins_where_the_clock_lands() -> None:
    hours = Hours(timezone="Europe/Berlin", sunday=["02:30-04:00"])
    assert opening(hours, "2026-03-29T00:00:00+01:00") == "2026-03-29T03:00:00+02:00"
    assert not is_open(hours, ms("2026-03-29T01:59:59+01:00"))
    assert is_open(hours, ms("2026-03-29T03:00:00+02:00"))


def test_a_span_inside_the_skipped_hour_waits_for_the_next_week() -> None:
    hours = Hours(timezone="Europe/Berlin", sunday=["02:10-02:50"])
    assert opening(hours, "2026-03-29T00:00:00+01:00") == "2026-04-05T02:10:00+02:00"


def test_a_span_in_the_hour_that_comes_twice_is_open_both_times() -> None:
    hours = Hours(timezone="Europe/Berlin", sunday=["02:00-02:30"])
    assert is_open(hours, ms("2026-10-25T02:15:00+02:00"))
    assert not is_open(hours, ms("2026-10-25T02:45:00+02:00"))
    assert is_open(hours, ms("2026-10-25T02:15:00+01:00"))
    assert opening(hours, "2026-10-25T02:30:00+02:00") == "2026-10-25T02:00:00+01:00"


def test_a_span_that_begins_within_the_repeated_hour_begins_twice() -> None:
    hours = Hours(timezone="Europe/Berlin", sunday=["02:15-02:30"])
    assert opening(hours, "2026-10-25T02:30:00+02:00") == "2026-10-25T02:15:00+01:00"


def test_a_clock_that_is_set_back_into_a_span_opens_it_again() -> None:
    hours = Hours(timezone="Europe/Berlin", sunday=["01:00-02:30"])
    assert opening(hours, "2026-10-25T02:40:00+02:00") == "2026-10-25T02:00:00+01:00"


def test_a_day_whose_midnight_comes_twice_opens_at_the_first() -> None:
    hours = Hours(timezone="America/Havana", saturday=["08:00-09:00"], sunday=["00:00-01:30"])
    assert opening(hours, "2025-11-01T12:00:00-04:00") == "2025-11-02T00:00:00-04:00"


def test_a_day_without_a_midnight_opens_at_its_first_moment() -> None:
    hours = Hours(timezone="America/Santiago", sunday=["00:30-05:00"])
    assert opening(hours, "2026-09-05T12:00:00-04:00") == "2026-09-06T01:00:00-03:00"


STEP = 600
CLOCK_CHANGES = [
    ("Europe/Berlin", "2025-03-30T01:00Z"),
    ("Europe/Berlin", "2025-10-26T01:00Z"),
    ("America/Havana", "2025-03-09T05:00Z"),
    ("America/Havana", "2025-11-02T05:00Z"),
    ("America/Santiago", "2025-04-06T03:00Z"),
    ("America/Santiago", "2025-09-07T04:00Z"),
    ("Australia/Lord_Howe", "2025-04-05T15:00Z"),  # Half an hour.
    ("Australia/Lord_Howe", "2025-10-04T15:30Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),  # A whole day.
]


def spans(last: int) -> st.SearchStrategy[list[str]]:
    """One day's spans, in steps of ten minutes up to ``last``."""

    def written(ends: list[int]) -> list[str]:
        pairs = zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False)
        return [f"{a // 6:02}:{a % 6}0-{b // 6:02}:{b % 6}0" for a, b in pairs]

    return st.lists(st.integers(0, last), max_size=4, unique=True).map(written)


@given(
    change=st.sampled_from(CLOCK_CHANGES),
    week=st.tuples(*(spans(24) | spans(144) for _ in DAYS)),
    steps=st.integers(-18, 6) | st.integers(-216, 72),
)
def test_no_moment_before_the_next_opening_is_open(
    change: tuple[str, str], week: tuple[list[str], ...], steps: int
) -> None:
    zone, moment = change
    hours = Hours(timezone=zone, **dict(zip(DAYS, week, strict=True)))  # type: ignore[arg-type]
    now = ms(moment) + steps * STEP * 1000
    end = now + 9 * 86_400_000
    expected = next((at for at in range(now, end, STEP * 1000) if is_open(hours, at)), None)
    found = next_opening_ms(hours, now)
    if expected is None:
        assert found is None or found >= end
    else:
        assert found == expected


@pytest.mark.parametrize(
    "text", ["9-5", "09:00", "09:60-10:00", "24:01-24:02", "10:00-10:00", "10:00-09:00", "٠٩:00-10:00"]
)
def test_a_text_that_is_no_span_is_refused_with_itself(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        span(text)


def test_a_span_may_be_written_short_and_end_at_midnight() -> None:
    assert span("9:00 - 24:00") == (540, 1440)
