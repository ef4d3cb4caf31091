"""A host of one actor may end when the actor has left its memory; until it is called again another rings for it."""

import pytest

from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.messages import Wake
from runtime.placement import Placement
from tests.runtime.bench import Bench
from tests.runtime.tally import Add, Forward, WakeMe

A, B = ActorId("tally/a"), ActorId("tally/b")
DEDICATED = Placement(1, dedicated=frozenset({"tally"}))
LIMITS = HostLimits(idle_ms=1_000, lease_ms=4_000)  # who watches is not silent for so long here


@pytest.fixture
def bench() -> Bench:
    return Bench(name=A, placement=DEDICATED, limits=LIMITS)


def idle(bench: Bench) -> None:
    """So long that the actor leaves, and as long again; each time as it takes until that is noticed."""
    for _ in range(2 * (LIMITS.idle_ms + LIMITS.lease_ms // 4)):
        bench.later(1)


def test_it_may_end_once_its_actor_was_gone_for_as_long_as_an_idle_one_stays(bench: Bench) -> None:
    bench.send(A, Add("one"))
    bench.settle()
    bench.later(LIMITS.idle_ms)
    assert not bench.host.activations
    assert not bench.host.vacated(), "somebody may be just about to call it"
    idle(bench)
    assert bench.host.vacated()


def test_one_that_nobody_ever_wrote_to_may_end_too(bench: Bench) -> None:
    assert not bench.host.vacated()
    idle(bench)
    assert bench.host.vacated()


def test_a_packed_host_is_there_for_whoever_comes() -> None:
    bench = Bench(name="host/0", placement=DEDICATED, limits=LIMITS)
    idle(bench)
    assert not bench.host.vacated()


def test_it_stays_for_who_watches(bench: Bench) -> None:
    bench.attach(A)
    bench.settle()
    idle(bench)
    assert not bench.host.vacated()
    bench.detach(A)
    idle(bench)
    assert bench.host.vacated()


def test_it_stays_until_its_tells_are_taken(bench: Bench) -> None:
    bench.send(A, Forward(B, "one"))
    bench.settle()
    idle(bench)
    assert not bench.host.vacated()
    assert len(bench.sent(B)) == 1
    idle(bench)
    assert bench.host.vacated()


def test_another_host_rings_for_it_when_the_time_has_come(bench: Bench) -> None:
    at_ms = bench.now_ms + 3_600_000
    bench.send(A, WakeMe(at_ms))
    bench.settle()
    assert bench.sent("host/0") == []
    idle(bench)
    assert bench.host.vacated()
    (wake,) = bench.sent("host/0")
    assert wake == Wake(A, at_ms)
    home = Bench(name="host/0", placement=DEDICATED, now_ms=bench.now_ms)
    home.deliver(wake, peer=A)
    home.later(at_ms - home.now_ms - 1)
    assert home.sent(A) == []
    home.later(1)
    assert home.sent(A) == [Wake(A)]


def test_who_comes_meanwhile_is_served_and_what_is_handed_over_later_is_as_it_is_then(bench: Bench) -> None:
    idle(bench)
    assert bench.host.vacated()
    at_ms = bench.now_ms + 3_600_000
    replies = bench.send(A, WakeMe(at_ms))
    bench.settle()
    assert replies.codes == ["ok"]
    assert not bench.host.vacated()
    idle(bench)
    assert bench.host.vacated()
    assert bench.sent("host/0") == [Wake(A, at_ms)]


def test_it_stays_for_who_watches_though_its_actor_cannot_be_read(bench: Bench) -> None:
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("one"))
    bench.poll()
    bench.fail()
    for _ in range(5 * LIMITS.idle_ms):
        bench.now_ms += 1
        bench.deliver()  # the gateway lives
        bench.poll(load=False)
        bench.host.load_failed(bench.loading)
        bench.loading = []
        assert not bench.host.vacated()


def test_it_stays_while_its_actor_is_being_read(bench: Bench) -> None:
    bench.send(A, Add("one"))
    for _ in range(5 * LIMITS.idle_ms):
        bench.now_ms += 1
        bench.poll(load=False)
        assert not bench.host.vacated()


def test_a_store_that_fails_keeps_it(bench: Bench) -> None:
    idle(bench)
    bench.send(A, Add("one"))
    bench.poll()
    bench.host.failed()
    bench.append = None
    idle(bench)
    assert not bench.host.vacated()
    bench.host.settled()
    idle(bench)
    assert bench.host.vacated()
