"""What a connected client's frames do. What is wrong with one is answered with an error; the connection survives it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gateway import frames as f
from gateway.acks import Ack
from gateway.edge import Edge
from gateway.errors import ProtocolError, too_often
from gateway.identity import Identity, later
from gateway.sessions import Role, Session
from gateway.submission import Assignment, Following, Submission, Taking, not_for
from runtime.clock import wall_clock_ms
from runtime.identity import ActorId, actor_id
from runtime.messages import Reply

_encode = msgspec.json.Encoder().encode


class Dispatch:
    """One client's. `conversation` is the one that a visitor's commands go to."""

    __slots__ = (
        "_actor",
        "_acts",
        "_bounds",
        "_commands",
        "_conversation",
        "_decode",
        "_edge",
        "_in_flight",
        "_packed",
        "_pause",
        "_paused",
        "_session",
        "hub",
        "identity",
    )

    def __init__(
        self,
        edge: Edge,
        identity: Identity,
        session: Session,
        conversation: str,
        packed: bool,
        pause: Callable[[bool], None],
    ) -> None:
        self._edge = edge
        self._bounds = edge.bounds
        self.hub = edge.hub
        self.identity = identity
        self._session = session
        self._conversation = conversation
        self._actor = actor_id("conversation", conversation)
        self._packed = packed
        self._pause = pause
        self._paused = False
        self._in_flight = 0
        self._decode: Callable[[bytes], Any] = f.decode_msgpack if packed else f.decode_json
        self._acts = _ACTS[identity.role]
        self._commands = f.COMMANDS[identity.role]

    def take(self, data: bytes) -> None:
        """One message of the client's."""
        decode = self._decode
        try:
            frame = decode(data)
        except f.UNDECODABLE as error:
            wrong, ref = f.malformed(data, error, self._packed)
            self.hub.recorder.refused(wrong, sender=self.identity.sender, ref=ref or "")
            self._send(wrong.frame(ref))
            return
        self._acts[type(frame)](self, frame)

    def _send(self, frame: Any) -> None:
        self._session.send(_encode(frame))

    def _refuse(self, frame: Any, error: ProtocolError) -> None:
        key = frame.conversation
        ids = {"sender": self.identity.sender, "conversation": key or self._conversation}
        self.hub.recorder.refused(error, **ids, ref=frame.ref, command=frame.tag)
        self._send(error.frame(frame.ref, key))

    def _pong(self, frame: f.Ping) -> None:
        self._send({"type": "pong", "ref": frame.ref} if frame.ref else {"type": "pong"})

    # Commands

    def _visitor(self, frame: Any) -> None:
        kind = type(frame)
        bound = self._bounds.get(kind)
        if bound is not None:
            wait_ms = bound.wait_ms(self.identity.id, wall_clock_ms(), frame.ref)
            if wait_ms:
                self._refuse(frame, too_often(wait_ms))
                return
        if self._conversation:
            self._command(self._actor, self._conversation, frame, Submission if kind is f.SendMessage else Following)
        else:
            self._refuse(frame, ProtocolError("not_found", "There is no conversation yet."))

    def _agent(self, frame: Any) -> None:
        key = frame.conversation
        if key is None:
            self._refuse(frame, ProtocolError("bad_request", "Name the conversation.", field="conversation"))
            return
        if type(frame) is f.SendMessage:
            kind = Taking if frame.take_over else Submission
        else:
            kind = _KINDS.get(type(frame), Submission)
        self._command(actor_id("conversation", key), key, frame, kind)

    def _assign(self, frame: f.Assign) -> None:
        if self._is_agent(frame, frame.agent):
            self._agent(frame)

    def _status(self, frame: f.SetStatus) -> None:
        named = frame.agent or self.identity.id
        if self._is_agent(frame, named):
            self._command(actor_id("agent", named), "", frame, Submission)

    def _is_agent(self, frame: Any, named: str) -> bool:
        try:
            self._edge.agent(named)
        except ProtocolError as error:
            self._refuse(frame, error)
            return False
        return True

    def _command(self, actor: ActorId, key: str, frame: Any, kind: type[Submission]) -> None:
        if type(frame) not in self._commands:
            self._refuse(frame, not_for(self.identity.role))
            return
        self._in_flight += 1
        if self._in_flight == IN_FLIGHT_MAX:
            self._paused = True
            self._pause(True)
        try:
            command = f.command_of(frame, self._edge.attachments)
        except ProtocolError as error:
            self.answered(frame, error)
            return
        kind(self, actor, key, frame, command).send()

    def answered(self, frame: Any, answer: Ack | ProtocolError) -> None:
        """A command has been carried out, or refused."""
        self._in_flight -= 1
        if self._paused and self._in_flight <= IN_FLIGHT_MAX // 2:
            self._paused = False
            self._pause(False)
        if type(answer) is ProtocolError:
            self._refuse(frame, answer)
        else:
            self._session.send(_encode(answer))

    def join(self, actor: ActorId, sequence: int) -> None:
        """What is hers, she hears, from the event on that made it hers. Who was too late has nothing to hear."""
        if actor not in self._session.watches:
            self.hub.watch(self._session, actor, max(sequence - TAKING_EVENTS, 0))

    def moved(self, key: str) -> None:
        """The visitor goes on in a new conversation."""
        if not later(key, self._conversation):
            return  # what was said to the closed one may be answered after what has opened the next
        self.hub.unwatch(self._session, self._actor)
        self._conversation, self._actor = key, actor_id("conversation", key)
        self.hub.watch(self._session, self._actor, 0)

    # Watching

    def _watch(self, frame: f.WatchConversation | f.Unwatch) -> None:
        if self.identity.role == "visitor":
            self._visitor(frame)  # which refuses it
            return
        if frame.conversation is None:
            self._refuse(frame, ProtocolError("bad_request", "Name the conversation.", field="conversation"))
            return
        key, actor, hub = frame.conversation, actor_id("conversation", frame.conversation), self.hub
        if isinstance(frame, f.Unwatch):
            hub.unwatch(self._session, actor)
            self._send(Ack(frame.ref, key))
            return
        if actor not in self._session.watches and len(self._session.watches) >= WATCHES_MAX:
            full = f"A connection watches {WATCHES_MAX:,} conversations at most: unwatch some."
            self._refuse(frame, ProtocolError("overloaded", full))
            return
        hub.watch(self._session, actor, frame.after, lambda reply: self._watched(frame, key, actor, reply))

    def _watched(self, frame: Any, key: str, actor: ActorId, reply: Reply) -> None:
        if reply.refusal is not None:
            self.hub.unwatch(self._session, actor)
            self._refuse(frame, ProtocolError.of(reply.refusal))
        else:
            self._send(Ack(frame.ref, key, reply.sequence))

    def _follow(self, frame: f.WatchBot | f.UnwatchBot) -> None:
        if not self._edge.serves(self.identity, frame.bot):
            self._refuse(frame, ProtocolError("forbidden", "That bot is not yours."))
            return
        self.hub.follow(self._session, f"bot/{frame.bot}", isinstance(frame, f.WatchBot))
        self._send(Ack(frame.ref))


