"""A link: one direction between two processes, as a machine with no I/O.

    gathering ── take() ──> in flight ── delivered() ──> gathering
                               └─ unknown() ─> the same batch again

One batch is in flight, the next one gathers; so a message that finds the link idle waits for nothing, and a busy
link's calls are shared by hundreds. Batches are numbered: with the receiver's `Ingress`, sending again is harmless.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

from runtime.messages import splice

BATCH_BYTES = 250_000  # what a receiver decodes in one go; a single message may be larger
BATCH_MESSAGES = 2_000
BACKLOG_BYTES = 64 * 1024 * 1024
LINKS_IDLE = 1_000
"""More links than so many are not kept while they are idle."""
SENDERS_KEPT = 10_000
"""Past it the sender that was not heard for longest is forgotten."""
_LIVES_KEPT = 8


class LinkFull(Exception):
    """The receiver has not kept up: the backlog is at its bound."""


class Link:
    """Messages to one receiver, in order. `token`s come back in order with the replies."""

    def __init__(self, sender: str, incarnation: str, backlog_bytes: int = BACKLOG_BYTES, number: int = 0) -> None:
        self._sender = sender
        self._incarnation = incarnation
        self._waiting: deque[tuple[bytes, Any]] = deque()
        self._tokens: list[Any] = []
        self._batch: bytes | None = None
        self._flying = False
        self._backlog_bytes = backlog_bytes
        self.backlog = 0
        self.number = number
        """Of the last batch that was gathered."""
        self.resends = 0

    def send(self, message: bytes, token: Any = None, owed: bool = False) -> None:
        """Queue a message. Raises `LinkFull` at the bound, and then it is not queued.

        What is `owed` is queued above the bound too: a short word that ends what was begun below it, once.
        """
        if self.backlog + len(message) > self._backlog_bytes and not owed:
            raise LinkFull
        self.backlog += len(message)
        self._waiting.append((message, token))

    def take(self, empty: bool = False) -> bytes | None:
        """The batch to send now, or None: one is in flight, or nothing waits (unless an `empty` one is wanted)."""
        if self._flying:
            return None
        if self._batch is None:
            if not self._waiting and not empty:
                return None
            self._batch = self._gather()
        else:
            self.resends += 1
        self._flying = True
        return self._batch

    def _gather(self) -> bytes:
        if self.backlog <= BATCH_BYTES and len(self._waiting) <= BATCH_MESSAGES:
            messages, self._tokens = [one for one, _ in self._waiting], [token for _, token in self._waiting]
            self._waiting.clear()
            self.backlog = 0
        else:
            messages = self._first()
        self.number += 1
        return splice(self._sender, self._incarnation, self.number, messages)

    def _first(self) -> list[bytes]:
        """As many of the waiting as a batch holds."""
        messages: list[bytes] = []
        size = 0
        while self._waiting and len(messages) < BATCH_MESSAGES:
            message, token = self._waiting[0]
            if messages and size + len(message) > BATCH_BYTES:
                break
            self._waiting.popleft()
            messages.append(message)
            self._tokens.append(token)
            size += len(message)
        self.backlog -= size
        return messages

    def delivered(self) -> list[Any]:
        """The receiver has settled the batch: its tokens, in order."""
        tokens, self._tokens = self._tokens, []
        self._batch = None
        self._flying = False
        return tokens

    def unknown(self) -> None:
        """The call failed, whatever the receiver did: the next `take` is the same batch again."""
        self._flying = False

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is in flight."""
        return not self._waiting and self._batch is None


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
        self.to(peer).send(message, token, owed)
        self._ready[peer] = None

    def ready(self) -> list[str]:
        """The receivers that got something to take since the last time of asking."""
        ready, self._ready = self._ready, {}
        return list(ready)

    def __iter__(self) -> Iterator[tuple[str, Link]]:
        return iter(self._links.items())


class Ingress:
    """The receiving end of all links to a process: each batch is worked on once, and answered as often as it comes.

    A sender's lives are told apart, but not by age: what a dead one sent may arrive after the first words of the next,
    so each has its own numbers. Refs make the late words harmless, but for a command that was refused to the new life.
    """

    def __init__(self) -> None:
        self._current: dict[str, str] = {}
        self._last: dict[str, dict[str, tuple[int, Any]]] = {}

    def known(self, sender: str, incarnation: str, number: int) -> Any | None:
        """The ticket of the batch if it came before; None if it is new. Raises `Stale` for one long settled."""
        last = self._last.get(sender, {}).get(incarnation)
        if last is None or number > last[0]:
            return None
        if number == last[0]:
            return last[1]
        raise Stale(sender, number)

    def note(self, sender: str, incarnation: str, number: int, ticket: Any) -> bool:
        """Remember a new batch's ticket. True if the last batch of this sender was from another of its lives."""
        lives = self._last[sender] = self._last.pop(sender, {})
        lives.pop(incarnation, None)
        lives[incarnation] = (number, ticket)
        if len(lives) > _LIVES_KEPT:
            del lives[next(iter(lives))]
        if len(self._last) > SENDERS_KEPT:
            self._forget(next(iter(self._last)))
        before, self._current[sender] = self._current.get(sender, incarnation), incarnation
        return before != incarnation

    def _forget(self, sender: str) -> None:
        del self._last[sender], self._current[sender]


class Stale(Exception):
    """A copy of a batch that nobody waits for any more."""
