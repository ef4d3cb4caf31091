"""What an actor kind is: a pure state machine. No I/O, no clock, no randomness; time comes in with the command.

    decide(state, command, origin) -> facts      raises Rejected: nothing happened
    apply(state, fact, at_ms) -> state           accepts whatever decide emits; replay is a fold of it
    effects(state, fact, at_ms) -> effects       after the commit only, never in replay
    deadline(state) -> (when_ms, command) | None the one next thing that time itself will bring

A fact is an `Event` (journaled, numbered, published to watchers) or a `Signal` (applied, never journaled:
typing, presence). The runtime owns the state it hands to `apply`, which may change it in place. What is said, decided
and caused is plain data, never part of a cycle: the garbage collector need not look at it.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import msgspec

from runtime.identity import ActorId


class Command(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Imperative; may be rejected. Subclasses set a `tag` that no other command of the system has.

    The reply to an `answered` one brings what `Machine.answer` says once it is done, and when it is sent again. What
    only `asks` is not decided.
    """

    answered: ClassVar[bool] = False
    asks: ClassVar[bool] = False


class Query(Command, frozen=True):
    """A command that only asks: answered by `Machine.answer`, emits nothing."""

    answered: ClassVar[bool] = True
    asks: ClassVar[bool] = True


class Event(msgspec.Struct, tag_field="type", frozen=True, gc=False):
    """Past tense, journaled, never rejected.

    `quiet` ones leave the summary's terms as they are: it may lag. `published` ones go to the sessions attached. Those
    that are not `lasting` may be forgotten once a baseline has restated them: see `Forgetful`.
    """

    journaled: ClassVar[bool] = True
    lasting: ClassVar[bool] = True
    quiet: ClassVar[bool] = False
    published: ClassVar[bool] = True


class Signal(msgspec.Struct, frozen=True, gc=False):
    """A fact that does not outlive its process: applied and published, never journaled.

    `relists` one that makes another of the actor's summary: whoever follows the topic is told, or the row written too.
    """

    journaled: ClassVar[bool] = False
    relists: ClassVar[Literal["", "told", "written"]] = ""


Fact = Event | Signal


class Frame(msgspec.Struct, tag_field="type", frozen=True, gc=False):
    """What crosses a socket to a client, encoded once for all who get it."""


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where a command came from: the sender's address (`agent/alice`, `visitor/x`, another actor) and the time."""

    sender: str
    now_ms: int


