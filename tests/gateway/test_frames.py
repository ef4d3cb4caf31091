"""What clients send that is not right: each gets its answer, and the connection goes on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway import frames as f
from tests.gateway.api.system import System, limits, running
from tests.gateway.client import JSON, MSGPACK, connected

pytestmark = pytest.mark.anyio


@pytest.fixture
async def system(tmp_path: Path, anyio_backend: str) -> AsyncIterator[System]:
    async with running(tmp_path, **limits(frame_bytes=4_096, text_characters=200)) as system:
        yield system


WRONG = [
    ("{", "bad_request", None),
    ("[]", "bad_request", None),
    ('{"ref": "r"}', "bad_request", "r"),
    ('{"type": "dance", "ref": "r"}', "bad_request", "r"),
    ('{"type": "send_message", "text": "no ref"}', "bad_request", None),
    ('{"type": "send_message", "ref": "", "text": "x"}', "bad_request", ""),
    (f'{{"type": "send_message", "ref": "{"r" * 65}", "text": "x"}}', "bad_request", "r" * 65),
    ('{"type": "send_message", "ref": "r", "text": 7}', "bad_request", "r"),
    ('{"type": "send_message", "ref": "r", "text": " "}', "bad_request", "r"),
    (f'{{"type": "send_message", "ref": "r", "text": "{"x" * 201}"}}', "too_large", "r"),
    ('{"type": "mark_read", "ref": "r"}', "bad_request", "r"),
    ('{"type": "mark_read", "ref": "r", "sequence": 99}', "bad_request", "r"),
    ('{"type": "rate", "ref": "r", "score": 6}', "bad_request", "r"),
    ('{"type": "take_over", "ref": "r", "conversation": "x"}', "forbidden", "r"),
    ('{"type": "watch_bot", "ref": "r", "bot": "shop"}', "forbidden", "r"),
    ('{"type": "hello", "token": "again"}', "bad_request", None),
]


@pytest.mark.parametrize(("frame", "code", "ref"), WRONG)
async def test_a_wrong_frame_gets_its_code_and_the_connection_survives(
    system: System, frame: str, code: str, ref: str | None
) -> None:
    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        await visitor.connection.send(frame)
        error = await visitor.next(type="error")
        assert (error["code"], error.get("ref")) == (code, ref)
        assert error["message"]
        assert (await visitor.ack("send_message", "after", text="still here"))["type"] == "ack"


@pytest.mark.parametrize(
    ("subprotocol", "data", "field"),
    [
        (JSON, "{", "frame"),
        (JSON, "[]", "frame"),
        (JSON, '{"ref": "r"}', "type"),
        (JSON, '{"type": "mark_read", "ref": "r"}', "sequence"),
        (JSON, '{"type": "send_message", "ref": "r", "attachments": [7]}', "attachments[0]"),
        (JSON, f'{{"type": "update_details", "ref": "r", "attributes": {{"n": {10**30}}}}}', "attributes"),
        (MSGPACK, b"\xc1", "frame"),
        (MSGPACK, msgspec.msgpack.encode({1: "x", "type": "ping", "ref": "r"}), "frame"),
    ],
)
async def test_a_bad_request_names_the_field_or_else_the_frame(
    system: System, subprotocol: str, data: str | bytes, field: str
) -> None:
    token, _ = await system.visitor()
    async with connected(system, token, subprotocol) as visitor:
        await visitor.connection.send(data)
        assert (await visitor.next(type="error"))["detail"] == {"field": field}


REQUIRED: dict[type, dict[str, Any]] = {
    f.SetTyping: {"active": True},
    f.MarkRead: {"sequence": 1},
    f.Rate: {"score": 5},
    f.CloseConversation: {"resolution": "spam"},
    f.AddNote: {"text": "a note"},
    f.Assign: {"agent": "bob"},
    f.SetPriority: {"priority": 1},
    f.SetStatus: {"status": "away"},
    f.WatchBot: {"bot": "shop"},
    f.UnwatchBot: {"bot": "shop"},
}
Fields = list[tuple[str, dict[str, Any]]]
COMMANDS = sorted((f.VISITOR | f.AGENT) - {f.Ping}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_what_may_be_left_out_may_be_null(kind: Any) -> None:
    short = {"type": kind.__struct_config__.tag, "ref": "r", **REQUIRED.get(kind, {})}
    long = {**dict.fromkeys(kind.__struct_fields__), **short}
    assert f.decode_json(msgspec.json.encode(long)) == f.decode_json(msgspec.json.encode(short))
    assert f.decode_msgpack(msgspec.msgpack.encode(long)) == f.decode_msgpack(msgspec.msgpack.encode(short))


async def test_commands_with_nulls_do_what_they_do_without(system: System) -> None:
    token, conversation = await system.visitor()
    visitors: Fields = [
        ("send_message", {"text": "hi", "attachments": None, "take_over": None, "conversation": None}),
        ("set_typing", {"active": True, "text": None}),
        ("rate", {"score": 3, "comment": None}),
    ]
    agents: Fields = [
        ("set_status", {"status": "online", "agent": None, "reason": None}),
        ("take_over", {}),
        ("change_tags", {"add": None, "remove": None}),
        ("return_to_assistant", {"summary": None}),
        ("close_conversation", {"resolution": "other", "notes": None}),
    ]
    async with connected(system, token) as visitor, connected(system, await system.agent("alice")) as alice:
        for type, fields in visitors:
            assert (await visitor.ack(type, type, **fields))["type"] == "ack"
        for type, fields in agents:
            assert (await alice.ack(type, type, conversation=conversation, **fields))["type"] == "ack"


async def test_a_hello_may_resume_null(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, None) as client:
        await client.send({"type": "hello", "token": token, "resume": None})
        assert (await client.next())["type"] == "welcome"


async def test_a_text_of_exactly_the_limit_is_taken(system: System) -> None:
    token, _ = await system.visitor()
    async with connected(system, token) as visitor:
        assert (await visitor.ack("send_message", "r" * 64, text="x" * 200))["type"] == "ack"


HUGE = 10**30
DEEP: list[Any] = []
for _ in range(20):
    DEEP = [DEEP]

JUNK = [
    (JSON, ""),
    (JSON, "[" * 2_000),
    (JSON, b"\xff"),
    (JSON, '{"type": "send_message", "ref": "r", "text": "\\ud800"}'),
    (JSON, f'{{"type": "mark_read", "ref": "r", "sequence": {HUGE}}}'),
    (JSON, f'{{"type": "mark_read", "ref": "r", "sequence": {-HUGE}}}'),
    (JSON, f'{{"type": "set_priority", "ref": "r", "conversation": "c", "priority": {HUGE}}}'),
    (JSON, f'{{"type": "set_priority", "ref": "r", "conversation": "c", "priority": {-HUGE}}}'),
    (JSON, f'{{"type": "rate", "ref": "r", "score": {HUGE}}}'),
    (JSON, f'{{"type": "update_details", "ref": "r", "attributes": {{"n": {HUGE}}}}}'),
    (MSGPACK, ""),
    (MSGPACK, '{"type": "ping"}'),
    (MSGPACK, b""),
    (MSGPACK, b"\xc1"),
    (MSGPACK, b"\x91" * 2_000),
    (MSGPACK, msgspec.msgpack.encode({"type": "mark_read", "ref": "r", "sequence": 2**64 - 1})),
    *(
        (MSGPACK, msgspec.msgpack.encode({"type": "update_details", "ref": "r", "attributes": {"a": odd}}))
        for odd in (b"bytes", {1: 2}, float("nan"), 2**64 - 1, msgspec.msgpack.Ext(5, b""), DEEP)
    ),
]


@pytest.mark.parametrize(("subprotocol", "data"), JUNK)
async def test_what_no_process_could_carry_is_refused_at_the_door(
    system: System, subprotocol: str, data: str | bytes
) -> None:
    token, _ = await system.visitor()
    async with connected(system, token, subprotocol) as visitor:
        await visitor.next(type="welcome")
        await visitor.connection.send(data)
        assert (await visitor.next(type="error"))["code"] == "bad_request"
        assert (await visitor.ack("ping", "after"))["type"] == "pong"


@pytest.mark.parametrize("hello", ["", '{"type": "hello", "token": "x"}'])
async def test_a_hello_in_the_other_format_closes_with_4400(system: System, hello: str) -> None:
    async with connected(system, None, MSGPACK) as client:
        await client.connection.send(hello)
        assert await client.close_code() == 4400


async def test_plain_attributes_reach_an_agent_in_both_formats(system: System) -> None:
    plain = {"plan": "gold", "cart": {"items": [{"sku": "a", "n": 2}], "sum": 9.5}, "big": 2**63 - 1, "vip": None}
    token, conversation = await system.visitor()
    alice = await system.agent("alice")
    async with (
        connected(system, token) as visitor,
        connected(system, alice) as agent,
        connected(system, alice, MSGPACK) as other,
    ):
        for watcher in (agent, other):
            await watcher.ack("watch", "1", conversation=conversation)
        assert (await visitor.ack("update_details", "2", attributes=plain))["type"] == "ack"
        for watcher in (agent, other):
            assert (await watcher.event("details_changed"))["event"]["attributes"] == plain
