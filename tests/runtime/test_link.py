"""Some batches are in flight, the next one gathers; numbered, so that sending again is harmless."""

import msgspec
import pytest

from runtime.link import (
    BATCH_BYTES,
    BATCH_MESSAGES,
    STRANGERS_LEAST,
    WINDOW,
    Flight,
    Ingress,
    Link,
    LinkFull,
    Links,
)
from runtime.messages import Batch, encode
from tests.runtime.test_ingress import Ticket

_decode = msgspec.msgpack.Decoder(Batch[int]).decode


def link(backlog_bytes: int = 1_000_000) -> Link:
    return Link("gateway/0", "first", backlog_bytes)


def flies(link: Link) -> Flight:
    flight = link.take()
    assert flight is not None
    return flight


def said(link: Link, flight: Flight) -> Batch[int]:
    return _decode(link.batch(flight))


def settles(link: Link) -> Batch[int]:
    flight = flies(link)
    batch = said(link, flight)
    assert link.delivered(flight)
    return batch


def test_a_message_that_finds_the_link_idle_leaves_at_once() -> None:
    one = link()
    one.send(encode(7))
    batch = settles(one)
    assert (batch.sender, batch.incarnation, batch.number, batch.messages) == ("gateway/0", "first", 1, [7])


def test_an_idle_link_has_nothing_to_send() -> None:
    one = link()
    assert one.idle
    assert one.take() is None


def test_an_empty_batch_says_who_lives() -> None:
    one = link()
    empty = one.take(empty=True)
    assert empty is not None
    assert said(one, empty).messages == empty.tokens == []


def test_while_as_many_batches_are_in_flight_as_may_be_the_next_gathers() -> None:
    one = link()
    flights = []
    for number in range(WINDOW):
        one.send(encode(number))
        flights.append(flies(one))
    one.send(encode("later"))
    one.send(encode("too"))
    assert not one.open
    assert one.take() is None
    assert one.take(empty=True) is None
    assert one.delivered(flights[0])
    assert flies(one).messages == [encode("later"), encode("too")]


def test_tokens_come_back_in_order_with_their_own_batch() -> None:
    one = link()
    one.send(encode(1), "one")
    assert flies(one).tokens == ["one"]
    one.send(encode(2), "two")
    one.send(encode(3), "three")
    assert flies(one).tokens == ["two", "three"]


def test_after_an_unknown_outcome_the_very_same_batch_is_sent_again() -> None:
    one = link()
    one.send(encode(1), "one")
    flight = flies(one)
    first = one.batch(flight)
    one.send(encode(2), "two")
    assert one.unknown(flight)
    assert not one.idle
    assert one.take() is flight
    assert one.batch(flight) == first
    assert one.resends == 1
    one.delivered(flight)
    again = settles(one)
    assert (again.number, again.messages) == (2, [2])


def test_of_several_of_unknown_outcome_each_waits_for_the_one_before_it() -> None:
    one = link()
    one.send(encode(1))
    first = flies(one)
    one.send(encode(2))
    second = flies(one)
    one.send(encode(3))
    assert not one.unknown(second)
    assert one.take() is None, "the first may still be taken"
    assert one.unknown(first)
    assert one.take() is first
    assert one.take() is None
    one.delivered(first)
    assert one.take() is second
    one.delivered(second)
    assert settles(one).messages == [3]


def test_an_answer_that_overtakes_the_one_before_it_settles_nothing() -> None:
    """The receiver has answered that one first, and the answer was lost: if the receiver dies now, the one before is
    taken by its next life, after what was said later, unless that is said again too."""
    one = link()
    one.send(encode(1))
    first = flies(one)
    one.send(encode(2))
    second = flies(one)
    assert not one.delivered(second)
    assert not one.unknown(second)
    assert one.take() is None
    one.unknown(first)
    assert [settles(one).messages, settles(one).messages] == [[1], [2]]
    assert one.idle


def test_a_batch_says_up_to_where_all_are_settled() -> None:
    one = link()
    one.send(encode(1))
    first = flies(one)
    one.send(encode(2))
    second = flies(one)
    assert (said(one, first).settled, said(one, second).settled) == (0, 0)
    one.delivered(first)
    assert said(one, second).settled == 1, "as it is now: whoever hears it first has not heard the one before"


def test_a_batch_is_bounded_in_bytes() -> None:
    one = link()
    message = encode(b"x" * 3_000)
    for _ in range(200):
        one.send(message)
    sizes = []
    while (flight := one.take()) is not None:
        sizes.append(len(one.batch(flight)))
        one.delivered(flight)
    assert len(sizes) == 3
    assert max(sizes) < BATCH_BYTES + 3_000
    assert one.backlog == 0


