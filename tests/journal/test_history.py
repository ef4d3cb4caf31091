"""The embedded journal's records, on both sides of being put in order: readers must not see which side it is."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from runtime.identity import ActorId
from runtime.journal import Append, Count, Journal, Record, Snapshot, StoreFailed, open_journal
from runtime.journal.history import LOGGED_BYTES, LOGGED_RECORDS
from runtime.journal.sorting import PIECE_RECORDS, RUN_RECORDS
from runtime.journal.sqlite import SqliteJournal
from tests.journal.records import SCOPE, A, B, found, put, record, row

CROWD = [ActorId(f"tally/{number}") for number in range(16)]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = open_journal(f"sqlite:///{tmp_path}/live.db")
    yield journal
    journal.close()


@pytest.fixture
def other(journal: Journal, tmp_path: Path) -> Iterator[Journal]:
    other = open_journal(f"sqlite:///{tmp_path}/live.db")
    yield other
    other.close()


def in_order(path: Path) -> int:
    """How many records are in runs; read by a connection of its own."""
    db = sqlite3.connect(path / "live.db")
    runs = [row[0] for row in db.execute("SELECT records FROM runs")]
    db.close()
    return sum(len(msgspec.msgpack.decode(run, type=list[Record])) for run in runs)


def fill(journal: Journal, fences: dict[str, int], rounds: int, first: int = 1) -> None:
    """So many records of each of the crowd, a round an append."""
    for sequence in range(first, first + rounds):
        put(journal, *(record(actor, sequence) for actor in CROWD), fences=fences)


ROUNDS = LOGGED_RECORDS // len(CROWD)


def logged(path: Path) -> int:
    """How many records are in logs."""
    db = sqlite3.connect(path / "live.db")
    batches = [row[0] for row in db.execute("SELECT records FROM logs")]
    db.close()
    return sum(len(msgspec.msgpack.decode(batch)) for batch in batches)


def test_when_many_records_have_come_each_append_puts_a_piece_of_them_in_order(
    journal: Journal, tmp_path: Path
) -> None:
    fences = journal.claim([SCOPE])
    fill(journal, fences, ROUNDS)
    assert (in_order(tmp_path), logged(tmp_path)) == (0, LOGGED_RECORDS)
    appends = LOGGED_RECORDS // (-(-PIECE_RECORDS // RUN_RECORDS) * RUN_RECORDS)
    put_in_order = 0
    for number in range(1, appends + 3):
        fill(journal, fences, 1, first=ROUNDS + number)
        before, put_in_order = put_in_order, in_order(tmp_path)
        assert put_in_order - before <= 2 * PIECE_RECORDS
        assert logged(tmp_path) == (LOGGED_RECORDS if put_in_order < LOGGED_RECORDS else 0) + number * len(CROWD)
    assert put_in_order == LOGGED_RECORDS


def test_large_records_are_put_in_order_sooner(journal: Journal, tmp_path: Path) -> None:
    fences = journal.claim([SCOPE])
    size = LOGGED_BYTES // 4
    for sequence in range(1, 6):
        assert in_order(tmp_path) == 0
        put(journal, record(A, sequence, "x" * size), fences=fences)
    assert in_order(tmp_path) == 4


def test_between_two_pieces_everything_is_read_once_and_in_order(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    fill(journal, fences, ROUNDS)
    for last in range(ROUNDS + 1, ROUNDS + 40):
        fill(journal, fences, 1, first=last)
        for reader in (journal, other):
            for actor in (CROWD[0], CROWD[-1]):
                assert [one.sequence for one in reader.read(actor, 0, 10**6)] == list(range(1, last + 1))
                assert [one.sequence for one in reader.load([actor])[actor].records] == list(range(1, last + 1))


def test_a_piece_that_was_not_durable_is_put_again(journal: Journal, tmp_path: Path) -> None:
    fences = journal.claim([SCOPE])
    fill(journal, fences, ROUNDS)
    for last in range(ROUNDS + 1, ROUNDS + 40):
        before = in_order(tmp_path)
        with pytest.raises(StoreFailed):
            put(journal, record(CROWD[0], 1), fences=fences)
        assert in_order(tmp_path) == before
        fill(journal, fences, 1, first=last)
    assert in_order(tmp_path) == LOGGED_RECORDS
    assert [one.sequence for one in journal.read(CROWD[5], 0, 10**6)] == list(range(1, last + 1))


def test_who_is_in_the_middle_of_it_goes_on_after_another_has_put_all_in_order(
    journal: Journal, other: Journal, tmp_path: Path
) -> None:
    fences = journal.claim([SCOPE])
    fill(journal, fences, ROUNDS)
    fill(journal, fences, 3, first=ROUNDS + 1)
    other.claim(["shard/other"])
    assert logged(tmp_path) == 0
    fill(journal, fences, ROUNDS + 40, first=ROUNDS + 4)
    last = 2 * ROUNDS + 43
    for reader in (journal, other):
        assert [one.sequence for one in reader.read(CROWD[7], 0, 10**6)] == list(range(1, last + 1))
    with pytest.raises(StoreFailed, match="taken"):
        put(journal, record(CROWD[7], last), fences=fences)
    assert in_order(tmp_path) >= 2 * LOGGED_RECORDS


def test_a_history_is_read_across_the_border_of_what_is_in_order(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    for first in (1, ROUNDS + 1, 2 * ROUNDS + 1):
        fill(journal, fences, ROUNDS, first)
        for reader in (journal, other):
            last = first + ROUNDS - 1
            assert [one.sequence for one in reader.read(CROWD[3], 0, 10**6)] == list(range(1, last + 1))
            assert [one.sequence for one in reader.read(CROWD[3], last - 5, 3)] == [last - 4, last - 3, last - 2]
            assert [one.sequence for one in reader.read(CROWD[3], 5, 3)] == [6, 7, 8]
            assert [one.sequence for one in reader.load([CROWD[9]])[CROWD[9]].records] == list(range(1, last + 1))


def test_what_comes_after_a_snapshot_is_read_from_both_sides(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    fill(journal, fences, ROUNDS)
    put(journal, record(CROWD[0], ROUNDS + 1), Snapshot(CROWD[0], ROUNDS - 3, b"s"), fences=fences)
    for reader in (journal, other):
        stored = reader.load([CROWD[0]])[CROWD[0]]
        assert [one.sequence for one in stored.records] == [ROUNDS - 2, ROUNDS - 1, ROUNDS, ROUNDS + 1]
        assert len(reader.load([CROWD[0]], whole=True)[CROWD[0]].records) == ROUNDS + 1


def test_a_taken_sequence_is_refused_on_both_sides(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), record(A, 2), fences=fences)
    for _ in range(2):
        for sequence in (1, 2):
            with pytest.raises(StoreFailed, match="taken"):
                put(journal, record(A, sequence), fences=fences)
        with pytest.raises(StoreFailed, match="taken"):
            put(journal, record(A, 3), record(A, 3), fences=fences)
        fences = journal.claim([SCOPE])  # which puts all in order
    put(journal, record(A, 3), fences=fences)


def test_who_takes_over_knows_what_the_one_before_has_written(journal: Journal, other: Journal) -> None:
    put(journal, record(A, 1), record(A, 2))
    fences = other.claim([SCOPE])
    with pytest.raises(StoreFailed, match="taken"):
        put(other, record(A, 2), fences=fences)
    put(other, record(A, 3), fences=fences)
    assert [one.sequence for one in journal.read(A, 0, 9)] == [1, 2, 3]


def test_a_text_is_found_on_both_sides(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(
        journal,
        record(A, 1, "Where is my Parcel?"),
        row(A),
        record(B, 1, "Où est mon Ängström?"),
        row(B),
        fences=fences,
    )
    for _ in range(2):
        for reader in (journal, other):
            assert found(reader, text="my parcel") == [A]
            assert found(reader, text="ängSTRÖM") == [B]
            assert found(reader, text="added") == []
            assert found(reader, text="tally") == ["tally/b", "tally/a"]  # in the rows: who they are
        fences = journal.claim([SCOPE])  # which puts all in order


def test_what_is_forgotten_is_gone_on_both_sides(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    for _ in range(2):
        put(journal, record(A, 1), record(B, 1), row(A), fences=fences)
        assert other.read(A, 0, 9) == [record(A, 1)]
        journal.erase([A, B], fences)
        for reader in (journal, other):
            assert reader.read(A, 0, 9) == reader.read(B, 0, 9) == []


def test_a_long_history_is_read_by_its_end(journal: Journal, tmp_path: Path) -> None:
    fences = journal.claim([SCOPE])
    put(journal, *(record(A, sequence) for sequence in range(1, 3 * RUN_RECORDS + 2)), fences=fences)
    journal.claim([SCOPE])
    db = sqlite3.connect(tmp_path / "live.db")
    assert [last for (last,) in db.execute("SELECT last FROM runs ORDER BY last")] == [500, 1_000, 1_500, 1_501]
    db.close()
    assert [one.sequence for one in journal.read(A, 999, 3)] == [1_000, 1_001, 1_002]


def test_an_append_that_failed_leaves_nothing_in_memory(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    put(journal, record(A, 1), fences=fences)
    with pytest.raises(StoreFailed):
        journal.append(Append(fences, [record(A, 2), record(A, 3), record(A, 3)], [], []))
    put(journal, record(A, 2), fences=fences)
    assert [one.sequence for one in journal.read(A, 0, 9)] == [1, 2]


def test_several_writers_put_each_others_records_in_order(journal: Journal, other: Journal) -> None:
    mine, theirs = journal.claim(["shard/1"]), other.claim(["shard/2"])
    for sequence in range(1, 4):
        put(journal, record(A, sequence), fences=mine)
        put(other, record(B, sequence), fences=theirs)
        mine = journal.claim(["shard/1"])
    with pytest.raises(StoreFailed, match="taken"):
        put(other, record(B, 3), fences=theirs)
    put(other, record(B, 4), fences=theirs)
    for reader in (journal, other):
        assert [one.sequence for one in reader.read(A, 0, 9)] == [1, 2, 3]
        assert [one.sequence for one in reader.read(B, 0, 9)] == [1, 2, 3, 4]


def test_counts_add_up_on_both_sides(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    for times in range(1, 4):
        journal.append(Append(fences, [], [], [], [Count("said", {0: 1, 2: 0.5}), Count("heard", {0: 2})]))
        for reader in (journal, other):
            counted = {one.name: one.numbers for one in reader.counts()}
            assert counted == {"said": {0: times, 2: times / 2}, "heard": {0: 2 * times}}
        fences = journal.claim([SCOPE])
    assert {one.name for one in other.counts()} == {"said", "heard"}


def test_counts_go_on_from_log_to_log(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    appends = 3 * LOGGED_RECORDS // RUN_RECORDS
    for number in range(appends):
        records = [record(A, number * RUN_RECORDS + one) for one in range(1, RUN_RECORDS + 1)]
        journal.append(Append(fences, records, [], [], [Count("said", {0: 1, 2: 0.5})]))
    for _ in range(2):
        assert journal.counts() == other.counts() == [Count("said", {0: appends, 2: appends / 2})]
        journal.claim([SCOPE])


def test_counts_are_kept_by_who_is_in_the_middle_when_another_puts_all_in_order(
    journal: Journal, other: Journal
) -> None:
    fences = journal.claim([SCOPE])
    appends = 3 * LOGGED_RECORDS // RUN_RECORDS
    for number in range(appends):
        records = [record(A, number * RUN_RECORDS + one) for one in range(1, RUN_RECORDS + 1)]
        journal.append(Append(fences, records, [], [], [Count("said", {0: 1})]))
        if number == 5:
            other.claim(["shard/other"])
    assert journal.counts() == other.counts() == [Count("said", {0: appends})]


def test_an_append_of_nothing_adds_nothing_once_more(journal: Journal, other: Journal) -> None:
    fences = journal.claim([SCOPE])
    appends = 3 * LOGGED_RECORDS // RUN_RECORDS
    for number in range(appends):
        records = [record(A, number * RUN_RECORDS + one) for one in range(1, RUN_RECORDS + 1)]
        journal.append(Append(fences, records, [], [], [Count("said", {0: 1})]))
        put(journal, fences=fences)
    assert journal.counts() == other.counts() == [Count("said", {0: appends})]
    assert [one.sequence for one in other.read(A, 0, 10**6)] == list(range(1, appends * RUN_RECORDS + 1))


def test_of_those_whose_records_are_in_order_nothing_is_kept_in_memory(journal: Journal) -> None:
    fences = journal.claim([SCOPE])
    crowd = [ActorId(f"tally/{number}") for number in range(LOGGED_RECORDS)]
    for first in range(0, LOGGED_RECORDS, PIECE_RECORDS):
        put(journal, *(record(actor, 1) for actor in crowd[first : first + PIECE_RECORDS]), fences=fences)
    for sequence in range(1, 2 + LOGGED_RECORDS // PIECE_RECORDS):
        put(journal, record(A, sequence), fences=fences)
    assert isinstance(journal, SqliteJournal)
    assert set(journal._history._ends) == {A}
