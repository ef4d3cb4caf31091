"""The handoff as customers see it: visitors, agents and a manager over real sockets, from the request to the rating."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from actors.settings import AgentSettings, BotSettings, Escalation, Routing
from tests.gateway.api.system import System, agent, running
from tests.gateway.client import Client, connected

pytestmark = pytest.mark.anyio

ROUTING = Routing(
    offer_seconds=1,
    sticky_seconds=0,
    disconnect_seconds=1,
    response_target_seconds=1,
    agent_greeting="Hi {visitor.name}, this is {agent.name}.",
)
BOTS = [
    BotSettings(id="shop", name="Shop", routing=ROUTING, escalation=Escalation(keywords=["lawyer"])),
    BotSettings(id="plain", name="Plain", tier="basic"),
]
TEAM: list[AgentSettings] = [
    agent("alice", bots=("shop", "plain")),
    agent("bob", skills=["billing"]),
    agent("mara", "manager"),
]


class Scene:
    """Everybody by name."""

    def __init__(self, system: System, stack: AsyncExitStack) -> None:
        self.system = system
        self._stack = stack
        self._refs = 0
        self._heard: dict[Client, int] = {}

    async def visitor(self, bot: str = "shop", **said: Any) -> tuple[Client, str]:
        """A visitor's connection, and the conversation."""
        token, key = await self.system.visitor(bot, **said)
        client = await self._stack.enter_async_context(connected(self.system, token, max_queue=None))
        await client.next(type="welcome")
        return client, key

    async def agent(self, name: str, status: str = "online") -> Client:
        """An agent's connection, with that status."""
        client = await self._stack.enter_async_context(
            connected(self.system, await self.system.agent(name), max_queue=None)
        )
        await client.next(type="welcome")
        if status:
            await self.does(client, "set_status", status=status)
        return client

    async def does(self, client: Client, type: str, key: str = "", **fields: Any) -> dict[str, Any]:
        """A command's ack."""
        self._refs += 1
        answer = await client.ack(type, str(self._refs), **({"conversation": key} if key else {}), **fields)
        assert answer["type"] == "ack", answer
        return answer

    async def takes(self, client: Client, key: str) -> None:
        """She accepts what rings next."""
        assert (await self.hears(client, type="offer"))["conversation"] == key
        await self.does(client, "accept_offer", key)

    async def hears(self, client: Client, **wanted: Any) -> dict[str, Any]:
        """The next frame with these fields, also if it came while something else was awaited."""
        while True:
            seen = self._heard.get(client, 0)
            if seen == len(client.frames):
                await client.next()
            self._heard[client] = seen + 1
            if all(client.frames[seen].get(name) == value for name, value in wanted.items()):
                return client.frames[seen]

    async def event(self, client: Client, type: str) -> dict[str, Any]:
        """The next event of this type."""
        while (frame := await self.hears(client, type="event"))["event"]["type"] != type:
            pass
        return frame

    async def queue(self) -> dict[str, dict[str, Any]]:
        """The queue by conversation, as the manager reads it."""
        found = await self.get("/api/bots/shop/queue")
        return {one["conversation"]: one for one in found["waiting"]}

    async def get(self, path: str) -> Any:
        """What the manager reads."""
        return await self.system.call("GET", path, await self.system.agent("mara"))


@pytest.fixture
async def scene(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Scene]:
    async with running(tmp_path, bots=BOTS, agents=TEAM) as system, AsyncExitStack() as stack:
        yield Scene(system, stack)


async def test_declined_it_rings_at_the_next_who_is_introduced_and_excused_once(scene: Scene) -> None:
    alice, bob = await scene.agent("alice"), await scene.agent("bob")
    visitor, key = await scene.visitor(name="Vera")
    await scene.does(visitor, "request_human")
    await scene.hears(alice, type="offer", conversation=key)
    await scene.does(alice, "decline_offer", key, reason="lunch")
    assert (await scene.hears(alice, type="offer_withdrawn"))["reason"] == "declined"
    await scene.takes(bob, key)
    greeting = (await scene.event(visitor, "message_sent"))["event"]
    assert (greeting["from"], greeting["text"]) == ("system", "Hi Vera, this is Bob.")
    delay = (await scene.event(visitor, "message_sent"))["event"]
    assert (delay["from"], delay["notice"]) == ("system", "delay")
    await scene.does(bob, "send_message", key, text="Sorry.")
    assert (await scene.event(visitor, "message_sent"))["event"]["from"] == "agent", "she was asked to wait once"


