"""Every journal: an append is written as a whole or not at all, and only by whoever claimed its scopes last."""

import pytest

from runtime.journal import Fenced, Journal, Snapshot, Stored, StoreFailed
from tests.journal.conftest import Open
from tests.journal.records import SCOPE, A, B, found, put, record, row


def test_an_append_with_a_taken_sequence_writes_nothing(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), record(A, 2), fences=fences)
    with pytest.raises(StoreFailed):
        put(
            journal,
            record(B, 1),
            record(A, 2, "other"),
            row(B, wake_at_ms=5, terms=("t",)),
            Snapshot(B, 1, b"s"),
            fences=fences,
        )
    assert journal.load([A, B]) == {A: Stored(None, [record(A, 1), record(A, 2)], 0), B: Stored(None, [], 0)}
    assert list(journal.alarms()) == []
    assert found(journal, ("t",)) == []
    put(journal, record(B, 1), fences=fences)
    assert len(journal.read(B, 0, 9)) == 1


def test_an_append_with_a_stale_fence_writes_nothing(opened: Open) -> None:
    hung, other = opened(), opened()
    fences = hung.claim([SCOPE, "shard/2"])
    put(hung, record(A, 1), fences=fences)
    other.claim(["shard/2"])
    with pytest.raises(Fenced):
        put(hung, record(A, 2), row(A, wake_at_ms=5, terms=("t",)), Snapshot(A, 2, b"s"), fences=fences)
    assert other.load([A])[A] == Stored(None, [record(A, 1)], 0)
    assert list(other.alarms()) == []
    assert found(other, ("t",)) == []


def test_after_a_failed_append_was_settled_the_next_is_taken(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), fences=fences)
    with pytest.raises(StoreFailed):
        put(journal, record(A, 1), fences=fences)
    journal.settle()
    put(journal, record(A, 2), fences=fences)
    assert len(journal.read(A, 0, 9)) == 2


def test_a_claim_gives_a_fence_for_each_scope(journal: Journal) -> None:
    fences = journal.claim(["shard/1", "shard/2"])
    assert set(fences) == {"shard/1", "shard/2"}
    again = journal.claim(["shard/2"])
    assert again["shard/2"] > fences["shard/2"]
    assert journal.claim([]) == {}


def test_whoever_claims_last_may_write(opened: Open) -> None:
    first, second = opened(), opened()
    old = first.claim([SCOPE])
    new = second.claim([SCOPE])
    put(second, record(A, 1), fences=new)
    with pytest.raises(Fenced):
        put(first, record(A, 2), fences=old)
    put(second, record(A, 2), fences=new)
    assert [one.sequence for one in first.read(A, 0, 9)] == [1, 2]


def test_an_append_of_nothing_says_whether_the_scopes_are_held(opened: Open) -> None:
    first, second = opened(), opened()
    fences = first.claim([SCOPE])
    put(first, fences=fences)
    put(first, record(A, 1), fences=fences)
    put(first, fences=fences)
    second.claim([SCOPE])
    with pytest.raises(Fenced):
        put(first, fences=fences)


def test_a_scope_that_was_never_claimed_refuses(journal: Journal) -> None:
    with pytest.raises(Fenced):
        put(journal, record(A, 1), fences={"shard/9": 1})
    assert journal.read(A, 0, 9) == []


def test_all_scopes_of_a_host_are_claimed_at_once(journal: Journal) -> None:
    scopes = [f"shard/{number}" for number in range(256)]
    fences = journal.claim(scopes)
    assert len(fences) == 256
    put(journal, record(A, 1), fences=fences)
