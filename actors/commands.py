"""Every command that an actor takes, by the kind that takes it. Clients' commands come from the gateway, which has
checked who the sender is; the others come from actors and workers."""

from typing import Any, ClassVar, Literal, get_args

from actors.events import Attachment, How, Page, Resolution, Trigger, Visitor
from runtime.machine import Command, Query

Status = Literal["online", "busy", "away", "offline"]
STATUSES: tuple[Status, ...] = get_args(Status)
Outcome = Literal["expired", "declined", "withdrawn", "returned", "transferred", "closed", "reassigned", "gone"]

# Conversation, from clients


class Open(Command, frozen=True, tag="open"):
    """Begin the conversation, if it has not begun. Answered like `Describe`."""

    answered: ClassVar[bool] = True

    bot: str
    visitor: Visitor
    last_agent: str = ""
    """Who served this visitor in an earlier conversation."""


class SendMessage(Command, frozen=True, tag="send_message"):
    text: str
    attachments: tuple[Attachment, ...] = ()
    take_over: bool = False
    telegram: bool = False


class EditMessage(Command, frozen=True, tag="edit_message"):
    """An agent's message is put right; no text takes it back."""

    message_id: str
    text: str = ""


class SetTyping(Command, frozen=True, tag="set_typing"):
    active: bool
    text: str = ""


class MarkRead(Command, frozen=True, tag="mark_read"):
    sequence: int


class RequestHuman(Command, frozen=True, tag="request_human"):
    reason: str = ""
    skill: str = ""


class EndConversation(Command, frozen=True, tag="end_conversation"):
    pass


class GoOn(Command, frozen=True, tag="go_on"):
    """The visitor, whose conversation this was, has opened the next one: whatever windows are left here follow."""

    key: str


class Rate(Command, frozen=True, tag="rate"):
    score: int
    comment: str = ""


class UpdateDetails(Command, frozen=True, tag="update_details"):
    name: str | None = None
    email: str | None = None
    attributes: dict[str, Any] | None = None
    page: Page | None = None


class TakeOver(Command, frozen=True, tag="take_over"):
    telegram: bool = False


class AcceptOffer(Command, frozen=True, tag="accept_offer"):
    pass


class DeclineOffer(Command, frozen=True, tag="decline_offer"):
    reason: str = ""


class ReturnToAssistant(Command, frozen=True, tag="return_to_assistant"):
    summary: str = ""


class Transfer(Command, frozen=True, tag="transfer"):
    to_agent: str = ""
    skill: str = ""
    note: str = ""


class CloseConversation(Command, frozen=True, tag="close_conversation"):
    resolution: Resolution
    notes: str = ""


class AddNote(Command, frozen=True, tag="add_note"):
    text: str


class ChangeTags(Command, frozen=True, tag="change_tags"):
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Assign(Command, frozen=True, tag="assign"):
    agent: str
    offline: bool = False
    """So her actor has just said. What it did not know yet it hands on when it hears of it."""


class SetPriority(Command, frozen=True, tag="set_priority"):
    """How urgent it is, in minutes that count as waited."""

    priority: int


class Describe(Query, frozen=True, tag="describe"):
    """The object that clients know this actor by."""


# Conversation, from agents, supervisors, workers and time


class Offer(Command, frozen=True, tag="offer"):
    """The sending agent has a slot reserved for this conversation, as it waits since its last offer failed."""

    epoch: int
    why: str
    attempt: int = 0


class SlotDenied(Command, frozen=True, tag="slot_denied"):
    """The sending agent, who was asked for by name, has no slot."""

    epoch: int
    reason: str
    attempt: int = 0


class AgentGone(Command, frozen=True, tag="agent_gone"):
    """The sending agent is not there: the conversation must not stay with her."""

    epoch: int
    attempt: int = 0


class AgentPresence(Command, frozen=True, tag="agent_presence"):
    """The sending agent's connections have dropped, or are back."""

    online: bool


class CheckSlot(Command, frozen=True, tag="check_slot"):
    """The sending agent has held a slot for long: is it still wanted?"""

    epoch: int
    attempt: int = 0


class Nobody(Command, frozen=True, tag="nobody"):
    """The supervisor: no human will come."""

    epoch: int
    reason: Literal["nobody", "queue_full"]


