"""Commands over HTTP: acks, the same ref twice, and refusals with their statuses."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.api.system import System, limits, running

pytestmark = pytest.mark.anyio


async def refused(system: System, token: str, key: str, **body: Any) -> tuple[int, str, dict[str, Any]]:
    return await system.refusal("POST", f"/api/conversations/{key}/commands", token, json=body)


async def texts(system: System, token: str, key: str) -> list[str]:
    events = (await system.call("GET", f"/api/conversations/{key}/events", token))["events"]
    return [event["text"] for event in events if event["type"] == "message_sent" and event["from"] != "assistant"]


async def test_an_ack_names_conversation_and_sequence_and_the_event_is_there(system: System) -> None:
    ann, key = await system.visitor()
    ack = await system.command(ann, key, "send_message", ref="r1", text="Hello")
    assert ack == {"type": "ack", "ref": "r1", "conversation": key, "sequence": ack["sequence"]}
    events = (await system.call("GET", f"/api/conversations/{key}/events", ann))["events"]
    assert [one["text"] for one in events if one["sequence"] == ack["sequence"]] == ["Hello"]


async def test_the_same_ref_is_answered_again_and_not_done_again(system: System) -> None:
    ann, key = await system.visitor()
    acks = [await system.command(ann, key, "send_message", ref="r1", text="Hello") for _ in range(3)]
    assert acks[0] == acks[1] == acks[2]
    assert await texts(system, ann, key) == ["Hello"]


async def test_of_two_takeovers_one_wins_and_the_other_learns_who(system: System) -> None:
    _, key = await system.visitor()
    tokens = [await system.agent(name) for name in ("alice", "bob")]
    path, body = f"/api/conversations/{key}/commands", {"type": "take_over", "ref": "r1"}
    answers = await asyncio.gather(*(system.ask("POST", path, token, json=body) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    error = next(answer.json()["error"] for answer in answers if answer.status_code == 409)
    owner = (await system.call("GET", f"/api/conversations/{key}", tokens[0]))["owner"]
    assert (error["code"], error["detail"]["owner"]) == ("conflict", owner)


async def test_what_the_state_does_not_permit_says_the_state(system: System) -> None:
    _, key = await system.visitor()
    alice = await system.agent("alice")
    found = await refused(system, alice, key, type="send_message", ref="r1", text="Hi")
    assert found == (409, "not_allowed", {"state": "assistant"})


async def test_a_basic_bot_gives_nobody_a_human(system: System) -> None:
    ann, key = await system.visitor("plain")
    assert (await refused(system, ann, key, type="request_human", ref="r1"))[:2] == (403, "basic_tier")


async def test_a_message_after_the_close_opens_the_next_conversation_and_the_ack_names_it(system: System) -> None:
    ann, key = await system.visitor()
    await system.command(ann, key, "end_conversation")
    ack = await system.command(ann, key, "send_message", text="One more thing")
    assert ack["conversation"] != key
    assert await texts(system, ann, ack["conversation"]) == ["One more thing"]
    assert (await refused(system, ann, key, type="request_human", ref="r9"))[:2] == (409, "closed")


@pytest.mark.parametrize("type", ["take_over", "add_note", "assign", "set_status"])
async def test_a_visitor_may_not_do_what_agents_do(system: System, type: str) -> None:
    ann, key = await system.visitor()
    body = {"type": type, "ref": "r1", "text": "x", "agent": "alice", "status": "online"}
    assert (await refused(system, ann, key, **body))[:2] == (403, "forbidden")


async def test_nobody_writes_into_a_strangers_conversation(system: System) -> None:
    _, key = await system.visitor()
    stranger, _ = await system.visitor()
    for token, type in (
        (stranger, "send_message"),
        (stranger, "end_conversation"),
        (await system.agent("zoe"), "take_over"),
    ):
        assert (await refused(system, token, key, type=type, ref="r1", text="x"))[:2] == (403, "forbidden")


async def test_a_conversation_that_was_never_opened_takes_no_commands(system: System) -> None:
    alice = await system.agent("alice")
    assert (await refused(system, alice, "nobody-1", type="take_over", ref="r1"))[:2] == (404, "not_found")


@pytest.mark.parametrize("type", ["watch", "unwatch", "ping", "watch_bot", "unwatch_bot"])
async def test_what_only_a_socket_can_do_is_refused(system: System, type: str) -> None:
    _, key = await system.visitor()
    alice = await system.agent("alice")
    found = await refused(system, alice, key, type=type, ref="r1", bot="shop")
    assert found == (400, "bad_request", {"field": "type"})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ref": "r1"}, "type"),
        ({"type": "dance", "ref": "r1"}, "type"),
        ({"type": "send_message", "text": "x"}, "ref"),
        ({"type": "send_message", "ref": "", "text": "x"}, "ref"),
        ({"type": "send_message", "ref": "r" * 65, "text": "x"}, "ref"),
        ({"type": "send_message", "ref": "r1", "text": 5}, "text"),
        ({"type": "send_message", "ref": "r1", "text": " "}, "text"),
        ({"type": "send_message", "ref": "r1", "attachments": [{"id": "0" * 32}]}, "attachments"),
        ({"type": "send_message", "ref": "r1", "attachments": [{}]}, "id"),
        ({"type": "rate", "ref": "r1", "score": 6}, "score"),
        ({"type": "rate", "ref": "r1"}, "score"),
    ],
)
async def test_a_wrong_field_is_named(system: System, body: dict[str, Any], field: str) -> None:
    ann, key = await system.visitor()
    status, code, detail = await refused(system, ann, key, **body)
    assert (status, code, detail["field"]) == (400, "bad_request", field)


async def test_a_ref_of_64_characters_is_not_too_long(system: System) -> None:
    ann, key = await system.visitor()
    await system.command(ann, key, "send_message", ref="r" * 64, text="x")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 20_000])
async def test_what_is_no_command_is_a_bad_request(system: System, body: bytes) -> None:
    ann, key = await system.visitor()
    found = await system.refusal("POST", f"/api/conversations/{key}/commands", ann, content=body)
    assert found[:2] == (400, "bad_request")


async def test_a_body_may_have_so_many_bytes_and_none_more(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(frame_bytes=2_000)) as system:
        ann, key = await system.visitor()
        path, frame = f"/api/conversations/{key}/commands", b'{"type": "send_message", "ref": "r1", "text": "x"%s}'
        fits = frame % (b" " * (2_000 - len(frame) + 2))
        assert (await system.ask("POST", path, ann, content=fits)).status_code == 200
        too_large = (413, "too_large", {"limit": 2_000})
        assert await system.refusal("POST", path, ann, content=fits + b" ") == too_large

        async def pieces() -> Any:
            for _ in range(3):
                yield b" " * 1_000

        assert await system.refusal("POST", path, ann, content=pieces()) == too_large


async def test_a_text_that_is_too_long_is_too_large(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(text_characters=10)) as system:
        ann, key = await system.visitor()
        await system.command(ann, key, "send_message", text="x" * 10)
        found = await refused(system, ann, key, type="send_message", ref="r2", text="x" * 11)
        assert (found[0], found[1], found[2]["field"]) == (413, "too_large", "text")


async def test_a_visitor_who_writes_too_fast_is_told_when_to_go_on(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(visitor_messages=3, visitor_seconds=60)) as system:
        ann, key = await system.visitor()
        for number in range(3):
            await system.command(ann, key, "send_message", text=str(number))
        status, code, detail = await refused(system, ann, key, type="send_message", ref="r9", text="4")
        assert (status, code) == (429, "rate_limited")
        assert 0 < detail["retry_after_ms"] <= 60_000
        await system.command(ann, key, "set_typing", active=True)
        bo, other = await system.visitor()
        await system.command(bo, other, "send_message", text="not my fault")
