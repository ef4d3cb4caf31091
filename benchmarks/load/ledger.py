"""What became of every message: each is delivered once, in order, to the right end, and acked once where acks exist.

A flow is one direction of one conversation. Its messages are numbered from 1; a message is in the ledger from when it
is sent until it is delivered and acked, so what is left when the load has ended is lost.

    sent ── delivered (first time, next in number)      counted, and its latency with it
         ├─ delivered again, or never sent              duplicated
         └─ delivered before an earlier one             out of order: the earlier ones, when they come
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Flow:
    """One direction of a conversation; times are seconds of one clock."""

    acks: bool = True
    sent: int = 0
    delivered: int = 0
    duplicated: int = 0
    disordered: int = 0
    _last: int = 0
    _under_way: dict[int, float] = field(default_factory=dict)
    _unacked: set[int] = field(default_factory=set)

    def send(self, now: float) -> int:
        """The number of the message that is sent now."""
        self.sent = number = self.sent + 1
        self._under_way[number] = now
        if self.acks:
            self._unacked.add(number)
        return number

    def deliver(self, number: int, now: float) -> float | None:
        """Seconds from send to here; None for a message that was delivered before, or never sent."""
        begun = self._under_way.pop(number, None)
        if begun is None:
            self.duplicated += 1
            return None
        if number < self._last:
            self.disordered += 1
        else:
            self._last = number
        self.delivered += 1
        return now - begun

    def ack(self, number: int) -> None:
        """The sender was told that it is durable. A second ack for the same message counts as a duplicate."""
        if number in self._unacked:
            self._unacked.remove(number)
        else:
            self.duplicated += 1

    @property
    def undelivered(self) -> int:
        """Messages under way; lost, if nothing comes any more."""
        return len(self._under_way)

    @property
    def unacked(self) -> int:
        """Messages without an ack; 0 where there are no acks."""
        return len(self._unacked)


@dataclass(frozen=True, slots=True)
class Account:
    """The sum over all flows. `faults` is 0 when every message was delivered and acked exactly once, in order."""

    sent: int
    delivered: int
    lost: int
    unacked: int
    duplicated: int
    disordered: int
    misdelivered: int
    refused: int

    @classmethod
    def of(cls, flows: list[Flow], misdelivered: int = 0, refused: int = 0) -> Account:
        """To be taken when the load has ended and what was under way has had its time."""
        return cls(
            sent=sum(flow.sent for flow in flows),
            delivered=sum(flow.delivered for flow in flows),
            lost=sum(flow.undelivered for flow in flows),
            unacked=sum(flow.unacked for flow in flows),
            duplicated=sum(flow.duplicated for flow in flows),
            disordered=sum(flow.disordered for flow in flows),
            misdelivered=misdelivered,
            refused=refused,
        )

    @property
    def faults(self) -> int:
        """How many things went wrong."""
        return self.lost + self.unacked + self.duplicated + self.disordered + self.misdelivered + self.refused
