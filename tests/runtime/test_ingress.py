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


def test_what_a_replaced_incarnation_sent_is_stale_however_high_its_number() -> None:
    ingress = Ingress()
    for incarnation in ("first", "second", "third"):
        ingress.note("gateway/0", incarnation, 1, incarnation)
    for replaced in ("first", "second"):
        with pytest.raises(Stale):
            ingress.known("gateway/0", replaced, 99)
    assert ingress.known("gateway/0", "third", 2) is None
