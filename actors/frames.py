"""Frames that are pushed to clients but never journaled. Names and fields are the protocol's."""

from typing import Any, Literal

from msgspec import UNSET, UnsetType, field

from runtime.machine import Frame

EVERYONE, VISITORS, AGENTS = "", "visitor", "agent"
"""Whom a push is for: a role, or one session by its name; the gateway knows both."""


class Typing(Frame, frozen=True, tag="typing"):
    conversation: str
    speaker: Literal["visitor", "agent", "assistant"] = field(name="from")
    active: bool
    name: str | UnsetType = UNSET
    text: str | UnsetType = UNSET


class Presence(Frame, frozen=True, tag="presence"):
    conversation: str
    online: bool
    last_seen_ms: int


class AgentOnline(Frame, frozen=True, tag="presence"):
    conversation: str
    agent_online: bool


class Viewers(Frame, frozen=True, tag="viewers"):
    """Which agents look at the conversation."""

    conversation: str
    agents: tuple[str, ...]


class AssistantChunk(Frame, frozen=True, tag="assistant_chunk"):
    """A piece of an answer that is being written, which begins after `offset` characters of it.

    At 0 the answer begins anew, whatever was heard of the turn before.
    """

    conversation: str
    turn: str
    text: str
    offset: int = 0


class GoesOn(Frame, frozen=True, tag="goes_on"):
    """For gateways: whatever they hold of the visitor's watches the `next` conversation instead, from its start."""

    conversation: str
    next: str


class QueuePosition(Frame, frozen=True, tag="queue_position"):
    conversation: str
    position: int
    eta_seconds: tuple[int, int]


class AgentStatus(Frame, frozen=True, tag="agent_status"):
    agent: str
    status: str


class Offer(Frame, frozen=True, tag="offer"):
    conversation: str
    bot: str
    visitor: Any
    trigger: str
    preview: str
    expires_at_ms: int
    note: str | UnsetType = UNSET
    """What whoever transfers it has to say."""


class OfferWithdrawn(Frame, frozen=True, tag="offer_withdrawn"):
    conversation: str
    reason: str


class Alert(Frame, frozen=True, tag="alert"):
    conversation: str
    keyword: str
    text: str


class Assigned(Frame, frozen=True, tag="assigned"):
    """To the agent whose conversation it is now, whoever decided that, by the event of this sequence."""

    conversation: str
    bot: str
    how: str
    sequence: int = 0


class Telegram(Frame, frozen=True, tag="telegram"):
    """How a bot's Telegram group stands: messages that wait to be sent there, and what is wrong, if anything is."""

    bot: str
    pending: int
    problem: str
