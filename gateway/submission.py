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
from gateway.frames import COMMANDS, Assign, SetStatus, command_of
from gateway.hub import Hub
from gateway.identity import Identity, may_be_of, successor
from runtime.identity import actor_id
from runtime.machine import Command
from runtime.messages import Reply


class Ack(Struct, tag_field="type", tag="ack", frozen=True, gc=False):
    ref: str
    conversation: str | UnsetType = UNSET
    sequence: int | UnsetType = UNSET


Answer = Callable[[Any, Ack | ProtocolError], None]
"""Hears the frame and what became of it."""

_A = {"visitor": "A visitor", "agent": "An agent"}


class Submission(Struct, eq=False):
    """See the module. It is the ticket of its own message: a command costs one object, and no closure."""

    hub: Hub
    identity: Identity
    key: str
    frame: Any
    answer: Answer
    command: Command

    def send(self) -> None:
        """To the actor that it is for: the conversation, or an agent if it is about her status."""
        frame, identity = self.frame, self.identity
        if type(frame) is SetStatus:
            actor = actor_id("agent", frame.agent or identity.id)
        else:
            actor = actor_id("conversation", self.key)
        self.hub.deliver(actor, identity.sender, frame.ref, self.command, self)

    def assign(self) -> None:
        """To the conversation, when the agent who is to have it has told whether she is there."""
        self.hub.ask(actor_id("agent", self.frame.agent), self.identity.sender, "", c.Describe(), self._assign)

    def _assign(self, reply: Reply) -> None:
        """The conversation decides, so that a `ref` is answered again whatever she does meanwhile."""
        offline = reply.refusal is None and msgspec.json.decode(reply.value or b"{}").get("status") == "offline"
        self.command = c.Assign(self.frame.agent, offline)
        self.send()

    def settle(self, index: int, reply: Reply) -> None:
        """The actor's reply has come."""
        refusal, frame = reply.refusal, self.frame
        if refusal is None:
            own = type(frame) is SetStatus
            self.answer(frame, Ack(frame.ref) if own else Ack(frame.ref, self.key, reply.sequence))
        elif refusal.code == "closed" and self.identity.role == "visitor" and type(self.command) is c.SendMessage:
            self.hub.ask(actor_id("conversation", self.key), self.identity.sender, "", c.Describe(), self._go_on)
        else:
            self.answer(frame, ProtocolError.of(refusal))

    def _go_on(self, reply: Reply) -> None:
        """The closed conversation has been described: open the next, if it is not, and say it there."""
        if reply.refusal is not None:
            self.answer(self.frame, ProtocolError.of(reply.refusal))
            return
        old = msgspec.json.decode(reply.value or b"{}")
        visitor = msgspec.convert({**old["visitor"]}, Visitor)
        opening = c.Open(self.identity.bot, visitor, old["last_agent"] or "")
        self.key = successor(self.identity.id, self.key)
        actor = actor_id("conversation", self.key)
        self.hub.ask(actor, self.identity.sender, "open", opening, lambda reply: None)
        self.send()


def submit(
    hub: Hub, identity: Identity, key: str, frame: Any, answer: Answer, attachments: tuple[Attachment, ...] = ()
) -> None:
    """Send a client's command to the conversation of that key; `answer` is called once."""
    if type(frame) not in COMMANDS[identity.role]:
        answer(frame, ProtocolError("forbidden", f"{_A[identity.role]} may not do that."))
    elif not may_be_of(identity, key):
        answer(frame, ProtocolError("forbidden", "That conversation is somebody else's."))
    else:
        submission = Submission(hub, identity, key, frame, answer, command_of(frame, attachments))
        if type(frame) is Assign:
            submission.assign()
        else:
            submission.send()
