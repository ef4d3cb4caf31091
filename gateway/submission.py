"""One command of a client's on its way, and what its sender is answered: an ack, or an error, once.

Of what a visitor writes after the close an opened conversation takes the place of the closed one; the ack names it.
What else a visitor's window sends goes there too, once another window has opened it.
"""

from typing import Any, Protocol, cast

import msgspec

from actors import commands as c
from actors.events import Visitor
from gateway.acks import Ack
from gateway.errors import ProtocolError
from gateway.frames import COMMANDS
from gateway.hub import Hub
from gateway.identity import Identity, may_be_of, successor
from gateway.sessions import Role
from runtime.identity import ActorId, actor_id
from runtime.machine import Command
from runtime.messages import Reply


class Client(Protocol):
    """Whoever submits."""

    @property
    def hub(self) -> Hub:
        """Where."""

    @property
    def identity(self) -> Identity:
        """As whom."""

    def answered(self, frame: Any, answer: Ack | ProtocolError) -> None:
        """What became of a frame, once."""

    def moved(self, key: str) -> None:
        """A visitor goes on in this conversation, the ack of the first message in which comes next."""


class Listener(Client, Protocol):
    """One that is connected, and hears of what is its own."""

    def join(self, actor: ActorId, sequence: int) -> None:
        """The conversation is this agent's, from about the sequence on."""


class Submission:
    """See the module. It is the ticket of its own message: a command costs one object, and no closure.

    `key` is the conversation's, for the ack; empty: the command is about an agent's status.
    """

    __slots__ = ("actor", "client", "command", "frame", "key")

    def __init__(self, client: Client, actor: ActorId, key: str, frame: Any, command: Command) -> None:
        self.client = client
        self.actor = actor
        self.key = key
        self.frame = frame
        self.command = command

    def send(self) -> None:
        """To the actor that it is for."""
        client = self.client
        client.hub.deliver(self.actor, client.identity.sender, self.frame.ref, self.command, self)

    def settle(self, index: int, reply: Reply) -> None:
        """The actor's reply has come."""
        client, refusal, frame = self.client, reply.refusal, self.frame
        if refusal is None:
            client.answered(frame, Ack(frame.ref, self.key, reply.sequence) if self.key else Ack(frame.ref))
        elif refusal.code == "closed" and client.identity.role == "visitor" and type(self.command) is c.SendMessage:
            client.hub.ask(self.actor, client.identity.sender, "", c.Describe(), self._go_on)
        else:
            client.answered(frame, ProtocolError.of(refusal))

    def _go_on(self, reply: Reply) -> None:
        """The closed conversation has been described: open the next, if it is not, and say it there."""
        client = self.client
        if reply.refusal is not None:
            client.answered(self.frame, ProtocolError.of(reply.refusal))
            return
        identity = client.identity
        old = msgspec.json.decode(reply.value or b"{}")
        visitor = msgspec.convert({**old["visitor"]}, Visitor)
        opening = c.Open(identity.bot, visitor, old["last_agent"] or "")
        key = successor(identity.id, self.key)
        actor = actor_id("conversation", key)
        client.hub.ask(actor, identity.sender, "open", opening, lambda opened: self._opened(key, opened))
        _Moved(client, actor, key, self.frame, self.command).send()

    def _opened(self, key: str, reply: Reply) -> None:
        if reply.refusal is None:
            lead_on(self.client.hub, self.actor, self.client.identity.sender, key)


class Following(Submission):
    """A visitor's, of a window that may not know yet that the visitor goes on in a later conversation."""

    def settle(self, index: int, reply: Reply) -> None:
        client, refusal = self.client, reply.refusal
        if refusal is None:
            client.moved(self.key)
        elif refusal.code == "closed":
            next_key = successor(client.identity.id, self.key)
            actor = actor_id("conversation", next_key)
            client.hub.ask(
                actor, client.identity.sender, "", c.Describe(), lambda found: self._follow(next_key, found, reply)
            )
            return
        super().settle(index, reply)

    def _follow(self, key: str, found: Reply, closed: Reply) -> None:
        """The next conversation has been described: it is asked, if there is one."""
        if found.refusal is None and msgspec.json.decode(found.value or b"{}").get("state") not in (None, "new"):
            Following(self.client, actor_id("conversation", key), key, self.frame, self.command).send()
        else:
            super().settle(0, closed)


class _Moved(Submission):
    """One that goes on in a new conversation."""

    def settle(self, index: int, reply: Reply) -> None:
        if reply.refusal is None:
            self.client.moved(self.key)
        super().settle(index, reply)


class Taking(Submission):
    """A command by which an agent takes a conversation."""

    def settle(self, index: int, reply: Reply) -> None:
        super().settle(index, reply)
        if reply.refusal is None:
            cast(Listener, self.client).join(self.actor, reply.sequence)


class Assignment(Submission):
    """Whether the agent who is to have the conversation is there, she is asked first."""

    def send(self) -> None:
        """To the conversation, when she has told."""
        client, agent = self.client, actor_id("agent", self.frame.agent)
        client.hub.ask(agent, client.identity.sender, "", c.Describe(), self._told)

    def _told(self, reply: Reply) -> None:
        """The conversation decides, so that a `ref` is answered again whatever she does meanwhile."""
        offline = reply.refusal is None and msgspec.json.decode(reply.value or b"{}").get("status") == "offline"
        self.command = c.Assign(self.frame.agent, offline)
        super().send()


def lead_on(hub: Hub, closed: ActorId, visitor: str, key: str) -> None:
    """Windows of the visitor's that are still at the closed conversation, at whatever gateway, follow to this one."""
    hub.ask(closed, visitor, "", c.GoOn(key), lambda reply: None)


def need_right(identity: Identity, key: str, frame: Any) -> None:
    """Raises `forbidden` if that is not for the role, or the conversation cannot be the visitor's."""
    if type(frame) not in COMMANDS[identity.role]:
        raise not_for(identity.role)
    if not may_be_of(identity, key):
        raise ProtocolError("forbidden", "That conversation is somebody else's.")


def not_for(role: Role) -> ProtocolError:
    """What is answered to a frame that is another role's."""
    return ProtocolError("forbidden", f"{_A[role]} may not do that.")


_A = {"visitor": "A visitor", "agent": "An agent"}
