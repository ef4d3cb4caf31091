"""A window that slides, and a table of keys that does not grow without end."""

import pytest

from gateway import ratelimit
from gateway.ratelimit import Pace, RateLimit


def test_so_many_pass_and_the_next_one_learns_how_long_to_wait() -> None:
    limit = RateLimit(2, 10)
    assert [limit.wait_ms("ann", at) for at in (0, 4_000, 5_000, 9_999)] == [0, 0, 5_000, 1]


def test_room_comes_back_one_by_one() -> None:
    limit = RateLimit(2, 10)
    assert [limit.wait_ms("ann", at) for at in (0, 4_000, 10_000, 10_001, 14_000)] == [0, 0, 0, 3_999, 0]


def test_who_waits_is_not_made_to_wait_longer_by_asking() -> None:
    limit = RateLimit(1, 10)
    limit.wait_ms("ann", 0)
    assert [limit.wait_ms("ann", at) for at in (1_000, 2_000, 10_000)] == [9_000, 8_000, 0]


def test_what_is_done_again_under_its_ref_counts_once() -> None:
    limit = RateLimit(2, 10)
    done = [("a", 0), ("a", 1_000), ("b", 2_000), ("a", 3_000), ("c", 4_000), ("c", 11_001), ("c", 13_001)]
    assert [limit.wait_ms("ann", at, ref) for ref, at in done] == [0, 0, 0, 0, 8_000, 999, 0]


def test_what_has_no_ref_is_never_the_same() -> None:
    limit = RateLimit(2, 10)
    assert [limit.wait_ms("ann", at) for at in (0, 0, 1_000)] == [0, 0, 9_000]


def test_a_ref_is_no_pass_for_everything() -> None:
    limit = RateLimit(2, 10)
    assert [limit.wait_ms("ann", at, "a") for at in (0, 1_000, 2_000, 3_000, 4_000, 10_000)] == [0, 0, 0, 0, 6_000, 0]


def test_keys_do_not_share() -> None:
    limit = RateLimit(1, 10)
    assert [limit.wait_ms(key, 0) for key in ("ann", "bo", "ann")] == [0, 0, 10_000]


def test_0_is_no_limit() -> None:
    limit = RateLimit(0, 10)
    assert not any(limit.wait_ms("ann", 0) for _ in range(100))


def test_what_is_forgotten_does_not_count() -> None:
    limit = RateLimit(1, 10)
    limit.wait_ms("ann", 0)
    limit.forget("ann")
    limit.forget("nobody")
    assert limit.wait_ms("ann", 1) == 0


def test_the_key_that_was_quiet_for_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "KEYS_MAX", 2)
    limit = RateLimit(1, 10)
    for at, key in enumerate(("ann", "bo", "ann", "cy")):
        limit.wait_ms(key, at)
    assert limit.wait_ms("ann", 4) > 0
    assert limit.wait_ms("bo", 4) == 0


def test_a_pace_lets_so_many_pass_at_once_and_then_one_in_each_share_of_the_time() -> None:
    pace = Pace(4, 10)
    assert [pace.wait_ms("ann", 0) for _ in range(6)] == [0, 0, 0, 0, 2_500, 2_500]
    assert [pace.wait_ms("ann", at) for at in (2_499, 2_500, 2_500, 5_000)] == [1, 0, 2_500, 0]
    assert [pace.wait_ms("ann", 60_000) for _ in range(5)] == [0, 0, 0, 0, 2_500]
    assert pace.wait_ms("bo", 0) == 0


def test_a_pace_forgets_who_did_something_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "KEYS_MAX", 2)
    pace = Pace(1, 10)
    for at, key in enumerate(("ann", "bo", "cy")):
        pace.wait_ms(key, at)
    assert (pace.wait_ms("cy", 3), pace.wait_ms("ann", 3)) == (9_999, 0)
