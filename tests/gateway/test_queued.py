"""Wherever a conversation that waits is listed, its place in the queue is told; and nobody waits long to learn it."""

import asyncio
from typing import Any

import msgspec
import pytest

from actors.commands import Describe
from gateway import queued
from gateway.queued import placed
from runtime.identity import ActorId, actor_id
from runtime.journal import Listed
from runtime.messages import Refusal, Reply
from tests.gateway.api.system import System
from tests.gateway.client import JSON, MSGPACK, connected

pytestmark = pytest.mark.anyio

HERE, AWAY = actor_id("conversation", "here-1"), actor_id("conversation", "away-1")


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_who_waits_is_listed_and_welcomed_with_its_place(system: System, subprotocol: str) -> None:
    alice, bodies = await system.agent("alice"), []
    await system.call("PUT", "/api/agents/alice/status", alice, json={"status": "busy"})
    for position in (1, 2):
        token, key = await system.visitor()
        async with connected(system, token) as visitor:
            await visitor.ack("request_human", "r")
            assert (await visitor.next(type="queue_position"))["position"] == position
        bodies.append((token, key))
    items = (await system.call("GET", "/api/conversations", alice, params={"state": "queued"}))["items"]
    assert {one["id"]: one["queue"]["position"] for one in items} == {bodies[0][1]: 1, bodies[1][1]: 2}
    token, key = bodies[1]
    async with connected(system, token, subprotocol) as visitor:
        (welcomed,) = (await visitor.next(type="welcome"))["conversations"]
    (mine,) = (await system.call("GET", "/api/conversations", token))["items"]
    for one in (welcomed, mine):
        assert (one["id"], one["state"], one["queue"]["position"]) == (key, "queued", 2)
        assert [type(bound) for bound in one["queue"]["eta_seconds"]] == [int, int]


class Hub:
    """Knows the place of one conversation; another's host does not answer, or the reply is a refusal."""

    def __init__(self) -> None:
        self.asked: list[ActorId] = []

    async def request(self, actor: ActorId, sender: str, ref: str, command: Describe) -> Reply:
        self.asked.append(actor)
        if actor == AWAY:
            await asyncio.Event().wait()
        if actor != HERE:
            return Reply(refusal=Refusal("overloaded", "Later.", {}))
        return Reply(value=msgspec.json.encode({"state": "queued", "queue": {"position": 3, "eta_seconds": [1, 2]}}))


def row(actor: ActorId, phase: str = "queued", **attributes: Any) -> Listed:
    body = {"id": actor.partition("/")[2], "visitor": {"attributes": attributes}, "state": phase, "queue": None}
    return Listed(actor, 1, "", msgspec.json.encode(body))


async def test_a_list_does_not_wait_for_a_host_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queued, "ANSWER_SECONDS", 0.01)
    hub, full = Hub(), actor_id("conversation", "full-1")
    found: Any = await placed(hub, "agent/alice", [row(AWAY), row(HERE), row(full)])  # type: ignore[arg-type]
    items = [msgspec.json.decode(one) for one in found]
    assert [one["id"] for one in items] == ["away-1", "here-1", "full-1"]
    assert [one["queue"] for one in items] == [None, {"position": 3, "eta_seconds": [1, 2]}, None]


async def test_only_who_waits_is_asked_whatever_its_visitor_has_written() -> None:
    hub = Hub()
    rows = [row(HERE, "live", state="queued"), row(AWAY, "closed", owner={"state": "queued"})]
    assert await placed(hub, "agent/alice", rows) == [one.body for one in rows]  # type: ignore[arg-type]
    assert hub.asked == []