async def test_who_misses_two_in_a_row_is_away_and_nobody_is_left_waiting_for_her(scene: Scene) -> None:
    alice = await scene.agent("alice")
    visitors = [await scene.visitor() for _ in range(2)]
    for visitor, _ in visitors:
        await scene.does(visitor, "request_human")
    for _ in visitors:
        await scene.hears(alice, type="offer")
        assert (await scene.hears(alice, type="offer_withdrawn"))["reason"] == "expired"
    assert (await scene.hears(alice, type="agent_status"))["status"] == "away"
    for visitor, key in visitors:
        assert (await scene.event(visitor, "offline_answered"))["event"]["reason"] == "nobody"
        await scene.does(visitor, "update_details", email="vera@shop.example")
        row = await scene.get(f"/api/conversations/{key}")
        assert (row["state"], row["tags"], row["visitor"]["email"]) == ("assistant", ["missed"], "vera@shop.example")
    found = await scene.get("/api/conversations?bot=shop&tag=missed")
    assert {one["id"] for one in found["items"]} == {key for _, key in visitors}


async def test_the_queue_says_where_how_long_and_why_and_a_manager_moves_it(scene: Scene) -> None:
    alice, mara = await scene.agent("alice"), await scene.agent("mara", "away")
    first, one = await scene.visitor()
    await scene.does(first, "request_human")
    await scene.takes(alice, one)
    second, other = await scene.visitor()
    await scene.does(second, "request_human")
    place = await scene.hears(second, type="queue_position")
    assert place["position"] == 1
    assert 0 <= place["eta_seconds"][0] < place["eta_seconds"][1]
    third, last = await scene.visitor()
    await scene.does(third, "request_human", skill="billing")
    assert (await scene.hears(third, type="queue_position"))["position"] == 2
    why = {key: waiting["why"] for key, waiting in (await scene.queue()).items()}
    assert why[other] == "Everybody who could take it has all they can do."
    assert why[last] == "Nobody online has billing; anybody will do soon."
    await scene.does(mara, "watch", last)
    await scene.does(mara, "set_priority", last, priority=5)
    assert (await scene.hears(third, type="queue_position"))["position"] == 1
    assert (await scene.hears(mara, type="queue_position", conversation=last))["position"] == 1
    assert (await scene.hears(second, type="queue_position"))["position"] == 2
    assert list(await scene.queue()) == [last, other]
    assert (await scene.queue())[last]["priority"] == 5
    bob = await scene.agent("bob")
    await scene.takes(bob, last)
    assert (await scene.event(mara, "agent_assigned"))["event"]["why"] == "billing, first to be free"
    assert "why" not in (await scene.event(third, "agent_assigned"))["event"]
    assert not any(frame.get("event", {}).get("type") == "priority_changed" for frame in third.frames)


async def test_a_transfer_is_asked_first_and_comes_back_with_the_reason(scene: Scene) -> None:
    alice, bob = await scene.agent("alice"), await scene.agent("bob", "busy")
    visitor, key = await scene.visitor()
    await scene.does(visitor, "request_human")
    await scene.takes(alice, key)
    await scene.does(alice, "transfer", key, to_agent="bob", note="An angry one.")
    back = await scene.event(alice, "agent_assigned")
    while back["event"]["how"] != "transfer":
        back = await scene.event(alice, "agent_assigned")
    assert (back["event"]["agent"]["id"], back["event"]["why"]) == ("alice", "Bob is busy")
    await scene.does(bob, "set_status", status="online")
    await scene.does(alice, "transfer", key, to_agent="bob", note="Calm now.")
    await scene.takes(bob, key)
    assert (await scene.get(f"/api/conversations/{key}"))["owner"]["id"] == "bob"
    assert not [one for one in visitor.frames if one.get("event", {}).get("type") == "note_added"]
    await scene.does(bob, "transfer", key)
    await scene.takes(alice, key)


async def test_who_vanishes_is_missed_and_has_first_refusal_when_she_is_back(scene: Scene) -> None:
    token = await scene.system.agent("alice")
    visitor, key = await scene.visitor()
    async with connected(scene.system, token) as alice:
        await alice.next(type="welcome")
        await scene.does(alice, "set_status", status="online")
        bob = await scene.agent("bob")
        other, another = await scene.visitor()
        await scene.does(visitor, "request_human")
        await scene.takes(alice, key)
        await scene.does(other, "request_human")
        await scene.takes(bob, another)
    assert (await scene.hears(visitor, type="presence", agent_online=False))["conversation"] == key
    assert (await scene.event(visitor, "agent_released"))["event"]["reason"] == "disconnected"
    assert (await scene.event(visitor, "human_requested"))["event"]["trigger"] == "disconnect"
    assert (await scene.queue())[key]["position"] == 1
    back = await scene.agent("alice")
    await scene.takes(back, key)
    events = (await scene.get(f"/api/conversations/{key}/events"))["events"]
    assert [one for one in events if one["type"] == "agent_assigned"][-1]["why"] == "back again, and had this visitor"
    assert len([one for one in events if one.get("notice") == "greeting"]) == 1


