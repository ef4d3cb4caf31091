"""What a host counts of its commands, and what counting costs."""

import time

import pytest

from actors import commands as c
from metrics.hosts import HostRecorder, _Highest
from runtime.identity import ActorId
from runtime.messages import Attach, Batch, Deliver, Hello, Refusal, Reply
from tests.runtime.bench import Bench
from tests.runtime.tally import Add

TO = ActorId("conversation/v-1")


def deliver(command: c.Command) -> Deliver[c.Command]:
    return Deliver(TO, "visitor/v", "r", command)


def settle(counts: HostRecorder, *answered: tuple[object, Reply]) -> None:
    batch = Batch("gateway/0", "first", 1, 0, [message for message, _ in answered])
    counts.taken(batch)([reply for _, reply in answered])


def test_commands_are_timed_by_type_and_questions_are_not() -> None:
    counts = HostRecorder(strict=True)
    said, asked = deliver(c.SendMessage("Hello")), deliver(c.Describe())
    settle(counts, (said, Reply(1)), (asked, Reply(1)), (said, Reply(2)), (Attach(TO, "visitor/v", "s"), Reply(2)))
    [(labels, value)] = counts.samples()["command_seconds"]
    assert labels == ("send_message",)
    assert isinstance(value, list)
    assert sum(value[:-1]) == 2


def test_refusals_are_counted_by_code_and_not_timed(caplog: pytest.LogCaptureFixture) -> None:
    counts = HostRecorder(strict=True)
    with caplog.at_level("INFO"):
        settle(counts, (deliver(c.SendMessage("secret")), Reply(1, Refusal("conflict", "Somebody was first.", {}))))
    [line] = caplog.messages
    assert line == "rejected actor=conversation/v-1 sender=visitor/v ref=r command=send_message code=conflict"
    assert counts.samples()["rejected_total"] == [(("overloaded",), 0), (("conflict",), 1)]
    assert "command_seconds" not in counts.samples()


def test_a_batch_is_counted_by_its_size_and_an_append_by_its_time() -> None:
    counts = HostRecorder(strict=True)
    settle(counts, *[(deliver(c.TakeOver()), Reply(1))] * 3)
    counts.commit(7, 0.002)
    samples = counts.samples()
    assert samples["batch_commands"] == [((), [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3.0])]
    assert samples["committed_records_total"] == [((), 7)]
    assert samples["commit_seconds"] == [((), [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.002])]


def test_who_asks_how_a_host_is_and_hears_that_it_is_not_well_is_no_refusal(caplog: pytest.LogCaptureFixture) -> None:
    counts = HostRecorder(strict=True)
    with caplog.at_level("INFO"):
        settle(counts, (Hello(), Reply(refusal=Refusal("overloaded", "Away.", {}))))
    assert caplog.messages == []
    assert counts.samples()["rejected_total"] == [(("overloaded",), 0)]


def test_a_host_that_waits_for_the_store_says_so() -> None:
    counts, bench = HostRecorder(strict=True), Bench()
    counts.watch(bench.host, bench.links)
    bench.send(ActorId("tally/a"), Add("one"))
    bench.poll()
    bench.fail(settled=False)
    assert counts.samples()["store_away"] == [((), 1.0)]
    bench.host.settled()
    assert counts.samples()["store_away"] == [((), 0.0)]


def test_the_fullest_mailbox_is_told_for_a_minute_whoever_asks() -> None:
    highest = _Highest(60)
    assert [highest.seen(value, now) for value, now in ((5, 0), (2, 30), (1, 60), (0, 61), (0, 91))] == [5, 5, 5, 2, 1]


def test_timing_a_command_costs_less_than_a_microsecond() -> None:
    counts = HostRecorder(strict=True)
    messages = [deliver(c.SendMessage("Hello"))] * 1_000
    batch, replies, best = Batch("gateway/0", "first", 1, 0, messages), [Reply(1)] * 1_000, float("inf")
    for _ in range(50):
        started = time.perf_counter()
        counts.taken(batch)(replies)
        best = min(best, time.perf_counter() - started)
    assert best / 1_000 < 1e-6, f"{best * 1e6:.0f} ns"
