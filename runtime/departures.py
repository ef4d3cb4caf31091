"""What leaves a host once it is durable: effects become messages on links, encoded once whoever receives them."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from runtime.activation import Activation, Ticket
from runtime.attachments import Attachments
from runtime.identity import ActorId
from runtime.limits import HostLimits
from runtime.link import LinkFull, Links
from runtime.machine import Announce, Ask, Effect, Find, Push, Tell
from runtime.messages import Announced, Asked, Deliver, Pushed, Relay, Reply, encode
from runtime.placement import Placement

_to_json = msgspec.json.Encoder().encode


class Departures:
    """`post` takes tells for actors of this host; `settled` hears when an actor's tells are all taken; `finds` are
    searches of the journal to be done."""

    def __init__(
        self,
        name: str,
        placement: Placement,
        links: Links,
        attachments: Attachments,
        post: Callable[[Deliver[Any], Ticket], None],
        settled: Callable[[Activation], None],
        limits: HostLimits,
    ) -> None:
        self._name = name
        self._placement = placement
        self._links = links
        self._attachments = attachments
        self._post = post
        self.settled = settled
        self._retry_ms = limits.retry_ms
        self._untaken: list[tuple[Deliver[Any], Ticket]] = []
        self._again: deque[tuple[int, Deliver[Any], Ticket]] = deque()
        self._abandoned = False
        self._signals = 0
        self._overrun: dict[str, None] = {}
        self.finds: list[tuple[ActorId, Find]] = []

    def effect(self, activation: Activation, sequence: int, index: int, effect: Effect) -> None:
        """Carry out one effect of the event with this sequence (0: of a signal)."""
        match effect:
            case Tell():
                ref = f"{sequence}.{index}" if sequence else self._signal_ref()
                message = Deliver(effect.to, activation.actor, ref, effect.command)
                self.tell(message, Telling(self, activation, sequence, message))
            case Push():
                self.publish([(activation.actor, "", effect)])
            case Ask():
                worker = self._placement.worker_of(effect.pool, activation.actor, effect.attempt)
                self.send(worker, encode(Asked(activation.actor, effect.request)))
            case Announce():
                self.announce(activation.actor, effect.topic, "", _to_json(effect.frame))
            case Find():
                self.finds.append((activation.actor, effect))

    def _signal_ref(self) -> str:
        # A signal has no number that outlives its process; so its tell is at least not done twice.
        self._signals += 1
        return f"{self._links.incarnation}.{self._signals}"

    def tell(self, message: Deliver[Any], ticket: Ticket) -> None:
        """Deliver to where the receiver lives."""
        home = self._placement.host_of(message.to)
        if home == self._name:
            self._post(message, ticket)
        elif not self.send(home, encode(message), (ticket, 0)):
            self.retry(message, ticket)

    def retry(self, message: Deliver[Any], ticket: Ticket) -> None:
        """There was no room for it: deliver it again after a while, unless this host is replaced by then."""
        if not self._abandoned:
            self._untaken.append((message, ticket))

    def tell_again(self, now_ms: int) -> None:
        """Whatever is due of what there was no room for."""
        self._again += ((now_ms + self._retry_ms, *one) for one in self._untaken)
        self._untaken.clear()
        while self._again and self._again[0][0] <= now_ms:
            _, message, ticket = self._again.popleft()
            self.tell(message, ticket)

    @property
    def again_ms(self) -> int | None:
        """When the next of those is due. At once, if there are new ones, whose time is set by the next `tell_again`."""
        if self._untaken:
            return 0
        return self._again[0][0] if self._again else None

    def abandon(self) -> None:
        """This host has been replaced: its successor tells what was not taken."""
        self._abandoned = True
        self._untaken.clear()
        self._again.clear()

    def send(self, peer: str, message: bytes, token: Any = None, owed: bool = False) -> bool:
        """Queue for a peer. False if its link is full: a dead gateway's frames are nobody's loss, its lease ends."""
        try:
            self._links.send(peer, message, token, owed)
        except LinkFull:
            return False
        return True

    def publish(self, published: Iterable[tuple[ActorId, str, bytes | Push]]) -> None:
        """Events for the peers that watch, and pushes to whoever watches the actor now, in order.

        A peer that has no room for all of them gets no more: there would be a hole.
        """
        outgoing: defaultdict[str, list[bytes]] = defaultdict(list)
        for actor, peer, message in published:
            if isinstance(message, bytes):
                outgoing[peer].append(message)
                continue
            pushed = encode(Pushed(actor, message.audience, _to_json(message.frame)))
            for watching in self._attachments.peers_of(actor) or ():
                outgoing[watching].append(pushed)
        for peer, messages in outgoing.items():
            if peer in self._overrun or not self._links.send_all(peer, messages):
                self._overrun[peer] = None

    def overrun(self) -> list[str]:
        """The peers that had no room for an event since the last time of asking: they must attach again."""
        overrun, self._overrun = self._overrun, {}
        return list(overrun)

    def announce(self, actor: ActorId, topic: str, key: str, body: bytes) -> None:
        """To all who follow the topic. A dedicated host's followers are known to the packed host of its shard."""
        home = self._placement.packed_host_of(actor)
        if self._placement.host_of(actor) != home:
            self.send(home, encode(Relay(topic, key, body)))
        else:
            self.announce_here(topic, key, body)

    def announce_here(self, topic: str, key: str, body: bytes) -> None:
        """To those who follow the topic at this host."""
        followers = self._attachments.followers(topic)
        if followers:
            message = encode(Announced(topic, key, body))
            for peer in followers:
                self.send(peer, message)


class Telling:
    """The ticket of a tell: taken, it is settled; refused for want of room, it is told again."""

    __slots__ = ("_activation", "_departures", "_message", "_sequence")

    def __init__(self, departures: Departures, activation: Activation, sequence: int, message: Deliver[Any]) -> None:
        self._departures = departures
        self._activation = activation
        self._sequence = sequence
        self._message = message

    def settle(self, index: int, reply: Reply) -> None:
        """The receiver has taken or refused the command; either settles it, but for `overloaded`."""
        if reply.refusal is not None and reply.refusal.code == "overloaded":
            self._departures.retry(self._message, self)
        elif self._sequence:
            self._activation.tell_settled(self._sequence)
            if not self._activation.pending:
                self._departures.settled(self._activation)
