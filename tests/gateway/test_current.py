"""Wherever a conversation is listed, its place in the queue is told, and whether its visitor is there; and nobody waits
long to learn it."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from actors.commands import Describe
from gateway import current as module
from gateway.current import current
from runtime.identity import ActorId, actor_id
from runtime.journal import Listed
from runtime.messages import Refusal, Reply
from tests.gateway.api.system import System
from tests.gateway.client import JSON, MSGPACK, Client, connected

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


def row(actor: ActorId, phase: str = "queued", online: bool = False, **attributes: Any) -> Listed:
    visitor = {"attributes": attributes, "online": online}
    body = {"id": actor.partition("/")[2], "visitor": visitor, "state": phase, "queue": None}
    return Listed(actor, 1, "", msgspec.json.encode(body))


async def test_a_list_does_not_wait_for_a_host_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.01)
    hub, full = Hub(), actor_id("conversation", "full-1")
    found: Any = await current(hub, "agent/alice", [row(AWAY), row(HERE), row(full)])  # type: ignore[arg-type]
    items = [msgspec.json.decode(one) for one in found]
    assert [one["id"] for one in items] == ["away-1", "here-1", "full-1"]
    assert [one["queue"] for one in items] == [None, {"position": 3, "eta_seconds": [1, 2]}, None]


async def test_a_visitor_who_left_while_nobody_could_write_that_down_is_not_listed_as_online() -> None:
    hub = Hub()
    known: Any = await current(hub, "agent/alice", [row(HERE, "live", online=True), row(AWAY, "live")])  # type: ignore[arg-type]
    assert [msgspec.json.decode(one)["visitor"]["online"] for one in known] == [False, False]
    assert hub.asked == [HERE]


async def test_lists_and_those_who_watch_the_bot_hear_whether_a_visitor_is_there(system: System) -> None:
    alice = await system.agent("alice")
    token, key = await system.visitor()
    async with connected(system, alice) as agent:
        await agent.ack("watch_bot", "w", bot="shop")
        async with connected(system, token) as visitor:
            await visitor.next(type="welcome")
            await lobby(agent, key, lambda one: one["visitor"]["online"])
            (listed,) = (await system.call("GET", "/api/conversations", alice))["items"]
            assert listed["visitor"]["online"] is True
        await lobby(agent, key, lambda one: not one["visitor"]["online"])
    (listed,) = (await system.call("GET", "/api/conversations", alice))["items"]
    assert listed["visitor"]["online"] is False


async def test_those_who_watch_the_bot_are_told_places_in_the_queue(system: System) -> None:
    alice, waiting = await system.agent("alice"), []
    await system.call("PUT", "/api/agents/alice/status", alice, json={"status": "busy"})
    async with connected(system, alice) as agent:
        await agent.ack("watch_bot", "w", bot="shop")
        for position in (1, 2):
            token, key = await system.visitor()
            await system.command(token, key, "request_human")
            waiting.append(key)
            told = await lobby(agent, key, lambda one: one["queue"] is not None)
            assert (told["state"], told["queue"]["position"]) == ("queued", position)
        await system.command(alice, waiting[1], "change_tags", add=["vip"])
        told = await lobby(agent, waiting[1], lambda one: one["tags"] == ["vip"])
        assert told["queue"]["position"] == 2
        await system.command(alice, waiting[0], "take_over")
        assert (await lobby(agent, waiting[0], lambda one: one["state"] == "live"))["queue"] is None
        moved = await lobby(agent, waiting[1], lambda one: one["queue"]["position"] == 1)
        assert moved["state"] == "queued"


async def lobby(agent: Client, key: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The conversation, as soon as those who watch the bot are told that it is as wanted."""
    while True:
        for one in (await agent.next(type="lobby"))["changed"]:
            if one["id"] == key and wanted(one):
                return cast(dict[str, Any], one)


async def test_only_who_waits_is_asked_whatever_its_visitor_has_written() -> None:
    hub = Hub()
    rows = [row(HERE, "live", state="queued", other={"online": True}), row(AWAY, "closed", owner={"state": "queued"})]
    assert await current(hub, "agent/alice", rows) == [one.body for one in rows]  # type: ignore[arg-type]
    assert hub.asked == []
