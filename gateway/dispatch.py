"""What a connected client's frames do. What is wrong with one is answered with an error; the connection survives it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from actors.events import Attachment
from gateway import frames as f
from gateway.edge import Edge
from gateway.errors import ProtocolError
from gateway.identity import Identity, later
from gateway.sessions import Role, Session
from gateway.submission import Ack, Answer, submit
from runtime.clock import wall_clock_ms
from runtime.identity import ActorId, actor_id
from runtime.messages import Reply

_encode = msgspec.json.Encoder().encode


class Dispatch:
    """One client's. `conversation` is the one that a visitor's commands go to."""

    __slots__ = (
        "_acts",
        "_conversation",
        "_decode",
        "_edge",
        "_identity",
        "_in_flight",
        "_packed",
        "_pause",
        "_paused",
        "_session",
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
        self._identity = identity
        self._session = session
        self._conversation = conversation
        self._packed = packed
        self._pause = pause
        self._paused = False
        self._in_flight = 0
        self._decode: Callable[[bytes], Any] = f.decode_msgpack if packed else f.decode_json
        self._acts = _ACTS[identity.role]

    def take(self, data: bytes) -> None:
        """One message of the client's."""
        try:
            frame = self._decode(data)
        except f.UNDECODABLE as error:
            wrong, ref = f.malformed(data, error, self._packed)
            self._edge.hub.recorder.refused(wrong, sender=self._identity.sender, ref=ref or "")
            self._send(wrong.frame(ref))
            return
        self._acts[type(frame)](self, frame)

    def _send(self, frame: Any) -> None:
        self._session.send(_encode(frame))

    def _refuse(self, frame: Any, error: ProtocolError) -> None:
        key = frame.conversation if frame.conversation is not msgspec.UNSET else None
        ids = {"sender": self._identity.sender, "conversation": key or self._conversation}
        self._edge.hub.recorder.refused(error, **ids, ref=frame.ref, command=frame.tag)
        self._send(error.frame(frame.ref, key))

    def _pong(self, frame: f.Ping) -> None:
        self._send({"type": "pong", "ref": frame.ref} if frame.ref else {"type": "pong"})

    # Commands

    def _visitor(self, frame: Any) -> None:
        messages = self._edge.messages
        if messages.count and type(frame) is f.SendMessage:
            wait_ms = messages.wait_ms(self._identity.id, wall_clock_ms(), frame.ref)
            if wait_ms:
                error = ProtocolError("rate_limited", "Too many messages. Wait a moment.", retry_after_ms=wait_ms)
                self._refuse(frame, error)
                return
        if not self._conversation:
            self._refuse(frame, ProtocolError("not_found", "There is no conversation yet."))
            return
        self._command(self._conversation, frame, self._answer_visitor)

    def _answer_visitor(self, frame: Any, answer: Ack | ProtocolError) -> None:
        if type(answer) is Ack and answer.conversation != self._conversation:
            self._move(str(answer.conversation))
        self._landed(frame, answer)

    def _agent(self, frame: Any) -> None:
        key = frame.conversation
        if type(frame) is f.SetStatus:
            key = ""
        elif key is msgspec.UNSET:
            self._refuse(frame, ProtocolError("bad_request", "Name the conversation.", field="conversation"))
            return
        takes = frame.take_over if type(frame) is f.SendMessage else type(frame) in _TAKES
        self._command(key, frame, self._answer_taker if takes else self._landed)

    def _answer_taker(self, frame: Any, answer: Ack | ProtocolError) -> None:
        self._landed(frame, answer)
        if type(answer) is Ack and answer.sequence is not msgspec.UNSET:
            self._join(actor_id("conversation", frame.conversation), answer.sequence)

    def _join(self, actor: ActorId, sequence: int) -> None:
        """What is hers, she hears, from the event on that made it hers. Who was too late has nothing to hear."""
        if actor not in self._session.watches:
            self._edge.hub.watch(self._session, actor, max(sequence - TAKING_EVENTS, 0))

    def _landed(self, frame: Any, answer: Ack | ProtocolError) -> None:
        self._in_flight -= 1
        if self._paused and self._in_flight <= IN_FLIGHT_MAX // 2:
            self._paused = False
            self._pause(False)
        if type(answer) is ProtocolError:
            self._refuse(frame, answer)
        else:
            self._session.send(_encode(answer))

    def _command(self, key: str, frame: Any, answer: Answer) -> None:
        self._in_flight += 1
        if self._in_flight == IN_FLIGHT_MAX:
            self._paused = True
            self._pause(True)
        attachments: tuple[Attachment, ...] = ()
        if type(frame) is f.SendMessage and frame.attachments:
            try:
                attachments = self._edge.attachments(frame.attached())
            except ProtocolError as error:
                answer(frame, error)
                return
        submit(self._edge.hub, self._identity, key, frame, answer, attachments)

    def _move(self, key: str) -> None:
        """The visitor goes on in a new conversation."""
        if not later(key, self._conversation):
            return  # what was said to the closed one may be answered after what has opened the next
        hub = self._edge.hub
        hub.unwatch(self._session, actor_id("conversation", self._conversation))
        self._conversation = key
        hub.watch(self._session, actor_id("conversation", key), 0)

    # Watching

    def _watch(self, frame: f.WatchConversation | f.Unwatch) -> None:
        if self._identity.role == "visitor":
            self._visitor(frame)  # which refuses it
            return
        if frame.conversation is msgspec.UNSET:
            self._refuse(frame, ProtocolError("bad_request", "Name the conversation.", field="conversation"))
            return
        key, actor, hub = frame.conversation, actor_id("conversation", frame.conversation), self._edge.hub
        if isinstance(frame, f.Unwatch):
            hub.unwatch(self._session, actor)
            self._send(Ack(frame.ref, key))
            return
        hub.watch(self._session, actor, frame.after, lambda reply: self._watched(frame, key, actor, reply))

    def _watched(self, frame: Any, key: str, actor: ActorId, reply: Reply) -> None:
        if reply.refusal is not None:
            self._edge.hub.unwatch(self._session, actor)
            self._refuse(frame, ProtocolError.of(reply.refusal))
        else:
            self._send(Ack(frame.ref, key, reply.sequence))

    def _follow(self, frame: f.WatchBot | f.UnwatchBot) -> None:
        if not self._edge.serves(self._identity, frame.bot):
            self._refuse(frame, ProtocolError("forbidden", "That bot is not yours."))
            return
        self._edge.hub.follow(self._session, f"bot/{frame.bot}", isinstance(frame, f.WatchBot))
        self._send(Ack(frame.ref))


IN_FLIGHT_MAX = 50
"""Commands of one client that are under way at a time: its next ones are read when half of them are answered."""
TAKING_EVENTS = 4
"""As many as a takeover is at most: an offer or an owner ends, she has it, is introduced, and says something."""
_TAKES = frozenset((f.AcceptOffer, f.TakeOver))

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
    "agent": {**dict.fromkeys(f.VISITOR | f.AGENT, Dispatch._agent), **_SPECIAL},
}
