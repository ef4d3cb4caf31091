"""What is known of a group: threads, one a conversation; what waits to be said; and what is under way.

    told ── Show ──> shown           pending: sequences told and not shown; done: the cursor up to which all is shown
    thread: card (header, buttons, the first lines), then messages; while the assistant talks one page, edited

Everything here is bounded: threads of conversations that are over and old messages' places are forgotten, and the
first line of every message names its conversation, so that a reply to a forgotten one still finds it.
"""

from collections.abc import Iterator
from hashlib import blake2s
from typing import Any, Literal

from msgspec import Struct, field

from actors.telegram.commands import Cursor, File, Operation, Order, Say

THREADS_KEPT = 2_000
MESSAGES_KEPT = 5_000
AUTHORED_KEPT = 1_000
UPDATES_KEPT = 500
TOLD_KEPT = 100

Purpose = Literal["reply", "edit", "delete", "take", "return", "close", "note", "status", "queue", "who", "alert"]


class Alert(Struct):
    """Agents were mentioned for a keyword. `again_ms`: when once more, 0 if that is over."""

    keyword: str
    again_ms: int


class Thread(Struct, omit_defaults=True):
    """A conversation as the group sees it."""

    key: str
    done: Cursor
    visitor: str = ""
    phase: str = "assistant"
    owner: str = ""
    heard: int = 0
    """The last sequence that was told."""
    pending: list[int] = field(default_factory=list)
    since_ms: int = 0
    """Since when the oldest of what is pending waits."""
    touched_ms: int = 0
    card: int = 0
    """The message that is the card; 0: there is none."""
    card_after: Cursor = (0, 0)
    card_upto: Cursor = (0, 0)
    stale: bool = False
    """The card does not say how things are."""
    asking: bool = False
    page: int = 0
    """The message that is being added to, which may be the card; 0: the next lines are a new one."""
    page_after: Cursor = (0, 0)
    own: list[int] = field(default_factory=list)
    """Messages that were written in the group itself: they are there already."""
    topic: int = 0
    topic_name: str = ""
    topic_closed: bool = False
    alert: Alert | None = None
    writing: int = 0
    """Replies from the group that are on their way."""

    @property
    def name(self) -> str:
        """The visitor, in one line."""
        return " ".join(self.visitor.split()) or "Visitor"


class Authored(Struct, frozen=True):
    """A message in the group that has become one of a conversation."""

    conversation: str
    message_id: str
    agent: str
    digest: str = ""
    """Of the words that the visitor was sent last; empty: not known."""


class Errand(Struct, frozen=True):
    """An order of a member's, on its way. `message` and `topic` say where in the group it was given."""

    number: int
    purpose: Purpose
    agent: str
    to: str
    order: Order
    conversation: str = ""
    files: tuple[File, ...] = ()
    message: int = 0
    topic: int = 0
    button: str = ""
    detail: str = ""

    @property
    def writes(self) -> bool:
        """It becomes an event of the conversation that is in the group already, by the member's own hand."""
        return self.purpose in ("reply", "note", "edit", "delete")


class Flying(Struct, frozen=True):
    """The call under way."""

    number: int
    operation: Operation


class Group(Struct):
    """See the module.

    `urgent` and `chatter` hold the threads with something to do, the longest waiting first; `held` those that must
    not be shown yet, as what is on its way from the group would be there twice.
    """

    bot: str
    moved: tuple[int, int] = (0, 0)
    """From the configured group to the supergroup that it has become."""
    username: str = ""
    update_id: int = 0
    updated_ms: int = 0
    updates: dict[int, None] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    urgent: dict[str, None] = field(default_factory=dict)
    chatter: dict[str, None] = field(default_factory=dict)
    held: dict[str, None] = field(default_factory=dict)
    says: list[Say] = field(default_factory=list)
    messages: dict[int, str] = field(default_factory=dict)
    authored: dict[int, Authored] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    alerts: dict[str, None] = field(default_factory=dict)
    errands: dict[int, Errand] = field(default_factory=dict)
    strangers: dict[int, int] = field(default_factory=dict)
    """When somebody who is no agent was last told how to become one."""
    number: int = 0
    flying: Flying | None = None
    asked_ms: int = 0
    """When the call under way was last asked for."""
    calls_ms: list[int] = field(default_factory=list)
    paused_until_ms: int = 0
    failures: int = 0
    refusals: int = 0
    problem: str = ""
    problem_ms: int = 0
    topics_refused_ms: int = 0
    looked_ms: int = 0
    """When conversations whose time is over were last looked for."""
    flooded_until_ms: int = 0

    @property
    def pending(self) -> int:
        """Messages that wait to be seen in the group."""
        return len(self.says) + sum(len(thread.pending) for thread in self.waiting())

    def waiting(self) -> Iterator[Thread]:
        """The threads that may have something pending."""
        return (self.threads[key] for line in (self.urgent, self.chatter, self.held) for key in line)


def digest_of(text: str) -> str:
    """Tells words from other words without keeping them."""
    return blake2s(text.encode(), digest_size=6).hexdigest()


def forget_oldest(kept: dict[int, Any], bound: int) -> None:
    """Drop the first ones of a dict above its bound."""
    while len(kept) > bound:
        del kept[next(iter(kept))]
