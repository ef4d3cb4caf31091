"""Commands over real connections, in both subprotocols: each has one answer, and what it brings about is pushed."""

from pathlib import Path
from typing import Any

import pytest

from actors.settings import AgentSettings, BotSettings, Routing
from tests.gateway.api.system import HASH, System, limits, running
from tests.gateway.client import JSON, MSGPACK, connected

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_a_visitor_and_an_agent_talk(system: System, subprotocol: str) -> None:
    token, conversation = await system.visitor(name="Vera")
    alice = await system.agent("alice")
    async with connected(system, token, subprotocol) as visitor, connected(system, alice, subprotocol) as agent:
        welcome = await visitor.next(type="welcome")
        assert (welcome["role"], [one["id"] for one in welcome["conversations"]]) == ("visitor", [conversation])
        assert (await agent.next(type="welcome"))["id"] == "alice"
        assert (await agent.ack("set_status", "1", status="online"))["type"] == "ack"
        assert (await visitor.ack("request_human", "1"))["type"] == "ack"
        offer = await agent.next(type="offer")
        assert (offer["conversation"], offer["visitor"]["name"]) == (conversation, "Vera")
        assert (await agent.ack("accept_offer", "2", conversation=conversation))["type"] == "ack"
        assigned = await visitor.event("agent_assigned")
        assert assigned["event"]["agent"] == {"id": "alice", "name": "Alice"}
        assert "why" not in assigned["event"]
        sent = await agent.ack("send_message", "3", conversation=conversation, text="Hello Vera")
        seen = await visitor.event("message_sent")
        assert (seen["event"]["text"], seen["sequence"]) == ("Hello Vera", sent["sequence"])
        await visitor.ack("set_typing", "2", active=True, text="I wa")
        assert (await agent.next(type="typing"))["text"] == "I wa"
        closed = await agent.ack(
            "close_conversation", "4", conversation=conversation, resolution="resolved", notes="done"
        )
        assert closed["type"] == "ack"
        assert "notes" not in (await visitor.event("conversation_closed"))["event"]
        assert (await visitor.ack("rate", "3", score=5))["type"] == "ack"


async def test_an_agent_hears_what_is_assigned_to_her_without_asking(tmp_path: Path) -> None:
    bots = [BotSettings(id="shop", routing=Routing(offer_seconds=0))]
    team = [AgentSettings(id="alice", name="Alice", email="alice@shop.example", bots=["shop"], password_hash=HASH)]
    async with running(tmp_path, bots=bots, agents=team) as system:
        token, conversation = await system.visitor()
        async with connected(system, token) as visitor, connected(system, await system.agent("alice")) as alice:
            await alice.ack("set_status", "1", status="online")
            await visitor.ack("request_human", "1")
            assert (await alice.next(type="assigned"))["conversation"] == conversation
            assert (await alice.next(type="event"))["event"]["type"] == "agent_assigned"
            await visitor.ack("send_message", "2", text="Hello?")
            assert (await alice.event("message_sent"))["event"]["text"] == "Hello?"


async def test_the_same_ref_is_answered_again_and_not_done_again_on_any_connection(system: System) -> None:
    token, conversation = await system.visitor()
    async with connected(system, token) as first:
        one = await first.ack("send_message", "once", text="only once")
    async with connected(system, token, MSGPACK) as second:
        again = await second.ack("send_message", "once", text="only once")
    assert one == again
    events = await system.call("GET", f"/api/conversations/{conversation}/events", token)
    assert [one["text"] for one in events["events"] if one.get("from") == "visitor"] == ["only once"]


async def test_writing_after_the_close_opens_a_new_conversation_that_the_ack_names(system: System) -> None:
    token, conversation = await system.visitor(name="Vera")
    async with connected(system, token) as visitor:
        await visitor.ack("end_conversation", "1")
        ack = await visitor.ack("send_message", "2", text="one more thing")
        assert ack["type"] == "ack"
        assert ack["conversation"] != conversation
        opened = await visitor.next(type="event", conversation=ack["conversation"])
        assert opened["event"]["visitor"]["name"] == "Vera"
        assert (await visitor.ack("send_message", "3", text="and another"))["conversation"] == ack["conversation"]


