"""When an append is refused or fails: no ack went out, everybody waiting is told, and the truth is read again."""

from runtime.identity import ActorId
from runtime.journal import Append
from runtime.limits import HostLimits
from runtime.messages import Batch, Deliver, Forgotten, Published, Reply
from tests.runtime.bench import TWO_HOSTS, Bench, actor_at
from tests.runtime.tally import Add, Forward, Show, Total, WakeMe

A, B, C = (ActorId(f"tally/{key}") for key in "abc")
LEASE_MS = HostLimits().lease_ms


def replaced(bench: Bench) -> Bench:
    """The host that took over the scopes of another."""
    return Bench(bench.journal, placement=bench.placement)


def test_a_refused_append_loses_the_host_and_everyone_waiting_is_told() -> None:
    bench = Bench()
    bench.send(C, Add("before"))
    bench.settle()
    committing = bench.send(A, Add("one"))
    bench.poll()
    gathering = bench.send(A, Add("two"))
    bench.poll()
    in_mailbox = bench.send(C, Add("three"))
    loading = bench.send(B, Add("four"))
    bench.poll(load=False)
    replaced(bench)
    bench.commit()
    assert bench.host.lost
    for replies in (committing, gathering, in_mailbox, loading):
        assert replies.codes == ["overloaded"]
    assert bench.journal.last_sequence(A) == 0


def test_a_lost_host_takes_nothing_any_more_and_sends_nothing() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.sent("gateway/0")
    bench.send(A, Add("one"), Show("x"))
    bench.poll()
    bench.send(B, Add("two"))
    bench.poll(load=False)
    replaced(bench)
    bench.commit()
    late = bench.send(A, Add("three"), Total())
    bench.host.loaded(bench.journal.load([A, B]))
    bench.now_ms += 100_000
    assert bench.poll() is None
    assert late.codes == ["overloaded", "overloaded"]
    assert bench.sent("gateway/0") == []
    assert bench.measured == []
    assert not bench.host.activations


