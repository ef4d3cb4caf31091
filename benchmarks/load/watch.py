"""What is timed after a kill: from which moment on the conversations answer again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Sent:
    """One message under way; `at` is when it was sent, in seconds of the clock that the watch goes by."""

    conversation: int
    at: float
    data: bytes = b""


@dataclass(slots=True)
class Watch:
    """Begins with the kill, `at`. Told are seconds since then.

    `under_way`: the numbers of the messages that had no answer; `silent`: conversations that have not answered anything
    sent since.
    """

    at: float
    under_way: set[int]
    silent: set[int]
    first: float | None = None
    last_under_way: float | None = None
    all_again: float | None = None

    def answer(self, number: int, sent: Sent, now: float) -> None:
        """A message was answered: acked, or delivered where there are no acks."""
        self.under_way.discard(number)
        since = now - self.at
        if sent.at >= self.at:
            self.silent.discard(sent.conversation)
            self.first = self.first or since
        if not self.under_way and self.last_under_way is None:
            self.last_under_way = since
        if not self.silent and self.all_again is None:
            self.all_again = since