@pytest.mark.parametrize("anew", [False, True])
async def test_all_windows_of_a_visitor_follow_into_the_next_conversation(system: System, anew: bool) -> None:
    token, old = await system.visitor()
    async with connected(system, token) as first, connected(system, token) as second:
        await first.next(type="welcome")
        await second.next(type="welcome")
        await first.ack("end_conversation", "1")
        await second.event("conversation_closed")
        if anew:
            arrived = await system.call("POST", "/api/bots/shop/visitors", token, json={})
            new = arrived["conversation"]["id"]
        else:
            new = (await first.ack("send_message", "2", text="one more thing"))["conversation"]
        assert new != old
        opened = await second.event("conversation_opened")
        assert (opened["conversation"], opened["sequence"]) == (new, 1)
        ack = await second.ack("send_message", "3", text="and another")
        assert ack["conversation"] == new
        while (heard := await second.event("message_sent"))["event"]["text"] != "and another":
            assert heard["conversation"] == new


async def test_a_window_that_has_not_heard_of_the_next_conversation_commands_the_open_one(system: System) -> None:
    token, first = await system.visitor()
    async with connected(system, token) as behind, connected(system, token) as ahead:
        assert (await behind.next(type="welcome"))["conversations"][0]["id"] == first
        for number in ("1", "2"):  # so that what comes next is closed as well
            await ahead.ack("end_conversation", f"end {number}")
            opened = (await ahead.ack("send_message", number, text="one more thing"))["conversation"]
        assert opened == f"{first.rpartition('-')[0]}-3"
        ack = await behind.ack("set_typing", "t", active=True)
        assert (ack["type"], ack["conversation"]) == ("ack", opened)
        heard = [frame for frame in behind.frames if frame["type"] == "event" and frame["conversation"] == opened]
        first_event = heard[0] if heard else await behind.next(type="event", conversation=opened)
        assert first_event["sequence"] == 1, "and hears all of it"
        assert (await behind.ack("end_conversation", "mine"))["conversation"] == opened
        error = await behind.ack("request_human", "late")
        assert (error["type"], error["code"]) == ("error", "closed")


async def test_a_read_mark_in_a_list_of_events_does_not_hide_its_own_sequence(system: System) -> None:
    token, conversation = await system.visitor()
    async with connected(system, token) as visitor:
        marked = (await visitor.ack("mark_read", "1", sequence=1))["sequence"]
    events = (await system.call("GET", f"/api/conversations/{conversation}/events", token))["events"]
    assert [one["sequence"] for one in events] == [1, 2, marked]
    assert (events[-1]["by"], events[-1]["read_sequence"]) == ("visitor", 1)


