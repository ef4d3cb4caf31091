"""What was acked, and what the journal says of it; added up conversation by conversation."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.replay.recording import Recording
from benchmarks.replay.verify import Verdict

FAULTS_KEPT = 20


@dataclass(slots=True)
class Tally:
    """`acked` counts the commands that the journal was searched for: messages and closes."""

    conversations: int = 0
    acked: int = 0
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    after_takeover: int = 0
    """Messages of the assistant while an agent owned the conversation."""
    wrong: int = 0
    """Everything that is wrong, that what is counted above is not."""
    faults: list[str] = field(default_factory=list)
    """The first of them, in words."""

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not (self.lost or self.twice or self.out_of_order or self.after_takeover or self.wrong)

    def add(self, recording: Recording, verdict: Verdict) -> None:
        """One conversation that was played and read back."""
        self.conversations += 1
        self.acked += verdict.messages + bool(recording.closed_by)
        self.lost += verdict.stored.lost
        self.twice += verdict.stored.duplicated
        self.out_of_order += verdict.stored.out_of_order
        self.after_takeover += verdict.intrusions
        self.blame(*(f"{verdict.conversation or recording.dialogue}: {fault}" for fault in verdict.faults))

    def blame(self, *faults: str) -> None:
        """What is wrong, in words."""
        self.wrong += len(faults)
        self.faults += faults[: FAULTS_KEPT - len(self.faults)]

    def __iadd__(self, other: Tally) -> Tally:
        for name in ("conversations", "acked", "lost", "twice", "out_of_order", "after_takeover", "wrong"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults[: FAULTS_KEPT - len(self.faults)]
        return self
