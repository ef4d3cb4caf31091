"""Agents of ours who write in all of their conversations in turn, and go on when a server that was killed is back.

sent ─┬─ acked                       the next one, in the next conversation
      ├─ refused as overloaded       the same one again, under the same ref
      └─ nothing                     under way: the server has its connections, and answers when its host is back
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.crowd import Crowd, Member
from benchmarks.load.watch import Sent, Watch

ACKED = re.compile(rb'"ack","ref":"(\d{8})"')
REFUSED = re.compile(rb'"type":"error"[^\n]*?"ref":"(\d{8})"')


@dataclass(slots=True)
class Count:
    """What became of all commands."""

    sent: int = 0
    acked: int = 0
    again: int = 0
    """Refused as overloaded, and sent once more under the same ref."""
    strays: int = 0
    """Acks for what was acked before."""


class Desks(Crowd[Member]):
    """Agents who write in their conversations in turn."""

    def __init__(self, messages: Sequence[tuple[Member, bytes, bytes]]) -> None:
        super().__init__()
        self._messages = messages
        self._turn = deque(range(len(messages)))
        self._sent: dict[int, Sent] = {}
        self.count = Count()
        self.watch: Watch | None = None
        self.writing = False

    def start(self, in_flight: int) -> None:
        """Put so many messages in flight."""
        self.writing = True
        for _ in range(in_flight):
            self._say()

    def killed(self, now: float) -> Watch:
        """From now on it is timed."""
        self.watch = Watch(now, set(self._sent), set(range(len(self._messages))))
        return self.watch

    @property
    def under_way(self) -> int:
        """Messages without an ack."""
        return len(self._sent)

    def heard(self, member: Member, data: bytes, whole: int, now: float) -> bytes:
        """The next message for each ack; the same one again for each refusal."""
        for found in ACKED.findall(data, 0, whole):
            number = int(found)
            sent = self._sent.pop(number, None)
            if sent is None:
                self.count.strays += 1
                continue
            self.count.acked += 1
            if self.watch is not None:
                self.watch.answer(number, sent, now)
            if self.writing:
                self._say()
        if b'"type":"error"' in data:
            for found in REFUSED.findall(data, 0, whole):
                self.count.again += 1
                sent = self._sent[int(found)]
                self.write(self._messages[sent.conversation][0], sent.data)
        return b""

    def _say(self) -> None:
        conversation = self._turn[0]
        self._turn.rotate(-1)
        member, before, after = self._messages[conversation]
        self.count.sent = number = self.count.sent + 1
        data = b"%b%08d%b" % (before, number, after)
        self._sent[number] = Sent(conversation, time.perf_counter(), data)
        self.write(member, data)
