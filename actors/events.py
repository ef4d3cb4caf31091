"""What happens in a conversation, as clients and the journal know it. Names and fields are the protocol's.

A journal outlives the code: tags never change, a new field has a default. `hidden` fields and `internal` events are
not for visitors.
"""

from typing import Any, ClassVar, Literal

from msgspec import UNSET, Struct, UnsetType, field

from runtime.machine import Event

Speaker = Literal["visitor", "assistant", "agent", "system"]
Side = Literal["visitor", "agent"]
Resolution = Literal["resolved", "unresolved", "spam", "other"]
Trigger = Literal[
    "visitor", "phrase", "keyword", "sentiment", "unanswered", "assistant_failed", "assistant", "transfer", "disconnect"
]
HAD_AGENT: tuple[Trigger, ...] = ("transfer", "disconnect")
"""By which a visitor waits who has had an agent already: neither the hours nor a full queue send her away."""
How = Literal["offer", "takeover", "transfer", "telegram", "assigned"]
Outcome = Literal["accepted", "declined", "expired", "withdrawn"]
OfflineReason = Literal["hours", "nobody", "queue_full", "waited"]
Notice = Literal["greeting", "delay", "idle", "offline", "waiting", "apology"]
ReleaseReason = Literal["returned", "transferred", "disconnected", "reassigned", "closed"]


class Person(Struct, frozen=True, gc=False):
    """Somebody by id and by name."""

    id: str
    name: str


class Page(Struct, frozen=True, gc=False):
    """Where on the website the visitor is."""

    url: str = ""
    title: str = ""
    referrer: str = ""


class Visitor(Struct, frozen=True, gc=False):
    """What is known of the visitor."""

    id: str
    name: str = ""
    email: str = ""
    locale: str = ""
    location: str = ""
    device: str = ""
    page: Page = Page()
    attributes: dict[str, Any] = {}
    verified: bool = False


class Attachment(Struct, frozen=True, gc=False):
    """A file that was uploaded before."""

    id: str
    name: str
    content_type: str
    size: int
    url: str


class ConversationEvent(Event, frozen=True):
    """Any event of a conversation."""

    internal: ClassVar[bool] = False
    hidden: ClassVar[tuple[str, ...]] = ()


class ConversationOpened(ConversationEvent, frozen=True, tag="conversation_opened"):
    hidden: ClassVar[tuple[str, ...]] = ("last_agent",)

    bot: str
    visitor: Visitor
    last_agent: str | UnsetType = UNSET


class MessageSent(ConversationEvent, frozen=True, tag="message_sent"):
    quiet: ClassVar[bool] = True

    message_id: str
    speaker: Speaker = field(name="from")
    author: Person
    text: str
    attachments: tuple[Attachment, ...] = ()
    turn: str | UnsetType = UNSET
    known: bool | UnsetType = UNSET
    """False when the assistant did not know."""
    sources: tuple[str, ...] | UnsetType = UNSET
    notice: Notice | UnsetType = UNSET
    """Why the system says it."""


class MessageEdited(ConversationEvent, frozen=True, tag="message_edited"):
    """An agent has corrected (or, with no text, taken back) what she wrote."""

    quiet: ClassVar[bool] = True

    message_id: str
    text: str
    deleted: bool = False


class HumanRequested(ConversationEvent, frozen=True, tag="human_requested"):
    hidden: ClassVar[tuple[str, ...]] = ("priority", "note")

    trigger: Trigger
    detail: str | UnsetType = UNSET
    skill: str | UnsetType = UNSET
    to_agent: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    """Minutes that count as waited."""
    note: str | UnsetType = UNSET
    """What whoever transfers it tells the colleague who is asked."""


class PriorityChanged(ConversationEvent, frozen=True, tag="priority_changed"):
    """A manager has said how urgent it is, now and in later handoffs."""

    internal: ClassVar[bool] = True

    priority: int
    by: Person


class Offered(ConversationEvent, frozen=True, tag="offered"):
    internal: ClassVar[bool] = True

    agent: Person
    expires_at_ms: int
    why: str = ""


class OfferEnded(ConversationEvent, frozen=True, tag="offer_ended"):
    internal: ClassVar[bool] = True

    agent: Person
    outcome: Outcome
    reason: str | UnsetType = UNSET


class AgentAssigned(ConversationEvent, frozen=True, tag="agent_assigned"):
    hidden: ClassVar[tuple[str, ...]] = ("why",)

    agent: Person
    how: How
    why: str | UnsetType = ""


class AgentReleased(ConversationEvent, frozen=True, tag="agent_released"):
    agent: Person
    reason: ReleaseReason


class SenderLeft(ConversationEvent, frozen=True, tag="sender_left"):
    """Who has transferred it is gone: it will not go back to her if her colleague declines."""

    internal: ClassVar[bool] = True

    agent: Person


class ReturnedToAssistant(ConversationEvent, frozen=True, tag="returned_to_assistant"):
    hidden: ClassVar[tuple[str, ...]] = ("summary",)

    by: Person
    summary: str | UnsetType = ""


class OfflineAnswered(ConversationEvent, frozen=True, tag="offline_answered"):
    reason: OfflineReason


class NoteAdded(ConversationEvent, frozen=True, tag="note_added"):
    internal: ClassVar[bool] = True

    author: Person
    text: str


class TagsChanged(ConversationEvent, frozen=True, tag="tags_changed"):
    internal: ClassVar[bool] = True

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    by: Person | UnsetType = UNSET


class ReadMarked(ConversationEvent, frozen=True, tag="read_marked"):
    quiet: ClassVar[bool] = True

    by: Side
    sequence: int


class DetailsChanged(ConversationEvent, frozen=True, tag="details_changed"):
    internal: ClassVar[bool] = True

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    page: Page | UnsetType = UNSET


class TurnRetried(ConversationEvent, frozen=True, tag="turn_retried"):
    """The assistant did not answer in time, and was asked once more."""

    internal: ClassVar[bool] = True

    turn: str


class EventLost(ConversationEvent, frozen=True, tag="event_lost"):
    """Here was one that the store has lost: it had taken it, and others had seen it."""

    internal: ClassVar[bool] = True
    quiet: ClassVar[bool] = True


class ConversationClosed(ConversationEvent, frozen=True, tag="conversation_closed"):
    hidden: ClassVar[tuple[str, ...]] = ("notes",)

    by: Literal["visitor", "agent", "system"]
    resolution: Resolution
    notes: str | UnsetType = ""
    agent: Person | UnsetType = UNSET


class Rated(ConversationEvent, frozen=True, tag="rated"):
    score: int
    comment: str = ""


AnyConversationEvent = (
    ConversationOpened
    | MessageSent
    | MessageEdited
    | HumanRequested
    | PriorityChanged
    | Offered
    | OfferEnded
    | AgentAssigned
    | AgentReleased
    | SenderLeft
    | ReturnedToAssistant
    | OfflineAnswered
    | NoteAdded
    | TagsChanged
    | ReadMarked
    | DetailsChanged
    | TurnRetried
    | EventLost
    | ConversationClosed
    | Rated
)