def test_a_host_that_writes_nothing_learns_that_it_was_replaced_all_the_same() -> None:
    bench = Bench(placement=TWO_HOSTS)
    a = actor_at("host/0")
    bench.send(a, Add("one"))
    bench.settle()
    for _ in range(3):
        bench.now_ms += LEASE_MS - 1
        assert bench.poll() is None, "it has written within a lease"
        bench.now_ms += LEASE_MS // 4
        assert bench.poll() == Append(dict.fromkeys(TWO_HOSTS.scopes_of("host/0"), 1), [], [], [])
        bench.commit()
        assert bench.poll() is None
    replaced(bench)
    bench.later(LEASE_MS + LEASE_MS // 4)
    assert bench.host.lost
    assert bench.ask(a).refusal is not None


def test_what_waits_behind_an_append_that_hung_for_a_lease_is_answered_when_it_has_failed() -> None:
    bench = Bench()
    bench.ask(B)
    hung = bench.send(A, Add("one"))
    bench.poll()
    bench.now_ms += 2 * LEASE_MS
    asked = bench.send(B, Total())
    bench.poll()
    bench.fail()
    assert (hung.codes, asked.codes) == (["overloaded"], ["ok"])
    assert bench.ask(B).refusal is None


def test_after_a_failed_append_nobody_was_acked_and_the_truth_is_read_again() -> None:
    for written in (False, True):
        bench = Bench()
        bench.send(A, Add("before"))
        bench.settle()
        replies = bench.send(A, Add("one"), ref="r")
        bench.poll()
        bench.fail(written)
        assert replies.codes == ["overloaded"]
        assert A not in bench.host.activations
        again = bench.send(A, Add("one"), ref="r")
        bench.settle()
        assert again.codes == ["ok"]
        assert bench.labels(A) == ["before", "one"]
        assert bench.host.statistics.failed_appends == 1


def test_what_was_decided_on_top_of_a_failed_append_goes_with_it() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.poll()
    on_top = bench.send(A, Add("two"))
    bench.poll()
    waiting = bench.send(A, Add("three"))
    bench.fail()
    assert on_top.codes == waiting.codes == ["overloaded"]
    bench.settle()
    assert bench.labels(A) == []


def test_a_full_turn_that_went_with_a_failed_append_makes_room_for_the_next() -> None:
    bench = Bench(limits=HostLimits(turn_commands=2))
    bench.send(A, Add("1"), Add("2"), Add("3"), Add("4"))
    bench.poll()
    bench.fail()
    replies = bench.send(A, Add("5"), Add("6"))
    bench.settle()
    assert replies.codes == ["ok", "ok"]


def test_a_failed_append_does_not_touch_those_who_write_nothing() -> None:
    bench = Bench()
    bench.send(B, Add("before"))
    bench.settle()
    bench.send(A, Add("one"))
    asked = bench.send(B, Total())
    bench.poll()
    bench.fail()
    assert asked.codes == ["ok"]
    assert bench.state(B).labels == ["before"]


def test_those_who_would_write_next_do_not_wait_for_the_store_to_fail_again() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.poll()
    next_turn = bench.send(B, Add("two"))
    bench.poll()
    in_the_mailbox = bench.send(B, Add("three"))
    bench.fail()
    assert next_turn.codes == in_the_mailbox.codes == ["overloaded"]
    bench.later(5_000)
    assert bench.labels(B) == []


def test_whoever_came_in_the_moment_of_a_failed_append_does_not_wait_for_the_store_to_be_back() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.poll()
    unread = bench.send(B, Add("two"))
    bench.fail(settled=False)
    assert unread.codes == ["overloaded"]
    bench.poll(load=False)
    assert bench.loading == []
    bench.host.settled()
    again = bench.send(B, Add("two"))
    bench.settle()
    assert again.codes == ["ok"]
    assert bench.labels(B) == ["two"]


def test_until_the_store_has_settled_it_is_asked_nothing_and_whoever_comes_is_told_at_once() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.poll()
    bench.fail(settled=False)
    refused = [bench.send(A, Add("two")), bench.send(B, Add("three")), bench.attach(B)]
    assert [one.codes for one in refused] == [["overloaded"]] * 3
    assert bench.greet() == ["overloaded"], "it is not well"
    bench.now_ms += 60_000
    assert bench.poll() is None
    assert bench.loading == []
    bench.host.settled()
    assert bench.greet() == ["ok"]
    again = bench.send(A, Add("two"))
    bench.settle()
    assert again.codes == ["ok"]


def test_nothing_of_a_failed_append_is_seen_or_counted() -> None:
    bench = Bench()
    bench.attach(A)
    bench.host.attachments.follow("square", "gateway/1", True)
    bench.settle()
    bench.sent("gateway/0")
    bench.send(A, Add("one"), Show("x"), Forward(B, "y"))
    bench.poll()
    bench.fail()
    bench.settle()
    assert bench.sent("gateway/0") == bench.sent("gateway/1") == []
    assert bench.measured == []
    assert bench.labels(B) == []


def test_a_watcher_is_still_there_after_a_failed_append() -> None:
    bench = Bench()
    bench.attach(A)
    bench.settle()
    bench.send(A, Add("one"))
    bench.poll()
    bench.fail()
    bench.later(5_000)
    assert bench.state(A).present == ["s"]


def test_an_attachment_that_was_refused_does_not_last() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    refused = bench.attach(A)
    bench.poll()
    bench.fail()
    assert refused.codes == ["overloaded"]
    bench.later(5_000)
    assert bench.host.attachments.count == 0
    assert bench.state(A).present == []


def test_a_deadline_that_was_lost_with_a_failed_append_is_read_again() -> None:
    bench = Bench()
    bench.send(A, WakeMe(bench.now_ms + 10_000))
    bench.poll()
    bench.fail(written=True)
    bench.later(20_000)
    assert bench.state(A).rings == [1_010_000]


def test_while_the_store_cannot_be_read_the_waiting_are_told() -> None:
    bench = Bench()
    replies = bench.send(A, Add("one"))
    bench.poll(load=False)
    bench.host.load_failed([A])
    assert replies.codes == ["overloaded"]
    bench.loading.clear()
    again = bench.send(A, Add("one"))
    bench.settle()
    assert again.codes == ["ok"]


def test_an_alarm_whose_actor_could_not_be_read_rings_again() -> None:
    bench = Bench()
    bench.send(A, WakeMe(bench.now_ms + 1_000))
    bench.settle()
    after = Bench(bench.journal, now_ms=bench.now_ms + 1_000)
    after.poll(load=False)
    assert after.loading == [A]
    after.host.load_failed(after.loading)
    after.loading = []
    after.later(5_000)
    assert after.state(A).rings == [1_001_000]


def test_a_row_of_what_never_happened_is_not_written() -> None:
    bench = Bench()
    bench.send(A, Add("one"))
    bench.poll()
    bench.send(A, Add("two"))
    bench.send(B, Add("other"))
    bench.poll()
    bench.fail()
    bench.settle()
    assert bench.labels(A) == bench.labels(B) == []
    assert A not in bench.journal.rows


def test_answers_keep_their_order_when_others_append_has_failed() -> None:
    bench = Bench()
    bench.send(A, Add("before"))
    bench.send(B, Add("before"))
    bench.settle()
    order: list[str] = []

    class Noting:
        def __init__(self, name: str) -> None:
            self.name = name

        def settle(self, index: int, reply: Reply) -> None:
            order.append(self.name)

    for name in ("first", "second"):
        bench.send(A, Add(name))
        bench.host.deliver(
            Batch("gateway/9", "x", 1, 0, [Deliver(B, "visitor/v", "", Total())]), Noting(name), bench.now_ms
        )
        bench.poll()
    assert order == []
    bench.fail()
    bench.settle()
    assert order == ["first", "second"]


def test_a_failed_append_that_is_written_late_costs_no_more_than_reading_again() -> None:
    bench = Bench()
    bench.attach(A)
    bench.send(A, Add("one"))
    bench.settle()
    bench.send(A, Add("two"), ref="r")
    late = bench.poll()
    bench.append = None
    bench.host.failed()
    bench.host.settled()
    bench.later(5_000)
    assert bench.state(A).labels == ["one"]
    assert late is not None
    bench.journal.append(late)
    conflicting = bench.send(A, Add("three"), ref="q")
    bench.poll()
    bench.commit()
    assert conflicting.codes == ["overloaded"]
    assert not bench.host.lost
    again = bench.send(A, Add("two"), Add("two"), ref="r")
    bench.settle()
    assert again.sequences == [2, 3]
    assert bench.labels(A) == ["one", "two", "two"]
    assert [one.sequence for one in bench.sent("gateway/0")] == [1, 2, 3]


def unknown(limits: HostLimits = HostLimits()) -> Bench:  # noqa: B008 - frozen
    """With a watcher, who has seen the first event, and an append of the second that has failed, and yet is written."""
    bench = Bench(limits=limits)
    bench.attach(A)
    bench.send(A, Add("one"))
    bench.settle()
    bench.send(A, Add("two"))
    bench.poll()
    bench.send(A, Add("never"))
    bench.poll()
    bench.fail(written=True)
    return bench


def test_what_a_failed_append_had_written_after_all_reaches_the_watchers() -> None:
    bench = unknown()
    bench.later(5_000)
    bench.send(A, Add("three"))
    bench.settle()
    assert [one.sequence for one in bench.sent("gateway/0")] == [1, 2, 3]


def test_it_reaches_them_though_the_next_append_fails_as_well() -> None:
    bench = unknown()
    for _ in range(2):
        bench.send(A, Add("never"))
        bench.poll()
        bench.fail()
    bench.later(5_000)
    assert [one.sequence for one in bench.sent("gateway/0")] == [1, 2]


def test_watchers_come_again_if_what_was_written_after_all_is_in_a_snapshot() -> None:
    bench = unknown(HostLimits(snapshot_events=2))
    bench.later(5_000)
    bench.send(A, Add("three"))
    bench.settle()
    first, forgotten, last = bench.sent("gateway/0")
    assert forgotten == Forgotten()
    assert (first.sequence, last.sequence) == (1, 3)


def test_no_number_is_given_twice_though_the_store_has_lost_what_watchers_have_seen() -> None:
    bench = Bench()
    bench.attach(A)
    bench.send(A, Add("one"), Add("two"), Add("three"))
    bench.settle()
    bench.sent("gateway/0")
    del bench.journal.records[A][1:]  # a replica has taken over that had heard of no more
    refused = bench.send(A, Add("four"), ref="r")
    bench.settle()
    assert refused.codes == ["overloaded"]
    again = bench.send(A, Add("four"), ref="r")
    bench.settle()
    assert again.sequences == [4]
    assert bench.labels(A) == ["one", "four"]
    assert [record.sequence for record in bench.journal.records[A]] == [1, 2, 3, 4]
    last = [one for one in bench.sent("gateway/0") if isinstance(one, Published)][-1]
    assert (last.sequence, b"four" in last.body) == (4, True)
    assert bench.host.statistics.lost_events == 2


def test_what_the_store_has_kept_is_not_taken_for_lost() -> None:
    for written in (False, True):
        bench = Bench()
        bench.send(A, Add("one"))
        bench.settle()
        bench.send(A, Add("two"))
        bench.poll()
        bench.fail(written)
        bench.send(A, Add("three"))
        bench.settle()
        assert bench.host.statistics.lost_events == 0
        assert bench.labels(A) == (["one", "two", "three"] if written else ["one", "three"])
