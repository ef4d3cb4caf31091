"""A host on the bench: the test turns every crank by hand, or `settle`s it."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec

from runtime.host import Host
from runtime.identity import ActorId
from runtime.journal import Append, Fenced, StoreFailed
from runtime.journal.memory import MemoryJournal
from runtime.limits import HostLimits
from runtime.link import Links
from runtime.machine import Command, Machine, Measure
from runtime.messages import (
    Attach,
    Batch,
    Deliver,
    Detach,
    Hello,
    Reply,
    gateway_decoder,
    host_decoder,
    worker_decoder,
)
from runtime.placement import Placement
from tests.runtime.tally import ResidentMachine, TallyMachine, TallyState, Think, Total

HOSTS = host_decoder(TallyMachine.commands)
GATEWAYS = gateway_decoder()
WORKERS = worker_decoder([Think])
TWO_HOSTS = Placement(2, pools={"thinkers": 2})


def actor_at(host: str, number: int = 0, placement: Placement = TWO_HOSTS) -> ActorId:
    """An actor that lives at that host; another for each number."""
    at_home = (one for n in range(1_000) if placement.host_of(one := ActorId(f"tally/{n}")) == host)
    return next(islice(at_home, number, None))


class Replies:
    """A ticket that keeps what it is given."""

    def __init__(self) -> None:
        self.by_index: dict[int, Reply] = {}

    def settle(self, index: int, reply: Reply) -> None:
        assert index not in self.by_index, "settled twice"
        self.by_index[index] = reply

    @property
    def codes(self) -> list[str]:
        """`ok` or the code of the refusal, in order of the messages."""
        found = [self.by_index[index] for index in sorted(self.by_index)]
        return [one.refusal.code if one.refusal else "ok" for one in found]

    @property
    def sequences(self) -> list[int]:
        return [self.by_index[index].sequence for index in sorted(self.by_index)]

    def __len__(self) -> int:
        return len(self.by_index)


class Bench:
    """See the module. `append` is the one under way, if any."""

    def __init__(
        self,
        journal: MemoryJournal | None = None,
        limits: HostLimits | None = None,
        name: str = "host/0",
        placement: Placement | None = None,
        now_ms: int = 1_000_000,
        residents: Sequence[ActorId] = (),
        machines: Sequence[Machine] = (TallyMachine(), ResidentMachine()),
    ) -> None:
        self.journal = journal if journal is not None else MemoryJournal()
        self.placement = placement or Placement(1, pools={"thinkers": 2})
        self.links = Links(name, "first")
        self.measured: list[Measure] = []
        self.now_ms = now_ms
        self.append: Append | None = None
        self.wake_at_ms = 0
        self.numbers: dict[str, int] = {}
        self.loading: list[ActorId] = []
        self.machine = machines[0]
        self.host = Host(
            name, machines, self.placement, self.links, limits or HostLimits(), measured=self.measured.extend
        )
        self.host.start(
            self.journal.claim(self.placement.scopes_of(name)), list(self.journal.alarms()), residents, self.now_ms
        )

    # What comes in

    def deliver(self, *messages: Any, peer: str = "gateway/0", first_hand: bool = False) -> Replies:
        replies = Replies()
        self.numbers[peer] = self.numbers.get(peer, 0) + 1
        batch = Batch(peer, "first", self.numbers[peer], self.numbers[peer] - 1, list(messages))
        self.host.deliver(batch, replies, self.now_ms, first_hand)
        return replies

    def send(self, actor: ActorId, *commands: Command, ref: str = "", sender: str = "visitor/v") -> Replies:
        """The commands; with a `ref`, they get `ref-0`, `ref-1` and so on."""
        return self.deliver(
            *(Deliver(actor, sender, f"{ref}-{n}" if ref else "", command) for n, command in enumerate(commands))
        )

    def attach(self, actor: ActorId, session: str = "s", peer: str = "gateway/0", told: bool = True) -> Replies:
        return self.deliver(Attach(actor, "visitor/v", session, told), peer=peer)

    def detach(self, actor: ActorId, session: str = "s", peer: str = "gateway/0") -> Replies:
        return self.deliver(Detach(actor, "visitor/v", session), peer=peer)

    def greet(self) -> list[str]:
        """What the host answers whoever asks whether it is well."""
        return self.deliver(Hello()).codes

    # Cranks

    def poll(self, load: bool = True) -> Append | None:
        """Run what can run, with the journal's reads; the append that is under way now is not yet taken."""
        while True:
            step = self.host.poll(self.now_ms)
            self.wake_at_ms = step.wake_at_ms
            if step.append is not None:
                assert self.append is None, "two appends under way"
                self.append = step.append
            for actor, find in step.find:
                bodies = [one.body for one in self.journal.find([[term] for term in find.terms], 100)]
                self.host.found(actor, find, bodies)
            self.loading += step.load
            if load and self.loading:
                self.host.loaded(self.journal.load(self.loading))
                self.loading = []
            elif step.whole:
                self.host.loaded(self.journal.load(step.whole, whole=True))
            elif not step.find and (step.wake_at_ms > self.now_ms or self.host.lost):
                return self.append

    def commit(self) -> None:
        """The journal takes the append, or refuses it."""
        append, self.append = self.append, None
        assert append is not None, "no append is under way"
        try:
            self.journal.append(append)
        except Fenced:
            self.host.refused()
        except StoreFailed:
            self.host.failed()
            self.host.settled()
        else:
            self.host.committed()

    def fail(self, written: bool = False, settled: bool = True) -> None:
        """The store has not answered, having taken the append or not; it does so again, unless it is not `settled`."""
        append, self.append = self.append, None
        assert append is not None, "no append is under way"
        if written:
            self.journal.append(append)
        self.host.failed()
        if settled:
            self.host.settled()

    def settle(self) -> None:
        """Until nothing is left to do now."""
        while self.poll() is not None:
            self.commit()

    def later(self, ms: int) -> None:
        """Let time pass, all at once, and settle."""
        self.now_ms += ms
        self.settle()

    # What comes out

    def sent(self, peer: str) -> list[Any]:
        """What the host has sent to a peer, which has taken it without a word."""
        decoder = GATEWAYS if peer.startswith("gateway") else WORKERS if peer.startswith("thinkers") else HOSTS
        messages = []
        link = self.links.to(peer)
        while (flight := link.take()) is not None:
            messages += decoder.decode(link.batch(flight)).messages
            link.delivered(flight)
            for token in flight.tokens:
                if token is not None:
                    token[0].settle(token[1], Reply())
        return messages

    def state(self, actor: ActorId) -> TallyState:
        """The state in memory."""
        state = self.host.activations[actor].state
        assert isinstance(state, TallyState)
        return state

    def labels(self, actor: ActorId) -> list[str]:
        """What the journal has of an actor, folded: the labels it was given, in order."""
        return labels(self.journal, actor)

    def ask(self, actor: ActorId) -> Reply:
        """The answer to a query, at once."""
        replies = self.send(actor, Total())
        self.settle()
        return replies.by_index[0]


def labels(journal: MemoryJournal, actor: ActorId) -> list[str]:
    """The labels of an actor's journaled events, in order."""
    machine = TallyMachine()
    decode = msgspec.json.Decoder(machine.events).decode
    events = [decode(record.body) for record in journal.records.get(actor, ())]
    return [event.label for event in events if hasattr(event, "label")]