class Position(Command, frozen=True, tag="position"):
    """The supervisor: the place in the queue, and an honest range for the wait in seconds."""

    epoch: int
    position: int
    eta_seconds: tuple[int, int]


class AssistantChunk(Command, frozen=True, tag="assistant_chunk"):
    """A piece of an answer, which begins after `offset` characters of it."""

    epoch: int
    turn: str
    text: str
    offset: int = 0
    attempt: int = 0


class AssistantAnswer(Command, frozen=True, tag="assistant_answer"):
    """The worker's last word on a turn. With a trigger a human is asked for, after the text if there is one."""

    epoch: int
    turn: str
    text: str = ""
    known: bool = True
    sources: tuple[str, ...] = ()
    trigger: Literal["", "phrase", "keyword", "sentiment", "assistant", "assistant_failed"] = ""
    detail: str = ""
    attempt: int = 0
    hopeless: bool = False
    """It failed, and would fail again: it need not be asked once more."""


class OfferExpired(Command, frozen=True, tag="offer_expired"):
    pass


class WaitedTooLong(Command, frozen=True, tag="waited_too_long"):
    pass


class TurnTimedOut(Command, frozen=True, tag="turn_timed_out"):
    pass


class TargetMissed(Command, frozen=True, tag="target_missed"):
    pass


class VisitorSilent(Command, frozen=True, tag="visitor_silent"):
    pass


# Agent


class SetStatus(Command, frozen=True, tag="set_status"):
    status: Status
    reason: str = ""


class Reserve(Command, frozen=True, tag="reserve"):
    """Keep a slot for this conversation and offer yourself to it. From the supervisor, or from the conversation
    itself when she was asked for by name."""

    conversation: str
    bot: str
    epoch: int
    why: str
    attempt: int = 0


class Assigned(Command, frozen=True, tag="assigned"):
    """The sending conversation is hers, by the event of this sequence."""

    bot: str
    epoch: int
    how: How
    sequence: int = 0


class Released(Command, frozen=True, tag="released"):
    """The sending conversation needs the slot no more that she has by this epoch and attempt."""

    epoch: int
    outcome: Outcome
    attempt: int = 0


class OfferMade(Command, frozen=True, tag="offer_made"):
    """The sending conversation is offered to her now: let it ring."""

    bot: str
    epoch: int
    visitor: Visitor
    trigger: str
    preview: str
    expires_at_ms: int
    attempt: int = 0
    note: str = ""


class Report(Command, frozen=True, tag="report"):
    """The sending supervisor has forgotten: tell it who you are."""


class DeadlinePassed(Command, frozen=True, tag="deadline_passed"):
    """Grace, wrap-up, or a slot held long without a word."""


# Supervisor


class Enlist(Command, frozen=True, tag="enlist"):
    """The sending conversation waits for an agent."""

    epoch: int
    since_ms: int
    priority: int = 0
    skill: str = ""
    language: str = ""
    sticky: str = ""
    tried: tuple[str, ...] = ()
    attempt: int = 0
    trigger: Trigger = "visitor"


class Prioritise(Command, frozen=True, tag="prioritise"):
    """The sending conversation is more urgent, or less, than it was."""

    epoch: int
    priority: int


class Delist(Command, frozen=True, tag="delist"):
    """The sending conversation waits no more."""

    epoch: int
    assigned: bool = False


class AgentChanged(Command, frozen=True, tag="agent_changed"):
    """The sending agent as she is now. `version` grows with each report of one life of her actor, and lives follow
    each other as far as clocks can be trusted; what was `asked` for is true in any case."""

    life_ms: int
    version: int
    status: Status
    load: int
    free: int
    capacity: int
    idle_since_ms: int
    asked: bool = False


class SlotRefused(Command, frozen=True, tag="slot_refused"):
    """The sending agent has no slot for the conversation."""

    conversation: str
    epoch: int
    attempt: int = 0


class DescribeQueue(Query, frozen=True, tag="describe_queue"):
    """Who waits, who is there, and why nobody has them yet."""

    limit: int = 200


class TimePassed(Command, frozen=True, tag="time_passed"):
    """A preference lapses, positions are due, or an agent has not answered."""
