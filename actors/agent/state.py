"""An agent's state, and what changes it. Every slot has a conversation that knows of it, or will be asked."""

from msgspec import Struct, field

from actors import commands as c
from actors.commands import Outcome, Status
from actors.events import How
from runtime.machine import Command, Event, Signal


class Slot(Struct):
    """A conversation that has a claim on her: an offer that is on its way or rings, or one that is hers.

    `epoch` and `attempt` are the conversation's when the claim arose; what speaks of earlier ones is old news.
    """

    bot: str
    epoch: int
    since_ms: int
    held: bool
    ring: c.OfferMade | None = None
    attempt: int = 0
    attended: bool = False
    """She was connected when she took it: without a connection she has left it."""
    remote: bool = False
    """She answers from Telegram: it is not by her connections that she is there."""

    @property
    def claim(self) -> tuple[int, int]:
        """To tell claims of one conversation's apart: the later is the greater."""
        return self.epoch, self.attempt


class Agent(Struct):
    """Her state. `sessions` and what follows it are signals' doing."""

    id: str
    status: Status = "offline"
    since_ms: int = 0
    reason: str = ""
    slots: dict[str, Slot] = field(default_factory=dict)
    missed: int = 0
    idle_since_ms: int = 0
    wrap_up_until_ms: int = 0
    version: int = 0
    """Grows with every fact of this life of the actor."""
    life_ms: int = 0
    """When the actor was read from the journal: signals before that are forgotten."""
    owed: dict[str, None] = field(default_factory=dict)
    """Bots that have asked for a slot which another bot had just got: the next one is kept for the first of them."""
    kept_until_ms: int = 0
    """So long, if it does not come for it. 0: she has no slot to keep."""
    sessions: dict[str, None] = field(default_factory=dict)
    gone_since_ms: int | None = None
    checked_ms: int = 0

    def keeps_from(self, bot: str, now_ms: int) -> int:
        """How many of her free slots are not for this bot: one, while she keeps it for another."""
        return int(now_ms < self.kept_until_ms and next(iter(self.owed), bot) != bot)


class AgentEvent(Event, frozen=True):
    """Any event of an agent. Her clients see frames instead."""

    published = False
    lasting = False


class StatusChanged(AgentEvent, frozen=True, tag="status_changed"):
    """Reports count how long she was what, for ever."""

    lasting = True

    status: Status
    reason: str = ""
    disconnected: bool = False
    """Nobody has said so: her last connection has been gone for too long."""


class SlotReserved(AgentEvent, frozen=True, tag="slot_reserved"):
    conversation: str
    bot: str
    epoch: int
    why: str
    attempt: int = 0


class SlotTaken(AgentEvent, frozen=True, tag="slot_taken"):
    conversation: str
    bot: str
    epoch: int
    how: How = "offer"
    attended: bool = False
    sequence: int = 0


class SlotLeft(AgentEvent, frozen=True, tag="slot_left"):
    """She has been without a connection for too long to keep it, though not to keep her status."""

    conversation: str


class SlotFreed(AgentEvent, frozen=True, tag="slot_freed"):
    conversation: str
    outcome: Outcome
    wrap_up_ms: int = 0


class WrapUpEnded(AgentEvent, frozen=True, tag="wrap_up_ended"):
    pass


class Held(Struct, frozen=True):
    """A slot, as a baseline has it."""

    bot: str
    epoch: int
    since_ms: int
    held: bool
    attempt: int = 0
    attended: bool = False
    remote: bool = False


class Baseline(AgentEvent, frozen=True, tag="baseline"):
    """All that the events before it add up to."""

    status: Status
    since_ms: int
    reason: str
    slots: dict[str, Held]
    missed: int
    idle_since_ms: int
    wrap_up_until_ms: int


AnyAgentEvent = Baseline | StatusChanged | SlotReserved | SlotTaken | SlotLeft | SlotFreed | WrapUpEnded


class SessionsChanged(Signal, frozen=True):
    """A connection of hers has come or gone."""

    session: str
    here: bool


class Woken(Signal, frozen=True):
    """Just read from the journal: no connection is known yet."""


class Rang(Signal, frozen=True):
    """An offer rings at all her connections."""

    conversation: str
    offer: c.OfferMade


class Refused(Signal, frozen=True):
    """No slot for the conversation: who asked is told."""

    to: str
    command: Command
    owed: str = ""
    """The bot that was too late for a slot."""


class KeptNoLonger(Signal, frozen=True):
    """The bot for which she has kept a slot has not come for it."""


class Changed(Signal, frozen=True):
    """Her supervisors are told what she has to give now. Should the signal be lost, so is this life: the next tells."""


class Reported(Signal, frozen=True):
    """A supervisor that has asked is told who she is."""

    to: str


class Checked(Signal, frozen=True):
    """Her slots' conversations are asked whether they still want them."""
