"""Whoever puts off what it owes is measured until it has paid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.load import round as measured
from benchmarks.load.round import REST_SECONDS, REST_SHARE, at_rest

IDLE = REST_SECONDS * REST_SHARE / 2


class Later:
    """Uses so much in each of the spells that it is left alone."""

    def __init__(self, *spells: float) -> None:
        self._spells: Iterator[float] = iter(spells)
        self.used, self.heard = 1.0, 0

    def seconds(self) -> dict[str, float]:
        return {"server": self.used, "store": 0.0}

    def hear(self, seconds: float) -> None:
        assert seconds == REST_SECONDS
        self.heard += 1
        self.used += next(self._spells)


def test_who_has_nothing_left_to_do_is_read_at_once() -> None:
    one = Later(IDLE)
    assert at_rest(one, one.hear) == {"server": 1.0, "store": 0.0}


def test_what_is_done_after_the_load_counts_and_idling_does_not() -> None:
    one = Later(0.2, 0.1, IDLE)
    assert at_rest(one, one.hear)["server"] == 1.3
    assert one.heard == 3


def test_who_never_rests_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(measured.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(measured, "DRAIN_SECONDS", 3)
    one = Later(0.2, 0.2, 0.2)
    assert at_rest(one, one.hear)["server"] == pytest.approx(1.4)
