"""What an engine is: something that answers a visitor's turn, in pieces and then with a last word.

An engine knows one bot's options and files. It knows nothing of conversations, epochs, actors or sockets: whoever asks
it gathers the pieces, stops listening when nobody waits any more (`aclose` ends the work), and decides what follows.

    Piece* Answer       the turn is answered; the answer's text is the whole of it, pieces included
    Cost                anywhere before the answer, by engines that cost: so that a turn that is dropped is paid for
    EngineFailed        it could not be answered now: the model is down, too slow, or speaks nonsense

A further engine is a further file: ``<kind>_engine.py`` beside this one, with ``build(options, folder) -> Engine``
and ``Options``, a Struct of what is configured.
"""

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import msgspec
from msgspec import Struct

from actors.settings import AssistantSettings

__all__ = [
    "Answer",
    "Cost",
    "Engine",
    "EngineFailed",
    "Piece",
    "Role",
    "Said",
    "Turn",
    "build_engine",
    "engine_kinds",
    "unfit",
]

Options = TypeVar("Options", bound=Struct)

Role = Literal["visitor", "assistant", "agent", "summary"]

_PACKAGE, _SUFFIX = "actors.assistant", "_engine"


class Said(Struct, frozen=True):
    """Something said earlier in the conversation; a summary is an agent's, written when she handed back."""

    role: Role
    text: str


class Turn(Struct, frozen=True):
    """What is to be answered: the visitor's texts since the last answer, joined, and what went before, oldest first."""

    question: str
    said: tuple[Said, ...] = ()
    bot: str = ""
    """The bot's name, as visitors know it."""
    locale: str = ""
    """The visitor's, as the browser tells it ("de-AT"); "" when unknown."""
    asked: bool = True
    """Something waits for an answer. The question alone does not tell: it may be a file."""


class Piece(Struct, frozen=True, tag="piece"):
    """A part of an answer that is still being written."""

    text: str


class Cost(Struct, frozen=True, tag="cost"):
    """What the turn has cost so far, in tokens, known or estimated. It only grows."""

    tokens: int


class Answer(Struct, frozen=True, tag="answer"):
    """The last word on a turn. `known` is False when the engine could only say that it does not know."""

    text: str
    confidence: float = 1.0
    """From 0 to 1: how likely the text answers the question."""
    sources: tuple[str, ...] = ()
    known: bool = True
    wants_human: bool = False
    """The engine itself asks for a human; `detail` says why."""
    detail: str = ""
    tokens: int = 0
    """What the turn cost, all in all, for a bot's budget; 0 where nothing is counted."""


class EngineFailed(Exception):
    """The turn could not be answered; asking again may help. The message is for operators, and holds no secrets."""


class Engine(Protocol):
    """Answers turns. One engine serves many conversations at once."""

    def answer(self, turn: Turn) -> AsyncGenerator[Piece | Cost | Answer]:
        """Pieces, then exactly one Answer; raises EngineFailed. Closing the iterator stops the work behind it."""
        ...


def engine_kinds() -> tuple[str, ...]:
    """The kinds of engine there are: one for each file."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def unfit(kind: str, settings: AssistantSettings) -> tuple[str, str] | None:
    """What keeps an engine of the kind from taking the settings: the field and why, in words for their author."""
    try:
        as_options(settings, _module(kind).Options)
    except UnknownKind as why:
        return "kind", str(why)
    except ValueError as why:
        return "options", str(why)
    return None


def build_engine(kind: str, options: Mapping[str, object] | Struct, folder: Path | str = ".") -> Engine:
    """The engine of a kind with its options, paths among them relative to `folder`.

    Raises ValueError, in words for whoever configured it, when the kind is unknown or the options do not fit.
    """
    engine: Engine = _module(kind).build(options, Path(folder))
    return engine


class UnknownKind(ValueError):
    """There is no such file."""


def _module(kind: str) -> Any:
    if kind not in engine_kinds():
        raise UnknownKind(f"there is no assistant of kind {kind!r}; there are: {', '.join(engine_kinds())}")
    return importlib.import_module(f"{_PACKAGE}.{kind}{_SUFFIX}")


def as_options(options: Mapping[str, object] | Struct, kind: type[Options]) -> Options:
    """The options as the engine's own type; what it has no field for is ignored. Raises ValueError.

    A further engine's own are in the table `options` of the configuration, beside those that every engine knows.
    """
    if isinstance(options, Struct):
        told = msgspec.to_builtins(options)
        options = {**told, **told.pop("options", {})}
    return msgspec.convert(options, kind)
