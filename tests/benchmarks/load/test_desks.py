"""What is timed from a kill on, and what an ack that comes twice is."""

from __future__ import annotations

import socket

from benchmarks.load.crowd import Member
from benchmarks.load.desks import Desks
from benchmarks.load.line import Line
from benchmarks.load.watch import Sent, Watch
from benchmarks.load.websocket import Frames


def test_the_first_ack_is_of_a_message_sent_after_the_kill() -> None:
    watch = Watch(10.0, {1, 2}, {0, 1})
    watch.answer(1, Sent(0, 9.0, b""), 10.5)
    assert (watch.first, watch.last_under_way, watch.all_again) == (None, None, None)
    watch.answer(3, Sent(0, 10.1, b""), 11.0)
    watch.answer(2, Sent(1, 9.0, b""), 12.0)
    watch.answer(4, Sent(1, 10.2, b""), 13.0)
    assert (watch.first, watch.last_under_way, watch.all_again) == (1.0, 2.0, 3.0)


def test_acks_are_followed_by_the_next_message_and_a_second_one_is_a_stray() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        member = Member(Line(ours, str.encode, Frames()))
        desks = Desks([(member, b"<", b">")] * 3)
        desks.join(member)
        desks.start(2)
        assert theirs.recv(100) == b"<00000001><00000002>"
        ack = b'{"type":"ack","ref":"00000001","sequence":7}'
        desks.heard(member, ack, len(ack), 1.0)
        assert theirs.recv(100) == b"<00000003>"
        desks.heard(member, ack, len(ack), 1.0)
        assert (desks.count.acked, desks.count.strays, desks.under_way) == (1, 1, 2)
        error = b'{"type":"error","code":"overloaded","message":"m","ref":"00000002"}'
        desks.heard(member, error, len(error), 1.0)
        assert theirs.recv(100) == b"<00000002>"
        assert desks.count.again == 1
        desks.close()
