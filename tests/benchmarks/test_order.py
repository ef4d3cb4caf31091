"""The order of one conversation's events, as one client receives them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.order import Track


def test_an_unbroken_run_is_all_new_and_faultless() -> None:
    track = Track(0)
    assert all(track.see(sequence) for sequence in (1, 2, 3))
    assert (track.last, track.received, track.duplicates, track.late, track.missing) == (3, 3, [], [], set())


def test_without_a_start_the_first_one_sets_it() -> None:
    track = Track()
    assert track.see(7)
    assert (track.last, track.missing) == (7, set())


def test_a_hole_is_missing_until_it_comes_late() -> None:
    track = Track(0)
    track.see(1)
    track.see(4)
    assert track.missing == {2, 3}
    assert track.see(2)
    assert (track.missing, track.late, track.last) == ({3}, [2], 4)


def test_what_came_before_is_a_duplicate_and_not_new() -> None:
    track = Track(0)
    track.see(1)
    assert not track.see(1)
    assert (track.duplicates, track.received) == ([1], 1)


@given(st.lists(st.integers(1, 12)))
def test_every_sequence_is_new_exactly_once(sequences: list[int]) -> None:
    track = Track(0)
    new = [sequence for sequence in sequences if track.see(sequence)]
    assert sorted(new) == sorted(set(sequences))
    assert len(new) + len(track.duplicates) == len(sequences)
    assert track.missing == set(range(1, max(sequences, default=0) + 1)) - set(sequences)
