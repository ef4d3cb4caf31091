"""What happened to one played dialogue: what was said and acked, and what each side's socket brought."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.dialogue import Turn
from benchmarks.frames import Frame
from benchmarks.order import Track


@dataclass(slots=True)
class Said:
    """One turn as it was sent. Times are seconds of one monotonic clock; None: it has not happened."""

    turn: Turn
    awaited: bool
    """Whether another person was there to see it. What is typed to the assistant is read by the agent later."""
    sent: float
    acked: float | None = None
    sequence: int | None = None
    """Its sequence as the ack gave it."""
    seen: float | None = None
    """When the other side's socket brought it."""


@dataclass(slots=True)
class View:
    """One conversation as one socket brought it: event frames in order of arrival, each once, and how they came."""

    events: list[Frame] = field(default_factory=list)
    track: Track = field(default_factory=Track)

    @property
    def last(self) -> int:
        """The highest sequence that it has brought; 0: none."""
        return max((frame["sequence"] for frame in self.events), default=0)


@dataclass(slots=True)
class Recording:
    """See the module. `dialogue` is the id of the one that was played."""

    dialogue: str
    conversation: str = ""
    said: list[Said] = field(default_factory=list)
    visitor: View = field(default_factory=View)
    agents: dict[str, View] = field(default_factory=dict)
    """By agent id: everyone who was offered it, and so watched."""
    closed_by: str = ""
    """The agent whose close was acked."""
    resolution: str = ""
    failure: str = ""
    """What stopped it before the end."""
    oddities: list[str] = field(default_factory=list)
    """What the visitor's socket brought that it should not have."""
    reconnects: int = 0
    resent: int = 0
