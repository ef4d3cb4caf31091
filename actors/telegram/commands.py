"""What crosses between conversations, the group's actor and the bridge that speaks to Telegram for it."""

from typing import Literal

from msgspec import Struct

from actors import commands as c
from actors.events import Speaker
from runtime.machine import Command

Cursor = tuple[int, int]
"""`(sequence, pieces)`: all events up to the sequence, and so many pieces of the next one that is shown."""


def pool_of(bot: str) -> str:
    """The pool with the one bridge of a bot."""
    return f"bridge/{bot}"


# From conversations


class Mirror(Command, frozen=True, tag="mirror"):
    """Something happened in the sending conversation that the group is to see. `speaker` is empty if nobody spoke."""

    sequence: int
    phase: str
    visitor: str
    owner: str = ""
    speaker: Speaker | Literal[""] = ""
    keyword: str = ""
    """A word in the visitor's message for which the agents on duty are mentioned."""


# From the bridge, or the webhook


class File(Struct, frozen=True, array_like=True):
    """A file as Telegram holds it. Bytes."""

    id: str
    name: str
    content_type: str
    size: int


class Update(Command, frozen=True, tag="telegram_update"):
    """One update of Telegram's, without what is not needed.

    Of the message replied to: its id, the bot that wrote it, and the `tag` that names its conversation. A pressed
    button's data is the `text`. `user` is 0 of what is written as a chat: as the group itself, or as a channel.
    """

    update_id: int
    chat: int
    what: Literal["message", "edited", "button", "member", "migrated", "other"] = "other"
    user: int = 0
    user_name: str = ""
    message: int = 0
    text: str = ""
    reply_to: int = 0
    reply_to_bot: str = ""
    tag: str = ""
    topic: int = 0
    files: tuple[File, ...] = ()
    unsupported: str = ""
    """What the message is, in words, if visitors cannot be shown it."""
    button: str = ""
    member: bool = True
    new_group: int = 0


class Connected(Command, frozen=True, tag="telegram_connected"):
    """A bridge begins its life, or it has met a new life of the host. A problem keeps it from Telegram."""

    username: str = ""
    problem: str = ""


Outcome = Literal[
    "done", "wait", "away", "refused", "reply_gone", "edit_gone", "topic_gone", "no_topics", "removed", "token", "moved"
]
"""`wait`: flood control; `away`: nobody knows what became of the call."""


class Performed(Command, frozen=True, tag="telegram_performed"):
    """What became of an operation."""

    number: int
    outcome: Outcome
    message: int = 0
    upto: Cursor = (0, 0)
    full: bool = False
    """No more fits into the message."""
    topic: int = 0
    retry_ms: int = 0
    new_group: int = 0
    why: str = ""


class Ran(Command, frozen=True, tag="telegram_ran"):
    """What became of an errand: the receiver's sequence after it, its refusal, or its answer as JSON."""

    number: int
    sequence: int = 0
    refusal: str = ""
    message: str = ""
    value: str = ""


class Pace(Command, frozen=True, tag="telegram_pace"):
    """Time itself: a call may be made, or somebody has not answered."""


# To the bridge


class Show(Struct, frozen=True, array_like=True, tag="show"):
    """A conversation's events, as one message: new, or the old one edited. `page` 0: a new one.

    A `card` begins with who the visitor is, and has the buttons; `asking` for the resolution instead.
    """

    conversation: str
    after: Cursor
    until: Cursor
    page: int = 0
    card: bool = False
    asking: bool = False
    silent: bool = False
    reply_to: int = 0
    topic: int = 0
    skip: tuple[int, ...] = ()


class Say(Struct, frozen=True, array_like=True, tag="say"):
    """A few words of the bridge's own. `mentions` are people by name and user id; `choices` are buttons."""

    text: str
    reply_to: int = 0
    topic: int = 0
    conversation: str = ""
    mentions: tuple[tuple[str, int], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()


class OpenTopic(Struct, frozen=True, array_like=True, tag="open_topic"):
    """A topic for a conversation."""

    conversation: str
    name: str


class RenameTopic(Struct, frozen=True, array_like=True, tag="rename_topic"):
    """The topic says how its conversation stands."""

    conversation: str
    topic: int
    name: str


class CloseTopic(Struct, frozen=True, array_like=True, tag="close_topic"):
    """The conversation is over."""

    conversation: str
    topic: int


Operation = Show | Say | OpenTopic | RenameTopic | CloseTopic
"""Each is one call of the Bot API for the group, and counts against its limits."""

Order = (
    c.SendMessage
    | c.EditMessage
    | c.TakeOver
    | c.ReturnToAssistant
    | c.CloseConversation
    | c.AddNote
    | c.SetStatus
    | c.DescribeQueue
)
"""What a member of the group may have done in the system, as the agent that she is."""


class Perform(Command, frozen=True, tag="perform"):
    """Make this call. The same number again: say again what became of it."""

    number: int
    group: int
    operation: Operation


class Run(Command, frozen=True, tag="run"):
    """Send this order to an actor, with the files. The ref makes it harmless to do so again."""

    number: int
    sender: str
    to: str
    ref: str
    order: Order
    files: tuple[File, ...] = ()


class AnswerButton(Command, frozen=True, tag="answer_button"):
    """Tell who has pressed a button what came of it."""

    button: str
    text: str
    alert: bool = False
