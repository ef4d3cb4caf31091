"""Counts in the journal: each fact once, whatever crashes and whenever, judged by a recount of the journal itself."""

import random
from collections import defaultdict
from typing import Any

import msgspec
import pytest

from actors import commands as c
from actors import events as e
from actors.agent import AgentMachine
from actors.assistant.commands import POOL
from actors.conversation import ConversationMachine
from actors.conversation.measures import measures
from actors.conversation.rules import Rules
from actors.conversation.state import Conversation, apply
from actors.supervisor import SupervisorMachine
from metrics.declared import declare, facts
from metrics.ledger import JournaledLedger, kept
from metrics.recorder import Recorder, Samples, decode, encode
from runtime.decider import HostLimits
from runtime.host import Host
from runtime.identity import actor_id
from runtime.journal import Snapshot, Stored
from runtime.journal.memory import MemoryJournal
from runtime.link import Links
from runtime.machine import Measure
from runtime.messages import Batch, Deliver, Reply
from runtime.placement import Placement
from runtime.step import Step
from tests.actors.scene import NOW_MS, settings

SETTINGS = settings()
PLACEMENT = Placement(1, pools={POOL: 1})
VISITOR, ALICE = "visitor/v", "agent/alice"
CONVERSATIONS = [actor_id("conversation", f"v-{number}") for number in range(15)]
SAID: list[tuple[str, c.Command]] = [
    (VISITOR, c.Open("acme", e.Visitor("v"))),
    (VISITOR, c.Open("acme", e.Visitor("v"))),
    (VISITOR, c.SendMessage("Hello?")),
    (VISITOR, c.SendMessage("Hello?")),
    (VISITOR, c.RequestHuman()),
    (ALICE, c.TakeOver()),
    (ALICE, c.SendMessage("Hello!")),
    (ALICE, c.SendMessage("Hello!")),
    (ALICE, c.ReturnToAssistant()),
    (ALICE, c.CloseConversation("resolved")),
    (VISITOR, c.Rate(4)),
]


class Nobody:
    """Reads no reply."""

    def settle(self, index: int, reply: Reply) -> None:
        pass


class Life:
    """One life of a host, whose every step the test decides."""

    def __init__(self, journal: MemoryJournal, now_ms: int) -> None:
        self.journal = journal
        self.now_ms = now_ms
        self.recorder = Recorder(strict=True)
        declare(self.recorder, SETTINGS)
        self.ledger = JournaledLedger("host/0", self.recorder, facts(SETTINGS))
        machines = [ConversationMachine(SETTINGS), AgentMachine(SETTINGS), SupervisorMachine(SETTINGS)]
        links = Links("host/0", str(now_ms))
        self.host = Host("host/0", machines, PLACEMENT, links, HostLimits(), self.recorder.measure)
        fences = journal.claim(PLACEMENT.scopes_of("host/0"))
        self.recount()
        self.host.start(fences, list(journal.alarms()), [], now_ms)
        self._batches = 0

    def recount(self) -> None:
        """As the shell does at the start, and before the first append after one that failed."""
        self.ledger.restore(self.journal.load(self.ledger.unsure()))

    def say(self, rng: random.Random) -> None:
        """A few commands arrive."""
        self._batches += 1
        said = [Deliver(rng.choice(CONVERSATIONS), sender, "", command) for sender, command in rng.choices(SAID, k=3)]
        self.host.deliver(Batch("gateway/0", "first", self._batches, said), Nobody(), self.now_ms)

    def poll(self) -> Step | None:
        """What the host wants appended now."""
        for _ in range(20):
            step = self.host.poll(self.now_ms)
            for actor, find in step.find:
                self.host.found(actor, find, [one.body for one in self.journal.find([[t] for t in find.terms], 9)])
            if step.load:
                self.host.loaded(self.journal.load(step.load))
            if step.append is not None:
                return step
        return None

    def write(self, step: Step) -> None:
        """As the shell writes it."""
        assert step.append is not None
        if self.ledger.unsure():
            self.recount()
        entries = self.ledger.entries(step.measures)
        snapshots = [*step.append.snapshots, *entries]
        self.journal.append(msgspec.structs.replace(step.append, snapshots=snapshots))

    def fail(self) -> None:
        """Nobody knows."""
        self.host.failed()
        self.host.settled()
        self.ledger.failed()

    def settle(self) -> None:
        """Until nothing is left to write."""
        while (step := self.poll()) is not None:
            self.write(step)
            self.host.committed()


