"""How long rounds wait for more: as busy as it was just now, and never after a pause."""

import pytest

from runtime.linger import REMEMBERED, Rounds, linger

BUSY = 50


def test_the_busier_the_longer_up_to_a_linger() -> None:
    assert linger(0.01, 0, BUSY) == 0.0
    assert linger(0.01, BUSY // 2, BUSY) == pytest.approx(0.005)
    assert linger(0.01, BUSY, BUSY) == linger(0.01, 100 * BUSY, BUSY) == 0.01
    assert linger(0.01, 1, BUSY, least=0.2) == pytest.approx(0.002)


def test_the_first_round_begins_at_once() -> None:
    assert Rounds(0.01, BUSY).pause(0.0) == 0.0


def test_a_round_behind_a_busy_one_waits_for_more() -> None:
    rounds = Rounds(0.01, BUSY)
    rounds.ended(BUSY, now=7.0)
    assert rounds.pause(7.001) == 0.01
    assert rounds.pause(7.0 + REMEMBERED * 0.01 + 0.001) == 0.0, "that was long ago"
    rounds.ended(BUSY - 1, now=8.0)
    assert rounds.pause(8.001) == 0.0, "who waits is not many yet"


def test_without_a_linger_nothing_waits() -> None:
    rounds = Rounds(0.0, BUSY)
    rounds.ended(1_000, now=1.0)
    assert rounds.pause(1.0) == 0.0
