"""Agents, their status, bots and the queue; each for those it concerns."""

import asyncio
from typing import Any

import pytest

from tests.gateway.api.system import System
from tests.gateway.client import connected

pytestmark = pytest.mark.anyio


async def online(system: System, *names: str) -> None:
    for name in names:
        await system.call("PUT", f"/api/agents/{name}/status", await system.agent(name), json={"status": "online"})


async def test_a_list_has_every_agent_of_the_callers_bots_in_the_order_of_the_file(system: System) -> None:
    items = (await system.call("GET", "/api/agents", await system.agent("alice")))["items"]
    assert [one["id"] for one in items] == ["alice", "bob", "mara"]
    assert [one["id"] for one in (await system.call("GET", "/api/agents", await system.agent("zoe")))["items"]] == [
        "zoe"
    ]
    alice = items[0]
    assert (alice["name"], alice["status"], alice["load"], alice["capacity"]) == ("Alice", "offline", 0, 1)
    assert (alice["skills"], alice["languages"], alice["conversations"]) == (["billing"], ["en"], [])


async def test_a_list_says_who_is_there_and_what_they_hold(system: System) -> None:
    _, key = await system.visitor()
    bob = await system.agent("bob")
    await online(system, "bob")
    await system.command(bob, key, "take_over")
    await _until_held(system, key)
    items = (await system.call("GET", "/api/agents", bob, params={"bot": "shop"}))["items"]
    found = {one["id"]: (one["status"], one["load"], one["conversations"]) for one in items}
    assert found == {"alice": ("offline", 0, []), "bob": ("online", 1, [key]), "mara": ("offline", 0, [])}


async def _until_held(system: System, key: str) -> None:
    bob = await system.agent("bob")
    async with asyncio.timeout(5):
        held: list[str] = []
        while held != [key]:
            held = (await system.call("GET", "/api/agents/bob", bob))["conversations"]


async def test_one_agent_reads_as_in_the_list(system: System) -> None:
    alice = await system.agent("alice")
    await online(system, "alice")
    items = (await system.call("GET", "/api/agents", alice))["items"]
    assert await system.call("GET", "/api/agents/alice", alice) == items[0]


async def test_an_agent_of_other_bots_is_not_there(system: System) -> None:
    alice = await system.agent("alice")
    for name in ("zoe", "nobody"):
        assert (await system.refusal("GET", f"/api/agents/{name}", alice))[:2] == (404, "not_found")
    found = await system.refusal("GET", "/api/agents", alice, params={"bot": "bank"})
    assert found == (403, "forbidden", {"field": "bot"})


async def test_a_status_is_ones_own_or_set_by_a_manager_of_the_same_bot(system: System) -> None:
    path, asked = "/api/agents/bob/status", {"json": {"status": "away", "reason": "lunch"}}
    for name in ("alice", "zoe"):
        assert (await system.refusal("PUT", path, await system.agent(name), **asked))[:2] == (403, "forbidden")
    for name in ("bob", "mara"):
        found = await system.call("PUT", path, await system.agent(name), **asked)
        assert (found["id"], found["status"], found["reason"]) == ("bob", "away", "lunch")
    ann, _ = await system.visitor()
    assert (await system.refusal("PUT", path, ann, **asked))[:2] == (403, "forbidden")
    mara = await system.agent("mara")
    assert (await system.refusal("PUT", "/api/agents/nobody/status", mara, **asked))[:2] == (404, "not_found")


async def test_a_status_needs_no_reason(system: System) -> None:
    bob = await system.agent("bob")
    body = {"status": "away", "reason": None}
    found = await system.call("PUT", "/api/agents/bob/status", bob, json=body)
    assert (found["status"], found["reason"]) == ("away", "")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "status"), ([], "body"), ({"status": "asleep"}, "status"), ({"status": "busy", "reason": 1}, "reason")],
)
async def test_a_bad_status_names_its_field(system: System, body: Any, field: str) -> None:
    found = await system.refusal("PUT", "/api/agents/bob/status", await system.agent("bob"), json=body)
    assert (found[0], found[1], found[2]["field"]) == (400, "bad_request", field)


async def test_the_queue_says_who_waits_and_why(system: System) -> None:
    ann, key = await system.visitor()
    bob = await system.agent("bob")
    await online(system, "bob")
    await system.call("PUT", "/api/agents/bob/status", bob, json={"status": "busy"})
    await system.command(ann, key, "request_human")
    queue: Any = {}
    async with asyncio.timeout(5):
        while not queue.get("waiting"):
            queue = await system.call("GET", "/api/bots/shop/queue", bob)
    [waiting] = queue["waiting"]
    assert (waiting["conversation"], waiting["position"]) == (key, 1)
    assert waiting["why"]
    low, high = waiting["eta_seconds"]
    assert 0 <= low <= high
    assert {one["id"]: one["status"] for one in queue["agents"]}["bob"] == "busy"


async def test_a_queue_is_for_the_bots_own_agents(system: System) -> None:
    ann, _ = await system.visitor()
    assert (await system.refusal("GET", "/api/bots/shop/queue", ann))[:2] == (403, "forbidden")
    zoe = await system.agent("zoe")
    assert (await system.refusal("GET", "/api/bots/shop/queue", zoe))[:2] == (403, "forbidden")
    assert (await system.refusal("GET", "/api/bots/nowhere/queue", zoe))[:2] == (404, "not_found")


async def test_bots_are_the_callers_with_what_their_agents_can_do(system: System) -> None:
    found = await system.call("GET", "/api/bots", await system.agent("alice"))
    shop = {"id": "shop", "name": "Shop", "tier": "premium", "skills": ["billing"], "languages": ["en"]}
    assert found == {"items": [shop | {"response_target_seconds": 30, "telegram": False}]}


@pytest.mark.parametrize("path", ["/api/agents", "/api/agents/alice", "/api/bots", "/api/quick-replies"])
async def test_visitors_see_none_of_it(system: System, path: str) -> None:
    ann, _ = await system.visitor()
    assert (await system.refusal("GET", path, ann))[:2] == (403, "forbidden")
    assert (await system.refusal("GET", path))[:2] == (401, "unauthorized")


async def test_nobody_has_an_actor_made_of_an_agent_who_is_not_there(system: System) -> None:
    visitor, key = await system.visitor()
    alice, mara = await system.agent("alice"), await system.agent("mara")
    for token in (visitor, alice):
        refused = await system.refusal("PUT", "/api/agents/nobody/status", token, json={"status": "online"})
        assert refused[:2] == (404, "not_found")
    path, commands = (
        f"/api/conversations/{key}/commands",
        [{"type": "assign"}, {"type": "set_status", "status": "away"}],
    )
    async with connected(system, mara) as client:
        for command in commands:
            body = {**command, "ref": "1", "agent": "nobody"}
            assert (await system.refusal("POST", path, mara, json=body))[:2] == (404, "not_found")
            await client.send({**body, "conversation": key, "ref": command["type"]})
            assert (await client.next(ref=command["type"]))["code"] == "not_found"
    held = {actor for host in ("host/0", "host/1") for actor in system.cluster.find(host).node.host.activations}
    assert "agent/nobody" not in held
