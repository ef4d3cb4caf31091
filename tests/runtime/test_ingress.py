"""Each batch is worked on once, and answered as often as it comes."""

from dataclasses import dataclass

import pytest

from runtime.link import WINDOW, Ingress, OutOfTurn


@dataclass
class Ticket:
    name: object
    refused: bool = False


def test_a_batch_that_never_came_is_new() -> None:
    assert Ingress().known("gateway/0", "first", 1, 0) is None


def test_a_batch_that_came_before_has_its_ticket() -> None:
    ingress = Ingress()
    ingress.note("gateway/0", "first", 1, Ticket("ticket"))
    assert ingress.known("gateway/0", "first", 1, 0) == Ticket("ticket")
    assert ingress.known("gateway/0", "first", 2, 1) is None
    assert ingress.known("gateway/1", "first", 1, 0) is None


def test_a_receiver_that_was_restarted_takes_up_at_any_number() -> None:
    ingress = Ingress()
    assert ingress.known("gateway/0", "first", 41, 40) is None
    ingress.note("gateway/0", "first", 41, Ticket("ticket"))
    with pytest.raises(OutOfTurn):
        ingress.known("gateway/0", "first", 40, 39)


def test_a_copy_of_a_settled_batch_is_stale() -> None:
    ingress = Ingress()
    for number in range(1, WINDOW + 2):
        ingress.note("gateway/0", "first", number, Ticket(f"ticket {number}"))
    with pytest.raises(OutOfTurn):
        ingress.known("gateway/0", "first", 1, 0)
    for number in range(2, WINDOW + 2):
        assert ingress.known("gateway/0", "first", number, 1) == Ticket(f"ticket {number}")


def test_a_batch_waits_for_its_turn() -> None:
    ingress = Ingress()
    with pytest.raises(OutOfTurn):
        ingress.known("gateway/0", "first", 2, 0)
    assert ingress.known("gateway/0", "first", 1, 0) is None
    ingress.note("gateway/0", "first", 1, Ticket("one"))
    assert ingress.known("gateway/0", "first", 2, 0) is None
    with pytest.raises(OutOfTurn):
        ingress.known("gateway/0", "first", 3, 1)


def test_a_batch_waits_until_its_sender_knows_what_was_refused_before_it() -> None:
    ingress = Ingress()
    ingress.note("gateway/0", "first", 1, Ticket("one", refused=True))
    with pytest.raises(OutOfTurn):
        ingress.known("gateway/0", "first", 2, 0)
    assert ingress.known("gateway/0", "first", 1, 0) == Ticket("one", refused=True)
    assert ingress.known("gateway/1", "first", 1, 0) is None
    assert ingress.known("gateway/0", "first", 2, 1) is None


def test_those_that_may_be_sent_again_are_to_be_settled_before_the_next() -> None:
    ingress = Ingress()
    assert ingress.before("gateway/0", "first", 1) == []
    for number in range(1, WINDOW + 3):
        ingress.note("gateway/0", "first", number, Ticket(number))
        earlier = range(max(1, number - WINDOW + 1), number)
        assert ingress.before("gateway/0", "first", number) == [Ticket(one) for one in earlier]
    assert ingress.before("gateway/0", "second", 9) == ingress.before("gateway/1", "first", 9) == []


def test_a_receiver_that_was_restarted_does_not_wait_for_what_is_settled() -> None:
    ingress = Ingress()
    with pytest.raises(OutOfTurn):
        ingress.known("gateway/0", "first", 42, 40)
    assert ingress.known("gateway/0", "first", 41, 40) is None
    ingress.note("gateway/0", "first", 41, Ticket("ticket"))
    assert ingress.known("gateway/0", "first", 42, 40) is None


def test_a_new_incarnation_is_noticed_once() -> None:
    ingress = Ingress()
    assert not ingress.note("gateway/0", "first", 1, Ticket("one"))
    assert not ingress.note("gateway/0", "first", 2, Ticket("two"))
    assert ingress.known("gateway/0", "second", 1, 0) is None
    assert ingress.note("gateway/0", "second", 1, Ticket("three"))
    assert not ingress.note("gateway/0", "second", 2, Ticket("four"))


def test_what_a_dead_life_sent_may_come_late_and_the_living_one_is_heard_all_the_same() -> None:
    ingress = Ingress()
    ingress.note("gateway/0", "second", 1, Ticket("one of the second"))
    assert ingress.known("gateway/0", "first", 1, 0) is None
    assert ingress.note("gateway/0", "first", 1, Ticket("one of the first"))
    assert ingress.known("gateway/0", "second", 1, 0) == Ticket("one of the second")
    assert ingress.known("gateway/0", "second", 2, 1) is None
    assert ingress.note("gateway/0", "second", 2, Ticket("two of the second"))
    assert not ingress.note("gateway/0", "second", 3, Ticket("three of the second"))
    assert ingress.known("gateway/0", "first", 1, 0) == Ticket("one of the first")


def test_what_was_not_under_way_when_its_sender_was_first_heard_no_former_life_can_have_had() -> None:
    ingress = Ingress()
    for number in range(41, 41 + WINDOW):
        ingress.note("gateway/0", "first", number, Ticket(number))
        assert not ingress.first_hand("gateway/0", "first", number)
    ingress.note("gateway/0", "first", 41 + WINDOW, Ticket("later"))
    assert ingress.first_hand("gateway/0", "first", 41 + WINDOW)


def test_each_life_of_a_sender_has_to_be_heard_first() -> None:
    ingress = Ingress()
    for number in range(1, 10):
        ingress.note("gateway/0", "first", number, Ticket(number))
    ingress.note("gateway/0", "second", 9, Ticket("of the second"))
    ingress.note("gateway/1", "first", 9, Ticket("another's"))
    assert ingress.first_hand("gateway/0", "first", 9)
    assert not ingress.first_hand("gateway/0", "second", 9)
    assert not ingress.first_hand("gateway/1", "first", 9)


def test_many_senders_take_no_more_room_than_those_heard_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.link.SENDERS_KEPT", 10)
    ingress = Ingress()
    for number in range(1_000):
        ingress.note(f"conversation/{number}", "first", 1, Ticket(number))
        ingress.note("gateway/0", "first", number, Ticket(number))
    assert len(ingress._lives) == 10
    assert ingress.known("conversation/999", "first", 1, 0) == Ticket(999)
    assert ingress.known("conversation/0", "first", 1, 0) is None
    assert ingress.note("gateway/0", "second", 1, Ticket("one"))


def test_who_was_not_heard_for_longest_is_forgotten_whoever_was_met_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.link.SENDERS_KEPT", 2)
    ingress = Ingress()
    for sender, number in (("gateway/0", 1), ("gateway/1", 1), ("gateway/0", 2), ("gateway/2", 1)):
        ingress.note(sender, "first", number, Ticket(number))
    assert ingress.known("gateway/0", "first", 2, 0) == Ticket(2)
    assert ingress.known("gateway/1", "first", 1, 0) is None


def test_many_lives_take_no_more_room_than_a_few() -> None:
    ingress = Ingress()
    for life in range(1_000):
        ingress.note("gateway/0", str(life), 1, Ticket(life))
    assert len(ingress._lives["gateway/0"]) < 20
    assert ingress.known("gateway/0", "999", 1, 0) == Ticket(999)
