"""Deadlines of many actors in one heap."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from runtime.alarms import Alarms
from runtime.identity import ActorId

A, B, C = (ActorId(f"tally/{key}") for key in "abc")


def alarms(*times: tuple[ActorId, int]) -> Alarms:
    some = Alarms()
    for actor, when_ms in times:
        some.set(actor, when_ms)
    return some


def test_they_ring_earliest_first_and_once() -> None:
    some = alarms((A, 30), (B, 10), (C, 20))
    assert some.next_ms() == 10
    assert some.due(20, most=10) == [B, C]
    assert some.due(20, most=10) == []
    assert some.next_ms() == 30
    assert some.due(30, most=10) == [A]
    assert some.next_ms() is None


def test_no_more_ring_at_a_time_than_asked_for() -> None:
    some = alarms((A, 1), (B, 2), (C, 3))
    assert some.due(9, most=2) == [A, B]
    assert some.next_ms() == 3
    assert some.due(9, most=2) == [C]


def test_an_earlier_time_replaces_a_later_one() -> None:
    some = alarms((A, 30), (A, 10))
    assert len(some) == 1
    assert some.due(99, most=10) == [A]


def test_a_later_time_costs_nothing_and_the_earlier_one_rings() -> None:
    some = alarms((A, 10))
    for when_ms in range(10, 5_000):
        some.set(A, when_ms)
    assert len(some._heap) == 1
    assert some.due(10, most=10) == [A]
    assert some.due(99_999, most=10) == []


def test_moving_earlier_again_and_again_does_not_grow_the_heap() -> None:
    some = alarms((B, 1_000_000))
    for when_ms in range(100_000, 0, -1):
        some.set(A, when_ms)
        assert some.next_ms() == when_ms
    assert len(some._heap) < 100
    assert some.due(1, most=10) == [A]
    assert some.due(1_000_000, most=10) == [B]


def test_whether_an_actor_is_rung_for_by_a_time_is_known() -> None:
    some = alarms((A, 10))
    assert [some.rings_by(A, when_ms) for when_ms in (9, 10, 11)] == [False, True, True]
    assert not some.rings_by(B, 11)
    some.due(10, most=1)
    assert not some.rings_by(A, 11)


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.integers(0, 50), st.booleans()), max_size=60))
def test_whatever_is_set_rings_at_the_earliest_time_it_was_set_for(steps: Iterable[tuple[ActorId, int, bool]]) -> None:
    some, model = Alarms(), dict[ActorId, int]()
    for actor, when_ms, ring in steps:
        if ring:
            due = some.due(when_ms, most=99)
            assert sorted(due) == sorted(who for who, at_ms in model.items() if at_ms <= when_ms)
            for who in due:
                del model[who]
        else:
            some.set(actor, when_ms)
            model[actor] = min(when_ms, model.get(actor, when_ms))
    assert len(some) == len(model)
