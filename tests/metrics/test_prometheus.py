"""The proof: `livesupport up`, a replay in which a host is killed, and a real Prometheus that must have it right."""

import contextlib
import json
import shutil
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
from tests.cluster.test_faults import CONVERSATIONS, TURNS, KillOnce, dialogues
from tests.metrics.prometheus_server import Prometheus, known, scraping
from tests.metrics.queries import alerts, panels
from tests.metrics.whole import Whole

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs Prometheus, of Debian's package"),
]

SETTLE_SECONDS = 30
Frame = dict[str, Any]


async def test_prometheus_counts_exactly_what_was_done_though_a_host_is_killed(tmp_path: Path) -> None:
    async with Server(Setup(hosts=2, agents=4)) as server, scraping(server.url, tmp_path) as prometheus:
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
            truth = recounted([events async for events in journals(whole)])
        await compared(prometheus, truth)
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
        async with whole.connected(other):
            alone, lonely = await whole.visitor("demo")
            await whole.command(alone, lonely, "request_human")


async def heard(line: Any, true: Callable[[Frame], bool]) -> None:
    with anyio.fail_after(20):
        while not true(json.loads(await line.recv())):
            pass


async def journals(whole: Whole) -> Any:
    """Every conversation's events, as HTTP tells them."""
    token, before = whole.tokens["agent-1"], ""
    while before is not None:
        query = {"limit": 100} | ({"before": before} if before else {})
        page = await whole.call("GET", "/api/conversations", token, params=query)
        for one in page["items"]:
            path = f"/api/conversations/{one['id']}/events"
            yield (await whole.call("GET", path, token, params={"limit": 1000}))["events"]
        before = page["next"]


def recounted(conversations: list[list[Frame]]) -> dict[str, Counter[str]]:
    """What Prometheus must have counted, by metric and label."""
    found: dict[str, Counter[str]] = {
        name: Counter()
        for name in ("messages", "takeovers", "handoffs", "closed", "offers", "offline", "rated", "waits")
    }
    for events in conversations:
        queued = False
        for event in events:
            match event["type"]:
                case "message_sent":
                    found["messages"][event["from"]] += 1
                case "agent_assigned":
                    found["takeovers"][event["how"]] += 1
                    found["waits"][""] += queued
                    queued = False
                case "human_requested":
                    found["handoffs"][event["trigger"]] += 1
                    queued = True
                case "returned_to_assistant":
                    queued = False
                case "offer_ended":
                    found["offers"][event["outcome"]] += 1
                case "offline_answered":
                    found["offline"][event["reason"]] += 1
                case "conversation_closed":
                    found["closed"][event["resolution"]] += 1
                case "rated":
                    found["rated"][""] += event["score"]
    return found


SUMS = {
    "messages": ("from", "sum by (from) (livesupport_messages_total)"),
    "takeovers": ("how", "sum by (how) (livesupport_takeovers_total)"),
    "handoffs": ("trigger", "sum by (trigger) (livesupport_handoffs_total)"),
    "closed": ("resolution", "sum by (resolution) (livesupport_closed_total)"),
    "offers": ("outcome", "sum by (outcome) (livesupport_offers_total)"),
    "offline": ("reason", "sum by (reason) (livesupport_offline_answered_total)"),
    "waits": ("", "sum(livesupport_handoff_wait_seconds_count)"),
    "rated": ("", "sum(livesupport_rating_sum)"),
}


async def compared(prometheus: Prometheus, truth: dict[str, Counter[str]]) -> None:
    """Every number is exactly that of the journal, and none has ever gone backwards."""
    assert truth["messages"]["visitor"] > CONVERSATIONS
    await until(prometheus, SUMS["rated"][1], lambda value: value == truth["rated"][""])
    for name, (label, expression) in SUMS.items():
        assert await prometheus.by(label, expression) == {key: count for key, count in truth[name].items() if count}, (
            name
        )
    for _, expression in SUMS.values():
        history = await prometheus.history(f"sum({expression})", seconds=60)
        assert history == sorted(history), expression
    assert await prometheus.value("sum(livesupport_orphaned_conversations)") == 0
    assert await prometheus.value("sum(livesupport_stale_assistant_messages_through_total)") == 0
    assert await prometheus.value('sum(livesupport_conversations{state="closed"})') == truth["closed"].total()
    assert await prometheus.value('sum(changes(process_start_time_seconds{instance=~"host/.*"}[5m]))') == 1


async def whole_and_sound(prometheus: Prometheus) -> None:
    """Every expression of every panel has series with numbers, and every alert's is one that Prometheus takes."""
    empty = []
    for where, expression in panels():
        with contextlib.suppress(TimeoutError):
            with anyio.fail_after(5):
                while not known(await prometheus.now(expression)):  # noqa: ASYNC110 - Prometheus tells nobody
                    await anyio.sleep(0.5)
            continue
        empty.append(where)
    assert empty == []
    for _, expression in alerts():
        await prometheus.now(expression)
    names = {rule["name"] for group in (await prometheus.ask("rules"))["groups"] for rule in group["rules"]}
    assert names == {name for name, _ in alerts()}


async def until(prometheus: Prometheus, expression: str, true: Callable[[float], bool]) -> None:
    with anyio.fail_after(SETTLE_SECONDS):
        while not true(await prometheus.value(expression)):  # noqa: ASYNC110 - Prometheus tells nobody
            await anyio.sleep(0.2)
