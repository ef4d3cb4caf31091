"""Ourselves: each visitor with a conversation of its own, agents online who take any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from benchmarks.load.floor import Office, Words
from benchmarks.load.line import Line
from benchmarks.load.websocket import frame
from benchmarks.peers import AT_ONCE, livesupport
from benchmarks.peers.livesupport import Socket


def _command(type: str, ref: bytes, name: bytes = b"", **fields: str) -> bytes:
    where = {"conversation": name.decode()} if name else {}
    return frame(msgspec.json.encode({"type": type, "ref": ref.decode(), **where, **fields}))


def _reply_and_close(ticket: bytes, name: bytes) -> bytes:
    said = _command("send_message", b"r" + ticket, name, text=f"#{ticket.decode()}# Hi, how can I help?")
    return said + _command("close_conversation", b"c" + ticket, name, resolution="resolved")


class Livesupport(livesupport.Livesupport, Office):
    """A name is a conversation's key; refs begin with a letter for what was asked."""

    words = Words(
        ask=lambda ticket: _command("request_human", b"q" + ticket),
        accept=lambda ticket, name: _command("accept_offer", b"a" + ticket, name),
        reply_and_close=_reply_and_close,
        acked=re.compile(rb'"ack","ref":"q(\d{8})"'),
        offered=re.compile(rb'"type":"offer","conversation":"([^"]+)"'),
        accepted=re.compile(rb'"ack","ref":"a(\d{8})"'),
        seen=re.compile(rb'"text":"#(\d{8})#'),
    )

    def desk(self, number: int) -> Line:
        """Logged in and online."""
        socket = Socket(self.port, *self.log_in(range(number, number + 1)))
        socket.command("set_status", status="online")
        return socket.line(str.encode)

    def visitors(self, tickets: Sequence[bytes]) -> list[tuple[Line, bytes]]:
        """Each opens a conversation and connects."""
        opened = [msgspec.json.decode(body) for body in self.open(len(tickets)).bodies]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            lines = pool.map(lambda one: Socket(self.port, one["token"]).line(str.encode), opened)
            return [(line, one["conversation"]["id"].encode()) for line, one in zip(lines, opened, strict=True)]
