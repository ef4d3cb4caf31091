"""The socket over real connections: greetings, both subprotocols, resuming, and everything that can be wrong."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.requests import HTTPConnection

from actors.settings import AgentSettings, BotSettings, Routing
from gateway import socket
from gateway.edge import Edge
from gateway.tokens import Claims, Tokens
from runtime.clock import wall_clock_ms
from tests.gateway.api.system import HASH, System, limits, running
from tests.gateway.client import JSON, MSGPACK, Client, connected

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def system(tmp_path: Path, anyio_backend: str) -> AsyncIterator[System]:
    async with running(tmp_path, **limits(visitor_messages=3, frame_bytes=4_096, text_characters=200)) as system:
        yield system


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


async def test_the_same_ref_is_answered_again_and_not_done_again_on_any_connection(system: System) -> None:
    token, conversation = await system.visitor()
    async with connected(system, token) as first:
        one = await first.ack("send_message", "once", text="only once")
    async with connected(system, token, MSGPACK) as second:
        again = await second.ack("send_message", "once", text="only once")
    assert one == again
    events = await system.call("GET", f"/api/conversations/{conversation}/events", token)
    assert [one["text"] for one in events["events"] if one.get("from") == "visitor"] == ["only once"]


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


async def test_too_many_messages_are_told_when_to_come_again(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        for ref in "123":
            assert (await visitor.ack("send_message", ref, text="x"))["type"] == "ack"
        error = await visitor.ack("send_message", "4", text="x")
        assert error["code"] == "rate_limited"
        assert 0 < error["detail"]["retry_after_ms"] <= 10_000


async def test_a_message_whose_ack_was_not_heard_is_said_again_for_nothing(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        for ref in ("1", "1", "2", "2"):
            assert (await visitor.ack("send_message", ref, text="x"))["type"] == "ack"
    async with connected(system, token) as visitor:
        for ref, answered in (("3", "ack"), ("3", "ack"), ("4", "error")):
            assert (await visitor.ack("send_message", ref, text="x"))["type"] == answered


async def test_a_frame_over_the_limit_closes_with_1009(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        await visitor.send({"type": "send_message", "ref": "1", "text": "x" * 5_000})
        assert await visitor.close_code() == 1009


@pytest.mark.parametrize("hello", ["{", "[]", '{"type": "ping"}', '{"type": "hello"}', '{"type": "hello", "token": 1}'])
async def test_a_bad_hello_closes_with_4400(system: System, hello: str) -> None:
    async with connected(system, None) as client:
        await client.connection.send(hello)
        assert await client.close_code() == 4400


async def test_a_forged_or_expired_token_closes_with_4401(system: System) -> None:
    token, _conversation = await system.visitor()
    now_ms = wall_clock_ms()
    expired = Tokens("a secret for tests").issue(Claims.of_visitor("v", "shop", now_ms - 31 * 86_400_000))
    forged = Tokens("another secret").issue(Claims.of_visitor("v", "shop", now_ms))
    for wrong in (expired, forged, token[:-2], "nonsense"):
        async with connected(system, wrong) as client:
            assert await client.close_code() == 4401


async def test_a_foreign_website_is_closed_with_4403(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token, origin="https://elsewhere.example") as client:
        assert await client.close_code() == 4403
    async with connected(system, token, origin="https://shop.example") as client:
        assert (await client.next())["type"] == "welcome"


async def test_no_hello_in_time_closes_with_4408(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_SECONDS", 0.05)
    async with connected(system, None) as client:
        assert await client.close_code() == 4408


async def test_too_many_connections_close_with_4429(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(socket.CONNECTIONS_MAX, "visitor", 1)
    token, _ = await system.visitor()
    async with connected(system, token) as first:
        await first.next(type="welcome")
        async with connected(system, token) as second:
            assert await second.close_code() == 4429


async def test_a_ping_is_answered(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        await visitor.send({"type": "ping"})
        assert await visitor.next(type="pong") == {"type": "pong"}
        assert await visitor.ack("ping", "p") == {"type": "pong", "ref": "p"}


async def test_a_read_mark_in_a_list_of_events_does_not_hide_its_own_sequence(system: System) -> None:
    token, conversation = await system.visitor()
    async with connected(system, token) as visitor:
        marked = (await visitor.ack("mark_read", "1", sequence=1))["sequence"]
    events = (await system.call("GET", f"/api/conversations/{conversation}/events", token))["events"]
    assert [one["sequence"] for one in events] == [1, 2, marked]
    assert (events[-1]["by"], events[-1]["read_sequence"]) == ("visitor", 1)


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


async def test_a_client_that_reads_nothing_is_sent_away_and_slows_nobody(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "STALLED_SECONDS", 0.2)
    visitor, conversation = await system.visitor()
    async with connected(system, await system.agent("mara")) as deaf, connected(system, visitor) as hearing:
        await deaf.next(type="welcome")
        await deaf.ack("watch", "1", conversation=conversation)
        await hearing.next(type="welcome")
        deaf.connection.transport.pause_reading()
        session = next(one for one in system.edge.hub.sessions if one.id == "mara")
        while not session.closed:  # what the kernel takes for it is a matter of the machine
            session.send(b'{"filler":"%b"}' % (b"x" * 60_000))
            assert (await hearing.ack("set_typing", secrets.token_hex(4), active=True))["type"] == "ack"
        deaf.connection.transport.resume_reading()
        assert await deaf.close_code() in (1006, 4000)


async def test_a_silent_client_is_asked_and_dropped_if_it_does_not_answer(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "HEARTBEAT_SECONDS", 0.05)
    token, _ = await system.visitor()
    async with connected(system, token) as silent, connected(system, await system.agent("mara")) as alive:
        await silent.next(type="welcome")
        await alive.next(type="welcome")
        silent.connection.transport.pause_reading()  # it answers no ping
        while any(one.role == "visitor" for one in system.edge.hub.sessions):
            assert (await alive.ack("set_status", secrets.token_hex(4), status="online"))["type"] == "ack"
        assert [one.id for one in system.edge.hub.sessions] == ["mara"]
        silent.connection.transport.resume_reading()
        assert await silent.close_code() == 1011


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


async def test_whose_session_ends_is_sent_away_and_leaves_nothing_behind(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(socket.CONNECTIONS_MAX, "visitor", 1)
    token, _ = await system.visitor()
    hub = system.edge.hub
    async with connected(system, token) as slow:
        await slow.next(type="welcome")
        (session,) = hub.sessions
        session.end()  # as when what was missed is not read
        assert await slow.close_code() == 4000
    assert (hub.sessions, session.watches) == (set(), {})
    async with connected(system, token) as back:
        assert (await back.next())["type"] == "welcome"


async def test_what_nobody_foresaw_in_a_greeting_closes_the_connection_and_is_logged(
    system: System, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumbles(*terms: Any) -> Any:
        raise ZeroDivisionError

    token, _ = await system.visitor()
    monkeypatch.setattr(system.edge.archive, "find", stumbles)
    async with connected(system, token) as client:
        assert await client.close_code() == 1011
    assert system.edge.hub.sessions == set()
    assert any(one.startswith("connection failed sender=visitor/") for one in caplog.messages)


async def test_what_cannot_be_sent_to_one_is_no_loss_to_the_others(system: System) -> None:
    alice, bob = await system.agent("alice"), await system.agent("bob")
    async with connected(system, alice, MSGPACK) as one, connected(system, bob) as other:
        await one.next(type="welcome")
        await other.next(type="welcome")
        sessions = {session.id: session for session in system.edge.hub.sessions}
        sessions["alice"].send(b"no JSON")
        sessions["bob"].send(b'{"type":"hearing"}')
        assert (await other.next())["type"] == "hearing"
        assert await one.close_code() == 1011


async def test_who_does_not_read_has_no_more_time_for_a_hello(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_SECONDS", 0.05)
    closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Line:
        def close(self, code: int, reason: str) -> None:
            closed.set_result(code)

    connection = socket.Connection(socket.SocketEndpoint(cast(Edge, None)))
    connection.websocket = cast(Any, Line())
    connection.opened(HTTPConnection({"type": "websocket", "headers": [], "path": "/ws"}), JSON)
    connection.paused()
    connection.resumed()
    assert await asyncio.wait_for(closed, 5) == 4408


async def test_what_nobody_foresaw_in_a_frame_closes_with_a_code(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*message: Any) -> None:
        raise ZeroDivisionError

    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        await visitor.next(type="welcome")
        monkeypatch.setattr(system.edge.hub, "deliver", stumbles)
        await visitor.send({"type": "mark_read", "ref": "1", "sequence": 1})
        assert await visitor.close_code() == 1011


def in_one_go(client: Client, *frames: bytes, close: bool = False) -> None:
    """The frames, and a close, in one write."""
    protocol = client.connection.protocol
    for frame in frames:
        protocol.send_text(frame)
    if close:
        protocol.send_close(1000)
    client.connection.transport.write(b"".join(protocol.data_to_send()))


async def test_what_comes_right_behind_the_hello_is_answered_in_order_after_the_welcome(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, None) as visitor:
        pings = [b'{"type":"ping","ref":"%d"}' % number for number in range(3)]
        in_one_go(visitor, b'{"type":"hello","token":"%b"}' % token.encode(), *pings)
        await visitor.next(ref="2")
        assert [frame.get("ref", frame["type"]) for frame in visitor.frames] == ["welcome", "0", "1", "2"]


async def test_who_closes_right_behind_the_hello_leaves_nothing_behind(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, None) as visitor:
        in_one_go(visitor, b'{"type":"hello","token":"%b"}' % token.encode(), close=True)
        assert await visitor.close_code() == 1000
    async with connected(system, token) as back:
        await back.next(type="welcome")
        assert len(system.edge.hub.sessions) == 1
