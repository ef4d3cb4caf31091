"""One command of a client's on its way, and what its sender is answered: an ack, or an error, once.

Of what a visitor writes after the close an opened conversation takes the place of the closed one; the ack names it.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from actors import commands as c
from actors.events import Attachment, Visitor
from gateway.errors import ProtocolError
from gateway.frames import AGENT, VISITOR, Assign, SetStatus, command_of
from gateway.hub import Hub
from gateway.identity import Identity, may_be_of, successor
from runtime.identity import actor_id
from runtime.messages import Reply


class Ack(Struct, tag_field="type", tag="ack", frozen=True):
    ref: str
    conversation: str | UnsetType = UNSET
    sequence: int | UnsetType = UNSET


Answer = Callable[[Any, Ack | ProtocolError], None]
"""Hears the frame and what became of it."""

_A = {"visitor": "A visitor", "agent": "An agent"}


class Submission:
    """See the module. It is the ticket of its own message: a command costs one object, and no closure."""

    __slots__ = ("_answer", "_command", "_frame", "_hub", "_identity", "_key")

    def __init__(
        self, hub: Hub, identity: Identity, key: str, frame: Any, answer: Answer, attachments: tuple[Attachment, ...]
    ) -> None:
        self._hub = hub
        self._identity = identity
        self._key = key
        self._frame = frame
        self._answer = answer
        self._command = command_of(frame, attachments)

    def send(self) -> None:
        """To the actor that it is for; who is to be assigned something is asked before whether she is there."""
        if type(self._frame) is Assign:
            self._hub.ask(actor_id("agent", self._frame.agent), self._identity.sender, "", c.Describe(), self._assign)
        else:
            self._deliver()

    def _assign(self, reply: Reply) -> None:
        """The conversation decides, so that a `ref` is answered again whatever she does meanwhile."""
        offline = reply.refusal is None and msgspec.json.decode(reply.value or b"{}").get("status") == "offline"
        self._command = c.Assign(self._frame.agent, offline)
        self._deliver()

    def _deliver(self) -> None:
        """The conversation, or an agent if it is about her status."""
        actor = actor_id("conversation", self._key)
        if type(self._frame) is SetStatus:
            actor = actor_id("agent", self._frame.agent or self._identity.id)
        self._hub.deliver(actor, self._identity.sender, self._frame.ref, self._command, self)

    def settle(self, index: int, reply: Reply) -> None:
        """The actor's reply has come."""
        refusal, frame = reply.refusal, self._frame
        if refusal is None:
            own = type(frame) is SetStatus
            self._answer(frame, Ack(frame.ref) if own else Ack(frame.ref, self._key, reply.sequence))
        elif refusal.code == "closed" and self._identity.role == "visitor" and type(self._command) is c.SendMessage:
            self._hub.ask(actor_id("conversation", self._key), self._identity.sender, "", c.Describe(), self._go_on)
        else:
            self._answer(frame, ProtocolError.of(refusal))

    def _go_on(self, reply: Reply) -> None:
        """The closed conversation has been described: open the next, if it is not, and say it there."""
        if reply.refusal is not None:
            self._answer(self._frame, ProtocolError.of(reply.refusal))
            return
        old = msgspec.json.decode(reply.value or b"{}")
        visitor = msgspec.convert({**old["visitor"]}, Visitor)
        opening = c.Open(self._identity.bot, visitor, old["last_agent"] or "")
        self._key = successor(self._identity.id, self._key)
        actor = actor_id("conversation", self._key)
        self._hub.ask(actor, self._identity.sender, "open", opening, lambda reply: None)
        self.send()


def submit(
    hub: Hub, identity: Identity, key: str, frame: Any, answer: Answer, attachments: tuple[Attachment, ...] = ()
) -> None:
    """Send a client's command to the conversation of that key; `answer` is called once."""
    if type(frame) not in (VISITOR if identity.role == "visitor" else AGENT):
        answer(frame, ProtocolError("forbidden", f"{_A[identity.role]} may not do that."))
    elif not may_be_of(identity, key):
        answer(frame, ProtocolError("forbidden", "That conversation is somebody else's."))
    else:
        Submission(hub, identity, key, frame, answer, attachments).send()
