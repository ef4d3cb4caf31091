"""What nobody needs of an agent's history is cut out of it, and nothing that anybody asks for is another then."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from actors import commands as c
from actors.agent import AgentMachine
from actors.agent.state import Agent, Baseline, StatusChanged
from actors.budget import BudgetMachine, SpendTokens
from actors.events import Visitor
from actors.supervisor import SupervisorMachine
from metrics.shifts import Shifts
from runtime.activation import Codec
from runtime.cutting import cut_of
from runtime.identity import ActorId, actor_id
from runtime.journal import STATES, Journal, Record
from runtime.limits import HostLimits
from runtime.messages import Attach
from runtime.retention import Retention
from tests.actors.scene import settings
from tests.runtime.bench import Bench

ALICE = actor_id("agent", "alice")
LIMITS = HostLimits(snapshot_events=20, mailbox_commands=10)
SETTINGS = settings()
REFS = 30


def bench(*before: Bench) -> Bench:
    """A host; or the next one on what the one before has left."""
    # Of conversations nothing is heard here: what she asks them is refused.
    machines: list[Any] = [AgentMachine(SETTINGS), SupervisorMachine(SETTINGS), BudgetMachine(SETTINGS)]
    return Bench(*(one.journal for one in before), limits=LIMITS, machines=machines)


def busy(host: Bench, handoffs: int = 100, first: int = 0) -> None:
    """She is online, takes one conversation after the other, and goes for lunch now and then. One she has kept."""
    for number in range(first, first + handoffs):
        sender = f"conversation/c{number}"
        if number % 20 == 0:
            status: c.Status = "away" if number % 40 else "online"
            host.send(ALICE, c.SetStatus(status), ref=f"s{number}", sender=str(ALICE))
        host.send(ALICE, c.Assigned("acme", 3, "takeover", 7), ref=f"a{number}", sender=sender)
        if number:
            host.send(ALICE, c.Released(4, "closed"), ref=f"r{number}", sender=sender)
        host.settle()
        host.later(100)


def cut(host: Bench, actor: ActorId = ALICE, refs_max: int = REFS) -> int:
    """Cut her history; how many records have gone."""
    journal, codec = host.journal, Codec(host.host.activations[actor].machine)
    before = len(journal.records[actor])
    found = cut_of(codec, actor, journal.load([actor], whole=True)[actor], refs_max, least=1)
    assert found is not None
    journal.cut([found], host.host.fences([host.placement.scope_of(actor)]))
    return before - len(journal.records[actor])


def state_of(host: Bench) -> Agent:
    state = host.host.activations[ALICE].state
    assert isinstance(state, Agent)
    return state


def lasting(state: Agent) -> Any:
    return AgentMachine(SETTINGS).baseline(state)


def understood_no_more(host: Bench) -> None:
    """The snapshots are of another version."""
    for actor, snapshot in host.journal.snapshots.items():
        host.journal.snapshots[actor] = replace(snapshot, schema=STATES - 1)


def test_an_agent_is_the_same_by_what_is_left_also_for_a_version_that_does_not_understand_the_snapshot() -> None:
    host = bench()
    busy(host)
    state = lasting(state_of(host))
    assert cut(host) > 100
    understood_no_more(host)
    after = bench(host)
    after.send(ALICE, c.Report(), sender="supervisor/acme")
    after.settle()
    assert lasting(state_of(after)) == state
    assert list(state_of(after).slots) == ["c0"]
    assert after.host.activations[ALICE].sequence == host.host.activations[ALICE].sequence + 1, "a baseline of its own"


def test_the_last_commands_are_not_done_again_after_a_cut() -> None:
    host = bench()
    busy(host)
    cut(host)
    understood_no_more(host)
    after = bench(host)
    for number in range(100 - REFS // 2, 100):
        after.send(ALICE, c.Assigned("acme", 3, "takeover", 7), ref=f"a{number}", sender=f"conversation/c{number}")
        after.settle()
    assert list(state_of(after).slots) == ["c0"]


def test_reports_count_how_long_she_was_what_as_before() -> None:
    host = bench()
    busy(host)
    before, after = Shifts(), Shifts()
    before.refresh(host.journal, "alice")
    cut(host)
    after.refresh(host.journal, "alice")
    begin = 1_000_000
    assert after.spent_ms("alice", begin, begin + 100_000) == before.spent_ms("alice", begin, begin + 100_000)
    assert after.spent_ms("alice", begin, begin + 100_000)["away"] > 0


def test_what_is_left_is_little_however_much_there_was() -> None:
    host = bench()
    busy(host, 50)
    cut(host)
    once = len(host.journal.records[ALICE])
    for first in range(50, 300, 50):
        busy(host, 50, first)
        cut(host)
    changes = sum(b'"status_changed"' in one.body for one in host.journal.records[ALICE])
    assert len(host.journal.records[ALICE]) <= once + changes


def test_nothing_is_cut_before_what_she_tells_is_taken() -> None:
    host = bench()
    busy(host)
    codec = Codec(host.host.activations[ALICE].machine)
    stored = host.journal.load([ALICE], whole=True)[ALICE]
    assert cut_of(codec, ALICE, replace(stored, told=10), REFS, least=1) is None


def test_nothing_is_cut_of_which_no_baseline_tells() -> None:
    codec = Codec(AgentMachine(SETTINGS))
    events = [StatusChanged("online"), StatusChanged("away")] * 50
    records = [Record(ALICE, n, n, f"r{n}", codec.encode_event(event)) for n, event in enumerate(events, 1)]
    host = bench()
    stored = replace(host.journal.load([ALICE])[ALICE], records=records, told=100)
    assert cut_of(codec, ALICE, stored, REFS, least=1) is None


def test_a_baseline_is_no_news_to_an_agent_in_memory() -> None:
    host = bench()
    busy(host)
    state = state_of(host)
    fact = AgentMachine(SETTINGS).baseline(state)
    same = msgspec.to_builtins(state)
    after = AgentMachine(SETTINGS).apply(state, fact, 5)
    assert msgspec.to_builtins(after) == same | {"version": same["version"] + 1}
    assert any(isinstance(one, Baseline) for one in [fact])


@pytest.mark.parametrize("understood", [True, False])
def test_a_budget_is_the_same_by_what_is_left(understood: bool) -> None:
    host, budget = bench(), actor_id("budget", "acme")
    for number in range(100):
        host.send(budget, SpendTokens(10), ref=f"t{number}", sender="assistant/0")
        host.settle()
    assert cut(host, budget) > 50
    if not understood:
        understood_no_more(host)
    after = bench(host)
    after.send(budget, SpendTokens(5), ref="more", sender="assistant/0")
    after.settle()
    assert after.host.activations[budget].state.spent == 1_005


@pytest.mark.anyio
async def test_a_host_cuts_the_histories_that_have_grown_long_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.retention.PAUSE_SECONDS", 0)
    host = bench()
    asked: list[Journal] = []

    async def in_thread(function: Callable[[Journal], Any]) -> Any:
        asked.append(host.journal)
        return function(host.journal)

    retention = Retention(host.host, None, lambda: host.now_ms, in_thread, in_thread)
    busy(host)
    assert (await retention.round(), await retention.cut()) == (0, 0)
    assert not asked, "of a short history nothing is read"
    busy(host, 1_000, first=100)
    written = len(host.journal.records[ALICE])
    assert await retention.cut() == 1
    assert len(host.journal.records[ALICE]) < written / 4
    known = {one.ref for one in host.journal.records[ALICE] if one.ref}
    assert len(known) >= 2 * host.host.activations[ALICE].refs_max, "a sender may say all that again"
    times = len(asked)
    assert await retention.cut() == 0
    assert len(asked) == times, "it has not grown since"


def test_what_rings_at_her_is_in_no_snapshot_of_hers_for_its_visitor_may_be_forgotten_before_the_next() -> None:
    host = bench()
    host.send(ALICE, c.SetStatus("online"), ref="s", sender=str(ALICE))
    host.deliver(Attach(ALICE, str(ALICE), "s", True), peer="gateway/0")
    host.send(ALICE, c.Reserve("c0", "acme", 2, "free"), ref="r", sender="supervisor/acme")
    visitor = Visitor("v", name="Ann Lee", email="ann@example.com")
    host.send(ALICE, c.OfferMade("acme", 2, visitor, "visitor", "my secret", 9_999_999), sender="conversation/c0")
    host.settle()
    for number in range(1, 40):
        host.send(ALICE, c.Assigned("acme", 3, "takeover", 7), ref=f"a{number}", sender=f"conversation/c{number}")
        host.settle()
    assert state_of(host).slots["c0"].ring is not None
    snapshot = host.journal.snapshots[ALICE]
    assert b"c39" not in snapshot.state
    assert [word for word in (b"Ann Lee", b"ann@", b"secret") if word in snapshot.state] == []
    after = bench(host)
    after.send(ALICE, c.Report(), sender="supervisor/acme")
    after.settle()
    assert lasting(state_of(after)) == lasting(state_of(host))
