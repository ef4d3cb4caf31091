"""What every journal promises."""

import msgspec
import pytest

from runtime.identity import ActorId
from runtime.journal import SCHEMA, Append, Count, Fenced, Journal, Listed, Record, Row, Snapshot, Stored, StoreFailed
from runtime.machine import Summary
from tests.journal.conftest import Open

A, B, C = (ActorId(f"tally/{key}") for key in "abc")
SCOPE = "shard/1"
to_json, from_json = msgspec.json.encode, msgspec.json.decode


def record(actor: ActorId, sequence: int, text: str = "x", ref: str = "") -> Record:
    return Record(actor, sequence, 1_000 + sequence, ref, to_json({"type": "added", "text": text}))


def row(
    actor: ActorId,
    at_ms: int = 1_000,
    sequence: int = 1,
    told: int = 0,
    wake_at_ms: int | None = None,
    terms: tuple[str, ...] | None = (),
    name: str = "",
) -> Row:
    body = to_json({"id": actor, "name": name})
    summary = Summary(terms, "topic", body) if terms is not None else None
    return Row(actor, at_ms, sequence, told, wake_at_ms, summary)


def put(journal: Journal, *things: Record | Row | Snapshot, fences: dict[str, int] | None = None) -> None:
    """Append, claiming the scope first if no fences are given."""
    if fences is None:
        fences = journal.claim([SCOPE])
    journal.append(
        Append(
            fences,
            [one for one in things if isinstance(one, Record)],
            [one for one in things if isinstance(one, Row)],
            [one for one in things if isinstance(one, Snapshot)],
        )
    )


def found(journal: Journal, *terms: tuple[str, ...], limit: int = 100, text: str = "") -> list[str]:
    return [one.actor for one in journal.find(terms, limit, text=text)]


# Appending and reading


def test_what_was_appended_is_read_back(journal: Journal) -> None:
    records = [record(A, 1, ref="visitor/v r"), record(A, 2), record(B, 1)]
    put(journal, *records)
    assert journal.read(A, 0, 10) == records[:2]
    assert journal.read(A, 1, 10) == records[1:2]
    assert journal.read(A, 0, 1) == records[:1]
    assert journal.read(B, 0, 10) == records[2:]
    assert journal.read(C, 0, 10) == []
    assert {one.schema for one in journal.read(A, 0, 10)} == {SCHEMA}


def test_a_body_is_kept_to_the_byte(journal: Journal) -> None:
    bodies = [bytes(range(256)), b"", '{"text":"ü 😀 \\u0000"}'.encode()]
    put(journal, *(Record(A, number, 5, "a ref/ü 'x", body) for number, body in enumerate(bodies, 1)))
    assert [one.body for one in journal.read(A, 0, 10)] == bodies
    assert journal.read(A, 0, 1)[0].ref == "a ref/ü 'x"


def test_a_long_journal_is_read_in_order(journal: Journal) -> None:
    put(journal, *(record(A, sequence) for sequence in range(1, 1_201)))
    assert [one.sequence for one in journal.read(A, 0, 5_000)] == list(range(1, 1_201))
    assert [one.sequence for one in journal.read(A, 1_195, 3)] == [1_196, 1_197, 1_198]
    assert [one.sequence for one in journal.load([A])[A].records] == list(range(1, 1_201))


def test_a_new_actor_has_an_empty_history(journal: Journal) -> None:
    assert journal.load([A]) == {A: Stored(None, [], 0)}
    assert journal.load([]) == {}


def test_loading_gives_the_records_and_the_mark(journal: Journal) -> None:
    put(journal, record(A, 1), record(A, 2), row(A, told=1, sequence=2), record(B, 1))
    stored = journal.load([A, B, C])
    assert stored[A] == Stored(None, [record(A, 1), record(A, 2)], 1)
    assert stored[B] == Stored(None, [record(B, 1)], 0)
    assert stored[C] == Stored(None, [], 0)


def test_loading_gives_the_latest_snapshot_and_the_tail_after_it(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), record(A, 2), Snapshot(A, 2, b"\x00two"), fences=fences)
    put(journal, record(A, 3), Snapshot(A, 3, b"three"), fences=fences)
    put(journal, record(A, 4), record(B, 1), fences=fences)
    stored = journal.load([B, A])
    assert stored[A] == Stored(Snapshot(A, 3, b"three"), [record(A, 4)], 0)
    assert stored[B] == Stored(None, [record(B, 1)], 0)
    assert len(journal.read(A, 0, 10)) == 4


def test_a_history_can_be_read_whole(journal: Journal) -> None:
    put(journal, record(A, 1), record(A, 2), row(A, told=1), Snapshot(A, 2, b"two"), record(B, 1))
    whole = {A: Stored(None, [record(A, 1), record(A, 2)], 1), B: Stored(None, [record(B, 1)], 0)}
    assert journal.load([A, B], whole=True) == whole


def test_many_actors_are_loaded_at_once(journal: Journal) -> None:
    actors = [ActorId(f"tally/{number}") for number in range(1_300)]
    put(journal, *(record(actor, 1) for actor in actors))
    assert journal.load(actors) == {actor: Stored(None, [record(actor, 1)], 0) for actor in actors}


def test_an_empty_append_changes_nothing(journal: Journal) -> None:
    put(journal)
    assert list(journal.alarms()) == []


# As a whole or not at all


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


# Fences


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


def test_a_scope_that_was_never_claimed_refuses(journal: Journal) -> None:
    with pytest.raises(Fenced):
        put(journal, record(A, 1), fences={"shard/9": 1})
    assert journal.read(A, 0, 9) == []


