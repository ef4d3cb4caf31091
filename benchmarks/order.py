"""The order in which one client received a conversation's events, judged by their sequences alone.

    sequence = last + 1     in order
    sequence > last + 1     a hole: the skipped ones are missing until they come
    a missing one comes     late: it was delivered out of order
    any other               a duplicate

A visitor's sequences have holes by right (internal events are not sent to it): there `missing` is no fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Track:
    """One conversation as one client received it. `last` is what the client resumes from."""

    last: int | None = None
    received: int = 0
    duplicates: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)

    def see(self, sequence: int) -> bool:
        """Whether this sequence was not received before. Without a start, the first one sets it."""
        last = self.last
        if last is None or sequence > last:
            if last is not None and sequence != last + 1:
                self.missing.update(range(last + 1, sequence))
            self.last = sequence
        elif sequence in self.missing:
            self.missing.discard(sequence)
            self.late.append(sequence)
        else:
            self.duplicates.append(sequence)
            return False
        self.received += 1
        return True
