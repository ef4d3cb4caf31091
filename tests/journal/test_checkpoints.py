"""What is written is copied from SQLite's log into the file, and the log begins anew."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.journal import checkpoints
from runtime.journal.checkpoints import Checkpoints

PAGE = 4_096


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    monkeypatch.setattr(checkpoints, "PAGES", 100)
    monkeypatch.setattr(checkpoints, "PAGES_A_COMMIT", 2)
    db = sqlite3.connect(tmp_path / "live.db", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA wal_autocheckpoint=0")
    db.execute("CREATE TABLE written (bytes BLOB)")
    yield db
    db.close()


def write(db: sqlite3.Connection, pages: int, mind: Checkpoints) -> None:
    """So many pages, a commit each, as if every checkpoint were done before the next commit."""
    for _ in range(pages):
        db.execute("INSERT INTO written VALUES (?)", (b"x" * PAGE,))
        mind.committed(PAGE)
        if mind._thread is not None:
            mind._thread.join()


def test_however_much_is_written_the_log_stays_short(db: sqlite3.Connection, tmp_path: Path) -> None:
    mind = Checkpoints(str(tmp_path / "live.db"), db)
    write(db, 1_000, mind)
    mind.close()
    assert (tmp_path / "live.db-wal").stat().st_size < 300 * PAGE
    assert (tmp_path / "live.db").stat().st_size > 900 * PAGE


def test_while_a_reader_holds_the_log_it_grows_and_is_copied_when_he_is_gone(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    mind, reader = Checkpoints(str(tmp_path / "live.db"), db), sqlite3.connect(tmp_path / "live.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM written").fetchone()
    write(db, 1_000, mind)
    assert (tmp_path / "live.db-wal").stat().st_size > 1_000 * PAGE
    reader.close()
    write(db, 80, mind)
    log = (tmp_path / "live.db-wal").stat().st_size
    write(db, 500, mind)
    mind.close()
    assert (tmp_path / "live.db-wal").stat().st_size == log
    assert (tmp_path / "live.db").stat().st_size > 1_400 * PAGE


def test_one_that_fails_is_said_and_fails_no_commit(
    db: sqlite3.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mind = Checkpoints(str(tmp_path / "live.db"), db)
    mind._path = str(tmp_path)
    write(db, 200, mind)
    mind.close()
    assert caplog.messages[0].startswith('checkpoint failed why="unable to open')
    assert db.execute("SELECT count(*) FROM written").fetchone() == (200,)
