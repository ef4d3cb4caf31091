"""Every journal: what was appended is read back."""

from runtime.identity import ActorId
from runtime.journal import SCHEMA, Journal, Record, Snapshot, Stored
from tests.journal.conftest import Open
from tests.journal.records import SCOPE, A, B, C, found, put, record, row


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


def test_alarms_are_those_of_the_latest_rows(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, row(A, wake_at_ms=5), row(B, wake_at_ms=6), row(C), fences=fences)
    assert dict(journal.alarms()) == {A: 5, B: 6}
    put(journal, row(A, wake_at_ms=None), row(B, wake_at_ms=0), row(C, wake_at_ms=9, terms=None), fences=fences)
    assert dict(journal.alarms()) == {B: 0, C: 9}


def test_a_second_connection_sees_what_the_first_wrote(opened: Open) -> None:
    first, second = opened(), opened()
    put(first, record(A, 1), row(A, wake_at_ms=5, terms=("t",)))
    assert second.load([A])[A].records == [record(A, 1)]
    assert list(second.alarms()) == [(A, 5)]
    assert found(second, ("t",)) == [A]


def test_it_answers(journal: Journal) -> None:
    journal.ping()
