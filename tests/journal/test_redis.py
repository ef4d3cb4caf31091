"""What is particular to the journal in Redis: real servers that are killed, paused, full and forgetful."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from benchmarks.ports import free_port
from benchmarks.redis_server import RedisServer
from runtime.identity import ActorId
from runtime.journal import LAYOUT, Append, Cut, Fenced, Record, Row, Snapshot, StoreFailed, open_journal
from runtime.journal.redis import RedisJournal
from runtime.machine import Summary
from tests.runtime.bench import Bench
from tests.runtime.tally import Add

A, B = ActorId("tally/a"), ActorId("tally/b")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server of the test's own, to do things to."""
    with RedisServer(tmp_path) as one:
        yield one


@pytest.fixture
def journal(server: RedisServer) -> Iterator[RedisJournal]:
    one = open_journal(server.url)
    assert isinstance(one, RedisJournal)
    yield one
    one.close()


@pytest.fixture
def client(server: RedisServer) -> Iterator["redis.Redis"]:
    with redis.Redis(port=server.port) as one:
        yield one


def records(*sequences: int, actor: ActorId = A) -> list[Record]:
    return [Record(actor, sequence, 5, "", b'"x"') for sequence in sequences]


def row(actor: ActorId, opened_ms: int) -> Row:
    return Row(actor, opened_ms, 1, 0, None, Summary(("t",), "", b"{}"))


def test_a_server_whose_layout_a_newer_version_has_changed_is_refused_as_it_is(
    server: RedisServer, journal: RedisJournal, client: "redis.Redis"
) -> None:
    journal.append(Append(journal.claim(["s"]), records(1), [], []))
    open_journal(server.url).close()
    client.set("layout", LAYOUT + 1)
    before = sorted(client.keys())
    with pytest.raises(StoreFailed, match="newer version"):
        open_journal(server.url)
    assert sorted(client.keys()) == before


def test_no_fence_is_given_twice_though_the_server_has_forgotten_the_last_claim(
    server: RedisServer, journal: RedisJournal, client: "redis.Redis"
) -> None:
    journal.claim(["s"])
    kept = client.hgetall("fences")
    hung = open_journal(server.url)
    lost = hung.claim(["s"])
    client.hset("fences", mapping=kept)  # type: ignore[arg-type]  # as a replica has it that takes over
    fences = journal.claim(["s"])
    journal.append(Append(fences, records(1), [], []))
    with pytest.raises(Fenced):
        hung.append(Append(lost, records(2), [row(A, 5)], []))
    hung.close()
    assert journal.read(A, 0, 9) == records(1)


def test_a_fence_is_greater_than_the_one_before_though_the_servers_clock_goes_back(
    journal: RedisJournal, client: "redis.Redis"
) -> None:
    ahead = journal.claim(["s"])["s"] + 3_600_000_000
    client.hset("fences", "s", ahead)
    assert journal.claim(["s"])["s"] == ahead + 1


def test_a_server_that_was_killed_has_all_it_promised(server: RedisServer, journal: RedisJournal) -> None:
    fences = journal.claim(["s"])
    journal.append(Append(fences, records(1, 2), [row(A, 5)], []))
    server.kill()
    with pytest.raises(StoreFailed):
        journal.append(Append(fences, records(3), [], []))
    with pytest.raises(StoreFailed):
        journal.load([A])
    with pytest.raises(StoreFailed):
        journal.ping()
    server.start()
    assert journal.read(A, 0, 9) == records(1, 2)
    journal.append(Append(fences, records(3), [], []))
    assert [one.actor for one in journal.find([("t",)], 9)] == [A]
    assert journal.claim(["s"])["s"] > fences["s"]


def test_a_server_that_hangs_is_given_up_in_time_and_may_write_late(server: RedisServer, journal: RedisJournal) -> None:
    fences = journal.claim(["s"])
    server.pause(True)
    started = time.monotonic()
    with pytest.raises(StoreFailed):
        journal.append(Append(fences, records(1), [], []))
    assert time.monotonic() - started < 2
    server.pause(False)
    journal.ping()
    assert journal.read(A, 0, 9) in ([], records(1))


def test_what_was_given_up_is_never_written_after_what_came_later(journal: RedisJournal) -> None:
    fences = journal.claim(["s"])
    journal._number = 5
    journal.append(Append(fences, records(1), [], []))
    journal._number = 3  # sent before, and on its way for long
    with pytest.raises(StoreFailed, match="late"):
        journal.append(Append(fences, records(1, actor=B), [row(A, 5)], []))
    assert journal.read(B, 0, 9) == []
    assert journal.find([("t",)], 9) == []


def test_what_was_given_up_is_never_written_once_that_is_settled(journal: RedisJournal) -> None:
    fences = journal.claim(["s"])
    journal._number = 5  # the fifth was given up
    journal.settle()
    journal._number = 4
    with pytest.raises(StoreFailed, match="late"):
        journal.append(Append(fences, records(1), [], []))
    journal.append(Append(fences, records(1), [], []))
    assert journal.read(A, 0, 9) == records(1)


