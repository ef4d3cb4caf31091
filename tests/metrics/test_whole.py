"""`/metrics` of a running system against what was done to it."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import websockets

from actors import commands as c
from actors.events import Visitor
from runtime.identity import actor_id
from runtime.journal import StoreFailed
from tests.metrics.test_definitions import DEFINED, PROMISED
from tests.metrics.whole import Host, Scrape, Whole

pytestmark = pytest.mark.anyio


async def handled(whole: Whole) -> str:
    """A conversation from the first question to the rating, by Alice."""
    alice = await whole.agent("alice")
    visitor, key = await whole.visitor()
    await whole.command(visitor, key, "send_message", text="Hello")
    await whole.command(visitor, key, "request_human")
    await whole.command(alice, key, "take_over")
    await whole.command(alice, key, "send_message", text="Hello, it is Alice.")
    await whole.command(visitor, key, "send_message", text="Thanks")
    await whole.command(alice, key, "send_message", text="Any time")
    await whole.command(alice, key, "close_conversation", resolution="resolved")
    await whole.command(visitor, key, "rate", score=5)
    return key


async def test_what_was_done_is_what_is_counted(whole: Whole) -> None:
    await whole.call("PUT", "/api/agents/alice/status", await whole.agent("alice"), json={"status": "online"})
    for _ in range(3):
        await handled(whole)
    scrape = await whole.scrape()
    said = scrape.of("messages_total", by="from", bot="acme")
    assert (said["visitor"], said["agent"]) == (6, 6)
    assert scrape.some("takeovers_total", by="how") == {"takeover": 3}
    assert scrape.some("handoffs_total", by="trigger") == {"visitor": 3}
    assert scrape.sum("handoff_wait_seconds_count", bot="acme") == 3
    assert scrape.sum("first_response_seconds_count", agent="alice") == 3
    assert scrape.sum("response_seconds_count", agent="alice") == 6
    assert scrape.sum("response_seconds_bucket", agent="alice", le="30") == 6
    assert scrape.sum("responses_within_target_total", agent="alice") == 6
    assert scrape.sum("handle_seconds_count", agent="alice") == 3
    assert scrape.some("closed_total", by="resolution", agent="alice") == {"resolved": 3}
    assert scrape.sum("rating_sum", agent="alice") == 15
    assert scrape.of("conversations", by="state", bot="acme") == {"assistant": 0, "queued": 0, "live": 0, "closed": 3}
    assert scrape.sum("orphaned_conversations") == 0
    assert scrape.sum("stale_assistant_messages_through_total") == 0


async def test_an_agent_is_shown_as_she_is(whole: Whole) -> None:
    alice = await whole.agent("alice")
    async with whole.connected(alice):
        await whole.call("PUT", "/api/agents/alice/status", alice, json={"status": "busy"})
        _, key = await whole.visitor()
        await whole.command(alice, key, "take_over")
        scrape = await eventually(whole, lambda scrape: scrape.sum("agent_load", agent="alice") == 1)
        assert scrape.of("agent_status", by="status", agent="alice") == {
            "online": 0,
            "busy": 1,
            "away": 0,
            "offline": 0,
        }
        assert scrape.of("agent_status", by="status", agent="bob") == {"online": 0, "busy": 0, "away": 0, "offline": 1}
        assert scrape.of("agent_capacity", by="agent") == {"alice": 2, "bob": 1, "mara": 1}
        assert scrape.of("agents_online", by="bot") == {"acme": 0}
        assert scrape.of("sessions", by="role") == {"agent": 1, "visitor": 0}
        await whole.call("PUT", "/api/agents/alice/status", alice, json={"status": "online"})
        assert (await whole.scrape()).of("agents_online", by="bot") == {"acme": 1}


async def test_who_waits_is_shown_while_she_waits(whole: Whole) -> None:
    bob = await whole.agent("bob")
    await whole.call("PUT", "/api/agents/bob/status", bob, json={"status": "busy"})
    visitor, key = await whole.visitor()
    assert (await whole.scrape()).of("queue_length", by="bot") == {"acme": 0}
    async with whole.connected(bob):
        await whole.command(visitor, key, "request_human")
        scrape = await eventually(whole, lambda scrape: scrape.sum("queue_length", bot="acme") == 1)
        assert scrape.of("conversations", by="state", bot="acme")["queued"] == 1
        waited = scrape.sum("queue_oldest_seconds", bot="acme")
        await eventually(whole, lambda scrape: scrape.sum("queue_oldest_seconds", bot="acme") > waited)
        await whole.command(bob, key, "take_over")
        scrape = await eventually(whole, lambda scrape: scrape.sum("queue_length", bot="acme") == 0)
        assert scrape.sum("queue_oldest_seconds", bot="acme") == 0


async def test_the_machinery_is_shown(whole: Whole) -> None:
    visitor, key = await whole.visitor()
    async with whole.connected(visitor) as line:
        await line.send(json.dumps({"type": "send_message", "ref": "r", "text": "Hello"}))
        await heard(line, lambda frame: frame.get("event", {}).get("from") == "assistant")
        await whole.http.get("/api/me")
        refused = await whole.http.post(
            f"/api/conversations/{key}/commands",
            headers={"Authorization": f"Bearer {visitor}"},
            json={"type": "rate", "ref": "r2", "score": 5} | {"type": "take_over"},
        )
        assert refused.status_code == 403
        scrape = await eventually(whole, lambda scrape: scrape.sum("delivery_seconds_count") >= 2)
    assert scrape.of("command_seconds_count", by="type")["send_message"] == 1
    assert "describe" not in scrape.of("command_seconds_count", by="type")
    assert scrape.sum("commit_seconds_count") >= 3
    assert scrape.sum("committed_records_total") >= 4
    assert scrape.sum("batch_commands_count") >= 3
    assert scrape.of("activations", by="kind")["conversation"] == 1
    assert scrape.sum("mailbox_depth_max") >= 1
    assert set(scrape.of("mailbox_bound", by="instance").values()) == {1000}
    assert scrape.sum("sessions", role="visitor") == 1
    assert scrape.of("rejected_total", by="code")["unauthorized"] == 1
    assert scrape.sum("telegram_pending") == 0
    assert "gateway/0" in scrape.of("link_resends_total", by="instance")
    assert scrape.sum("process_resident_memory_bytes", instance="host/0") > 10_000_000


async def test_a_refusal_is_counted_once_where_it_was_made(whole: Whole) -> None:
    alice, bob = await whole.agent("alice"), await whole.agent("bob")
    _, key = await whole.visitor()
    await whole.command(alice, key, "take_over")
    body = {"type": "take_over", "ref": "r"}
    headers = {"Authorization": f"Bearer {bob}"}
    assert (await whole.http.post(f"/api/conversations/{key}/commands", headers=headers, json=body)).status_code == 409
    scrape = await whole.scrape()
    assert scrape.some("rejected_total", by="code") == {"conflict": 1}
    assert [name.partition("/")[0] for name in scrape.some("rejected_total", by="instance")] == ["host"]


async def test_every_process_is_there(whole: Whole) -> None:
    scrape = await whole.scrape()
    up = {"host/0": 1, "host/1": 1, "assistant/0": 1, "gateway/0": 1}
    assert scrape.of("process_up", by="instance") == up
    assert scrape.sum("processes_silent") == 0
    assert set(scrape.of("process_start_time_seconds", by="instance")) == set(up)


async def test_a_dead_host_drops_out_and_is_counted(whole: Whole) -> None:
    await handled(whole)
    before = await whole.scrape()
    await whole.kill("host/1")
    scrape = await whole.scrape()
    assert scrape.of("process_up", by="instance")["host/1"] == 0
    assert scrape.sum("processes_silent") == 1
    assert "host/1" not in scrape.of("commit_seconds_count", by="instance")
    assert scrape.of("commit_seconds_count", by="instance")["host/0"] >= before.sum(
        "commit_seconds_count", instance="host/0"
    )
    assert scrape.of("conversations", by="state", bot="acme")["closed"] == 1
    await whole.start("host/1")
    scrape = await eventually(whole, lambda scrape: scrape.sum("processes_silent") == 0)
    assert scrape.of("process_up", by="instance")["host/1"] == 1


async def test_counts_of_facts_outlive_their_hosts_and_never_fall(whole: Whole) -> None:
    def counted(scrape: Scrape) -> dict[str, float]:
        return {
            "said": scrape.sum("messages_total", **{"from": "visitor"}),
            "taken": scrape.sum("takeovers_total"),
            "answers": scrape.sum("response_seconds_count") + scrape.sum("first_response_seconds_count"),
            "resolved": scrape.sum("closed_total", resolution="resolved"),
            "rated": scrape.sum("rating_sum"),
        }

    for _ in range(3):
        await handled(whole)
    before = counted(await whole.scrape())
    assert (before["said"], before["resolved"], before["rated"]) == (6, 3, 15)
    for host in ("host/0", "host/1"):
        await whole.kill(host)
        assert counted(await whole.scrape()) == before, "the journal speaks for who is away"
        await whole.start(host)
        assert counted(await whole.scrape()) == before
    await handled(whole)
    after = counted(await whole.scrape())
    assert (after["said"], after["resolved"], after["rated"]) == (8, 4, 20)


async def test_what_an_append_wrote_that_seemed_to_fail_is_counted_too(whole: Whole) -> None:
    visitor, key = await whole.visitor()
    for host in ("host/0", "host/1"):
        journal = await whole.cluster.find(host).node._writer.run(lambda journal: journal)
        journal.append = partial(_written_but_not_said, journal, journal.append)
    body = {"type": "send_message", "ref": "r1", "text": "Hello"}
    headers = {"Authorization": f"Bearer {visitor}"}
    path = f"/api/conversations/{key}/commands"
    answer = await whole.http.post(path, headers=headers, json=body)
    assert answer.json()["error"]["code"] == "overloaded"
    again = {"type": "send_message", "ref": "r2", "text": "Hello again"}
    async with asyncio.timeout(10):
        while not (await whole.http.post(path, headers=headers, json=again)).is_success:
            pass  # as a client does that is told to come again: the host reads what was written first
    events = (await whole.call("GET", f"/api/conversations/{key}/events", await whole.agent("mara")))["events"]
    said = [one["text"] for one in events if one.get("from") == "visitor"]
    assert said == ["Hello", "Hello again"]
    assert (await whole.scrape()).sum("messages_total", **{"from": "visitor"}) == 2


def _written_but_not_said(journal: Any, append: Callable[[Any], None], what: Any) -> None:
    append(what)
    journal.append = append
    raise StoreFailed("the line was cut")


async def test_what_the_protocol_promises_is_there_after_a_busy_hour_by_its_names_and_labels(whole: Whole) -> None:
    alice = await whole.agent("alice")
    async with whole.connected(alice) as line:
        await whole.call("PUT", "/api/agents/alice/status", alice, json={"status": "online"})
        await handled(whole)
        visitor, key = await whole.visitor()
        await whole.command(visitor, key, "request_human")
        await heard(line, lambda frame: frame["type"] == "offer" and frame["conversation"] == key)
        await whole.command(alice, key, "decline_offer")
        await whole.http.get("/api/me")
        scrape = await eventually(whole, lambda scrape: scrape.sum("assistant_seconds_count") > 0)
    shown = scrape.labels("livesupport_")
    assert shown == {name: {frozenset((*DEFINED[name], "instance"))} for name in shown}
    assert shown.keys() >= PROMISED.keys()


async def eventually(whole: Whole, true: Callable[[Scrape], bool]) -> Scrape:
    """A scrape of which it is true; what is told to others arrives a moment later."""
    async with asyncio.timeout(10):
        while not true(scrape := await whole.scrape()):
            pass
    return scrape


async def heard(line: websockets.ClientConnection, true: Callable[[dict[str, Any]], bool]) -> None:
    """A frame has come of which it is true."""
    async with asyncio.timeout(10):
        while not true(json.loads(await line.recv())):
            pass


async def test_a_host_that_was_replaced_while_it_hung_says_that_it_is_fenced(
    whole: Whole, caplog: pytest.LogCaptureFixture
) -> None:
    lost, other = asyncio.Event(), Host(whole.cluster.network, "host/0", whole.packed)
    old = whole.cluster.find("host/0").node
    old._lost = lost.set
    await other.begun()
    hub = whole.cluster.find("gateway/0").hub
    for number in range(16):  # some of them are the old one's
        opening = c.Open("acme", Visitor(f"v{number}"))
        hub.ask(actor_id("conversation", f"v{number}-1"), f"visitor/v{number}", "open", opening, lambda reply: None)
    async with asyncio.timeout(10):
        await lost.wait()
    [line] = [one.msg for one in caplog.records if str(one.msg).startswith("fenced")]
    assert line.fields | {"why": ""} == {"host": "host/0", "incarnation": old.incarnation, "why": ""}
    await other.stop()
