"""Several processes at one store: they take turns, and one that is killed leaves nothing half written."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.redis_server import RedisServer
from runtime.identity import ActorId
from runtime.journal import Journal, open_journal


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/live.db"
    server: RedisServer = request.getfixturevalue("redis_server")
    server.flush()
    return server.url


def start(url: str, actor: str, count: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "tests.journal.writer", url, actor, str(count)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def lines(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.read().split()


def first_lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def written(journal: Journal, actor: str) -> list[int]:
    return [one.sequence for one in journal.read(ActorId(actor), 0, 100_000)]


def test_two_processes_write_at_once(url: str) -> None:
    with start(url, "tally/0", 150) as first, start(url, "tally/1", 150) as second:
        said = [lines(first), lines(second)]
    assert (first.returncode, second.returncode) == (0, 0)
    journal = open_journal(url)
    for number in range(2):
        assert said[number] == [str(sequence) for sequence in range(1, 151)]
        assert written(journal, f"tally/{number}") == list(range(1, 151))
    assert sorted(one.actor for one in journal.find([("at:150",)], 9)) == ["tally/0", "tally/1"]
    journal.close()


def test_a_writer_that_is_killed_leaves_all_it_was_promised_and_nothing_half(url: str) -> None:
    with start(url, "tally/0", 1_000_000) as writer:
        said = first_lines(writer, 40)
        writer.kill()
        said += lines(writer)
    journal = open_journal(url)
    done = written(journal, "tally/0")
    assert done == list(range(1, len(done) + 1))
    assert len(done) - len(said) in (0, 1)
    assert [one.sequence for one in journal.find([(f"at:{len(done)}",)], 9)] == [len(done)]
    assert list(journal.alarms()) == [("tally/0", len(done))]
    journal.close()


def test_a_writer_that_was_replaced_is_refused(url: str) -> None:
    journal = open_journal(url)
    with start(url, "tally/0", 1_000_000) as writer:
        first_lines(writer, 20)
        journal.claim(["shard/of tally/0"])
        done = len(written(journal, "tally/0"))
        assert lines(writer)[-1] == "fenced"
    assert len(written(journal, "tally/0")) == done
    journal.close()
