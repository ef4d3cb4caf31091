"""A link: one direction between two processes, as a machine with no I/O.

    gathering ── take() ──> in flight ── delivered() ──> settled
                               └─ unknown() ─> the same batch again

A message that finds the link idle waits for nothing; what comes while batches are in flight gathers, and a busy link's
calls are shared by hundreds. Up to `WINDOW` batches are in flight: the receiver works on the next while it makes the
one before durable. Batches are numbered, and each says up to which number all are settled: with the receiver's
`Ingress`, sending again is harmless, none is taken before the one before it, and none is settled before it: an answer
that comes before its turn is not believed.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, Protocol

from runtime.messages import splice

WINDOW = 2
"""So many batches are in flight at most, from the first that is not settled on."""
BATCH_BYTES = 250_000  # what a receiver decodes in one go; a single message may be larger
BATCH_MESSAGES = 2_000
STRANGERS_LEAST = 64
STRANGERS_PARTS = 3
"""Above the least, a batch of strangers takes one part of what waits and is under way: so the other end works at one,
this one and its clients at another, and the third is at hand. All of it at once would leave the other end with nothing
to do, and then this one. Those who talk are not torn apart: what belongs together is dealt with together."""
BACKLOG_BYTES = 64 * 1024 * 1024
LINKS_IDLE = 1_000
"""More links than so many are not kept while they are idle."""
SENDERS_KEPT = 10_000
"""Past it the sender that was not heard for longest is forgotten."""
_LIVES_KEPT = 8


class LinkFull(Exception):
    """The receiver has not kept up: the backlog is at its bound."""


class Flight:
    """A batch that was gathered and is not settled: its messages, and the `tokens` that come back with the replies."""

    __slots__ = ("flying", "messages", "number", "tokens")

    def __init__(self, number: int, messages: list[bytes], tokens: list[Any]) -> None:
        self.number = number
        self.messages = messages
        self.tokens = tokens
        self.flying = True


class Link:
    """Messages to one receiver, in order."""

    def __init__(self, sender: str, incarnation: str, backlog_bytes: int = BACKLOG_BYTES, number: int = 0) -> None:
        self._sender = sender
        self._incarnation = incarnation
        self._messages: list[bytes] = []  # those that wait
        self._tokens: list[Any] = []
        self._flights: deque[Flight] = deque()
        self._backlog_bytes = backlog_bytes
        self.backlog = 0
        self.strangers = 0
        """So many of those that wait, as their sender counts them, are for actors that are new, each for another."""
        self.number = number
        """Of the last batch that was gathered."""
        self.resends = 0

    def send(self, message: bytes, token: Any = None, owed: bool = False) -> None:
        """Queue a message. Raises `LinkFull` at the bound, and then it is not queued.

        What is `owed` is queued above the bound too: a short word that ends what was begun below it, once.
        """
        backlog = self.backlog + len(message)
        if backlog > self._backlog_bytes and not owed:
            raise LinkFull
        self.backlog = backlog
        self._messages.append(message)
        self._tokens.append(token)

    def send_all(self, messages: Sequence[bytes]) -> bool:
        """Queue those of the messages that there is room for, up to the first that has none. True if all had."""
        size = sum(map(len, messages))
        if self.backlog + size > self._backlog_bytes:
            return self._send_some(messages)
        self.backlog += size
        self._messages += messages
        self._tokens += repeat(None, len(messages))
        return True

    def _send_some(self, messages: Sequence[bytes]) -> bool:
        try:
            for message in messages:
                self.send(message)
        except LinkFull:
            return False
        return True

    @property
    def open(self) -> bool:
        """A batch may leave: the first if its outcome is unknown, or a new one if no other's is."""
        if not self._flights:
            return True
        first = self._flights[0]
        return not first.flying or (
            self.number - first.number < WINDOW - 1 and all(flight.flying for flight in self._flights)
        )

    @property
    def due(self) -> bool:
        """There is a batch that may leave."""
        return self.open and (bool(self._messages) or not all(flight.flying for flight in self._flights))

    def take(self, empty: bool = False) -> Flight | None:
        """The batch to send now. None: none is `due`, nor an `empty` one wanted that may leave."""
        if not self.open:
            return None
        if self._flights and not self._flights[0].flying:
            self._flights[0].flying = True
            self.resends += 1
            return self._flights[0]
        return self._gather() if self._messages or empty else None

    def _gather(self) -> Flight:
        count = min(len(self._messages), BATCH_MESSAGES)
        if count > STRANGERS_LEAST and 2 * self.strangers > count:
            under_way = sum(len(flight.messages) for flight in self._flights)
            count = min(count, max(STRANGERS_LEAST, (len(self._messages) + under_way) // STRANGERS_PARTS))
        if self.backlog > BATCH_BYTES:
            count = self._fitting(count)
        self.number += 1
        flight = Flight(self.number, self._messages[:count], self._tokens[:count])
        self._flights.append(flight)
        del self._messages[:count], self._tokens[:count]
        self.strangers = min(self.strangers, len(self._messages))
        self.backlog = self.backlog - sum(map(len, flight.messages)) if self._messages else 0
        return flight

    def _fitting(self, count: int) -> int:
        """How many of so many a batch has room for: one at least."""
        size = 0
        for fitting, message in enumerate(self._messages[:count]):
            size += len(message)
            if size > BATCH_BYTES:
                return max(fitting, 1)
        return count

    def batch(self, flight: Flight) -> bytes:
        """What to send of it now: a receiver that was restarted learns from the header what it need not wait for."""
        settled = self._flights[0].number - 1
        return splice(self._sender, self._incarnation, flight.number, settled, flight.messages)

    def delivered(self, flight: Flight) -> bool:
        """The receiver has settled it. False: so it has the one before, whose answer is lost or late. Nobody knows who
        takes that one in the end: this one is to be taken again after it."""
        if self._flights[0] is not flight:
            return False
        self._flights.popleft()
        return True

    def unknown(self, flight: Flight) -> bool:
        """The call failed, whatever the receiver did: it will be taken again. True if no other is to be before it."""
        flight.flying = False
        return self._flights[0] is flight

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is in flight."""
        return not self._messages and not self._flights


class Links:
    """A process's links to all its receivers. An idle one is not to be held on to: the next `to` may be another.

    Where each conversation is a process, most receivers have been told the last word long ago: of many links only those
    are kept that something waits in. A new one goes on where no link has been: the receiver takes up at any number.
    """

    def __init__(self, sender: str, incarnation: str) -> None:
        self.sender = sender
        self.incarnation = incarnation
        self._links: dict[str, Link] = {}
        self._ready: dict[str, None] = {}
        self._number = 0
        self._resends = 0

    @property
    def resends(self) -> int:
        """How many batches were sent again, over all links."""
        return self._resends + sum(link.resends for link in self._links.values())

    def to(self, peer: str) -> Link:
        """The link to a receiver."""
        link = self._links.get(peer)
        if link is None:
            if len(self._links) >= LINKS_IDLE:
                self._forget_idle()
            link = self._links[peer] = Link(self.sender, self.incarnation, number=self._number)
        return link

    def _forget_idle(self) -> None:
        for peer, link in list(self._links.items()):
            if link.idle:
                del self._links[peer]
                self._number = max(self._number, link.number)
                self._resends += link.resends

    def send(self, peer: str, message: bytes, token: Any = None, owed: bool = False) -> None:
        """Queue an encoded message. Raises `LinkFull`, unless it is `owed`."""
        link = self._links.get(peer) or self.to(peer)
        link.send(message, token, owed)
        self._ready[peer] = None

    def send_all(self, peer: str, messages: Sequence[bytes]) -> bool:
        """Queue encoded messages that nobody waits for answers to. False if some of them had no room."""
        self._ready[peer] = None
        return self.to(peer).send_all(messages)

    def ready(self) -> list[str]:
        """The receivers that got something to take since the last time of asking."""
        ready, self._ready = self._ready, {}
        return list(ready)

    def __iter__(self) -> Iterator[tuple[str, Link]]:
        return iter(self._links.items())


class Ticket(Protocol):
    """What an `Ingress` must know of a batch."""

    @property
    def refused(self) -> bool:
        """Some of it was."""


class Ingress:
    """The receiving end of all links to a process: each batch is worked on once, and answered as often as it comes.

    A sender's lives are told apart, but not by age: what a dead one sent may arrive after the first words of the next,
    so each has its own numbers. Refs make the late words harmless, but for a command that was refused to the new life.
    """

    def __init__(self) -> None:
        self._lives: dict[str, dict[str, _Life]] = {}
        """By sender, and then by incarnation; in both, the one that was heard last comes last."""

    def known(self, sender: str, incarnation: str, number: int, settled: int) -> Any | None:
        """The ticket of the batch if it came before; None if it is the next. Raises `OutOfTurn`.

        It is the next one too if those before it never came here, but are `settled`: this process was restarted. It is
        not while its sender may not know that some of the one before was refused: sent again after a crash, that may be
        done, and what was said after it must not have been done by then.
        """
        life = self._lives.get(sender, _NOBODY).get(incarnation, _UNHEARD)
        ticket = life.tickets.get(number)
        if ticket is not None:
            return ticket
        next_one = life.last < number <= max(life.last, settled) + 1
        if not next_one or any(before > settled and life.tickets[before].refused for before in life.tickets):
            raise OutOfTurn(sender, number)
        return None

    def before(self, sender: str, incarnation: str, number: int) -> list[Any]:
        """The tickets of the batches before this one that their sender may send again.

        They are to be settled first: some messages are settled as they come (the end of a watch), and what they follow
        (its beginning) must not be sent again, after a crash, when they are not.
        """
        life = self._lives.get(sender, _NOBODY).get(incarnation, _UNHEARD)
        return [ticket for earlier, ticket in life.tickets.items() if earlier < number]

    def note(self, sender: str, incarnation: str, number: int, ticket: Ticket) -> bool:
        """Remember a new batch's ticket. True if the last batch of this sender was from another of its lives."""
        lives = self._lives[sender] = self._lives.pop(sender, {})
        before = next(reversed(lives), incarnation)
        life = lives.pop(incarnation) if incarnation in lives else _Life(number)
        life.note(number, ticket)
        lives[incarnation] = life
        if len(lives) > _LIVES_KEPT:
            del lives[next(iter(lives))]
        if len(self._lives) > SENDERS_KEPT:
            del self._lives[next(iter(self._lives))]
        return before != incarnation

    def first_hand(self, sender: str, incarnation: str, number: int) -> bool:
        """Of a batch that was just noted: no former life of this process can have had it. It was not yet under way when
        the first one of this life of the sender's was noted here."""
        return number - self._lives[sender][incarnation].first >= WINDOW


class _Life:
    """Of one life of a sender: the numbers of the first and the last batch that were noted, and the tickets of those
    that it may send again."""

    __slots__ = ("first", "last", "tickets")

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = 0
        self.tickets: dict[int, Ticket] = {}

    def note(self, number: int, ticket: Ticket) -> None:
        self.last = number
        self.tickets[number] = ticket
        if len(self.tickets) > WINDOW:
            del self.tickets[next(iter(self.tickets))]


_NOBODY: dict[str, _Life] = {}
_UNHEARD = _Life(0)


class OutOfTurn(Exception):
    """Not the next batch: the one before it has not come, or it is a copy of one that nobody waits for any more."""