def test_a_server_without_memory_takes_nothing_and_goes_on_when_it_has_some(
    journal: RedisJournal, client: "redis.Redis"
) -> None:
    fences = journal.claim(["s"])
    journal.append(Append(fences, records(1), [], []))
    client.config_set("maxmemory", 1)
    with pytest.raises(StoreFailed):
        journal.append(Append(fences, records(2), [row(A, 5)], []))
    assert journal.read(A, 0, 9) == records(1)
    assert journal.find([("t",)], 9) == []
    client.config_set("maxmemory", 0)
    journal.append(Append(fences, records(2), [], []))
    assert journal.read(A, 0, 9) == records(1, 2)


def test_a_server_that_forgot_the_scripts_is_told_them_again(journal: RedisJournal, client: "redis.Redis") -> None:
    fences = journal.claim(["s"])
    journal.append(Append(fences, records(1), [], []))
    client.script_flush()
    journal.append(Append(fences, records(2), [], []))
    client.script_flush()
    assert journal.load([A])[A].records == records(1, 2)


def test_full_sync_needs_a_server_that_keeps_it(server: RedisServer, client: "redis.Redis") -> None:
    with pytest.raises(ValueError, match="appendfsync always"):
        open_journal(server.url, sync="full")
    client.config_set("appendfsync", "always")
    open_journal(server.url, sync="full").close()


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({"appendonly": "no"}, "no append-only file"),
        ({"appendfsync": "everysec"}, "appendfsync everysec"),
        ({"appendfsync": "no"}, ""),
        ({"appendfsync": "always"}, ""),
    ],
)
def test_what_a_crash_of_the_server_would_take_with_it_is_said_at_the_start(
    server: RedisServer,
    client: "redis.Redis",
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, str],
    warned: str,
) -> None:
    for name, value in settings.items():
        client.config_set(name, value)
    open_journal(server.url).close()
    assert [one.getMessage().startswith(warned) for one in caplog.records] == ([True] if warned else [])


def test_a_server_that_is_killed_at_once_has_all_it_promised(server: RedisServer) -> None:
    for number in range(1, 9):
        journal = open_journal(server.url)
        journal.append(Append(journal.claim(["s"]), records(number), [], []))
        server.kill()
        journal.close()
        server.start()
    assert open_journal(server.url).read(A, 0, 99) == records(*range(1, 9))


def test_nobody_there_is_a_store_that_failed() -> None:
    with pytest.raises(StoreFailed):
        open_journal(f"redis://127.0.0.1:{free_port()}/0")


def test_an_append_is_one_round_trip(journal: RedisJournal, client: "redis.Redis") -> None:
    fences = journal.claim([f"s{number}" for number in range(20)])
    journal.append(Append(fences, records(1), [row(A, 5)], []))

    def commands() -> int:
        return sum(one["calls"] for name, one in client.info("commandstats").items() if name == "cmdstat_evalsha")

    before = commands()
    rows = [row(ActorId(f"tally/{number}"), number) for number in range(100)]
    journal.append(Append(fences, [one for n in range(100) for one in records(1, actor=ActorId(f"x/{n}"))], rows, []))
    assert commands() == before + 1


def test_many_rows_of_one_millisecond_are_paged_without_holes_or_repeats(journal: RedisJournal) -> None:
    fences = journal.claim(["s"])
    actors = [ActorId(f"tally/{number:04}") for number in range(700)]
    journal.append(Append(fences, [], [row(actor, 5) for actor in actors], []))
    journal.append(Append(fences, [], [row(ActorId("tally/old"), 4), row(ActorId("tally/new"), 6)], []))
    expected = ["tally/new", *reversed(actors), "tally/old"]
    assert [one.actor for one in journal.find([("t", "kind:tally")], 9_999)] == expected
    pages: list[str] = []
    before = ""
    while page := journal.find([("t",)], 33, before):
        pages += [one.actor for one in page]
        before = page[-1].cursor
    assert pages == expected


def test_no_number_is_given_twice_after_a_failover_that_has_lost_the_last_writes(
    journal: RedisJournal, client: "redis.Redis"
) -> None:
    bench = Bench(journal)  # type: ignore[arg-type]  # what it does with one in memory, it does with any
    bench.send(A, Add("one"), Add("two"), Add("three"))
    bench.settle()
    client.rpop(f"records:{A}", 2)  # as a replica has it that takes over
    refused = bench.send(A, Add("four"), ref="r")
    bench.settle()
    again = bench.send(A, Add("four"), ref="r")
    bench.settle()
    assert (refused.codes, again.sequences) == (["overloaded"], [4])
    assert [json.loads(one.body)["type"] for one in journal.read(A, 0, 9)] == ["added", "lost", "lost", "added"]


def test_of_who_is_erased_no_key_is_left(journal: RedisJournal, client: "redis.Redis") -> None:
    fences = journal.claim(["s"])
    journal.append(Append(fences, records(1, 2), [row(A, 5)], [Snapshot(A, 2, b"state")]))
    journal.cut([Cut(A, 2, records(1))], fences)
    assert len(client.keys(f"*:{A}")) == 4
    journal.erase([A], fences)
    assert client.keys(f"*:{A}") == []