def test_all_scopes_of_a_host_are_claimed_at_once(journal: Journal) -> None:
    scopes = [f"shard/{number}" for number in range(256)]
    fences = journal.claim(scopes)
    assert len(fences) == 256
    put(journal, record(A, 1), fences=fences)


# Alarms


def test_alarms_are_those_of_the_latest_rows(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, row(A, wake_at_ms=5), row(B, wake_at_ms=6), row(C), fences=fences)
    assert dict(journal.alarms()) == {A: 5, B: 6}
    put(journal, row(A, wake_at_ms=None), row(B, wake_at_ms=0), row(C, wake_at_ms=9, terms=None), fences=fences)
    assert dict(journal.alarms()) == {B: 0, C: 9}


# Listing


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


def test_text_is_found_in_the_row_and_in_the_records(journal: Journal) -> None:
    put(
        journal,
        row(A, 1, name="Ada Lovelace"),
        row(B, 2, name="Grace"),
        record(A, 1, "where is my parcel?"),
        record(B, 1, "Hello"),
        record(B, 2, "I lost a PARCEL, 100% sure_thing"),
        row(C, 3),
        record(C, 1, "nothing"),
    )
    kind = ("kind:tally",)
    assert found(journal, kind, text="ada love") == [A]
    assert found(journal, kind, text="parcel") == [B, A]
    assert found(journal, kind, text="parcel", limit=1) == [B]
    assert found(journal, kind, text="100% sure_thing") == [B]
    assert found(journal, kind, text="100%sure") == []
    assert found(journal, kind, text="l_st") == []
    assert found(journal, text="hello") == [B]


def test_text_is_found_as_it_was_written(journal: Journal) -> None:
    texts = {"a": 'He said "no"', "b": "C:\\temp", "c": "Straße, MÜLLER", "d": "two\nlines", "e": "😀 ok"}
    for number, (key, text) in enumerate(texts.items()):
        put(journal, row(ActorId(f"tally/{key}"), number), record(ActorId(f"tally/{key}"), 1, text))
    for key, sought in {"a": '"no"', "b": ":\\t", "c": "müller", "d": "two\nl", "e": "😀"}.items():
        assert found(journal, ("kind:tally",), text=sought) == [f"tally/{key}"]


def test_names_of_fields_are_not_text(journal: Journal) -> None:
    put(journal, row(A, name="Ada"), record(A, 1, "x"))
    for sought in ("name", "text", "type", "added", '":"'):
        assert found(journal, text=sought) == []


def test_pages_of_a_text_search_follow_each_other(journal: Journal) -> None:
    actors = [ActorId(f"tally/{number:03}") for number in range(300)]
    put(
        journal,
        *(row(actor, number) for number, actor in enumerate(actors)),
        *(record(actor, 1, "parcel" if number % 7 == 0 else "other") for number, actor in enumerate(actors)),
    )
    pages: list[Listed] = []
    before = ""
    while page := journal.find([("kind:tally",)], 10, before, text="parcel"):
        pages += page
        before = page[-1].cursor
    assert [one.actor for one in pages] == [
        actor for number, actor in reversed(list(enumerate(actors))) if number % 7 == 0
    ]


# Forgetting


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


# Living


def test_a_second_connection_sees_what_the_first_wrote(opened: Open) -> None:
    first, second = opened(), opened()
    put(first, record(A, 1), row(A, wake_at_ms=5, terms=("t",)))
    assert second.load([A])[A].records == [record(A, 1)]
    assert list(second.alarms()) == [(A, 5)]
    assert found(second, ("t",)) == [A]


def test_it_answers(journal: Journal) -> None:
    journal.ping()


def test_after_a_failed_append_was_settled_the_next_is_taken(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), fences=fences)
    with pytest.raises(StoreFailed):
        put(journal, record(A, 1), fences=fences)
    journal.settle()
    put(journal, record(A, 2), fences=fences)
    assert len(journal.read(A, 0, 9)) == 2


# Counts


def add(
    journal: Journal, *counts: Count, fences: dict[str, int] | None = None, records: tuple[Record, ...] = ()
) -> None:
    journal.append(Append(fences or {}, records, [], [], counts))


def test_counts_add_up_place_by_place(journal: Journal) -> None:
    add(journal, Count("wait/acme", (1.0, 0.0, 0.1)), Count("said", (2.0,)))
    add(journal, Count("wait/acme", (0.0, 0.0, 0.2)), Count("said/", (1.0,)))
    assert sorted(journal.counts(), key=lambda one: one.name) == [
        Count("said", (2.0,)),
        Count("said/", (1.0,)),
        Count("wait/acme", (1.0, 0.0, pytest.approx(0.3))),
    ]


def test_counts_are_added_with_their_append_or_not_at_all(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    add(journal, Count("said", (1.0,)), fences=fences, records=(record(A, 1),))
    with pytest.raises(StoreFailed):
        add(journal, Count("said", (1.0,)), fences=fences, records=(record(A, 1),))
    journal.claim([SCOPE])
    with pytest.raises(Fenced):
        add(journal, Count("said", (1.0,)), fences=fences, records=(record(A, 2),))
    assert journal.counts() == [Count("said", (1.0,))]


def test_writers_of_the_same_counts_lose_none(opened: Open) -> None:
    one, other = opened(), opened()
    for _ in range(50):
        add(one, Count("said", (1.0,)))
        add(other, Count("said", (1.0,)))
    assert one.counts() == other.counts() == [Count("said", (100.0,))]