async def test_returned_with_a_summary_that_visitors_do_not_see(scene: Scene) -> None:
    alice = await scene.agent("alice")
    visitor, key = await scene.visitor()
    await scene.does(visitor, "request_human", reason="A refund")
    await scene.takes(alice, key)
    await scene.does(alice, "return_to_assistant", key, summary="She wants a refund.")
    returned = (await scene.event(visitor, "returned_to_assistant"))["event"]
    assert "summary" not in returned
    events = (await scene.get(f"/api/conversations/{key}/events"))["events"]
    assert [one.get("summary") for one in events if one["type"] == "returned_to_assistant"] == ["She wants a refund."]


async def test_a_manager_watches_whispers_assigns_by_force_and_sets_a_status(scene: Scene) -> None:
    alice, mara = await scene.agent("alice"), await scene.agent("mara", "away")
    bob = await scene.agent("bob", "busy")
    visitor, key = await scene.visitor()
    await scene.does(visitor, "request_human")
    await scene.takes(alice, key)
    await scene.does(mara, "watch", key)
    assert set((await scene.hears(alice, type="viewers", agents=["alice", "mara"]))["agents"]) == {"alice", "mara"}
    await scene.does(visitor, "set_typing", active=True, text="I am so")
    assert (await scene.hears(mara, type="typing"))["text"] == "I am so"
    await scene.does(mara, "add_note", key, text="Be kind.")
    assert (await scene.event(alice, "note_added"))["event"]["text"] == "Be kind."
    await scene.does(mara, "assign", key, agent="bob")
    assert (await scene.hears(bob, type="assigned"))["conversation"] == key
    released = (await scene.event(alice, "agent_released"))["event"]
    assert released["reason"] == "reassigned"
    await scene.does(mara, "set_status", agent="alice", status="away")
    assert (await scene.hears(alice, type="agent_status", status="away"))["agent"] == "alice"
    await scene.does(bob, "send_message", key, text="Hello")
    sent = (await scene.event(visitor, "message_sent"))["sequence"]
    while (await scene.hears(visitor, type="event"))["event"].get("text") != "Hello":
        pass
    await scene.does(visitor, "mark_read", sequence=sent)
    assert (await scene.event(bob, "read_marked"))["event"]["by"] == "visitor"
    await scene.does(bob, "close_conversation", key, resolution="resolved", notes="Done.")
    assert "notes" not in (await scene.event(visitor, "conversation_closed"))["event"]
    await scene.does(visitor, "rate", score=5)
    assert (await scene.event(bob, "rated"))["event"]["score"] == 5


async def test_nobody_is_assigned_who_is_offline_but_what_was_done_is_answered_again(scene: Scene) -> None:
    alice, bob, mara = await scene.agent("alice"), await scene.agent("bob", "busy"), await scene.agent("mara", "away")
    _, key = await scene.visitor()
    await scene.does(alice, "take_over", key)
    done = await mara.ack("assign", "done", conversation=key, agent="bob")
    assert done["type"] == "ack"
    await scene.does(bob, "return_to_assistant", key)
    await scene.does(bob, "set_status", status="offline")
    refused = await mara.ack("assign", "refused", conversation=key, agent="bob")
    assert (refused["code"], refused["message"]) == ("not_allowed", "Bob is offline.")
    assert (await scene.get(f"/api/conversations/{key}"))["state"] == "assistant"
    assert await mara.ack("assign", "done", conversation=key, agent="bob") == done
    assert (await mara.ack("assign", "unknown", conversation=key, agent="zoe"))["code"] == "not_found"


async def test_who_was_too_late_is_told_who_was_first_and_does_not_look_on(scene: Scene) -> None:
    alice, bob, mara = await scene.agent("alice"), await scene.agent("bob", "away"), await scene.agent("mara", "away")
    visitor, key = await scene.visitor()
    await scene.does(visitor, "send_message", text="Hello?")
    await scene.does(alice, "take_over", key)
    assert (await scene.event(alice, "agent_assigned"))["event"]["how"] == "takeover"
    late = await bob.ack("take_over", "late", conversation=key)
    assert (late["code"], late["detail"]["owner"]["name"]) == ("conflict", "Alice")
    await scene.does(mara, "watch", key)
    assert (await scene.hears(mara, type="viewers"))["agents"] == ["alice", "mara"]


async def test_a_basic_bot_has_no_live_support_whoever_asks(scene: Scene) -> None:
    visitor, key = await scene.visitor("plain")
    assert (await visitor.ack("request_human", "h"))["code"] == "basic_tier"
    for type, fields in (("take_over", {}), ("send_message", {"text": "Hi", "take_over": True})):
        body = {"type": type, "ref": type, **fields}
        path = f"/api/conversations/{key}/commands"
        refused = await scene.system.refusal("POST", path, await scene.system.agent("alice"), json=body)
        assert refused[:2] == (403, "basic_tier")