async def test_a_ping_is_answered(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        await visitor.send({"type": "ping"})
        assert await visitor.next(type="pong") == {"type": "pong"}
        assert await visitor.ack("ping", "p") == {"type": "pong", "ref": "p"}


async def test_a_message_in_the_wrong_state_says_which(system: System) -> None:
    _, conversation = await system.visitor()
    async with connected(system, await system.agent("alice")) as agent:
        error = await agent.ack("send_message", "1", conversation=conversation, text="hi")
        assert (error["code"], error["detail"]["state"]) == ("not_allowed", "assistant")
        error = await agent.ack("send_message", "2", text="hi")
        assert (error["code"], error["detail"]["field"]) == ("bad_request", "conversation")
        assert (await agent.ack("watch", "3", conversation="nobody-1"))["code"] == "not_found"


async def test_a_foreign_conversation_is_forbidden(system: System) -> None:
    _, conversation = await system.visitor()
    async with connected(system, await system.agent("zoe")) as stranger:
        for type in ("take_over", "watch", "add_note"):
            error = await stranger.ack(type, type, conversation=conversation, text="x")
            assert error["code"] == "forbidden"


async def test_the_second_takeover_learns_who_was_first(system: System) -> None:
    _, conversation = await system.visitor()
    async with (
        connected(system, await system.agent("alice")) as alice,
        connected(system, await system.agent("bob")) as bob,
    ):
        assert (await alice.ack("take_over", "1", conversation=conversation))["type"] == "ack"
        error = await bob.ack("take_over", "1", conversation=conversation)
        assert error["code"] == "conflict"
        assert error["detail"]["owner"] == {"kind": "agent", "id": "alice", "name": "Alice"}


async def test_a_basic_bot_has_no_live_takeover(system: System) -> None:
    token, _ = await system.visitor("plain")
    async with connected(system, token) as visitor:
        assert (await visitor.ack("request_human", "1"))["code"] == "basic_tier"


async def test_too_many_messages_are_told_when_to_come_again(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(visitor_messages=3)) as system:
        token, _ = await system.visitor()
        async with connected(system, token) as visitor:
            for ref in "123":
                assert (await visitor.ack("send_message", ref, text="x"))["type"] == "ack"
            error = await visitor.ack("send_message", "4", text="x")
            assert error["code"] == "rate_limited"
            assert 0 < error["detail"]["retry_after_ms"] <= 10_000


async def test_whatever_a_visitor_does_again_and_again_has_a_bound(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(visitor_messages=3)) as system:
        token, _ = await system.visitor()
        async with connected(system, token) as visitor:
            changes: list[tuple[str, Any]] = [
                ("rate", {"score": 5}),
                ("update_details", {"name": "Vera"}),
                ("request_human", {}),
                ("rate", {"score": 4}),
            ]
            answers = [await visitor.ack(type, f"{n}", **fields) for n, (type, fields) in enumerate(changes)]
            assert [one.get("code", one["type"]) for one in answers] == ["ack", "ack", "ack", "rate_limited"]
            typed = [await visitor.ack("set_typing", f"t{n}", active=True) for n in range(31)]
            assert [one.get("code", one["type"]) for one in typed] == ["ack"] * 30 + ["rate_limited"]
            assert (await visitor.ack("send_message", "m", text="x"))["type"] == "ack"
        again = await system.refusal("POST", "/api/bots/shop/visitors", token, json={"name": "Ann"})
        assert again[:2] == (429, "rate_limited")
        await system.call("POST", "/api/bots/shop/visitors", token, json={"name": "Vera"})


async def test_a_message_whose_ack_was_not_heard_is_said_again_for_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(visitor_messages=3)) as system:
        token, _ = await system.visitor()
        async with connected(system, token) as visitor:
            for ref in ("1", "1", "2", "2"):
                assert (await visitor.ack("send_message", ref, text="x"))["type"] == "ack"
        async with connected(system, token) as visitor:
            for ref, answered in (("3", "ack"), ("3", "ack"), ("4", "error")):
                assert (await visitor.ack("send_message", ref, text="x"))["type"] == answered


async def test_a_connection_watches_so_many_conversations_and_goes_on(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.dispatch.WATCHES_MAX", 3)  # one is the agent's own
    keys = [(await system.visitor())[1] for _ in range(3)]
    async with connected(system, await system.agent("alice")) as agent:
        assert [(await agent.ack("watch", key, conversation=key))["type"] for key in keys] == ["ack", "ack", "error"]
        assert (await agent.ack("watch", "again", conversation=keys[0]))["type"] == "ack"
        refused = await agent.ack("watch", "more", conversation=keys[2])
        assert (refused["code"], refused["message"]) == (
            "overloaded",
            "A connection watches 3 conversations at most: unwatch some.",
        )
        await agent.ack("unwatch", "less", conversation=keys[1])
        assert (await agent.ack("watch", "then", conversation=keys[2]))["type"] == "ack"
