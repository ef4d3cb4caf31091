"""What crosses a link, and how a batch of it is encoded: MessagePack, decoded into types in one call.

A message is encoded once, whoever receives it; a batch is its messages spliced behind a header:
`[sender, incarnation, number, settled, [message, ...]]`.

None of it can be part of a cycle: the garbage collector need not look at it.
"""

import functools
import operator
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from runtime.identity import ActorId

C = TypeVar("C")
M = TypeVar("M")


class Deliver(msgspec.Struct, Generic[C], array_like=True, frozen=True, gc=False, tag="d"):
    """A command for an actor. The same `ref` from the same sender is done once; an empty one is not remembered.

    `new`: the sender has just made the actor's name, so that there is nothing of it to read.
    """

    to: ActorId
    sender: str
    ref: str
    command: C
    new: bool = False


class Attach(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="a"):
    """The sending gateway's session watches the actor from now on; the answer is its summary and last sequence.

    `told` is false for a silent watcher: the machine does not hear of it.
    """

    to: ActorId
    sender: str
    session: str
    told: bool = True


class Detach(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="z"):
    """The session watches no more."""

    to: ActorId
    sender: str
    session: str


class Follow(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="f"):
    """The sending gateway wants what is announced on the topic (or no longer)."""

    topic: str
    on: bool = True


class Wake(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="w"):
    """Activate this actor when that time has come: it has something to do."""

    actor: ActorId
    at_ms: int = 0


class Relay(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="r"):
    """From a dedicated host to the one that followers know: announce this for me."""

    topic: str
    key: str
    body: bytes


class Published(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="p"):
    """A durable event for the sessions attached to an actor: in order, and in rare failures more than once.

    `public` is None when a visitor sees the same body, empty when nothing.
    """

    actor: ActorId
    sequence: int
    at_ms: int
    body: bytes
    public: bytes | None = None


class Pushed(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="q"):
    """A frame, encoded as JSON, for the sessions attached to an actor."""

    actor: ActorId
    audience: str
    frame: bytes


class Announced(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="n"):
    """Something new on a topic: a summary's body under its key (empty: removed), or a frame when the key is empty."""

    topic: str
    key: str
    body: bytes


class Hello(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="h"):
    """Says nothing but who lives: the batch's header names the sender and its incarnation."""


class Forgotten(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="o"):
    """Attach and follow again, and fetch what is missing: the receiver was silent for a lease and is forgotten here,
    or there is a gap in what could be published."""


class Asked(msgspec.Struct, Generic[C], array_like=True, frozen=True, gc=False, tag="k"):
    """Work for a worker, and the actor that waits for the answer."""

    actor: ActorId
    request: C


class Refusal(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Why a command was rejected, in the protocol's words."""

    code: str
    message: str
    detail: dict[str, Any]


class Reply(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The answer to one message: the actor's last sequence after it, a refusal, or a query's answer as JSON."""

    sequence: int = 0
    refusal: Refusal | None = None
    value: bytes | None = None


class Batch(msgspec.Struct, Generic[M], array_like=True, frozen=True, gc=False):
    """What one call carries. `number` counts a sender incarnation's batches to this receiver from 1; all up to
    `settled` have their answers."""

    sender: str
    incarnation: str
    number: int
    settled: int
    messages: list[M]


class Answers(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the call returns: who answered, and a reply for each message (none for those that want none)."""

    incarnation: str
    replies: list[Reply | None]


_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
decode_answers = msgspec.msgpack.Decoder(Answers).decode


def splice(sender: str, incarnation: str, number: int, settled: int, messages: Sequence[bytes]) -> bytes:
    """A batch from messages that are encoded already."""
    header = b"\x95" + encode(sender) + encode(incarnation) + encode(number) + encode(settled)
    return header + b"\xdd" + len(messages).to_bytes(4, "big") + b"".join(messages)


def _union(types: Iterable[Any]) -> Any:
    return functools.reduce(operator.or_, types)


def host_decoder(commands: Iterable[type]) -> msgspec.msgpack.Decoder[Batch[Any]]:
    """Decodes what a host receives."""
    deliver: Any = Deliver
    return _decoder([deliver[_union(commands)], Attach, Detach, Follow, Wake, Relay, Hello])


def gateway_decoder() -> msgspec.msgpack.Decoder[Batch[Any]]:
    """Decodes what a gateway receives."""
    return _decoder([Published, Pushed, Announced, Forgotten, Hello])


def worker_decoder(requests: Iterable[type]) -> msgspec.msgpack.Decoder[Batch[Any]]:
    """Decodes what a worker receives."""
    asked: Any = Asked
    return _decoder([asked[_union(requests)], Hello])


def _decoder(messages: Iterable[Any]) -> msgspec.msgpack.Decoder[Batch[Any]]:
    batch: Any = Batch
    return msgspec.msgpack.Decoder(batch[_union(messages)])