class Rejected(Exception):
    """The state does not permit it: nothing happened. `code` is one of the protocol's error codes."""

    def __init__(self, code: str, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class Tell(msgspec.Struct, frozen=True, gc=False):
    """Effect: a command for another actor, done exactly once if it came from an event; at most once from a signal.

    In order, unless the receiver was overloaded meanwhile. One that was rejected may be tried again after a crash.
    """

    to: ActorId
    command: Command


class Ask(msgspec.Struct, frozen=True, gc=False):
    """Effect: work for a pool of workers, which answer with commands, or never: the machine's deadline covers that.

    Requests of one actor go to one worker, in order; another `attempt` goes to another.
    """

    pool: str
    request: Command
    attempt: int = 0


class Push(msgspec.Struct, frozen=True, gc=False):
    """Effect: a frame for the sessions attached to this actor. `audience` is matched by the gateway."""

    frame: Frame
    audience: str = ""


class Announce(msgspec.Struct, frozen=True, gc=False):
    """Effect: a frame for all who follow a topic, whatever host they are at."""

    topic: str
    frame: Frame


class Find(msgspec.Struct, frozen=True, gc=False):
    """Effect: the journal's summaries that have all of `terms`, answered with the command `Found`."""

    terms: tuple[str, ...]


class Measure(msgspec.Struct, frozen=True, gc=False):
    """Effect: what the metrics should know of a fact, once it is durable."""

    name: str
    labels: tuple[str, ...]
    value: float = 1.0


Effect = Tell | Ask | Push | Announce | Find | Measure


class Found(Command, frozen=True, tag="found"):
    """The summaries that a `Find` of these terms has found."""

    terms: tuple[str, ...]
    bodies: list[bytes]


class Attached(Command, frozen=True, tag="attached"):
    """A session of the sender now watches this actor. Sessions end with their gateway."""

    session: str


class Detached(Command, frozen=True, tag="detached"):
    """The session is gone, or the gateway that held it."""

    session: str


class Summary(msgspec.Struct, frozen=True, gc=False):
    """One row an actor in the journal's index: exact terms to list by, the topic to announce it on, and its JSON.

    `shown` is what is announced where that is more than the row has: what changes too often to be written.
    """

    terms: tuple[str, ...]
    topic: str
    body: bytes
    shown: bytes | None = None


class Machine(Protocol):
    """An actor kind. `commands`, `events` and `state` are the types that cross processes and the journal."""

    @property
    def kind(self) -> str:
        """The first part of its actors' addresses."""

    @property
    def commands(self) -> tuple[type[Command], ...]:
        """What it takes; these types cross processes."""

    @property
    def events(self) -> Any:
        """The union of its events, as the journal holds them."""

    @property
    def state(self) -> type:
        """A Struct, so that it can be kept in a snapshot; any class if the kind has no events."""

    @property
    def resident(self) -> bool:
        """Once active, it stays: what it knows beyond its journal took effort to learn."""

    def initial(self, key: str) -> Any:
        """The state of an actor that nothing has happened to."""

    def decide(self, state: Any, command: Any, origin: Origin) -> Sequence[Fact]:
        """What follows from the command. Raises `Rejected`, and then nothing happened."""

    def apply(self, state: Any, fact: Any, at_ms: int) -> Any:
        """The state after the fact."""

    def effects(self, state: Any, fact: Any, at_ms: int) -> Sequence[Effect]:
        """What to do once the fact is durable; `state` is the one after it."""

    def deadline(self, state: Any) -> tuple[int, Command] | None:
        """When the actor should be sent which command, if nothing happens before.

        Only what events have brought about is certain to be woken for after a crash: signals are forgotten with it.
        """

    def patience_ms(self, state: Any) -> int:
        """For so long from now on, quiet events bring no deadline before the one that there was. 0: who knows?"""

    def activated(self, state: Any, now_ms: int) -> Sequence[Signal]:
        """What a machine that was just read from the journal must know: nobody is attached yet."""

    def answer(self, state: Any, query: Any, origin: Origin) -> Any:
        """The answer to a query, or to a command that is `answered`: anything that encodes to JSON."""

    def summary(self, state: Any) -> Summary | None:
        """The row to list this actor by; None while there is nothing to list."""

    def public(self, event: Any) -> Event | None:
        """What a visitor may see of an event: itself, a copy with less in it, or nothing."""


@runtime_checkable
class Forgetful(Protocol):
    """A kind of actor that lives for years, and whose history nobody needs in full.

    Before a snapshot a baseline is journaled: an event that says by itself all that those before it add up to. So
    what lies before it may be cut out of the journal, but for `lasting` events, and the rest is still understood by
    versions that do not understand the snapshot.
    """

    @property
    def baseline_type(self) -> type[Event]:
        """The type of what `baseline` returns."""

    @property
    def baseline_events(self) -> int:
        """So many events lie between two baselines at least: they must not outweigh what they make dispensable."""

    def baseline(self, state: Any) -> Event:
        """The state as an event. It has no effects, and applied to any state it makes this one, but for signals."""


@runtime_checkable
class Discreet(Protocol):
    """A kind that signals tell what is others'. They may be forgotten long before its next snapshot is written."""

    def kept(self, state: Any) -> Any:
        """A copy of the state with nothing in it that only signals have told: what a snapshot keeps."""


@runtime_checkable
class Watched(Protocol):
    """A kind whose events others know by their numbers: none is given twice, whatever the store has lost."""

    def lost(self) -> Event:
        """What is journaled where an event was that the store has lost after it was told. It changes nothing."""
