"""A conversation's state. Small on purpose: the history stays in the journal. How it changes: `apply`."""

from typing import Literal, get_args

from msgspec import Struct, field

from actors import events as e

Phase = Literal["new", "assistant", "queued", "live", "closed"]
STATES: tuple[str, ...] = tuple(phase for phase in get_args(Phase) if phase != "new")
"""Those that clients know."""


class OfferOut(Struct, frozen=True):
    """The one offer that is out."""

    agent: e.Person
    expires_at_ms: int
    why: str = ""


class Claim(Struct, frozen=True):
    """An agent's slot, by the epoch under which she has it. `owes`: the visitor waits for an answer of hers."""

    agent: e.Person
    epoch: int
    owes: bool = False


class Wait(Struct):
    """A handoff that is under way. `since_ms` is the place in the queue, and survives offers that fail."""

    since_ms: int
    trigger: e.Trigger
    queued_ms: int
    priority: int = 0
    skill: str = ""
    to_agent: str = ""
    back_to: Claim | None = None
    """Who transferred it, and gets it back if the one she asked for declines: until then she keeps her slot."""
    first_refusal: str = ""
    tried: tuple[str, ...] = ()
    """Who has had the offer in this round."""
    attempt: int = 0
    offer: OfferOut | None = None
    note: str = ""


class Service(Struct):
    """An agent at work. `owes_since_ms` is the visitor's oldest message that she has not answered."""

    agent: e.Person
    since_ms: int
    how: e.How
    owes_since_ms: int | None = None
    waited_ms: int | None = None
    answers: int = 0
    answered_in_ms: int | None = None
    """How long the visitor waited for the answer just given."""


class Turn(Struct):
    """A question that the assistant is at: the sequence it was asked up to, and when."""

    id: str
    asked_ms: int
    attempt: int = 0
    more: bool = False
    """The visitor has written on meanwhile: that is the next turn."""


class Conversation(Struct):
    """See the module. The fields from `online` on are what signals tell: they are empty after a restart."""

    key: str
    phase: Phase = "new"
    bot: str = ""
    visitor: e.Visitor = e.Visitor("")
    epoch: int = 0
    sequence: int = 0
    opened_at_ms: int = 0
    updated_at_ms: int = 0
    closed_at_ms: int | None = None
    spoke_ms: int = 0
    """When the visitor last said or did something."""
    warned: bool = False
    read_visitor: int = 0
    read_agent: int = 0
    marks: tuple[int, int] = (0, -1)
    """The first and the last sequence of the latest read marks that have nothing else between them."""
    preview: str = ""
    """What was said last, in short; of files without words, their names."""
    preview_from: e.Speaker | None = None
    asked: str = ""
    """What the visitor said last, in short: whoever is offered the conversation decides by that."""
    tags: tuple[str, ...] = ()
    wait: Wait | None = None
    service: Service | None = None
    turn: Turn | None = None
    asking: Literal["", "assistant", "human"] = ""
    """Whom the visitor has asked what nobody has answered. Whoever has the conversation next owes the answer."""
    greeted: str = ""
    """The agent who was introduced: if she comes back to this handoff, she need not be again."""
    excused: str = ""
    """The agent for whose delay the visitor was asked to wait."""
    last_agent: str = ""
    """Who served it last."""
    former_agent: str = ""
    """Who served an earlier conversation of this visitor's: to be asked first, and nothing else is hers here."""
    left: Claim | None = None
    """Whom the last event released."""
    relieved: Claim | None = None
    """Whose slot, kept while a colleague was asked, the last event has set free."""
    handled_ms: int = 0
    turn_ms: int | None = None
    """How long the assistant's turn took that the last event has ended; None: it has ended none."""
    unanswered: int = 0
    priority: int | None = None
    """What a manager has said; None: it is as urgent as what brings it about."""
    offline: str = ""
    resolution: str = ""
    rating: int = 0
    online: dict[str, None] = field(default_factory=dict)
    viewers: dict[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    """The agents who look on, as they are told to each other."""
    shown_anew: bool = False
    """The last session to come or go has changed that."""
    last_seen_ms: int = 0
    place: tuple[int, tuple[int, int]] | None = None
    agent_online: bool = True
    streamed: str = ""
    """What was heard so far of the answer being written."""
    heard_ms: int = 0
    """When the last piece of an answer came."""
    next_key: str = ""
    """The visitor's next conversation, opened after the close."""

    @property
    def language(self) -> str:
        """The visitor's, in two small letters, as the browser tells it; empty: unknown."""
        return self.visitor.locale[:2].lower()

    @property
    def sticky(self) -> str:
        """The agent to be asked first: she dropped this visitor, or had her last, and has not just sent her on."""
        if self.wait is not None and self.wait.trigger == "transfer":
            return ""
        dropped_by = self.wait.first_refusal if self.wait is not None else ""
        return dropped_by or self.last_agent or self.former_agent