def counted(journal: MemoryJournal) -> dict[tuple[str, tuple[str, ...]], tuple[int, float]]:
    """How many of each measure the journal's events make, and their sum."""
    found: defaultdict[tuple[str, tuple[str, ...]], list[float]] = defaultdict(list)
    rules, read = Rules(SETTINGS), msgspec.json.Decoder(e.AnyConversationEvent).decode
    for actor, records in journal.records.items():
        if actor.startswith("conversation/"):
            state = Conversation(actor.partition("/")[2])
            for record in records:
                event = read(record.body)
                state = apply(state, event, record.at_ms)
                for one in measures(rules, state, event, record.at_ms):
                    found[one.name, one.labels].append(one.value)
    return {key: (len(values), sum(values)) for key, values in found.items()}


def told(samples: Samples) -> dict[tuple[str, tuple[str, ...]], tuple[int, float]]:
    """The same of a recorder's samples; a counter's sum is how many."""
    found = {}
    for name, sets in samples.items():
        for labels, value in sets:
            count, total = (sum(value[:-1]), value[-1]) if isinstance(value, list) else (value, value)
            if count:
                found[name, labels] = (int(count), total)
    return found


def same(found: dict[Any, tuple[int, float]], expected: dict[Any, tuple[int, float]]) -> None:
    assert {key: count for key, (count, _) in found.items()} == {key: count for key, (count, _) in expected.items()}
    assert {key: total for key, (_, total) in found.items()} == pytest.approx(
        {key: total for key, (_, total) in expected.items()}
    )


@pytest.mark.parametrize("seed", range(15))
def test_each_fact_is_counted_once_whatever_crashes(seed: int) -> None:
    rng, journal, now_ms = random.Random(seed), MemoryJournal(), NOW_MS
    life, highest = Life(journal, now_ms), {}
    for _ in range(120):
        life.now_ms = now_ms = now_ms + rng.choice([0, 7, 400, 5_000])
        life.say(rng)
        step = life.poll()
        match rng.choice(["commits"] * 8 + ["fails", "fails unread", "fails written", "dies before", "dies after"]):
            case "commits" if step is not None:
                life.write(step)
                life.host.committed()
            case "fails" if step is not None:
                life.ledger.entries(step.measures)
                life.fail()
            case "fails unread" if step is not None:  # not even the recount was answered
                life.fail()
            case "fails written" if step is not None:
                life.write(step)
                life.fail()
            case "dies after" if step is not None:
                life.write(step)
                life = Life(journal, now_ms)
            case "dies before":
                life = Life(journal, now_ms)
            case _ if step is not None:
                life.write(step)
                life.host.committed()
        shown = told(life.recorder.samples())
        backwards = {key for key, (count, _) in highest.items() if shown.get(key, (0, 0))[0] < count}
        assert backwards == set(), "a counter has gone backwards"
        highest = shown
    life.settle()
    life.recount()
    same(told(life.recorder.samples()), counted(journal))
    same(told(Life(journal, now_ms).recorder.samples()), counted(journal))
    same(told(kept(journal, "host/0", facts(SETTINGS))), counted(journal))
    assert sum(count for count, _ in counted(journal).values()) > 40


def test_an_entry_is_written_only_with_what_it_counts() -> None:
    recorder = Recorder(strict=True)
    ledger = JournaledLedger("host/0", recorder, facts(SETTINGS))
    ledger.restore(MemoryJournal().load(ledger.unsure()))
    said = Measure("messages_total", ("acme", "visitor"))
    [entry] = ledger.entries([said, Measure("agent_load", ("alice",)), said])
    assert entry.actor == "counts/host/0/messages_total/acme/visitor"
    assert told(recorder.samples()) == {}, "counted is what is committed"


def test_what_is_not_known_beforehand_is_counted_and_not_kept() -> None:
    recorder = Recorder(strict=True)
    ledger = JournaledLedger("host/0", recorder, facts(SETTINGS))
    assert ledger.entries([Measure("response_seconds", ("acme", "somebody"), 3)]) == []


def test_buckets_that_are_others_now_begin_anew() -> None:
    recorder = Recorder(strict=True)
    ledger = JournaledLedger("host/0", recorder, facts(SETTINGS))
    id = actor_id("counts", "host/0/handoff_wait_seconds/acme")
    ledger.restore({id: Stored(Snapshot(id, 0, msgspec.msgpack.encode([1.0, 2.0, 3.0])), (), 0)})
    assert told(recorder.samples()) == {}


def test_samples_are_what_crosses_processes() -> None:
    samples = kept(MemoryJournal(), "host/0", facts(SETTINGS))
    assert decode(encode(samples)) == samples == {}
