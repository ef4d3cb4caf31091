"""What is particular to the embedded journal."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from runtime.identity import ActorId
from runtime.journal import LAYOUT, Append, Record, StoreFailed, open_journal
from runtime.journal.sqlite import SqliteJournal

A = ActorId("tally/a")


def test_it_is_there_after_it_was_closed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/folder/live.db"
    journal = open_journal(url)
    journal.append(Append(journal.claim(["s"]), [Record(A, 1, 5, "", b"x")], [], []))
    journal.close()
    again = open_journal(url)
    assert again.read(A, 0, 9) == [Record(A, 1, 5, "", b"x")]
    assert again.claim(["s"]) == {"s": 2}
    again.close()


def test_full_sync_asks_for_every_commit_to_survive_power_loss(tmp_path: Path) -> None:
    for sync, level in (("normal", 1), ("full", 2)):
        journal = open_journal(f"sqlite:///{tmp_path}/{sync}.db", sync)
        assert isinstance(journal, SqliteJournal)
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (level,)
        journal.close()


def test_a_store_that_cannot_write_says_so_and_goes_on_when_it_can(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path}/live.db")
    assert isinstance(journal, SqliteJournal)
    fences = journal.claim(["s"])
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")  # as if the disk were full
    with pytest.raises(StoreFailed):
        journal.append(Append(fences, [Record(A, n, 5, "", b"x" * 1_000) for n in range(1, 50)], [], []))
    assert journal.read(A, 0, 9) == []
    journal._db.execute("PRAGMA max_page_count=1000000")
    journal.append(Append(fences, [Record(A, 1, 5, "", b"x")], [], []))
    assert len(journal.read(A, 0, 9)) == 1
    journal.close()


def test_of_who_was_erased_no_word_is_left_in_the_files(tmp_path: Path) -> None:
    url, word = f"sqlite:///{tmp_path}/live.db", b"confided"
    journal, reader = open_journal(url, forgets=True), open_journal(url, forgets=True)
    fences, crowd = journal.claim(["s"]), [ActorId(f"tally/{number}") for number in range(64)]
    peek, kept = sqlite3.connect(tmp_path / "live.db"), [0]
    while kept[-1] >= max(kept):  # until what is in order is deleted from the log, and those pages are free
        records = [Record(actor, len(kept), 5, "", word * 50) for actor in crowd]
        journal.append(Append(fences, records, [], []))
        kept.append(peek.execute("SELECT count(*) FROM logs").fetchone()[0])
    assert word in written(tmp_path)
    journal.erase(crowd, fences)
    reader.scrub()
    assert word not in written(tmp_path)
    peek.close()
    journal.close()
    reader.close()


def written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_while_somebody_reads_scrubbing_waits_for_nobody_long(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/live.db"
    journal = open_journal(url, forgets=True)
    fences = journal.claim(["s"])
    journal.append(Append(fences, [Record(A, 1, 5, "", b"x")], [], []))
    reader = sqlite3.connect(tmp_path / "live.db", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM logs").fetchone() == (1,)
    journal.append(Append(fences, [Record(A, 2, 5, "", b"y")], [], []))
    journal.scrub()
    reader.execute("COMMIT")
    assert (tmp_path / "live.db-wal").stat().st_size > 0
    journal.append(Append(fences, [Record(A, 3, 5, "", b"z")], [], []))
    journal.scrub()
    assert (tmp_path / "live.db-wal").stat().st_size == 0
    assert [one.sequence for one in journal.read(A, 0, 9)] == [1, 2, 3]
    reader.close()
    journal.close()


def test_a_file_that_is_no_journal_is_a_store_that_failed(tmp_path: Path) -> None:
    (tmp_path / "live.db").write_bytes(b"something else entirely" * 1_000)
    with pytest.raises(StoreFailed):
        open_journal(f"sqlite:///{tmp_path}/live.db")


def test_a_folder_is_a_store_that_failed(tmp_path: Path) -> None:
    (tmp_path / "live.db").mkdir()
    with pytest.raises(StoreFailed):
        open_journal(f"sqlite:///{tmp_path}/live.db")


def test_a_file_whose_layout_a_newer_version_has_changed_is_refused_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/live.db"
    journal = open_journal(url)
    journal.append(Append(journal.claim(["s"]), [Record(A, 1, 5, "", b"x")], [], []))
    journal.close()
    open_journal(url).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "live.db")) as db:
        db.execute(f"PRAGMA user_version={LAYOUT + 1}")
    before = (tmp_path / "live.db").read_bytes()
    with pytest.raises(StoreFailed, match="newer version"):
        open_journal(url)
    assert (tmp_path / "live.db").read_bytes() == before


def test_what_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    """A host tries again and again until its disk has room: it must have descriptors left by then."""
    (tmp_path / "live.db").write_bytes(b"no database" * 1_000)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(StoreFailed):
            open_journal(f"sqlite:///{tmp_path}/live.db")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path}/live.db")
    journal.append(Append(journal.claim(["s"]), [Record(A, 1, 5, "", b"x")], [], []))
    other = sqlite3.connect(tmp_path / "live.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert len(journal.load([A])[A].records) == 1
    journal.ping()
    other.execute("ROLLBACK")
    other.close()
    journal.close()


@pytest.mark.parametrize("url", ["", "sqlite:", "sqlite://", "sqlite:///", "sqlite://live.db", "mysql://x/y", "redis"])
def test_an_address_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected sqlite:///PATH or redis://HOST:PORT/DB"):
        open_journal(url)


def test_a_copy_that_was_taken_while_it_was_written_is_a_journal_itself(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path}/live.db")
    fences = journal.claim(["s"])
    journal.append(Append(fences, [Record(A, 1, 5, "", b"x")], [], []))
    with contextlib.closing(sqlite3.connect(tmp_path / "live.db")) as live:
        live.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))  # as the README does
    journal.append(Append(fences, [Record(A, 2, 5, "", b"x")], [], []))
    journal.close()
    restored = open_journal(f"sqlite:///{tmp_path}/copy.db")
    assert [one.sequence for one in restored.read(A, 0, 9)] == [1]
    restored.append(Append(restored.claim(["s"]), [Record(A, 2, 6, "", b"y")], [], []))
    restored.close()


def test_what_visitors_say_is_for_the_user_of_the_system_alone_unless_she_lets_others(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path}/live.db")
    journal.append(Append(journal.claim(["s"]), [Record(A, 1, 5, "", b"x")], [], []))
    assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {
        f"live.db{suffix}": 0 for suffix in ("", "-wal", "-shm", "-lock")
    }
    (tmp_path / "live.db").chmod(0o640)
    open_journal(f"sqlite:///{tmp_path}/live.db").close()
    assert (tmp_path / "live.db").stat().st_mode & 0o777 == 0o640
    journal.close()


def test_who_only_reads_can_change_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/live.db"
    open_journal(url).close()
    reader = open_journal(url, only_reads=True)
    assert isinstance(reader, SqliteJournal)
    with contextlib.closing(reader), pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._db.execute("DELETE FROM summaries")
