"""Counts in the journal: each fact once, whatever crashes and whenever, judged by a recount of the journal itself."""

import random
import time
from collections import defaultdict
from typing import Any

import msgspec
import pytest

from actors import commands as c
from actors import events as e
from actors.agent import AgentMachine
from actors.assistant.commands import POOL
from actors.conversation import ConversationMachine
from actors.conversation.apply import apply
from actors.conversation.measures import measures
from actors.conversation.rules import Rules
from actors.conversation.state import Conversation
from actors.supervisor import SupervisorMachine
from metrics.declared import declared
from metrics.hosts import HostRecorder
from metrics.instruments import FACTS
from metrics.ledger import counted, counts
from metrics.recorder import Samples
from runtime.host import Host
from runtime.identity import actor_id
from runtime.journal import Append, Count
from runtime.journal.memory import MemoryJournal
from runtime.limits import HostLimits
from runtime.link import Links
from runtime.machine import Measure
from runtime.messages import Batch, Deliver, Reply
from runtime.placement import Placement
from runtime.step import Step
from tests.actors.scene import NOW_MS, settings

SETTINGS = settings()
NAMES = declared(SETTINGS)
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
        self.recorder = HostRecorder(strict=True)
        machines = [ConversationMachine(SETTINGS), AgentMachine(SETTINGS), SupervisorMachine(SETTINGS)]
        links = Links("host/0", str(now_ms))
        self.host = Host("host/0", machines, PLACEMENT, links, HostLimits(), self.recorder.measured)
        fences = journal.claim(PLACEMENT.scopes_of("host/0"))
        self.host.start(fences, list(journal.alarms()), [], now_ms)
        self._batches = 0

    def say(self, rng: random.Random) -> None:
        """A few commands arrive."""
        self._batches += 1
        said = [Deliver(rng.choice(CONVERSATIONS), sender, "", command) for sender, command in rng.choices(SAID, k=3)]
        self.host.deliver(Batch("gateway/0", "first", self._batches, self._batches - 1, said), Nobody(), self.now_ms)

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
        self.journal.append(msgspec.structs.replace(step.append, counts=counts(step.measures)))

    def fails(self) -> None:
        """Nobody knows of the last append, until the store has settled."""
        self.host.failed()
        self.host.settled()

    def settle(self) -> None:
        """Until nothing is left to write."""
        while (step := self.poll()) is not None:
            self.write(step)
            self.host.committed()


def recounted(journal: MemoryJournal) -> dict[tuple[str, tuple[str, ...]], tuple[int, float]]:
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
    """The same of samples; a counter's sum is how many."""
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
        match rng.choice(["commits"] * 8 + ["fails", "fails written", "dies before", "dies after"]):
            case "commits" if step is not None:
                life.write(step)
                life.host.committed()
            case "fails" if step is not None:
                life.fails()
            case "fails written" if step is not None:
                life.write(step)
                life.fails()
            case "dies after" if step is not None:
                life.write(step)
                life = Life(journal, now_ms)
            case "dies before":
                life = Life(journal, now_ms)
            case _ if step is not None:
                life.write(step)
                life.host.committed()
        shown = told(counted(journal, NAMES))
        backwards = {key for key, (count, _) in highest.items() if shown.get(key, (0, 0))[0] < count}
        assert backwards == set(), "a counter has gone backwards"
        highest = shown
    life.settle()
    same(told(counted(journal, NAMES)), recounted(journal))
    assert sum(count for count, _ in recounted(journal).values()) > 40
    assert FACTS & life.recorder.samples().keys() == set(), "no process holds them"


SAID_ONCE = Measure("messages_total", ("acme", "visitor"))
WAITED = Measure("handoff_wait_seconds", ("acme",), 12.5)


def write(journal: MemoryJournal, *measures: Measure) -> None:
    journal.append(Append({}, [], [], [], counts(measures)))


def test_only_facts_are_counted_and_each_label_set_once_an_append() -> None:
    [count] = counts([SAID_ONCE, Measure("agent_load", ("alice",)), SAID_ONCE])
    assert count.numbers == {0: 2.0}


def test_counting_costs_less_than_a_microsecond_a_fact() -> None:
    measures, best = [SAID_ONCE, SAID_ONCE, WAITED, SAID_ONCE] * 25, float("inf")
    for _ in range(200):
        started = time.perf_counter()
        counts(measures)
        best = min(best, time.perf_counter() - started)
    assert best / len(measures) < 1e-6, f"{best / len(measures) * 1e9:.0f} ns"


def test_all_add_to_the_same_counts() -> None:
    journal = MemoryJournal()
    for _ in range(3):
        write(journal, SAID_ONCE, WAITED)
    found = told(counted(journal, []))
    assert found == {("messages_total", ("acme", "visitor")): (3, 3), ("handoff_wait_seconds", ("acme",)): (3, 37.5)}


def test_what_was_never_counted_reads_0() -> None:
    found = counted(MemoryJournal(), NAMES)
    assert told(found) == {}
    assert {(name, labels) for name, sets in found.items() for labels, _ in sets} == set(NAMES)


def test_a_histogram_whose_buckets_are_others_now_begins_anew() -> None:
    journal = MemoryJournal()
    journal.append(Append({}, [], [], [], [Count("handoff_wait_seconds@bad/acme", {0: 1.0, 1: 2.0, 2: 3.0})]))
    assert told(counted(journal, NAMES)) == {}
