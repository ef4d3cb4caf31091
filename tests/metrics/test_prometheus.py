"""The proof: `livesupport up`, a replay in which a host is killed, and a real Prometheus that must have it right."""

import contextlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from benchmarks.configuration import Setup
from benchmarks.replay.run import replay
from benchmarks.server import Server
from runtime.clock import wall_clock_ms
from runtime.journal import open_journal
from tests.cluster.replayed import CONVERSATIONS, TURNS, KillOnce, dialogues
from tests.metrics import recount
from tests.metrics.prometheus_server import Prometheus, known, scraping
from tests.metrics.queries import alerts, panels, selectors, variables
from tests.metrics.recount import Records, Told
from tests.metrics.whole import Whole

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs Prometheus, of Debian's package"),
]

SETTLE_SECONDS = 30
TARGET_SECONDS = 30
DAY_MS = 86_400_000
Frame = dict[str, Any]


async def test_prometheus_counts_exactly_what_was_done_though_a_host_is_killed(tmp_path: Path) -> None:
    server = Server(Setup(hosts=2, agents=4))
    # In this order: a Prometheus looks for its targets only some seconds after it has started.
    async with scraping(server.url, tmp_path) as prometheus, server:
        await until(prometheus, "sum(livesupport_process_up)", lambda value: value == 4)
        kill = KillOnce(server, "ray::HostProcess", after=CONVERSATIONS * TURNS // 2)
        agents = [(agent.email, agent.password) for agent in server.agents]
        result = await replay(server.url, agents, dialogues(), on_turn=kill)
        assert kill.killed
        assert result.all_faults == []
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=60) as http:
            whole = Whole(http, cluster=None, plan=None, packed=b"")  # type: ignore[arg-type]
            for agent in server.agents:
                login = {"email": agent.email, "password": agent.password}
                whole.tokens[agent.id] = (await whole.call("POST", "/api/login", json=login))["token"]
                http.cookies.clear()
            await odds_and_ends(whole)
            journal = open_journal(f"sqlite:///{server.data}/live.db")
            exported = recount.exported(journal, whole.tokens)
            journal.close()
            # Of a scrape that began later than the last fact; the one before knows of some, but not of all.
            done = time.time()
            await until(prometheus, "max(timestamp(livesupport_messages_total))", lambda scraped: scraped > done)
            await compared(prometheus, Truth(recount.told(exported)))
            await reported(whole, exported)
        await whole_and_sound(prometheus)


async def odds_and_ends(whole: Whole) -> None:
    """What a replay does not do, so that every panel has something to show."""
    for name in whole.tokens:
        status = "online" if name == "agent-1" else "offline"
        await whole.call("PUT", f"/api/agents/{name}/status", whole.tokens[name], json={"status": status})
    first = whole.tokens["agent-1"]
    async with whole.connected(first) as line:
        visitor, key = await whole.visitor("demo")
        await whole.command(visitor, key, "request_human")
        await heard(line, lambda frame: frame["type"] == "offer" and frame["conversation"] == key)
        await whole.command(first, key, "decline_offer")
        await whole.command(first, key, "take_over")
        await whole.command(first, key, "send_message", text="Here I am.")
        await whole.command(first, key, "close_conversation", resolution="spam")
        await whole.command(visitor, key, "rate", score=2)
        other, _ = await whole.visitor("demo")
        refused = await whole.http.post(
            f"/api/conversations/{key}/commands",
            headers={"Authorization": f"Bearer {first}"},
            json={"type": "take_over", "ref": "r"},
        )
        assert refused.status_code == 409
        await whole.call("PUT", "/api/agents/agent-1/status", first, json={"status": "offline"})
        alone, lonely = await whole.visitor("demo")
        async with whole.connected(other), whole.connected(alone) as line:
            await whole.command(alone, lonely, "request_human")
            # Later than the ack: the supervisor is asked first.
            await heard(line, lambda frame: frame.get("event", {}).get("type") == "offline_answered")


async def heard(line: Any, true: Callable[[Frame], bool]) -> None:
    with anyio.fail_after(20):
        while not true(json.loads(await line.recv())):
            pass


class Truth:
    """What Prometheus must have counted: the journal's facts, folded by nobody's code but the test's own."""

    def __init__(self, told: list[Told]) -> None:
        self._told = told

    def counts(self, what: str, of: Callable[[Told], str] = lambda one: one.value) -> dict[str, float]:
        """How many, by a label."""
        return dict(Counter(of(one) for one in self._told if one.what == what))

    def values(self, what: str) -> dict[str, list[float]]:
        """Seconds, by agent."""
        found: dict[str, list[float]] = {}
        for one in self._told:
            if one.what == what:
                found.setdefault(one.agent, []).append(one.value / 1000)
        return found


def by_agent(one: Told) -> str:
    return one.agent


