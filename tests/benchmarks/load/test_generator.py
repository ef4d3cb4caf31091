"""The generator between two sockets of a relay that obeys, or does not."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from benchmarks.load.generator import Generator
from benchmarks.load.ledger import Account
from benchmarks.load.line import TEXT_BYTES, TOKEN, Conversation, Line, Recognise, Texts, label, marked, plain_texts

RECOGNISE = Recognise(delivered=re.compile(b"text " + TOKEN), acked=re.compile(rb"ack (\d{8})"), refused=b"error\n")
Relayed = Callable[[bytes, int], bytes]
"""What the other end is sent for a line, and how many have come before."""


class Lines:
    """A stream of lines."""

    owed = b""

    def whole(self, data: bytes) -> int:
        return data.rfind(b"\n") + 1


def passes(said: bytes, count: int) -> bytes:
    return b"text " + said + b"\n"


@contextmanager
def relay(relayed: Relayed, *, acks: bool = True) -> Iterator[Conversation]:
    """A relay of two ends, in threads; each line is acked to its sender and sent to the other."""
    pairs = [socket.socketpair() for _ in range(2)]

    def serve(own: socket.socket, other: socket.socket) -> None:
        with own.makefile("rb") as lines, suppress(ConnectionError):  # who leaves in the middle does not read it all
            for count, line in enumerate(lines):
                said = line.rstrip()
                number = re.findall(TOKEN, said)[0][1]
                other.sendall(relayed(said, count))
                if acks:
                    own.sendall(b"ack " + number + b"\n")

    ends = [pair[1] for pair in pairs]
    threads = [threading.Thread(target=serve, args=order) for order in (ends, ends[::-1])]
    for thread in threads:
        thread.start()
    try:
        yield Conversation(*(Line(pair[0], lambda text: text.encode() + b"\n", Lines()) for pair in pairs))
    finally:
        for pair in pairs:
            pair[0].close()
        for thread in threads:
            thread.join()
        for end in ends:
            end.close()


def driven(relayed: Relayed, *, in_flight: int = 3, patience: float = 0.2, acks: bool = True) -> Account:
    with relay(relayed, acks=acks) as conversation:
        generator = Generator([conversation], RECOGNISE, in_flight)
        heard = generator.run(0.2, warm=0.0)
        generator.drain(patience)
        account = generator.account()
        generator.close()
        assert len(heard.latencies) == heard.delivered <= account.delivered
        assert all(0 <= took < 10 for took in heard.latencies)
        return account


def test_a_relay_that_obeys_has_no_faults_and_both_ends_speak() -> None:
    account = driven(passes, patience=5.0)
    assert account.faults == 0
    assert account.sent == account.delivered > 10


def test_a_lost_message_is_found() -> None:
    account = driven(lambda said, count: b"" if count == 5 else passes(said, count))
    assert account.lost == account.faults >= 1


def test_a_message_that_is_delivered_twice_is_found() -> None:
    account = driven(lambda said, count: passes(said, count) * (2 if count == 5 else 1), patience=5.0)
    assert account.duplicated == account.faults == 2


def test_a_message_to_the_wrong_conversation_is_found() -> None:
    account = driven(
        lambda said, count: passes(said.replace(b"00000#", b"00001#"), count).replace(b"v00000", b"v00007")
    )
    assert account.misdelivered >= 1


def test_missing_acks_are_found() -> None:
    account = driven(passes, acks=False)
    assert account.unacked == account.sent == account.faults > 0


def test_a_refusal_is_found() -> None:
    account = driven(lambda said, count: passes(said, count) + (b"error\n" if count == 5 else b""), patience=5.0)
    assert account.refused == account.faults == 2


@pytest.mark.parametrize("in_flight", [1, 2, 7])
def test_as_many_messages_are_in_flight_as_asked(in_flight: int) -> None:
    held: list[bytes] = []

    def holds(said: bytes, count: int) -> bytes:
        held.append(said)
        return b""

    account = driven(holds, in_flight=in_flight)
    assert len(held) == account.sent == account.lost == in_flight


def test_a_plain_message_is_of_a_hundred_bytes() -> None:
    text = plain_texts(7, 1)[0]
    assert len(marked(label(1, 7), text)) == TEXT_BYTES


def test_what_a_socket_does_not_take_at_once_is_sent_later() -> None:
    large: Texts = lambda conversation, end: ["y" * 2_000_000]  # noqa: E731
    with relay(passes) as conversation:
        generator = Generator([conversation], RECOGNISE, 2, large)
        generator.run(0.2, warm=0.0)
        assert generator.drain(5.0)
        assert generator.account().faults == 0
        generator.close()
