"""Plain Ray: an actor for each conversation, and one that picks the agent; each step of a handoff is a call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmarks.load.floor import Office, Words
from benchmarks.load.line import Line
from benchmarks.load.websocket import Client, Frames, frame
from benchmarks.peers import plain_ray


class PlainRay(plain_ray.PlainRay, Office):
    """A name is a ticket. Few conversations, since each is a process, are handed off again and again."""

    application = "benchmarks.peers.desks.plain_ray_application:application"
    words = Words(
        ask=lambda ticket: frame(b"ask " + ticket),
        accept=lambda ticket, _: frame(b"accept " + ticket),
        reply_and_close=lambda ticket, _: frame(b"say %b Hi, how can I help?" % ticket) + frame(b"close " + ticket),
        acked=re.compile(rb"acked (\d{8})"),
        offered=re.compile(rb"offer (\d{8})"),
        accepted=re.compile(rb"has (\d{8})"),
        seen=re.compile(rb"said (\d{8})"),
    )
    _lines: Sequence[Line] = ()

    def desk(self, number: int) -> Line:
        """An agent who takes all she is offered."""
        return self._line(f"/desk/{number}")

    def visitors(self, tickets: Sequence[bytes]) -> list[tuple[Line, bytes]]:
        """In turns over the conversations that there are."""
        if not self._lines:
            self._lines = [self._line(f"/visitor/{number}") for number in range(self.conversations_max)]
        return [(self._lines[number % len(self._lines)], ticket) for number, ticket in enumerate(tickets)]

    def _line(self, path: str) -> Line:
        client = Client(self.port, path)
        return Line(client.socket, str.encode, Frames(), client.rest)
