"""Each batch is worked on once, and answered as often as it comes."""

import pytest

from runtime.link import Ingress, Stale


def test_a_batch_that_never_came_is_new() -> None:
    assert Ingress().known("gateway/0", "first", 1) is None


def test_a_batch_that_came_before_has_its_ticket() -> None:
    ingress = Ingress()
    ingress.note("gateway/0", "first", 1, "ticket")
    assert ingress.known("gateway/0", "first", 1) == "ticket"
    assert ingress.known("gateway/0", "first", 2) is None
    assert ingress.known("gateway/1", "first", 1) is None


def test_a_receiver_that_was_restarted_takes_up_at_any_number() -> None:
    ingress = Ingress()
    assert ingress.known("gateway/0", "first", 41) is None
    ingress.note("gateway/0", "first", 41, "ticket")
    with pytest.raises(Stale):
        ingress.known("gateway/0", "first", 40)


def test_a_copy_of_a_settled_batch_is_stale() -> None:
    ingress = Ingress()
    ingress.note("gateway/0", "first", 1, "one")
    ingress.note("gateway/0", "first", 2, "two")
    with pytest.raises(Stale):
        ingress.known("gateway/0", "first", 1)
    assert ingress.known("gateway/0", "first", 2) == "two"


def test_a_new_incarnation_is_noticed_once() -> None:
    ingress = Ingress()
    assert not ingress.note("gateway/0", "first", 1, "one")
    assert not ingress.note("gateway/0", "first", 2, "two")
    assert ingress.known("gateway/0", "second", 1) is None
    assert ingress.note("gateway/0", "second", 1, "three")
    assert not ingress.note("gateway/0", "second", 2, "four")


def test_what_a_dead_life_sent_may_come_late_and_the_living_one_is_heard_all_the_same() -> None:
    ingress = Ingress()
    ingress.note("gateway/0", "second", 1, "one of the second")
    assert ingress.known("gateway/0", "first", 1) is None
    assert ingress.note("gateway/0", "first", 1, "one of the first")
    assert ingress.known("gateway/0", "second", 1) == "one of the second"
    assert ingress.known("gateway/0", "second", 2) is None
    assert ingress.note("gateway/0", "second", 2, "two of the second")
    assert ingress.known("gateway/0", "first", 1) == "one of the first"


def test_many_senders_take_no_more_room_than_those_heard_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.link.SENDERS_KEPT", 10)
    ingress = Ingress()
    for number in range(1_000):
        ingress.note(f"conversation/{number}", "first", 1, number)
        ingress.note("gateway/0", "first", number, number)
    assert len(ingress._last) == len(ingress._current) == 10
    assert ingress.known("conversation/999", "first", 1) == 999
    assert ingress.known("conversation/0", "first", 1) is None
    assert ingress.note("gateway/0", "second", 1, "one")


def test_many_lives_take_no_more_room_than_a_few() -> None:
    ingress = Ingress()
    for life in range(1_000):
        ingress.note("gateway/0", str(life), 1, life)
    assert len(ingress._last["gateway/0"]) < 20
    assert ingress.known("gateway/0", "999", 1) == 999
