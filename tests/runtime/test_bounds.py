"""Everything is bounded, and says so."""

from runtime.activation import IDLE
from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.messages import Deliver
from tests.runtime.bench import TWO_HOSTS, Bench, actor_at
from tests.runtime.tally import Add, Forward, Hush, WakeMe

A, B, C, D = (ActorId(f"tally/{key}") for key in "abcd")


def held(bench: Bench) -> set[ActorId]:
    return set(bench.host.activations)


def test_at_its_bound_a_mailbox_refuses_and_keeps_what_it_has() -> None:
    bench = Bench(limits=HostLimits(mailbox_commands=3))
    replies = bench.send(A, *(Add(str(number)) for number in range(5)))
    bench.settle()
    assert replies.codes == ["ok"] * 3 + ["overloaded"] * 2
    assert bench.labels(A) == ["0", "1", "2"]
    assert bench.host.statistics.mailbox_depth_max == 3


def test_a_full_mailbox_is_nobody_elses_trouble() -> None:
    bench = Bench(limits=HostLimits(mailbox_commands=3))
    bench.send(A, *(Add(str(number)) for number in range(5)))
    replies = bench.send(B, Add("one"))
    bench.settle()
    assert replies.codes == ["ok"]


def test_a_mailbox_that_was_emptied_takes_again() -> None:
    bench = Bench(limits=HostLimits(mailbox_commands=1))
    for number in range(3):
        replies = bench.send(A, Add(str(number)))
        bench.settle()
        assert replies.codes == ["ok"]


def test_an_actor_with_nothing_to_do_holds_no_mailbox_of_its_own() -> None:
    bench = Bench()
    replies = bench.send(A, Add("one"))
    assert bench.poll() is not None
    assert bench.host.activations[A].mailbox is IDLE
    more = bench.send(A, Add("two"))
    bench.settle()
    assert (replies.codes, more.codes) == (["ok"], ["ok"])
    assert bench.host.activations[A].mailbox is IDLE
    assert len(IDLE) == 0


def test_an_idle_actor_leaves_memory() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.settle()
    bench.later(bench.host.limits.idle_ms - 1)
    assert held(bench) == {A}
    bench.later(bench.host.limits.lease_ms)
    assert held(bench) == set()
    assert b'"labels":["one"]' in (bench.ask(A).value or b"")


def test_a_watched_a_resident_and_a_busy_actor_stay() -> None:
    resident = ActorId("resident/r")
    bench = Bench()
    bench.attach(A)
    bench.send(resident, Add("one"))
    bench.settle()
    bench.send(B, Add("two"))
    bench.poll()
    for _ in range(80):  # the append takes its time
        bench.now_ms += bench.host.limits.lease_ms
        bench.deliver()
        bench.poll()
    assert held(bench) == {A, B, resident}


def test_an_actor_whose_row_lags_stays_until_it_is_written() -> None:
    bench = Bench(limits=HostLimits(idle_ms=100, lease_ms=400, row_delay_ms=10_000))
    bench.send(A, Hush("one"))
    bench.settle()
    bench.later(5_000)
    assert held(bench) == {A}
    for _ in range(3):
        bench.later(5_000)
    assert bench.journal.rows[A].sequence == 1
    assert held(bench) == set()


def test_an_actor_whose_tell_is_under_way_stays() -> None:
    bench = Bench(placement=TWO_HOSTS)
    here, there = actor_at("host/0"), actor_at("host/1")
    bench.send(here, Forward(there, "x"))
    bench.settle()
    bench.later(bench.host.limits.idle_ms * 2)
    assert held(bench) == {here}
    bench.sent("host/1")
    for _ in range(3):  # its row is written first
        bench.later(bench.host.limits.idle_ms)
    assert held(bench) == set()


def test_at_the_cap_the_longest_unused_makes_room() -> None:
    bench = Bench(limits=HostLimits(held_actors=3))
    for actor in (A, B, C, A, D):
        bench.send(actor, Add("one"))
        bench.later(10)
    assert held(bench) == {A, C, D}


def test_at_the_cap_those_who_must_stay_do_not_keep_others_from_leaving() -> None:
    bench = Bench(limits=HostLimits(held_actors=3))
    for actor in (A, B):
        bench.attach(actor)
        bench.later(10)
    bench.send(C, Add("one"))
    bench.later(10)
    replies = bench.send(D, Add("one"))
    bench.settle()
    assert replies.codes == ["ok"]
    assert held(bench) == {A, B, D}


