"""Whose time is over is forgotten, by the host whose it is, and never while it is in memory."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from runtime import retention
from runtime.identity import ActorId
from runtime.journal import Fenced, Journal, StoreFailed
from runtime.limits import HostLimits
from runtime.placement import Placement
from runtime.retention import Retention
from tests.runtime.bench import TWO_HOSTS, Bench, actor_at
from tests.runtime.tally import Add

pytestmark = pytest.mark.anyio

A, B = ActorId("tally/a"), ActorId("tally/b")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0)


def forgetting(bench: Bench, *actors: ActorId, meanwhile: Callable[[], object] = lambda: None) -> Retention:
    """Retention on a bench, of these actors; something may happen while they are being erased."""

    def expired(journal: Journal, now_ms: int) -> Iterator[Sequence[ActorId]]:
        yield [one for one in actors if journal.read(one, 0, 1)]

    async def reading(function: Callable[[Journal], Any]) -> Any:
        return function(bench.journal)

    async def writing(function: Callable[[Journal], Any]) -> Any:
        meanwhile()
        return function(bench.journal)

    return Retention(bench.host, expired, lambda: bench.now_ms, reading, writing)


def away(bench: Bench, *actors: ActorId) -> None:
    """They have something in their journals, and are not in memory."""
    for actor in actors:
        bench.send(actor, Add("one"))
    bench.settle()
    bench.later(HostLimits().idle_ms * 2)
    assert not bench.host.activations


async def test_who_is_not_in_memory_is_forgotten_and_begins_anew() -> None:
    bench = Bench()
    away(bench, A, B)
    assert await forgetting(bench, A).round() == 1
    assert bench.labels(A) == []
    assert bench.labels(B) == ["one"]
    replies = bench.send(A, Add("new"))
    bench.settle()
    assert replies.sequences == [1]


async def test_who_is_in_memory_stays_until_the_next_round() -> None:
    bench = Bench()
    away(bench, A)
    bench.attach(A)
    bench.settle()
    assert await forgetting(bench, A).round() == 0
    assert bench.labels(A) == ["one"]


async def test_once_all_of_a_round_are_forgotten_the_store_is_scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, left = Bench(), list[list[str]]()
    away(bench, A, B)

    def scrub() -> bool:
        left.append([*bench.labels(A), *bench.labels(B)])
        return len(left) > 1

    monkeypatch.setattr(bench.journal, "scrub", scrub)
    rounds = forgetting(bench, A, B)
    assert await rounds.round() == 2
    assert left == [[]], "somebody reads"
    assert await rounds.round() == 0
    assert left == [[], []], "once more, and now it is done"
    assert await rounds.round() == 0
    assert left == [[], []]


async def test_what_an_earlier_life_has_left_in_the_store_is_scrubbed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, times = Bench(), iter([True])
    monkeypatch.setattr(bench.journal, "scrub", lambda: next(times))
    assert await forgetting(bench).round() == 0
    assert next(times, None) is None


async def test_who_is_being_forgotten_is_not_activated_meanwhile() -> None:
    bench = Bench()
    away(bench, A)
    refused: list[str] = []

    def write() -> None:
        replies = bench.send(A, Add("two"))
        bench.settle()
        refused.extend(replies.codes)

    assert await forgetting(bench, A, meanwhile=write).round() == 1
    assert refused == ["overloaded"]
    assert bench.labels(A) == []


async def test_each_host_forgets_its_own() -> None:
    bench = Bench(placement=TWO_HOSTS)
    ours, theirs = actor_at("host/0"), actor_at("host/1")
    away(bench, ours)
    assert await forgetting(bench, ours, theirs).round() == 1


async def test_a_host_that_was_replaced_forgets_nobody() -> None:
    bench = Bench()
    away(bench, A)
    bench.journal.claim(bench.placement.scopes_of("host/0"))
    with pytest.raises(Fenced):
        await forgetting(bench, A).round()
    assert bench.labels(A) == ["one"]
    assert bench.host.passivation.room(A, bench.now_ms, tell=False)


async def test_the_actors_of_a_dedicated_kind_are_claimed_first() -> None:
    placement = Placement(1, dedicated=frozenset({"tally"}))
    own = Bench(name=A, placement=placement)
    own.send(A, Add("one"))
    own.settle()
    packed = Bench(own.journal, placement=placement)
    assert await forgetting(packed, A).round() == 1
    replies = own.send(A, Add("two"))
    own.settle()
    assert replies.codes == ["overloaded"]
    assert own.host.lost


async def test_a_round_that_fails_whatever_it_meets_is_followed_by_another() -> None:
    bench = Bench()
    away(bench, A)
    trouble: list[Exception] = [StoreFailed("away"), KeyError("unforeseen")]
    over = asyncio.Event()

    def meanwhile() -> None:
        if trouble:
            raise trouble.pop()
        over.set()

    rounds = asyncio.create_task(forgetting(bench, A, meanwhile=meanwhile).run(0, 0))
    await asyncio.wait_for(over.wait(), 5)
    rounds.cancel()
    assert bench.labels(A) == []


async def test_who_is_just_being_read_stays_until_the_next_round() -> None:
    bench = Bench()
    away(bench, A)
    replies = bench.send(A, Add("two"))
    bench.poll(load=False)
    assert await forgetting(bench, A).round() == 0
    bench.settle()
    assert replies.sequences == [2]
