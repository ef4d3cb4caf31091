"""Every journal: rows are found by their terms, newest first, page by page."""

import pytest

from runtime.identity import ActorId
from runtime.journal import Journal, Listed
from tests.journal.records import SCOPE, A, B, C, found, from_json, put, row


def test_rows_are_found_by_their_kind(journal: Journal) -> None:
    other = ActorId("agent/a")
    put(journal, row(A, 1), row(other, 2), row(B, 3))
    assert found(journal, ("kind:tally",)) == [B, A]
    assert found(journal, ("kind:agent",)) == [other]
    assert found(journal, ("kind:nobody",)) == []


def test_a_row_has_of_each_set_at_least_one_term(journal: Journal) -> None:
    put(
        journal,
        row(A, 1, terms=("bot:x", "state:open", "tag:red")),
        row(B, 2, terms=("bot:x", "state:shut")),
        row(C, 3, terms=("bot:y", "state:open")),
    )
    assert found(journal, ("bot:x",)) == [B, A]
    assert found(journal, ("bot:x", "bot:y")) == [C, B, A]
    assert found(journal, ("bot:x",), ("state:open",)) == [A]
    assert found(journal, ("state:open", "state:shut"), ("bot:x", "bot:y"), ("kind:tally",)) == [C, B, A]
    assert found(journal, ("state:open", "state:shut"), ("bot:x", "bot:y"), ("tag:red",)) == [A]
    assert found(journal, ("bot:x",), ("tag:blue",)) == []
    assert found(journal, ("bot:x", "tag:red", "state:open")) == [C, B, A]


def test_an_empty_set_of_terms_is_had_by_nobody(journal: Journal) -> None:
    put(journal, row(A, terms=("bot:x",)))
    assert found(journal, ("bot:x",), ()) == []
    assert found(journal, ()) == []


def test_no_sets_at_all_find_everything(journal: Journal) -> None:
    put(journal, row(A, 1), row(ActorId("agent/a"), 2))
    assert found(journal) == ["agent/a", A]


def test_terms_of_a_row_change_with_it(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, row(A, terms=("state:open", "tag:red")), fences=fences)
    put(journal, row(A, 2_000, sequence=2, terms=("state:shut", "tag:red"), name="later"), fences=fences)
    assert found(journal, ("state:open",)) == []
    assert found(journal, ("state:shut",)) == [A]
    (listed,) = journal.find([("tag:red",)], 9)
    assert (listed.actor, listed.sequence, from_json(listed.body)["name"]) == (A, 2, "later")


def test_a_term_is_one_line_and_cannot_pass_for_two(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    for sequence, state in enumerate(("open", "shut", "open"), 1):
        put(journal, row(A, sequence=sequence, terms=("bot:x", "tag:a\nbot:y", state)), fences=fences)
    assert found(journal, ("bot:y",)) == []
    assert found(journal, ("tag:a bot:y",), ("open",)) == [A]
    put(journal, row(A, sequence=4, terms=("bot:x", "open")), fences=fences)
    assert found(journal, ("tag:a bot:y",)) == []


def test_rows_are_counted_by_a_term(journal: Journal) -> None:
    put(journal, row(A, terms=("open", "red")), row(B, terms=("open",)), row(C, terms=None))
    assert [journal.count(term) for term in ("open", "red", "blue")] == [2, 1, 0]
    put(journal, row(A, sequence=2, terms=("shut", "red")))
    assert [journal.count(term) for term in ("open", "shut", "red")] == [1, 1, 1]


def test_rows_that_wait_for_no_time_are_counted(journal: Journal) -> None:
    put(journal, row(A, terms=("open",)), row(B, wake_at_ms=5, terms=("open",)), row(C, wake_at_ms=0, terms=("open",)))
    assert journal.count("open", unalarmed=True) == 1
    put(journal, row(A, sequence=2, wake_at_ms=7, terms=None), row(B, sequence=2, terms=None))
    assert journal.count("open", unalarmed=True) == 1
    put(journal, row(B, sequence=3, wake_at_ms=9, terms=None))
    assert journal.count("open", unalarmed=True) == 0


def test_a_row_without_a_summary_leaves_the_listed_one(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, row(A, terms=("t",), name="kept"), fences=fences)
    put(journal, row(A, sequence=7, told=7, wake_at_ms=3, terms=None), row(B, terms=None), fences=fences)
    (listed,) = journal.find([("t",)], 9)
    assert (listed.sequence, from_json(listed.body)["name"]) == (7, "kept")
    assert journal.load([A])[A].told == 7
    assert found(journal, ("kind:tally",)) == [A]
    put(journal, row(B, 5_000, terms=("t",)), fences=fences)
    assert set(found(journal, ("kind:tally",))) == {A, B}


def test_the_newest_is_first_and_newness_does_not_change(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, row(A, 10, terms=("t",)), row(B, 20, terms=("t",)), row(C, 20, terms=("t",)), fences=fences)
    put(journal, row(A, 99, sequence=5, terms=("t", "u")), fences=fences)
    assert found(journal, ("t",)) == [C, B, A]
    assert found(journal, ("t", "u")) == [C, B, A]


@pytest.mark.parametrize("terms", [[("t",)], [("t", "even")], [("t",), ("odd", "even")], []])
def test_pages_follow_each_other_without_holes_or_repeats(journal: Journal, terms: list[tuple[str, ...]]) -> None:
    actors = [ActorId(f"tally/{number:03}") for number in range(57)]
    fences = journal.claim([SCOPE])
    put(
        journal,
        *(row(actor, 1_000 + n // 5, terms=("t", "odd" if n % 2 else "even")) for n, actor in enumerate(actors)),
        fences=fences,
    )
    pages: list[Listed] = []
    before = ""
    while page := journal.find(terms, 10, before):
        pages += page
        before = page[-1].cursor
        # A page that was read is not disturbed by what is new, nor by what changes.
        put(journal, row(ActorId(f"tally/new{len(pages)}"), 9_000, terms=("t", "odd")), fences=fences)
        put(journal, row(actors[3], 9_000, sequence=9, terms=("t", "odd")), fences=fences)
    assert [one.actor for one in pages] == sorted(actors, reverse=True)


def test_a_term_that_is_named_twice_is_one(journal: Journal) -> None:
    put(journal, row(A, terms=("t", "t")))
    assert found(journal, ("t",)) == [A]
    assert journal.count("t") == 1