IN_FLIGHT_MAX = 50
"""Commands of one client that are under way at a time: its next ones are read when half of them are answered."""
WATCHES_MAX = 5_000
"""Of one connection: it is told to resync each of them when it does not keep up, and that must fit its send buffer."""
TAKING_EVENTS = 4
"""As many as a takeover is at most: an offer or an owner ends, she has it, is introduced, and says something."""
_KINDS: Mapping[type, type[Submission]] = {f.AcceptOffer: Taking, f.TakeOver: Taking, f.Assign: Assignment}
"""Those of an agent that are more than sent and answered."""

_Acts = Mapping[type, Callable[[Dispatch, Any], None]]
_SPECIAL: _Acts = {
    f.Ping: Dispatch._pong,
    f.WatchConversation: Dispatch._watch,
    f.Unwatch: Dispatch._watch,
    f.WatchBot: Dispatch._follow,
    f.UnwatchBot: Dispatch._follow,
}
_ACTS: Mapping[Role, _Acts] = {
    "visitor": {**dict.fromkeys(f.VISITOR | f.AGENT, Dispatch._visitor), **_SPECIAL},
    "agent": {
        **dict.fromkeys(f.VISITOR | f.AGENT, Dispatch._agent),
        f.Assign: Dispatch._assign,
        f.SetStatus: Dispatch._status,
        **_SPECIAL,
    },
}
