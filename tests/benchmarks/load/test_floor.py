"""The steps of handoffs, and the floor on which visitors ask and agents answer."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from benchmarks.load.crowd import Member
from benchmarks.load.floor import STEPS, Floor, Handoff, Office, Words
from benchmarks.load.line import Line
from tests.benchmarks.load.test_generator import Lines

MOMENTS = {"asked": 1.0, "acked": 1.01, "offered": 1.02, "accepted": 1.05, "seen": 1.1}
NOBODY = cast(Any, None)


def handoff(**moments: float) -> Handoff:
    return Handoff(b"00000000", b"C-1", NOBODY, moments)


def test_each_step_is_between_two_moments() -> None:
    took = {name: handoff(**MOMENTS).step_ms(name) for name in STEPS}
    assert [round(value or 0) for value in took.values()] == [10, 20, 30, 50, 100]


@pytest.mark.parametrize("moment", ["offered", "accepted", "seen"])
def test_a_step_without_its_end_or_beginning_has_not_been_taken(moment: str) -> None:
    one = handoff(**{name: at for name, at in MOMENTS.items() if name != moment})
    for name, ends in STEPS.items():
        assert (one.step_ms(name) is None) == (moment in ends)


class Small:
    """An office with one visitor's line and one agent's; a thread passes on what they say, but for what is lost."""

    words = Words(
        ask=lambda ticket: b"ask " + ticket + b"\n",
        accept=lambda ticket, name: b"accept " + ticket + b" " + name + b"\n",
        reply_and_close=lambda ticket, name: b"say " + ticket + b"\n",
        acked=re.compile(rb"acked (\d{8})"),
        offered=re.compile(rb"offer (\w+)"),
        accepted=re.compile(rb"has (\d{8})"),
        seen=re.compile(rb"said (\d{8})"),
    )

    def __init__(self, lost: bytes = b"nothing") -> None:
        self._lost = lost
        (self.visitor, visitor), (self.agent, agent) = (socket.socketpair() for _ in range(2))
        self._inside = visitor, agent
        self._line = Line(self.visitor, str.encode, Lines())
        answers = {
            b"ask": (b"acked %b\n", visitor, b"offer C%b\n", agent),
            b"accept": (b"has %b\n", agent),
            b"say": (b"said %b\n", visitor, b"said %b\n", agent),
        }
        self._threads = [threading.Thread(target=self._serve, args=(end, answers)) for end in self._inside]
        for thread in self._threads:
            thread.start()

    def desk(self, number: int) -> Line:
        return Line(self.agent, str.encode, Lines())

    def visitors(self, tickets: Sequence[bytes]) -> list[tuple[Line, bytes]]:
        return [(self._line, b"C" + ticket) for ticket in tickets]

    def close(self) -> None:
        for thread in self._threads:
            thread.join()
        for end in self._inside:
            end.close()

    def _serve(self, end: socket.socket, answers: dict[bytes, tuple[Any, ...]]) -> None:
        with end.makefile("rb") as lines:
            for line in lines:
                verb, ticket = line.split()[:2]
                if (verb, ticket[-1:]) != (self._lost, b"1"):
                    answer = answers[verb]
                    for said, to in zip(answer[::2], answer[1::2], strict=True):
                        to.sendall(said % ticket)


@pytest.fixture
def closing() -> Iterator[list[Any]]:
    made: list[Any] = []
    yield made
    for one in made:
        one.close()


def floor(small: Small, closing: list[Any]) -> Floor:
    made = Floor(cast(Office, small))
    made.staff(1)
    closing += [made, small]
    return made


@pytest.mark.parametrize("rate", [0, 1_000])
def test_every_handoff_takes_every_step_round_after_round(rate: int, closing: list[Any]) -> None:
    made = floor(Small(), closing)
    for _ in range(2):
        handoffs = made.queue(3)
        assert made.run(handoffs, rate, 5.0) > 0
        for one in handoffs:
            moments = [one.times[moment] for moment in ("asked", "offered", "accepted", "seen")]
            assert moments == sorted(moments)
            assert all(one.step_ms(step) is not None for step in STEPS)


def test_one_that_is_lost_does_not_end_and_the_others_do(closing: list[Any]) -> None:
    made = floor(Small(lost=b"accept"), closing)
    handoffs = made.queue(3)
    made.run(handoffs, 0, 0.2)
    assert ["seen" in one.times for one in handoffs] == [True, False, True]
    assert "offered" in handoffs[1].times


def test_what_an_agent_sees_of_her_own_reply_is_not_the_visitors(closing: list[Any]) -> None:
    made = floor(Small(), closing)
    (one,) = made.queue(1)
    said = b"said " + one.ticket + b"\n"
    made.heard(Member(NOBODY), said, len(said), 1.0)
    assert not one.times