COUNTS: list[tuple[str, str, str, Callable[[Told], str]]] = [
    ("message", "from", "livesupport_messages_total", lambda one: one.value),
    ("takeover", "how", "livesupport_takeovers_total", lambda one: one.value),
    ("handoff", "trigger", "livesupport_handoffs_total", lambda one: one.value),
    ("closed", "resolution", "livesupport_closed_total", lambda one: one.value),
    ("closed", "agent", "livesupport_closed_total", by_agent),
    ("offer", "outcome", "livesupport_offers_total", lambda one: one.value),
    ("offer", "agent", "livesupport_offers_total", by_agent),
    ("offline", "reason", "livesupport_offline_answered_total", lambda one: one.value),
    ("rated", "agent", "livesupport_rating_count", by_agent),
]
TIMES = {
    "first": "livesupport_first_response_seconds",
    "response": "livesupport_response_seconds",
    "handle": "livesupport_handle_seconds",
    "wait": "livesupport_handoff_wait_seconds",
}


async def compared(prometheus: Prometheus, truth: Truth) -> None:
    """Every number is exactly that of the journal, and none has ever gone backwards."""
    assert truth.counts("message")["visitor"] > CONVERSATIONS
    for what, label, name, of in COUNTS:
        assert await nonzero(prometheus, label, f"sum by ({label}) ({name})") == truth.counts(what, of), name
        await never_backwards(prometheus, f"sum({name})")
    for what, name in TIMES.items():
        values = truth.values(what)
        assert values, f"nothing to compare {name} with"
        assert await nonzero(prometheus, "agent", f"sum by (agent) ({name}_count)") == lengths(values), name
        assert await nonzero(prometheus, "agent", f"sum by (agent) ({name}_sum)") == pytest.approx(sums(values)), name
        within = await nonzero(prometheus, "agent", f'sum by (agent) ({name}_bucket{{le="30"}})')
        assert within == lengths({agent: [one for one in found if one <= 30] for agent, found in values.items()}), name
        await never_backwards(prometheus, f"sum({name}_count)")
    quick = {agent: [one for one in found if one <= 30] for agent, found in truth.values("response").items()}
    target = "sum by (agent) (livesupport_responses_within_target_total)"
    assert await nonzero(prometheus, "agent", target) == lengths(quick)
    assert await prometheus.value("sum(livesupport_orphaned_conversations)") == 0
    assert await prometheus.value("sum(livesupport_stale_assistant_messages_through_total)") == 0
    closed = await prometheus.value('sum(livesupport_conversations{state="closed"})')
    assert closed == sum(truth.counts("closed").values())
    assert await prometheus.value('sum(changes(process_start_time_seconds{instance=~"host/.*"}[5m]))') == 1


def lengths(values: dict[str, list[float]]) -> dict[str, float]:
    return {agent: len(found) for agent, found in values.items() if found}


def sums(values: dict[str, list[float]]) -> dict[str, float]:
    return {agent: total for agent, found in values.items() if (total := sum(found))}


async def nonzero(prometheus: Prometheus, label: str, expression: str) -> dict[str, float]:
    return {key: value for key, value in (await prometheus.by(label, expression)).items() if value}


async def never_backwards(prometheus: Prometheus, expression: str) -> None:
    history = await prometheus.history(expression, seconds=60)
    assert history == sorted(history), expression


async def reported(whole: Whole, exported: Records) -> None:
    """The reports of the living system are those of the test's own fold over its journal."""
    span = {"from_ms": wall_clock_ms() - DAY_MS, "to_ms": wall_clock_ms()}
    for agent, token in whole.tokens.items():
        report = await whole.call("GET", "/api/reports/agents", token, params=span)
        told = span["from_ms"], span["to_ms"], TARGET_SECONDS, report["as_of_ms"]
        recount.same(report["items"][0], recount.agent_row(exported, {"demo"}, agent, *told))
    report = await whole.call("GET", "/api/reports/bots", token, params=span)
    told = span["from_ms"], span["to_ms"], TARGET_SECONDS, report["as_of_ms"]
    recount.same(report["items"][0], recount.bot_row(exported, "demo", *told))


async def whole_and_sound(prometheus: Prometheus) -> None:
    """Every expression of every panel has series with numbers; every alert asks for series that there are."""
    empty = []
    for where, expression in panels():
        with contextlib.suppress(TimeoutError):
            with anyio.fail_after(5):
                while not known(await prometheus.now(expression)):  # noqa: ASYNC110 - Prometheus tells nobody
                    await anyio.sleep(0.5)
            continue
        empty.append(where)
    assert empty == []
    for where, expression in alerts():
        await prometheus.now(expression)
        silent = [one for one in selectors(expression) if not await prometheus.now(one)]
        assert silent == [], f"{where} asks for what there is not"
    for where, label, series in variables():
        assert await prometheus.ask(f"label/{label}/values", **{"match[]": series}), where
    names = {rule["name"] for group in (await prometheus.ask("rules"))["groups"] for rule in group["rules"]}
    assert names == {name for name, _ in alerts()}


async def until(prometheus: Prometheus, expression: str, true: Callable[[float], bool]) -> None:
    with anyio.fail_after(SETTLE_SECONDS):
        while not true(await prometheus.value(expression)):  # noqa: ASYNC110 - Prometheus tells nobody
            await anyio.sleep(0.2)
