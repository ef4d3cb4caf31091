"""Conversations leave as JSON lines, from either store, and those whose time is over are found by when they closed."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from actors.retention import DAY_MS, closed_before, expired
from gateway.cli import app
from gateway.export import export_closed, export_conversation, time_of
from runtime.identity import ActorId, actor_id
from runtime.journal import Append, Journal, Record, Row, open_journal
from runtime.journal.memory import MemoryJournal
from runtime.machine import Summary


def fill(journal: Journal, key: str, opened_ms: int, closed_ms: int | None, events: int = 2) -> ActorId:
    actor = actor_id("conversation", key)
    body = msgspec.json.encode({"id": key, "closed_at_ms": closed_ms})
    terms = ("state:assistant",) if closed_ms is None else ("state:closed",)
    records = [
        Record(actor, n, opened_ms + n, f"visitor/v {n}", b'{"type":"said","text":"\xc3\xbc"}')
        for n in range(1, events + 1)
    ]
    row = Row(actor, opened_ms, events, 0, None, Summary(terms, "", body))
    journal.append(Append(journal.claim(["s"]), records, [row], []))
    return actor


def lines(out: BytesIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_event_is_a_line_as_the_journal_has_it() -> None:
    journal, out = MemoryJournal(), BytesIO()
    fill(journal, "a", 1_000, None)
    fill(journal, "b", 1_000, None)
    export_conversation(journal, "a", out)
    assert lines(out) == [
        {"conversation": "a", "sequence": n, "at_ms": 1_000 + n, "ref": f"visitor/v {n}", "schema": 1,
         "event": {"type": "said", "text": "ü"}}
        for n in (1, 2)
    ]  # fmt: skip


def test_what_was_closed_before_a_date_leaves_whole_whenever_it_was_opened() -> None:
    journal, out = MemoryJournal(), BytesIO()
    fill(journal, "early", 1_000, 2_000, events=1_500)
    fill(journal, "late", 1_000, 9_000)
    fill(journal, "open", 1_000, None)
    assert export_closed(journal, 5_000, out) == 1
    assert [line["sequence"] for line in lines(out)] == list(range(1, 1_501))
    assert {line["conversation"] for line in lines(out)} == {"early"}


def test_the_pages_of_the_closed_go_on_while_they_are_erased() -> None:
    journal = MemoryJournal()
    actors = {fill(journal, f"c{number}", number, number + 1) for number in range(500)}
    kept = fill(journal, "kept", 100, 9_999)
    found: set[ActorId] = set()
    for page in closed_before(journal, 5_000):
        found |= set(page)
        journal.erase(page, journal.claim(["s"]))
    assert found == actors
    assert set(journal.records) == {kept}


def test_the_days_count_from_the_close() -> None:
    journal = MemoryJournal()
    actor = fill(journal, "a", 0, DAY_MS)
    assert [one for page in expired(7, journal, 8 * DAY_MS) for one in page] == []
    assert [one for page in expired(7, journal, 8 * DAY_MS + 1) for one in page] == [actor]


@pytest.mark.parametrize(
    ("text", "ms"),
    [("1970-01-02", DAY_MS), ("1970-01-02T00:00:01", DAY_MS + 1_000), ("1970-01-02T01:00:00+01:00", DAY_MS)],
)
def test_a_date_is_its_first_moment_in_utc(text: str, ms: int) -> None:
    assert time_of(text) == ms


def test_the_command_reads_the_store_of_a_data_directory(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path}/live.db")
    fill(journal, "a", 1_000, 2_000)
    journal.close()
    result = CliRunner().invoke(app, ["export", "--data", str(tmp_path), "--closed-before", "2026-01-31"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2)
    result = CliRunner().invoke(app, ["export", "--data", str(tmp_path), "--conversation", "a"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "either"),
        (("--conversation", "a", "--closed-before", "2026-01-31"), "either"),
        (("--closed-before", "yesterday"), '"yesterday" is not a date like 2026-01-31'),
        (("--conversation", "nobody"), "nobody"),
        (("--conversation", "a", "--store", "redis://127.0.0.1:1/0"), "redis://127.0.0.1:1/0 does not answer"),
        (("--conversation", "a", "--store", "redis://127.0.0.1:99999/0"), "--store"),
        (("--conversation", "a", "--store", "floppy:///a"), "--store"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    open_journal(f"sqlite:///{tmp_path}/live.db").close()
    result = CliRunner().invoke(app, ["export", "--data", str(tmp_path), *arguments])
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_data_directory_without_a_store_is_not_given_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["export", "--data", str(tmp_path), "--conversation", "a"])
    assert result.exit_code == 1
    assert f"there is no store at {tmp_path}/live.db; --data DIR or --store URL says where it is" in result.stderr
    assert files(tmp_path) == {}


def empty(path: Path) -> None:
    path.touch()


def of_someone_else(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE songs (title TEXT)")


def of_an_earlier_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript((Path(__file__).parents[1] / "journal" / "fixtures" / "2026-11-23.sql").read_text())


def no_database(path: Path) -> None:
    path.write_text("a shopping list\n" * 100)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (empty, "no system has written it"),
        (of_someone_else, "no system has written it"),
        (of_an_earlier_version, "an earlier version; a system that is started takes it over"),
        (no_database, "not a database"),
        (Path.mkdir, "unable to open"),
    ],
)
def test_a_file_that_is_no_store_stays_what_it_is(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    path = tmp_path / "live.db"
    make(path)
    before = {} if path.is_dir() else files(tmp_path)
    result = CliRunner().invoke(app, ["export", "--data", str(tmp_path), "--closed-before", "2026-01-31"])
    assert result.exit_code == 1
    assert f"the store sqlite:///{path} cannot be read: " in result.stderr
    assert said in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["live.db"]
    assert path.is_dir() or files(tmp_path) == before


def test_a_store_and_what_lies_beside_it_stay_as_they_were(tmp_path: Path) -> None:
    folder = tmp_path / "a folder of 100%?#"
    journal = open_journal(f"sqlite:///{folder}/live.db")
    fill(journal, "a", 1_000, 2_000)
    journal.close()
    (folder / "live.db-lock").unlink()  # as in a copy that was made of the file alone
    before = files(folder)
    result = CliRunner().invoke(app, ["export", "--data", str(folder), "--conversation", "a"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2)
    assert files(folder) == before


def test_what_is_written_meanwhile_is_exported_too_and_its_writer_is_not_held_up(tmp_path: Path) -> None:
    writer, out = open_journal(f"sqlite:///{tmp_path}/live.db"), BytesIO()
    with closing(writer), closing(open_journal(f"sqlite:///{tmp_path}/live.db", only_reads=True)) as reader:
        for key in ("a", "b"):
            fill(writer, key, 1_000, 2_000)
            export_conversation(reader, key, out)
    assert [line["conversation"] for line in lines(out)] == ["a", "a", "b", "b"]
