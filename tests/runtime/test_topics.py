"""What is announced on a topic reaches its followers, wherever the actor lives."""

from runtime.identity import ActorId
from runtime.messages import Announced, Follow, Relay, Wake
from runtime.placement import Placement
from tests.runtime.bench import Bench
from tests.runtime.tally import Add, Hush, Knock, Move, Show, WakeMe

A = ActorId("tally/a")
DEDICATED = Placement(1, dedicated=frozenset({"tally"}), pools={"thinkers": 1})
FRAME = b'{"type":"shouted","text":"x"}'


def test_followers_get_a_row_when_it_is_durable() -> None:
    bench = Bench()
    bench.deliver(Follow("square"))
    bench.deliver(Follow("elsewhere"), peer="gateway/1")
    bench.send(A, Add("one"))
    bench.poll()
    assert bench.sent("gateway/0") == []
    bench.commit()
    assert bench.sent("gateway/0") == [Announced("square", A, b"1")]
    assert bench.sent("gateway/1") == []


def test_who_follows_no_longer_gets_nothing() -> None:
    bench = Bench()
    bench.deliver(Follow("square"), Follow("square", on=False))
    bench.send(A, Add("one"))
    bench.settle()
    assert bench.sent("gateway/0") == []


def test_a_row_that_lagged_is_announced_when_it_is_written() -> None:
    bench = Bench()
    bench.deliver(Follow("square"))
    bench.send(A, *(Hush(str(number)) for number in range(9)))
    bench.settle()
    assert bench.sent("gateway/0") == []
    bench.later(bench.host.limits.row_delay_ms)
    assert bench.sent("gateway/0") == [Announced("square", A, b"9")]


def test_many_changes_in_a_turn_are_announced_as_one() -> None:
    bench = Bench()
    bench.deliver(Follow("square"))
    bench.send(A, *(Add(str(number)) for number in range(9)))
    bench.settle()
    assert bench.sent("gateway/0") == [Announced("square", A, b"9")]


def test_what_only_followers_see_is_announced_and_not_written() -> None:
    bench = Bench()
    bench.deliver(Follow("square"))
    bench.send(A, Add("one"))
    bench.settle()
    bench.send(A, Move(7))
    assert bench.poll() is None, "nothing is written"
    assert bench.sent("gateway/0") == [Announced("square", A, b"1"), Announced("square", A, b"7")]


def test_what_followers_are_told_last_of_an_actor_is_how_it_is() -> None:
    bench = Bench()
    bench.deliver(Follow("square"))
    bench.send(A, Move(7), Add("one"), Move(0))
    bench.settle()
    assert bench.sent("gateway/0") == [Announced("square", A, b"1")]
    bench.send(A, Add("two"))
    bench.poll()
    bench.send(A, Move(8))
    bench.poll()
    assert bench.sent("gateway/0") == [], "what rests on an append waits for it"
    bench.settle()
    assert bench.sent("gateway/0") == [Announced("square", A, b"2"), Announced("square", A, b"8")]


def test_a_signal_of_what_is_listed_is_written_soon_and_announced() -> None:
    bench = Bench()
    bench.deliver(Follow("square"))
    bench.send(A, Add("one"))
    bench.settle()
    bench.send(A, Knock(), Knock())
    bench.settle()
    assert bench.sent("gateway/0") == [Announced("square", A, b"1")]
    bench.later(bench.host.limits.row_delay_ms)
    assert bench.sent("gateway/0") == [Announced("square", A, b"3")]
    assert [row.body for row in bench.journal.find([["room:a"]], 9)] == [b"3"]


def test_a_dedicated_host_announces_through_the_packed_host_of_its_shard() -> None:
    bench = Bench(name=A, placement=DEDICATED)
    bench.send(A, Add("one"), Show("x"))
    bench.settle()
    relayed = bench.sent("host/0")
    assert relayed == [Relay("square", A, b"1"), Relay("square", "", FRAME)]
    home = Bench(placement=DEDICATED)
    home.deliver(Follow("square"))
    home.deliver(*relayed, peer=A)
    assert home.sent("gateway/0") == [Announced("square", A, b"1"), Announced("square", "", FRAME)]


def test_a_dedicated_actor_runs_at_its_own_host_only() -> None:
    own = Bench(name=A, placement=DEDICATED)
    replies = own.send(A, Add("one"))
    stranger = own.send(ActorId("tally/b"), Add("one"))
    own.settle()
    assert (replies.codes, stranger.codes) == (["ok"], ["overloaded"])
    home = Bench(placement=DEDICATED)
    refused = home.send(A, Add("one"))
    home.settle()
    assert refused.codes == ["overloaded"]


def test_the_packed_host_of_its_shard_wakes_a_dedicated_actor() -> None:
    own = Bench(name=A, placement=DEDICATED)
    own.send(A, WakeMe(own.now_ms + 1_000))
    own.settle()
    home = Bench(own.journal, placement=DEDICATED)
    home.later(999)
    assert home.sent(A) == []
    home.later(1)
    wake = home.sent(A)
    assert wake == [Wake(A)]
    assert A not in home.host.activations
    reborn = Bench(own.journal, name=A, placement=DEDICATED, now_ms=home.now_ms)
    reborn.deliver(*wake, peer="host/0")
    reborn.settle()
    assert reborn.state(A).rings == [1_001_000]


def test_a_resident_with_a_host_of_its_own_is_woken_there() -> None:
    home = Bench(placement=DEDICATED, residents=[A])
    home.settle()
    assert home.sent(A) == [Wake(A)]
