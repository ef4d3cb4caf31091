"""What a process of the system is, and what a cluster of them can do, whoever runs them: Ray, or this process alone.

A process is a plain importable class with `async deliver(batch) -> answers`, `async where() -> address`,
`async status() -> dict` and `async stop()`. Its constructor takes a `Network`, its name, and the arguments of its
spec. It may be run again after every crash, so whatever a process needs to begin, it begins by itself when it is
first called.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Protocol

import msgspec

from runtime.wire import Handler

Status = dict[str, Any] | None
"""What a process says of itself; `{"failed": why}` if it could not begin, None if it does not answer."""


class ProcessSpec(msgspec.Struct, frozen=True):
    """What to start under a name: a class by its import path, `module:name`, and its arguments."""

    program: str
    arguments: tuple[Any, ...] = ()

    @property
    def title(self) -> str:
        """The name of the class, without a look at it."""
        return self.program.partition(":")[2]

    def load(self) -> Any:
        """The class."""
        return getattr(import_module(self.program.partition(":")[0]), self.title)


class Network(Protocol):
    """How a process reaches others by their names. A dedicated host is started by the first call to it."""

    shared_interpreter: bool
    """Several processes of the system are one of the operating system's: what is global there is not theirs."""

    def restarted(self) -> bool:
        """The process that asks has lived before, and was not told to end."""

    async def listen(self, handler: Handler) -> bytes:
        """Take batches for this process from now on; where, in words that only networks understand."""

    async def call(self, peer: str, batch: bytes) -> bytes:
        """Deliver a batch. Raises `Unreachable`: the same batch may be sent again."""

    async def ask(self, peer: str, method: str, *arguments: Any) -> bytes:
        """What a method of the process returns. Raises `Unreachable`."""

    async def names(self) -> list[str]:
        """Every process that lives, dedicated hosts too."""

    def leave(self, name: str) -> None:
        """End the process of this name, the caller's own, for good; whoever calls a dedicated host begins it anew.

        Returns while it may still live: what it is called with meanwhile may be done, or not.
        """


class Cluster(Protocol):
    """The processes as who started them sees them."""

    @property
    def address(self) -> str:
        """Where others join, or nothing."""

    @property
    def namespace(self) -> str:
        """How the system is told from others at the same address."""

    @property
    def folder(self) -> str:
        """What is made anew for each life of the system besides its own data, or nothing."""

    def start(self, processes: Mapping[str, ProcessSpec]) -> None:
        """Start these processes by name, all at once. Returns before they are ready."""

    def status(self, names: Iterable[str], timeout_seconds: float) -> dict[str, Status]:
        """What each process says of itself, in the time given."""

    def names(self) -> list[str]:
        """Every process that lives, dedicated hosts too."""

    def stop(self, each: Callable[[str], None] = lambda name: None, timeout_seconds: float = 5.0) -> None:
        """End every process, gateways first; `each` hears of each."""


EDGES = ("gateway/", "bridge/")
"""How processes are named that speak to the world outside."""


def in_stopping_order(names: Iterable[str]) -> list[str]:
    """Edges first: what they are in the middle of, the others may still settle."""
    return sorted(names, key=lambda name: (not name.startswith(EDGES), name))
