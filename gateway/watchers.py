"""Who watches an actor at this gateway. What its host publishes is encoded once for all of them."""

from collections.abc import Iterator
from itertools import chain

from gateway.sessions import Session, Watch
from runtime.identity import ActorId, key_of
from runtime.messages import Published


class Watchers:
    """The watches of one actor, by what their sessions may see of it. They are few, and each event goes to all."""

    __slots__ = ("_agents", "_frame", "_visitors")

    def __init__(self, actor: ActorId) -> None:
        self._frame = event_frame(actor)
        self._agents: tuple[Watch, ...] = ()
        self._visitors: tuple[Watch, ...] = ()

    def add(self, watch: Watch) -> None:
        """Its session watches from now on, by this watch alone."""
        self.remove(watch.session)
        if watch.session.role == "agent":
            self._agents += (watch,)
        else:
            self._visitors += (watch,)

    def remove(self, session: Session) -> None:
        """It watches no more."""
        self._agents = tuple(one for one in self._agents if one.session is not session)
        self._visitors = tuple(one for one in self._visitors if one.session is not session)

    def __iter__(self) -> Iterator[Watch]:
        return chain(self._agents, self._visitors)

    def __bool__(self) -> bool:
        return bool(self._agents or self._visitors)

    def published(self, message: Published) -> None:
        """Send an event to those who have not had it."""
        sequence, at_ms, public = message.sequence, message.at_ms, message.public
        frame = self._frame % (sequence, at_ms, message.body)
        for watch in self._agents:
            watch.event(sequence, frame, at_ms)
        if public is not None:
            if not public:
                return
            frame = self._frame % (sequence, at_ms, public)
        for watch in self._visitors:
            watch.event(sequence, frame, at_ms)


def event_frame(actor: ActorId) -> bytes:
    """The frame of an event of the actor: a template for the sequence, the time, and the body as the journal has it."""
    key = key_of(actor).encode().replace(b"%", b"%%")
    return b'{"type":"event","conversation":"' + key + b'","sequence":%d,"at_ms":%d,"event":%b}'
