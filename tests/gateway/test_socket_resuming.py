"""Who comes back over a new connection hears what was missed, once and in order."""

import pytest

from gateway import socket
from tests.gateway.api.system import System
from tests.gateway.client import connected

pytestmark = pytest.mark.anyio


async def test_who_reconnects_gets_what_was_missed_once_and_in_order(system: System) -> None:
    token, conversation = await system.visitor()
    async with connected(system, token) as first:
        seen = (await first.ack("send_message", "1", text="one"))["sequence"]
    async with connected(system, token) as elsewhere:
        for ref in "23":
            await elsewhere.ack("send_message", ref, text=f"missed {ref}")
    async with connected(system, token, resume={conversation: seen}) as back:
        await back.ack("mark_read", "4", sequence=1)
        await back.event("read_marked")
        sequences = [frame["sequence"] for frame in back.frames if frame["type"] == "event"]
    assert sequences == sorted(set(sequences))
    assert sequences[0] == seen + 1
    texts = [
        f["event"].get("text") for f in back.frames if f["type"] == "event" and f["event"].get("from") == "visitor"
    ]
    assert texts == ["missed 2", "missed 3"]


async def test_who_resumes_from_beyond_the_end_hears_what_comes(system: System) -> None:
    token, conversation = await system.visitor()
    async with connected(system, token, resume={conversation: 10**6}) as visitor:
        await visitor.next(type="welcome")
        await visitor.ack("send_message", "1", text="Hello?")
        assert (await visitor.event("message_sent"))["event"]["text"] == "Hello?"


async def test_a_visitor_resumes_a_conversation_that_was_closed_meanwhile(system: System) -> None:
    token, old = await system.visitor()
    await system.command(token, old, "end_conversation")
    async with connected(system, token) as other:
        new = (await other.ack("send_message", "1", text="one more thing"))["conversation"]
    async with connected(system, token, resume={old: 2, new: 0}) as visitor:
        missed = set()
        while len(missed) < 2:
            frame = await visitor.next(type="event")
            if frame["event"]["type"] in ("conversation_closed", "conversation_opened"):
                missed.add((frame["conversation"], frame["event"]["type"]))
        assert missed == {(old, "conversation_closed"), (new, "conversation_opened")}


async def test_a_visitor_resumes_so_many_conversations_and_no_more(system: System) -> None:
    token, conversation = await system.visitor()
    visitor = conversation.rpartition("-")[0]
    resume = {f"{visitor}-{number}": 0 for number in range(1, socket.RESUMED_MAX + 2)}
    async with connected(system, token, resume=resume) as greedy:
        assert await greedy.close_code() == 4400
        assert greedy.connection.close_reason == f"At most {socket.RESUMED_MAX} conversations can be resumed."
    resume.popitem()
    async with connected(system, token, resume=resume) as modest:
        assert (await modest.event("conversation_opened"))["conversation"] == conversation


async def test_what_a_visitor_has_not_come_to_is_not_asked_for(system: System) -> None:
    token, conversation = await system.visitor()
    resume = {conversation.replace("-1", f"-{number}"): 0 for number in (1, 2, 99)}
    async with connected(system, token, resume=resume) as visitor:
        await visitor.event("conversation_opened")
        (session,) = system.edge.hub.sessions
        assert [*session.watches] == [f"conversation/{conversation}"]
