"""The smallest machine that does everything a machine may do: it keeps the labels that it was given, in order."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import msgspec

from runtime.identity import ActorId
from runtime.machine import (
    Announce,
    Ask,
    Attached,
    Command,
    Detached,
    Effect,
    Event,
    Fact,
    Find,
    Found,
    Frame,
    Measure,
    Origin,
    Push,
    Query,
    Rejected,
    Signal,
    Summary,
    Tell,
)


class Add(Command, frozen=True, tag="tally.add"):
    label: str


class Count(Add, frozen=True, tag="tally.count"):
    """Like `Add`, but its sender learns what has come of it."""

    answered: ClassVar[bool] = True


class Hush(Command, frozen=True, tag="tally.hush"):
    """Like `Add`, but its event is quiet."""

    label: str


class Several(Command, frozen=True, tag="tally.several"):
    """One command, many events."""

    labels: tuple[str, ...]


class Forward(Command, frozen=True, tag="tally.forward"):
    """Add the label here, and tell another actor to add it."""

    to: ActorId
    label: str


class Whisper(Command, frozen=True, tag="tally.whisper"):
    """Only a signal; it may tell another actor."""

    label: str
    to: ActorId | None = None


class Move(Command, frozen=True, tag="tally.move"):
    """A signal of what is shown to those who follow, and not listed."""

    place: int


class Knock(Command, frozen=True, tag="tally.knock"):
    """A signal of what is listed."""


class Forbidden(Command, frozen=True, tag="tally.forbidden"):
    pass


class WakeMe(Command, frozen=True, tag="tally.wake_me"):
    """Ring at that time; 0: never mind."""

    at_ms: int


class Ring(Command, frozen=True, tag="tally.ring"):
    """What the deadline brings. `at_ms` is the time it was set for."""

    at_ms: int


class Show(Command, frozen=True, tag="tally.show"):
    """Every effect that is not a tell."""

    text: str


class Total(Query, frozen=True, tag="tally.total"):
    pass


class Added(Event, frozen=True, tag="added"):
    label: str


class Hushed(Event, frozen=True, tag="hushed"):
    quiet = True
    label: str


class Forwarded(Event, frozen=True, tag="forwarded"):
    to: ActorId
    label: str


class WakeSet(Event, frozen=True, tag="wake_set"):
    at_ms: int


class Rang(Event, frozen=True, tag="rang"):
    at_ms: int


class Shown(Event, frozen=True, tag="shown"):
    text: str


class Lost(Event, frozen=True, tag="lost"):
    pass


class Whispered(Signal, frozen=True):
    label: str
    to: ActorId | None = None


class Moved(Signal, frozen=True):
    relists: ClassVar[Literal["", "told", "written"]] = "told"
    place: int


class Knocked(Signal, frozen=True):
    relists: ClassVar[Literal["", "told", "written"]] = "written"


class Joined(Signal, frozen=True):
    session: str


class Left(Signal, frozen=True):
    session: str


class Awake(Signal, frozen=True):
    """Nobody is here yet."""


class Shouted(Frame, frozen=True, tag="shouted"):
    text: str


class Think(Command, frozen=True, tag="tally.think"):
    """A request to a worker."""

    text: str


class TallyState(msgspec.Struct):
    """`labels` is durable; the fields from `present` on are not."""

    key: str
    labels: list[str] = []
    wake_at_ms: int | None = None
    rings: list[int] = []
    present: list[str] = []
    whispers: list[str] = []
    found: list[str] = []
    place: int = 0
    knocks: int = 0


class TallyMachine:
    """See the module."""

    kind = "tally"
    commands: tuple[type[Command], ...] = (
        Add, Count, Hush, Several, Forward, Whisper, Move, Knock, Forbidden, WakeMe, Ring, Show, Total, Attached,
        Detached, Found,
    )  # fmt: skip
    events: Any = Added | Hushed | Forwarded | WakeSet | Rang | Shown | Lost
    lost = Lost
    state: type[msgspec.Struct] = TallyState
    resident = False

    def initial(self, key: str) -> TallyState:
        return TallyState(key)

    def decide(self, state: TallyState, command: Any, origin: Origin) -> Sequence[Fact]:
        match command:
            case Add(label):
                return [Added(label)]
            case Hush(label):
                return [Hushed(label)]
            case Several(labels):
                return [Added(label) for label in labels]
            case Forward(to, label):
                return [Forwarded(to, label)]
            case Whisper(label, to):
                return [Whispered(label, to)]
            case Move(place):
                return [Moved(place)]
            case Knock():
                return [Knocked()]
            case WakeMe(at_ms):
                return [WakeSet(at_ms)]
            case Ring(at_ms):
                return [Rang(at_ms)]
            case Show(text):
                return [Shown(text)]
            case Attached(session):
                return [Joined(session)]
            case Detached(session):
                return [Left(session)]
            case Found(_, bodies):
                return [Whispered(f"found {body.decode()}") for body in bodies]
        raise Rejected("not_allowed", "Never.", why=self.kind)

    def apply(self, state: TallyState, fact: Fact, at_ms: int) -> TallyState:
        match fact:
            case Added(label) | Hushed(label) | Forwarded(_, label):
                state.labels.append(label)
            case WakeSet(when_ms):
                state.wake_at_ms = when_ms or None
            case Rang(when_ms):
                state.wake_at_ms = None
                state.rings.append(when_ms)
            case Joined(session):
                if session not in state.present:
                    state.present.append(session)
            case Left(session):
                state.present = [one for one in state.present if one != session]
            case Whispered(label):
                state.whispers.append(label)
            case Moved(place):
                state.place = place
            case Knocked():
                state.knocks += 1
            case Awake():
                state.present, state.whispers, state.found, state.place, state.knocks = [], [], [], 0, 0
        return state

    def effects(self, state: TallyState, fact: Fact, at_ms: int) -> Sequence[Effect]:
        match fact:
            case Added(label):
                return [Measure("added", (label,))]
            case Forwarded(to, label):
                return [Tell(to, Add(f"{label} from {state.key}"))]
            case Whispered(label, to) if to is not None:
                return [Tell(to, Add(label))]
            case Shown(text):
                return [
                    Push(Shouted(text), "all"),
                    Announce("square", Shouted(text)),
                    Ask("thinkers", Think(text)),
                    Find((f"room:{text}",)),
                ]
        return []

    def patience_ms(self, state: TallyState) -> int:
        return 0

    def deadline(self, state: TallyState) -> tuple[int, Command] | None:
        return (state.wake_at_ms, Ring(state.wake_at_ms)) if state.wake_at_ms is not None else None

    def activated(self, state: TallyState, now_ms: int) -> Sequence[Signal]:
        return [Awake()]

    def answer(self, state: TallyState, query: Any, origin: Origin) -> Any:
        return {"labels": state.labels, "rings": state.rings, "present": state.present, "whispers": state.whispers}

    def summary(self, state: TallyState) -> Summary | None:
        if not state.labels:
            return None
        body, shown = msgspec.json.encode(len(state.labels) + state.knocks), msgspec.json.encode(state.place)
        return Summary((f"room:{state.key}",), "square", body, shown if state.place else None)

    def public(self, event: Any) -> Event | None:
        if isinstance(event, Hushed):
            return None
        return Added("a label") if isinstance(event, Added) and event.label == "secret" else event


class ResidentMachine(TallyMachine):
    """Stays once it is active."""

    kind = "resident"
    resident = True
