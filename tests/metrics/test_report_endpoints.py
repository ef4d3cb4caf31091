"""Reports over HTTP: who may see what, how they are asked for, and that they say what was done."""

import asyncio
import csv
import io
from typing import Any

import pytest

from runtime.clock import wall_clock_ms
from tests.metrics.test_whole import handled
from tests.metrics.whole import Whole

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


async def report(whole: Whole, kind: str, agent: str = "mara", **query: Any) -> list[dict[str, Any]]:
    answer = await whole.call("GET", f"/api/reports/{kind}", await whole.agent(agent), params=query)
    items: list[dict[str, Any]] = answer["items"]
    return items


async def settled(whole: Whole, closed: int) -> None:
    """The rows of the index have caught up with what was acknowledged."""
    async with asyncio.timeout(10):
        while (await report(whole, "bots", bot="acme"))[0]["rating"]["count"] < closed:
            pass


async def test_a_manager_sees_what_her_team_did(whole: Whole) -> None:
    await whole.call("PUT", "/api/agents/alice/status", await whole.agent("alice"), json={"status": "online"})
    for _ in range(2):
        await handled(whole)
    await settled(whole, 2)
    alice, bob, mara = await report(whole, "agents")
    assert (alice["agent"], alice["name"], alice["conversations"]) == ("alice", "Alice", 2)
    assert alice["resolutions"] == {"resolved": 2, "unresolved": 0, "spam": 0, "other": 0}
    assert alice["rating"] == {"average": 5, "count": 2}
    assert (alice["responses"], alice["within_target"]) == (4, 1.0)
    assert 0 <= alice["first_response_p50_ms"] <= alice["first_response_p90_ms"] < 30_000
    assert alice["handle_p50_ms"] >= alice["first_response_p50_ms"]
    assert (bob["conversations"], bob["within_target"], bob["rating"]["average"]) == (0, None, None)
    assert sum(mara["time_by_status"].values()) == pytest.approx(7 * DAY_MS, abs=10_000)
    [acme] = await report(whole, "bots", bot="acme")
    assert (acme["bot"], acme["conversations"], acme["takeovers"]["takeover"]) == ("acme", 2, 2)
    assert acme["messages"]["visitor"] == 4
    assert acme["handoffs"]["visitor"] == 2


async def test_the_report_says_the_same_after_a_host_was_killed(whole: Whole) -> None:
    for _ in range(3):
        await handled(whole)
    await settled(whole, 3)
    now_ms = wall_clock_ms()
    span = {"from_ms": now_ms - DAY_MS, "to_ms": now_ms}
    before = await report(whole, "agents", **span), await report(whole, "bots", **span)
    for host in ("host/0", "host/1"):
        await whole.kill(host)
        await whole.start(host)
    assert (await report(whole, "agents", **span), await report(whole, "bots", **span)) == before


async def test_an_agent_sees_herself(whole: Whole) -> None:
    assert [row["agent"] for row in await report(whole, "agents", "bob")] == ["bob"]
    assert [row["bot"] for row in await report(whole, "bots", "bob")] == ["acme"]


async def test_a_table_by_days_can_be_taken_along(whole: Whole) -> None:
    await handled(whole)
    await settled(whole, 1)
    query = {"format": "csv", "by": "day", "timezone": "Europe/Berlin", "from_ms": wall_clock_ms() - DAY_MS}
    headers = {"Authorization": f"Bearer {await whole.agent('mara')}"}
    answer = await whole.http.get("/api/reports/agents", params=query, headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="agents.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["agent"] for row in rows} == {"alice", "bob", "mara"}
    assert len({row["day"] for row in rows}) == 2
    assert sum(int(row["resolutions_resolved"]) for row in rows) == 1


WRONG = [
    ({"from_ms": "2", "to_ms": "2"}, "from_ms"),
    ({"from_ms": "soon"}, "from_ms"),
    ({"timezone": "Nowhere/Land"}, "timezone"),
    ({"timezone": "../../etc/passwd"}, "timezone"),
    ({"by": "hour"}, "by"),
    ({"format": "pdf"}, "format"),
    ({"from_ms": "0", "by": "day"}, "from_ms"),
]


async def test_what_is_wrong_with_a_question_is_said(whole: Whole) -> None:
    headers = {"Authorization": f"Bearer {await whole.agent('mara')}"}
    for query, field in WRONG:
        answer = await whole.http.get("/api/reports/agents", params=query, headers=headers)
        assert (answer.status_code, answer.json()["error"]["detail"]["field"]) == (400, field)


async def test_reports_are_for_agents_of_the_bot(whole: Whole) -> None:
    visitor, _ = await whole.visitor()
    for token, query, status in ((visitor, {}, 403), (await whole.agent("mara"), {"bot": "plain"}, 403), ("", {}, 401)):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        for kind in ("agents", "bots"):
            answer = await whole.http.get(f"/api/reports/{kind}", params=query, headers=headers)
            assert answer.status_code == status
