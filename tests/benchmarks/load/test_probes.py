"""Probes between two ends of a relay that loses some: what is heard is answered, what is not stays under way."""

from __future__ import annotations

import time

from benchmarks.load.probes import EVERY_SECONDS, Probes
from tests.benchmarks.load.test_generator import RECOGNISE, passes, relay


def test_all_conversations_answer_again_when_each_has_heard_something_new() -> None:
    with relay(passes, acks=False) as one, relay(passes, acks=False) as other:
        probes = Probes([one, other], RECOGNISE)
        probes.speak(time.perf_counter() + EVERY_SECONDS)
        watch = probes.killed(time.perf_counter())
        while watch.all_again is None:
            probes.speak(time.perf_counter() + EVERY_SECONDS)
        assert watch.first is not None
        assert 0 < watch.first <= watch.all_again < 10
        probes.close()


def test_what_nobody_hears_is_under_way_and_does_not_hold_up_the_next() -> None:
    heard: list[bytes] = []

    def loses_the_first(said: bytes, count: int) -> bytes:
        heard.append(said)
        return b"" if count == 0 else passes(said, count)

    with relay(loses_the_first, acks=False) as one:
        probes = Probes([one], RECOGNISE)
        watch = probes.killed(time.perf_counter())
        while watch.all_again is None:
            probes.speak(time.perf_counter() + EVERY_SECONDS)
        while probes.under_way > 1:
            probes.turn(time.perf_counter() + EVERY_SECONDS)
        assert probes.under_way == 1
        assert len(heard) >= 2
        probes.close()
