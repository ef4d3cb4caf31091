"""A message now and then in each conversation of any peer, whatever became of the last: who is heard again, when?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.crowd import Crowd, Member
from benchmarks.load.line import NUMBER_BYTES, Conversation, Recognise, label, marked
from benchmarks.load.watch import Sent, Watch

EVERY_SECONDS = 0.02


@dataclass(slots=True, kw_only=True)
class Speaker(Member):
    """A visitor's end, and what it says."""

    message: bytes


class Probes(Crowd[Member]):
    """Visitors speak, agents hear. A message that was heard is answered; one that was not is `under_way`."""

    def __init__(self, conversations: Sequence[Conversation], recognise: Recognise) -> None:
        super().__init__()
        self._delivered = recognise.delivered
        self._sent: dict[int, Sent] = {}
        self._number = 0
        self._watch: Watch | None = None
        self._speakers: list[Speaker] = []
        for number, one in enumerate(conversations):
            message = one.visitor.compose(marked(label(0, number), "x"))
            self._speakers.append(Speaker(one.visitor, message=message))
            self.join(self._speakers[-1])
            self.join(Member(one.agent))

    @property
    def under_way(self) -> int:
        """Messages that nobody has heard."""
        return len(self._sent)

    def killed(self, now: float) -> Watch:
        """From now on it is timed."""
        self._watch = Watch(now, set(self._sent), set(range(len(self._speakers))))
        return self._watch

    def speak(self, until: float) -> None:
        """Everybody, again and again, until this time of `time.perf_counter`. Raises Lost."""
        while (now := time.perf_counter()) < until:
            for conversation, speaker in enumerate(self._speakers):
                self._number += 1
                self._sent[self._number] = Sent(conversation, now)
                self.write(speaker, speaker.message.replace(NUMBER_BYTES, b"%08d" % self._number))
            self.turn(min(until, now + EVERY_SECONDS))

    def heard(self, member: Member, data: bytes, whole: int, now: float) -> bytes:
        """Each message counts once."""
        for _, digits in self._delivered.findall(data, 0, whole):
            sent = self._sent.pop(int(digits), None)
            if sent is not None and self._watch is not None:
                self._watch.answer(int(digits), sent, now)
        return b""
