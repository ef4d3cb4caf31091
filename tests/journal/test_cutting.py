"""Every journal: what is cut out of a history is gone, and all that is left stays as and where it was."""

import pytest

from runtime.journal import Cut, Fenced, Journal, Record, Snapshot, Stored, StoreFailed
from tests.journal.conftest import Open
from tests.journal.records import SCOPE, A, B, found, put, record, row

LONG = 1_300
"""Longer than any piece or run that a journal knows."""


def begun(journal: Journal) -> dict[str, int]:
    """Two histories."""
    fences = journal.claim([SCOPE])
    for actor in (A, B):
        put(journal, *(record(actor, number, f"n{number}") for number in range(1, LONG + 1)), row(actor), fences=fences)
    return fences


def left(before: int, *kept: int) -> list[Record]:
    """What is left of one of them."""
    return [record(A, number, f"n{number}") for number in (*kept, *range(before, LONG + 1))]


@pytest.mark.parametrize("before", [2, 500, 501, 502, 1_000, LONG, LONG + 1])
def test_what_lies_before_is_gone_but_for_what_is_kept(opened: Open, before: int) -> None:
    journal = opened()
    kept = [number for number in (1, 77, 499) if number < before]
    fences = begun(journal)
    journal.cut([Cut(A, before, [record(A, number, f"n{number}") for number in kept])], fences)
    for one in (journal, opened()):
        assert one.read(A, 0, 9_999) == left(before, *kept)
        assert one.read(A, 0, 2) == left(before, *kept)[:2]
        assert one.read(A, before + 5, 9) == [here for here in left(before, *kept) if here.sequence > before + 5][:9]
        assert one.load([A, B], whole=True)[A] == Stored(None, left(before, *kept), 0)
        assert len(one.read(B, 0, 9_999)) == LONG


def test_it_goes_on_where_it_was(opened: Open) -> None:
    journal = opened()
    fences = begun(journal)
    journal.cut([Cut(A, LONG, [record(A, 7, "n7")])], fences)
    with pytest.raises(StoreFailed):
        put(journal, record(A, LONG, "again"), fences=fences)
    put(
        journal,
        record(A, LONG + 1, "more"),
        Snapshot(A, LONG + 1, b"state"),
        record(A, LONG + 2, "most"),
        fences=fences,
    )
    journal.cut([Cut(A, LONG + 1, [record(A, 7, "n7")])], fences)
    rest = [record(A, 7, "n7"), record(A, LONG + 1, "more"), record(A, LONG + 2, "most")]
    assert opened().read(A, 0, 99) == rest
    assert opened().load([A])[A] == Stored(Snapshot(A, LONG + 1, b"state"), rest[2:], 0)
    assert found(journal, text="n7") == [B, A]
    assert found(journal, text="n8") == [B]


def test_an_older_snapshot_is_followed_by_what_is_left(journal: Journal) -> None:
    fences = begun(journal)
    put(journal, Snapshot(A, 400, b"state"), fences=fences)
    kept = [record(A, number, f"n{number}") for number in (300, 450)]
    journal.cut([Cut(A, LONG, kept)], fences)
    assert journal.load([A])[A] == Stored(Snapshot(A, 400, b"state"), left(LONG, 450), 0)


def test_nothing_is_left_of_who_is_erased_after_a_cut(journal: Journal) -> None:
    fences = begun(journal)
    journal.cut([Cut(A, LONG, [record(A, 7, "n7")])], fences)
    journal.erase([A], fences)
    assert journal.read(A, 0, 9) == []
    put(journal, record(A, 1, "new"), fences=fences)
    assert journal.read(A, 0, 9) == [record(A, 1, "new")]


def test_a_stale_fence_cuts_nothing(journal: Journal) -> None:
    fences = begun(journal)
    journal.claim([SCOPE])
    with pytest.raises(Fenced):
        journal.cut([Cut(A, LONG, [])], fences)
    assert len(journal.read(A, 0, 9_999)) == LONG
