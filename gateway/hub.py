"""The gateway's core: commands go out over links, events come in and are fanned out to the sessions that watch.

A gateway attaches a session to an actor once; the host sends one message for all sessions here, and the frame is
spliced once for all of them. When a host begins a new life, everything that is watched there is attached again, and
each session catches up from the sequence it had.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from actors.frames import AssistantChunk, GoesOn
from gateway.sessions import Session, Watch
from gateway.watchers import Watchers
from metrics import exposition
from metrics.gateways import GatewayRecorder
from runtime.activation import Ticket
from runtime.courier import Call, Courier
from runtime.identity import ActorId, actor_id
from runtime.ingress import BatchTicket, Receiver
from runtime.lines import Line
from runtime.link import LinkFull, Links
from runtime.machine import Command
from runtime.messages import (
    Announced,
    Attach,
    Batch,
    Deliver,
    Detach,
    Follow,
    Forgotten,
    Hello,
    Published,
    Pushed,
    Reply,
    encode,
    gateway_decoder,
)
from runtime.node import new_incarnation
from runtime.placement import Placement
from runtime.replies import OVERLOADED
from runtime.requester import Awaited

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 1.0
LOBBY_SECONDS = 0.1
AGAIN_SECONDS = 1.0
"""After it a host is told again what it had no room for."""

Ask = Callable[[Reply], None]
CatchUp = Callable[[Session, ActorId, int, int], None]

_ASSIGNED = b'{"type":"assigned"'
_CHUNK = b'{"type":"assistant_chunk"'
_GOES_ON = b'{"type":"goes_on"'
_decode_chunk = msgspec.json.Decoder(AssistantChunk).decode
_decode_goes_on = msgspec.json.Decoder(GoesOn).decode


class Hub:
    """`catch_up(session, actor, after, until)` reads what a session missed and sends it; the gateway provides it."""

    def __init__(self, name: str, placement: Placement, call: Call, linger_seconds: float = 0.0) -> None:
        self.placement = placement
        self.incarnation = new_incarnation()
        self.links = Links(name, self.incarnation)
        self.sessions: set[Session] = set()
        self.recorder = GatewayRecorder(self.sessions, self.links)
        self.exposition: Callable[[], Awaitable[bytes]] = self._own_exposition
        """What `/metrics` answers: of this process alone, until somebody knows of others."""
        self.catch_up: CatchUp = lambda session, actor, after, until: None
        self._watchers: dict[ActorId, Watchers] = {}
        self._followers: dict[str, set[Session]] = {}
        self._untold: set[tuple[str, str]] = set()
        self._lobby: dict[str, dict[str, bytes]] = {}
        self._lobby_timer: asyncio.TimerHandle | None = None
        self._courier = Courier(self.links, call, met=self._attach_again, linger_seconds=linger_seconds)
        self._receiver = Receiver(self.incarnation, gateway_decoder(), self._take)
        self._pump_due = False
        self._dismissed = self._stopped = False
        self._heartbeat: asyncio.Task[None] | None = None

    async def _own_exposition(self) -> bytes:
        return exposition.text({self.links.sender: self.recorder.samples()})

    def start(self) -> None:
        """Begin to renew the leases at every host, unless that has begun."""
        if self._heartbeat is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._heartbeat = self._loop.create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            for host in self._hosts():
                self._courier.greet(host)
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def _hosts(self) -> Iterable[str]:
        """Where a lease of ours must not end: every packed host, and the dedicated ones of what is watched here."""
        packed = self.placement.packed_hosts()
        if not self.placement.dedicated:
            return packed
        return {*packed, *(self.placement.host_of(actor) for actor in self._watchers)}

    def dismiss(self) -> None:
        """End every session, and each that begins from now on. What was sent is carried and answered still."""
        self._dismissed = True
        for session in self.sessions:
            session.end()

    def stop(self) -> None:
        """Carry no more, and end every session."""
        self._stopped = True
        self.dismiss()
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self._courier.stop()

    # Out

    def ask(self, actor: ActorId, sender: str, ref: str, command: Command, answer: Ask, new: bool = False) -> None:
        """Send a command; `answer` is called with its reply. No task, no future. `new`: see `Deliver`."""
        self.deliver(actor, sender, ref, command, _Answer(answer), new)

    def deliver(
        self, actor: ActorId, sender: str, ref: str, command: Command, ticket: Ticket, new: bool = False
    ) -> None:
        """The same, for a ticket that is settled with the reply."""
        message, host = encode(Deliver(actor, sender, ref, command, new)), self.placement.host_of(actor)
        if new:
            self.links.to(host).strangers += 1
        self._send_to(host, message, (ticket, 0))

    async def request(self, actor: ActorId, sender: str, ref: str, command: Command, new: bool = False) -> Reply:
        """The same, awaited."""
        awaited = Awaited()
        self.deliver(actor, sender, ref, command, awaited, new)
        return await awaited.reply

    async def ping(self, host: str) -> bool:
        """True once the host has answered; False if so much waits for it that this would wait too."""
        awaited = Awaited()
        self._send_to(host, encode(Hello()), (awaited, 0))
        return (await awaited.reply).refusal is None

    def _send_to(self, host: str, message: bytes, token: Any, owed: bool = False) -> bool:
        """False if there was no room for it: then the token is settled."""
        try:
            self.links.send(host, message, token, owed)
        except LinkFull:
            if token is not None:
                self.recorder.turned_away(host)
                token[0].settle(token[1], OVERLOADED)
            return False
        if not self._pump_due:
            self._pump_due = True
            self._loop.call_soon(self._pump)
        return True

    def _pump(self) -> None:
        self._pump_due = False
        if not self._stopped:
            self._courier.pump()

    # Watching

    def watch(self, session: Session, actor: ActorId, after: int | None, answer: Ask | None = None) -> None:
        """Attach the session; with `after` it is sent all that came later, otherwise what comes from now on.

        One that has ended, while the reply came that made it watch, is not attached: nobody would detach it.
        """
        if session.closed:
            return
        before = session.watches.get(actor)
        session.watches[actor] = watch = Watch(session)
        watch.asked = before is not None and before.asked  # the host has it since then, should this not reach it
        watchers = self._watchers.get(actor)
        if watchers is None:
            watchers = self._watchers[actor] = Watchers(actor)
        watchers.add(watch)
        self._attach(session, actor, watch, after, answer)

    def _attach(self, session: Session, actor: ActorId, watch: Watch, after: int | None, answer: Ask | None) -> None:
        def attached(reply: Reply) -> None:
            if reply.refusal is None and session.watches.get(actor) is watch:
                watch.let_in()
                if after is not None and after < reply.sequence:
                    self.catch_up(session, actor, after, reply.sequence)
                else:
                    watch.caught_up(reply.sequence)
            elif reply.refusal is not None and session.watches.get(actor) is watch:
                self._loop.call_later(AGAIN_SECONDS, self._again, session, actor, watch, after, reply)
            if answer is not None:
                answer(reply)

        message, host = encode(Attach(actor, session.sender, session.key)), self.placement.host_of(actor)
        watch.asked |= self._send_to(host, message, (_Answer(attached), 0))

    def _again(self, session: Session, actor: ActorId, watch: Watch, after: int | None, reply: Reply) -> None:
        if session.watches.get(actor) is not watch:
            return  # it has left, or has asked again
        if reply.refusal is not None and reply.refusal.code == "overloaded":
            self._attach(session, actor, watch, after, None)
        else:
            self.unwatch(session, actor)

    def unwatch(self, session: Session, actor: ActorId) -> None:
        """Detach the session. The host would keep it for good if it did not hear so, and the agent for connected."""
        watch = session.watches.pop(actor, None)
        if watch is None:
            return
        watchers = self._watchers[actor]
        watchers.remove(session)
        if not watchers:
            del self._watchers[actor]
        if watch.asked:
            message = encode(Detach(actor, session.sender, session.key))
            self._send_to(self.placement.host_of(actor), message, None, owed=True)

    def follow(self, session: Session, topic: str, on: bool) -> None:
        """The session wants what is announced on the topic, or no longer; hosts are told of the first and the last."""
        followers = self._followers.setdefault(topic, set())
        (session.topics.add if on else session.topics.discard)(topic)
        before = bool(followers)
        (followers.add if on else followers.discard)(session)
        if bool(followers) != before:
            for host in self.placement.packed_hosts():
                self._tell_followed(host, topic)

    def _tell_followed(self, host: str, topic: str) -> None:
        """Tell the host whether anybody here follows the topic; in a while, if there is no room for it now."""
        on = bool(self._followers.get(topic))
        if not self._send_to(host, encode(Follow(topic, on)), None) and (host, topic) not in self._untold:
            self._untold.add((host, topic))
            self._loop.call_later(AGAIN_SECONDS, self._tell_again, host, topic)

    def _tell_again(self, host: str, topic: str) -> None:
        self._untold.discard((host, topic))
        self._tell_followed(host, topic)

    def open(self, session: Session) -> None:
        """The session begins."""
        self.sessions.add(session)
        if self._dismissed:
            session.end()

    def close(self, session: Session) -> None:
        """The session is over: it watches nothing any more."""
        session.end()
        self.sessions.discard(session)
        for actor in list(session.watches):
            self.unwatch(session, actor)
        for topic in list(session.topics):
            self.follow(session, topic, on=False)

    def _attach_again(self, host: str) -> None:
        """A host's new life, or one that took us for gone, knows nothing of our sessions: all that watch there are
        attached from where they are; those that are just being attached, once they know where that is."""
        for actor, watchers in self._watchers.items():
            if self.placement.host_of(actor) == host:
                for watch in watchers:
                    watch.when_live(partial(self._resume, watch.session, actor))
        for topic, followers in self._followers.items():
            if followers and host in self.placement.packed_hosts():
                self._tell_followed(host, topic)

    def _resume(self, session: Session, actor: ActorId) -> None:
        watch = session.watches.get(actor)
        if watch is not None and watch.held is None:
            watch.held = []
            self._attach(session, actor, watch, watch.position, None)

    # In

    async def receive(self, data: bytes) -> bytes:
        """A batch from a host."""
        return await self._receiver.deliver(data)

    def _take(self, batch: Batch[Any], ticket: BatchTicket) -> None:
        watchers_of = self._watchers.get
        for message in batch.messages:
            try:
                if type(message) is Published:
                    watchers = watchers_of(message.actor)
                    if watchers is not None:
                        watchers.published(message)
                else:
                    self._rare(batch.sender, message)
            except Exception:  # the others must be taken, and the batch settled: its host waits for that
                log.exception(Line("message not taken", sender=batch.sender, message=type(message).__name__))
        ticket.settle_all(_DONE)

    def _rare(self, host: str, message: Any) -> None:
        """Whatever is no event: there are few of them."""
        match message:
            case Pushed():
                self._pushed(message)
            case Announced():
                self._announced(message)
            case Forgotten():
                self._attach_again(host)

    def _pushed(self, message: Pushed) -> None:
        if message.frame.startswith(_CHUNK):
            self._streamed(message)
            return
        if message.frame.startswith(_GOES_ON):
            self._goes_on(message)
            return
        for watch in self._watchers.get(message.actor, ()):
            session = watch.session
            if not message.audience or message.audience in (session.role, session.key):
                watch.push(message.frame)
                if message.frame.startswith(_ASSIGNED):
                    self._join(session, message.frame)

    def _streamed(self, message: Pushed) -> None:
        chunk, whole = _decode_chunk(message.frame), bool(message.audience)
        for watch in self._watchers.get(message.actor, ()):
            if not whole or message.audience == watch.session.key:
                watch.chunk(chunk, message.frame, whole)

    def _goes_on(self, message: Pushed) -> None:
        key = _decode_goes_on(message.frame).next
        for watch in list(self._watchers.get(message.actor, ())):
            if watch.session.role == message.audience:
                watch.session.goes_on(key)

    def _join(self, session: Session, frame: bytes) -> None:
        """What is hers now, whoever decided that, she hears from the event on that made it hers."""
        assigned = msgspec.json.decode(frame)
        actor = actor_id("conversation", assigned["conversation"])
        if actor not in session.watches:
            self.watch(session, actor, max(assigned["sequence"] - 1, 0) or None)

    def _announced(self, message: Announced) -> None:
        if not message.key:
            for session in self._followers.get(message.topic, ()):
                session.send(message.body)
            return
        self._lobby.setdefault(message.topic, {})[message.key] = message.body
        if self._lobby_timer is None:
            self._lobby_timer = self._loop.call_later(LOBBY_SECONDS, self._flush_lobby)

    def _flush_lobby(self) -> None:
        self._lobby_timer = None
        lobby, self._lobby = self._lobby, {}
        for topic, changed in lobby.items():
            bot = topic.partition("/")[2].encode()
            frame = b'{"type":"lobby","bot":"%b","changed":[%b],"removed":[]}' % (bot, b",".join(changed.values()))
            for session in self._followers.get(topic, ()):
                session.send(frame)


class _Answer:
    __slots__ = ("_answer",)

    def __init__(self, answer: Ask) -> None:
        self._answer = answer

    def settle(self, index: int, reply: Reply) -> None:
        self._answer(reply)


_DONE = Reply()