def test_when_nobody_can_leave_the_sender_is_told() -> None:
    bench = Bench(limits=HostLimits(held_actors=2))
    bench.attach(A)
    bench.attach(B)
    bench.settle()
    replies = bench.send(C, Add("one"))
    bench.settle()
    assert replies.codes == ["overloaded"]
    bench.detach(A)
    bench.later(1_000)
    again = bench.send(C, Add("one"))
    bench.settle()
    assert again.codes == ["ok"]


def test_when_nobody_can_leave_asking_again_and_again_is_cheap() -> None:
    bench = Bench(limits=HostLimits(held_actors=2))
    bench.attach(A)
    bench.attach(B)
    bench.settle()
    looked = 0
    leave = bench.host.passivation.leave

    def counted(actor: ActorId) -> bool:
        nonlocal looked
        looked += 1
        return leave(actor)

    bench.host.passivation.leave = counted  # type: ignore[method-assign]
    bench.send(C, *(Add(str(number)) for number in range(1_000)))
    assert looked <= 2


def test_at_the_cap_there_is_room_for_those_who_are_told() -> None:
    bench = Bench(limits=HostLimits(held_actors=1))
    replies = bench.send(A, Forward(B, "x"))
    bench.settle()
    assert replies.codes == ["ok"]
    assert bench.labels(B) == ["x from a"]


def test_an_alarm_that_finds_no_room_rings_again() -> None:
    bench = Bench(limits=HostLimits(held_actors=1))
    bench.send(A, WakeMe(bench.now_ms + 100))
    bench.settle()
    bench.attach(B)
    bench.settle()
    assert held(bench) == {B}
    bench.later(1_000)
    assert held(bench) == {B}
    bench.detach(B)
    bench.settle()
    bench.later(2_000)
    assert bench.state(A).rings == [1_000_100]


def test_who_is_flooded_holds_up_nobody_else() -> None:
    bench = Bench(limits=HostLimits(run_commands=10))
    flooded = bench.send(A, *(Add(str(number)) for number in range(500)))
    other = bench.send(B, Add("one"))
    bench.host.loaded(bench.journal.load(bench.host.poll(bench.now_ms).load))
    step = bench.host.poll(bench.now_ms)
    assert step.append is not None
    assert [one.actor for one in step.append.records].count(B) == 1
    assert len(step.append.records) == 11
    assert step.wake_at_ms == bench.now_ms
    bench.append = step.append
    bench.commit()
    assert (len(flooded), other.codes) == (10, ["ok"])
    bench.settle()
    assert bench.labels(A) == [str(number) for number in range(500)]


def test_at_the_cap_there_is_room_for_those_who_are_told_from_elsewhere_and_for_nobody_else() -> None:
    bench = Bench(placement=TWO_HOSTS, limits=HostLimits(held_actors=1))
    watched, told, asked = (actor_at("host/0", number) for number in range(3))
    bench.attach(watched)
    bench.settle()
    tell = bench.deliver(Deliver(told, actor_at("host/1"), "1.0", Add("x")), peer="host/1")
    command = bench.send(asked, Add("y"))
    bench.settle()
    assert (tell.codes, command.codes) == (["ok"], ["overloaded"])


def test_those_who_are_being_read_count_too() -> None:
    bench = Bench(limits=HostLimits(held_actors=2))
    replies = [bench.send(actor, Add("one")) for actor in (A, B, C)]
    bench.settle()
    assert [one.codes for one in replies] == [["ok"], ["ok"], ["overloaded"]]


def test_who_was_woken_does_not_make_room_before_it_has_rung() -> None:
    bench = Bench()
    bench.send(A, WakeMe(bench.now_ms + 100))
    bench.settle()
    after = Bench(bench.journal, now_ms=bench.now_ms + 100)
    after.poll(load=False)
    after.host.loaded(after.journal.load(after.loading))
    after.loading = []
    assert not after.host.passivation.leave(A)
    after.settle()
    assert after.state(A).rings == [1_000_100]


def test_more_rows_than_a_turn_has_room_for_do_not_keep_the_lagging_ones_from_their_turn() -> None:
    bench = Bench(limits=HostLimits(turn_commands=2))
    for number in range(5):
        bench.send(ActorId(f"tally/{number}"), WakeMe(bench.now_ms + 500))
        bench.settle()
    bench.send(A, Add("one"))
    bench.settle()
    bench.send(A, Hush("two"))
    bench.settle()
    bench.later(500)
    assert bench.journal.rows[A].sequence == 2


def test_the_host_asks_to_be_polled_when_a_row_has_lagged_enough() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.settle()
    bench.send(A, Hush("two"))
    bench.settle()
    assert bench.wake_at_ms == bench.now_ms + bench.host.limits.row_delay_ms
