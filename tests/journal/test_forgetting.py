"""Every journal: who is erased leaves nothing."""

import pytest

from runtime.identity import ActorId
from runtime.journal import Fenced, Journal, Snapshot, Stored
from tests.journal.records import SCOPE, A, B, C, found, put, record, row


def test_nothing_is_left_of_those_who_are_erased_and_all_of_the_others(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    for actor in (A, B, C):
        things = record(actor, 1), record(actor, 2, "parcel"), row(actor, wake_at_ms=9, terms=("t", f"of:{actor}"))
        put(journal, *things, Snapshot(actor, 1, b"one"), fences=fences)
    journal.erase([A, B], fences)
    assert journal.load([A, B]) == {A: Stored(None, [], 0), B: Stored(None, [], 0)}
    assert journal.read(A, 0, 9) == []
    assert list(journal.alarms()) == [(C, 9)]
    assert found(journal, ("t",)) == found(journal) == found(journal, text="parcel") == [C]
    assert journal.count(f"of:{A}") == 0
    assert journal.load([C])[C] == Stored(Snapshot(C, 1, b"one"), [record(C, 2, "parcel")], 0)


def test_who_was_erased_may_begin_anew(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), record(A, 2), row(A, 1_000, terms=("old",)), fences=fences)
    journal.erase([A], fences)
    put(journal, record(A, 1, "new"), row(A, 5_000, terms=("new",)), fences=fences)
    assert journal.read(A, 0, 9) == [record(A, 1, "new")]
    assert found(journal, ("new",)) == [A]
    assert found(journal, ("old",)) == []
    assert journal.find([("new",)], 1)[0].cursor.startswith("5000~")


def test_a_stale_fence_erases_nothing(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), row(A), fences=fences)
    journal.claim([SCOPE])
    with pytest.raises(Fenced):
        journal.erase([A], fences)
    assert len(journal.read(A, 0, 9)) == 1


def test_many_are_erased_at_once(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    actors = [ActorId(f"tally/{number}") for number in range(1_300)]
    put(journal, *(record(actor, 1) for actor in actors), *(row(actor) for actor in actors), fences=fences)
    journal.erase(actors[1:], fences)
    assert found(journal, limit=9_999) == actors[:1]
