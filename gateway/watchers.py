"""Who watches an actor at this gateway. What its host publishes is encoded once for all of them."""

from collections.abc import Iterator
from itertools import chain

from gateway.sessions import Session
from runtime.identity import ActorId, key_of
from runtime.messages import Published


class Watchers:
    """The sessions that watch one actor, by what they may see of it. They are few, and each event goes to all."""

    __slots__ = ("_actor", "_agents", "_head", "_visitors")

    def __init__(self, actor: ActorId) -> None:
        self._actor = actor
        self._head = event_head(actor)
        self._agents: tuple[Session, ...] = ()
        self._visitors: tuple[Session, ...] = ()

    def add(self, session: Session) -> None:
        """It watches from now on."""
        self.remove(session)
        if session.role == "agent":
            self._agents += (session,)
        else:
            self._visitors += (session,)

    def remove(self, session: Session) -> None:
        """It watches no more."""
        self._agents = tuple(one for one in self._agents if one is not session)
        self._visitors = tuple(one for one in self._visitors if one is not session)

    def __iter__(self) -> Iterator[Session]:
        return chain(self._agents, self._visitors)

    def __bool__(self) -> bool:
        return bool(self._agents or self._visitors)

    def published(self, message: Published) -> None:
        """Send an event to those who have not had it."""
        actor, sequence, at_ms, public = self._actor, message.sequence, message.at_ms, message.public
        frame = event_frame(self._head, sequence, at_ms, message.body)
        for session in self._agents:
            session.event(actor, sequence, frame, at_ms)
        if public is not None:
            if not public:
                return
            frame = event_frame(self._head, sequence, at_ms, public)
        for session in self._visitors:
            session.event(actor, sequence, frame, at_ms)


def event_head(actor: ActorId) -> bytes:
    """How all event frames of the actor begin."""
    return b'{"type":"event","conversation":"%b","sequence":' % key_of(actor).encode()


def event_frame(head: bytes, sequence: int, at_ms: int, body: bytes) -> bytes:
    """The event frame around an event's body as the journal has it."""
    return b'%b%d,"at_ms":%d,"event":%b}' % (head, sequence, at_ms, body)