def test_a_message_larger_than_a_batch_travels_alone() -> None:
    one = link()
    large = encode(b"x" * (BATCH_BYTES + 1))
    one.send(encode(1))
    one.send(large)
    one.send(encode(2))
    counts = []
    while (flight := one.take()) is not None:
        counts.append(len(flight.messages))
        one.delivered(flight)
    assert counts == [1, 1, 1]


def test_a_batch_has_a_bound_of_messages() -> None:
    one = link()
    fill(one, BATCH_MESSAGES + 1)
    assert len(settles(one).messages) == BATCH_MESSAGES


def test_of_many_strangers_a_batch_takes_a_third_so_that_all_have_something_to_do() -> None:
    one = link()
    fill(one, 600, strangers=600)
    first = one.take()
    assert first is not None
    assert (len(first.messages), taken(one)) == (200, 200)
    assert one.delivered(first)
    fill(one, 500, strangers=500)
    assert taken(one) == (200 + 500 + 200) // 3
    assert one.strangers == 400


def test_those_who_talk_are_not_torn_apart_whoever_comes_besides() -> None:
    one = link()
    fill(one, 600, strangers=300)
    assert taken(one) == 600
    assert one.strangers == 0


def taken(one: Link) -> int:
    flight = one.take()
    return 0 if flight is None else len(flight.messages)


@pytest.mark.parametrize("waiting", [STRANGERS_LEAST, STRANGERS_LEAST + 1])
def test_few_strangers_are_one_batch(waiting: int) -> None:
    one = link()
    fill(one, waiting, strangers=waiting)
    assert len(settles(one).messages) == STRANGERS_LEAST


def fill(one: Link, count: int, strangers: int = 0) -> None:
    one.strangers += strangers
    for number in range(count):
        one.send(encode(number))


def test_at_its_bound_the_link_says_so_and_keeps_what_it_has() -> None:
    one = link(backlog_bytes=10)
    one.send(b"\x01" * 10, "kept")
    with pytest.raises(LinkFull):
        one.send(b"\x01", "refused")
    assert one.backlog == 10
    one.send(b"\x03", owed=True)
    assert one.backlog == 11
    assert flies(one).tokens == ["kept", None]
    one.send(b"\x02")


def test_what_is_queued_together_counts_and_what_has_left_does_not() -> None:
    one = link(backlog_bytes=BATCH_MESSAGES + 2)
    assert one.send_all([encode(7)] * (BATCH_MESSAGES + 1))
    assert one.backlog == BATCH_MESSAGES + 1
    assert not one.send_all([encode(8)] * 2), "there is room for the first"
    assert len(settles(one).messages) == BATCH_MESSAGES
    assert one.backlog == 2
    assert settles(one).messages == [7, 8]
    assert one.backlog == 0


def test_of_many_links_those_are_kept_that_something_waits_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.link.LINKS_IDLE", 10)
    links = Links("host/0", "first")
    links.send("conversation/slow", encode(0))
    links.send("conversation/silent", encode(0))
    links.to("conversation/silent").take()
    for number in range(1_000):
        links.send(f"conversation/{number}", encode(number))
        settles(links.to(f"conversation/{number}"))
    kept = {peer for peer, _ in links}
    assert len(kept) <= 10
    assert kept > {"conversation/slow", "conversation/silent"}


def test_a_link_that_was_forgotten_goes_on_where_the_receiver_takes_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.link.LINKS_IDLE", 1)
    links, ingress = Links("host/0", "first"), Ingress()
    for number in range(3):
        links.send("conversation/1", encode(number))
        one = links.to("conversation/1")
        flight = flies(one)
        batch = said(one, flight)
        assert ingress.known(batch.sender, batch.incarnation, batch.number, batch.settled) is None
        ingress.note(batch.sender, batch.incarnation, batch.number, Ticket("ticket"))
        one.unknown(flight)
        one.take()
        one.delivered(flight)
        links.to("conversation/2")
    assert links.resends == 3


def test_links_say_who_has_something_to_take() -> None:
    links = Links("host/0", "first")
    links.send("gateway/0", encode(1))
    links.send("gateway/1", encode(2))
    links.send("gateway/0", encode(3))
    assert links.send_all("gateway/2", [encode(4)])
    assert links.ready() == ["gateway/0", "gateway/1", "gateway/2"]
    assert links.ready() == []
    assert {peer for peer, _ in links} == {"gateway/0", "gateway/1", "gateway/2"}
    assert settles(links.to("gateway/0")).messages == [1, 3]


def test_a_link_that_is_made_anew_does_not_go_back_whichever_was_forgotten_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runtime.link.LINKS_IDLE", 2)
    links = Links("host/0", "first")
    for peer in (*["conversation/busy"] * 5, "conversation/calm"):
        links.send(peer, encode(1))
        settles(links.to(peer))
    links.to("conversation/third")
    links.send("conversation/busy", encode(2))
    assert settles(links.to("conversation/busy")).number == 6
