"""Every journal: counts add up with their appends."""

import pytest

from runtime.journal import Append, Count, Fenced, Journal, Record, StoreFailed
from tests.journal.conftest import Open
from tests.journal.records import SCOPE, A, record


def add(
    journal: Journal, *counts: Count, fences: dict[str, int] | None = None, records: tuple[Record, ...] = ()
) -> None:
    journal.append(Append(fences or {}, records, [], [], counts))


def test_counts_add_up_place_by_place(journal: Journal) -> None:
    add(journal, Count("wait/acme", {0: 1.0, 2: 0.1}), Count("said", {0: 2.0}))
    add(journal, Count("wait/acme", {2: 0.2}), Count("said/", {0: 1.0}))
    assert sorted(journal.counts(), key=lambda one: one.name) == [
        Count("said", {0: 2.0}),
        Count("said/", {0: 1.0}),
        Count("wait/acme", {0: 1.0, 2: pytest.approx(0.3)}),
    ]


def test_counts_are_added_with_their_append_or_not_at_all(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    add(journal, Count("said", {0: 1.0}), fences=fences, records=(record(A, 1),))
    with pytest.raises(StoreFailed):
        add(journal, Count("said", {0: 1.0}), fences=fences, records=(record(A, 1),))
    journal.claim([SCOPE])
    with pytest.raises(Fenced):
        add(journal, Count("said", {0: 1.0}), fences=fences, records=(record(A, 2),))
    assert journal.counts() == [Count("said", {0: 1.0})]


def test_writers_of_the_same_counts_lose_none(opened: Open) -> None:
    one, other = opened(), opened()
    for _ in range(50):
        add(one, Count("said", {0: 1.0}))
        add(other, Count("said", {0: 1.0}))
    assert one.counts() == other.counts() == [Count("said", {0: 100.0})]
