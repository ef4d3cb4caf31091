"""One batch in flight, the next gathers; numbered, so that sending again is harmless."""

import msgspec
import pytest

from runtime.link import BATCH_BYTES, BATCH_MESSAGES, Ingress, Link, LinkFull, Links
from runtime.messages import Batch, encode

_decode = msgspec.msgpack.Decoder(Batch[int]).decode


def link(backlog_bytes: int = 1_000_000) -> Link:
    return Link("gateway/0", "first", backlog_bytes)


def taken(link: Link) -> Batch[int]:
    batch = link.take()
    assert batch is not None
    return _decode(batch)


def test_a_message_that_finds_the_link_idle_leaves_at_once() -> None:
    one = link()
    one.send(encode(7))
    batch = taken(one)
    assert (batch.sender, batch.incarnation, batch.number, batch.messages) == ("gateway/0", "first", 1, [7])


def test_an_idle_link_has_nothing_to_send() -> None:
    one = link()
    assert one.idle
    assert one.take() is None


def test_an_empty_batch_says_who_lives() -> None:
    one = link()
    empty = one.take(empty=True)
    assert empty is not None
    assert _decode(empty).messages == []
    assert one.delivered() == []


def test_while_one_batch_is_in_flight_the_next_gathers() -> None:
    one = link()
    one.send(encode(1))
    taken(one)
    one.send(encode(2))
    one.send(encode(3))
    assert one.take() is None
    assert one.take(empty=True) is None
    one.delivered()
    assert taken(one).messages == [2, 3]


def test_tokens_come_back_in_order_with_their_own_batch() -> None:
    one = link()
    one.send(encode(1), "one")
    taken(one)
    one.send(encode(2), "two")
    one.send(encode(3), "three")
    assert one.delivered() == ["one"]
    taken(one)
    assert one.delivered() == ["two", "three"]


def test_after_an_unknown_outcome_the_very_same_batch_is_sent_again() -> None:
    one = link()
    one.send(encode(1), "one")
    first = one.take()
    one.send(encode(2), "two")
    one.unknown()
    assert not one.idle
    assert one.take() == first
    assert one.resends == 1
    assert one.delivered() == ["one"]
    again = taken(one)
    assert (again.number, again.messages) == (2, [2])


def test_a_batch_is_bounded_in_bytes() -> None:
    one = link()
    message = encode(b"x" * 1_000)
    for _ in range(600):
        one.send(message)
    sizes = []
    while (batch := one.take()) is not None:
        sizes.append(len(batch))
        one.delivered()
    assert len(sizes) == 3
    assert max(sizes) < BATCH_BYTES + 1_000
    assert one.backlog == 0


def test_a_message_larger_than_a_batch_travels_alone() -> None:
    one = link()
    large = encode(b"x" * (BATCH_BYTES + 1))
    one.send(encode(1))
    one.send(large)
    one.send(encode(2))
    counts = []
    while (batch := one.take()) is not None:
        counts.append(len(msgspec.msgpack.decode(batch)[3]))
        one.delivered()
    assert counts == [1, 1, 1]


def test_a_batch_has_a_bound_of_messages() -> None:
    one = link()
    for number in range(BATCH_MESSAGES + 1):
        one.send(encode(number))
    assert len(taken(one).messages) == BATCH_MESSAGES
    one.delivered()
    assert taken(one).messages == [BATCH_MESSAGES]


def test_at_its_bound_the_link_says_so_and_keeps_what_it_has() -> None:
    one = link(backlog_bytes=10)
    one.send(b"\x01" * 10, "kept")
    with pytest.raises(LinkFull):
        one.send(b"\x01", "refused")
    assert one.backlog == 10
    one.send(b"\x03", owed=True)
    assert one.backlog == 11
    one.take()
    one.send(b"\x02")
    assert one.delivered() == ["kept", None]


def test_of_many_links_those_are_kept_that_something_waits_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.link.LINKS_IDLE", 10)
    links = Links("host/0", "first")
    links.send("conversation/slow", encode(0))
    links.send("conversation/silent", encode(0))
    links.to("conversation/silent").take()
    for number in range(1_000):
        links.send(f"conversation/{number}", encode(number))
        taken(links.to(f"conversation/{number}"))
        links.to(f"conversation/{number}").delivered()
    kept = {peer for peer, _ in links}
    assert len(kept) <= 10
    assert kept > {"conversation/slow", "conversation/silent"}


def test_a_link_that_was_forgotten_goes_on_where_the_receiver_takes_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.link.LINKS_IDLE", 1)
    links, ingress = Links("host/0", "first"), Ingress()
    for number in range(3):
        links.send("conversation/1", encode(number))
        batch = taken(links.to("conversation/1"))
        assert ingress.known(batch.sender, batch.incarnation, batch.number) is None
        ingress.note(batch.sender, batch.incarnation, batch.number, "ticket")
        links.to("conversation/1").unknown()
        links.to("conversation/1").take()
        links.to("conversation/1").delivered()
        links.to("conversation/2")
    assert links.resends == 3


def test_links_say_who_has_something_to_take() -> None:
    links = Links("host/0", "first")
    links.send("gateway/0", encode(1))
    links.send("gateway/1", encode(2))
    links.send("gateway/0", encode(3))
    assert links.ready() == ["gateway/0", "gateway/1"]
    assert links.ready() == []
    assert {peer for peer, _ in links} == {"gateway/0", "gateway/1"}
    assert taken(links.to("gateway/0")).messages == [1, 3]
