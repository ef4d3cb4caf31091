"""Facts of a conversation that do not outlive its process: who is there, who writes, where in the queue it stands."""

from typing import ClassVar, Literal

from actors import events as e
from runtime.machine import Signal


class Woken(Signal, frozen=True):
    """Just read from the journal: nobody is known to be attached."""


class SessionsChanged(Signal, frozen=True):
    """A visitor's or an agent's session has come or gone."""

    session: str
    who: str
    here: bool


class TypingSignalled(Signal, frozen=True):
    """Somebody writes, or has stopped."""

    by: e.Speaker
    name: str
    active: bool
    text: str


class ChunkArrived(Signal, frozen=True):
    """A piece of the assistant's answer."""

    turn: str
    text: str
    offset: int


class StaleRefused(Signal, frozen=True):
    """The assistant spoke under an epoch that is over: nobody hears it."""


class PlaceShown(Signal, frozen=True):
    """Whoever watches the bot is told of the new place too."""

    relists: ClassVar[Literal["", "told", "written"]] = "told"


class VisitorSeen(Signal, frozen=True):
    """The visitor's first window has come, or the last one has gone: what is listed says so."""

    relists: ClassVar[Literal["", "told", "written"]] = "written"


class PlaceChanged(Signal, frozen=True):
    """The supervisor has told the place in the queue."""

    position: int
    eta_seconds: tuple[int, int]


class AgentSeen(Signal, frozen=True):
    """The owner's connections have dropped, or are back."""

    online: bool


class GoneOn(Signal, frozen=True):
    """It is closed, and its visitor has opened the next one."""

    key: str


class SlotReturned(Signal, frozen=True):
    """An agent has kept a slot for this conversation, which does not want it (any more)."""

    agent: str
    epoch: int
    attempt: int = 0


class OfferRepeated(Signal, frozen=True):
    """She may not know any more what rings: she is told again."""


class NotWaiting(Signal, frozen=True):
    """The supervisor believes that it waits, under an epoch that is over."""
