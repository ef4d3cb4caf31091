"""Server-sent events: the history, then what happens, and again after a cut; nothing twice and nothing hidden."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.api import stream
from gateway.sessions import Role
from runtime.identity import ActorId, actor_id
from tests.gateway.api.system import System, limits, running

pytestmark = pytest.mark.anyio

Lines = AsyncIterator[tuple[str, dict[str, Any]]]


@asynccontextmanager
async def following(
    system: System, token: str, key: str, after: int | None = None, **headers: str
) -> AsyncIterator[Any]:
    """What an EventSource would hand out: ids with the data decoded. `next` waits for one."""
    path = f"/api/conversations/{key}/stream" + (f"?after={after}" if after is not None else "")
    auth = {"Authorization": f"Bearer {token}"}
    async with system.http.stream("GET", path, headers=auth | headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield events(response.aiter_lines())


async def events(lines: AsyncIterator[str]) -> Lines:
    id, data = "", ""
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            id = value
        elif name == "data":
            data = value
        elif not line and data:
            yield id, json.loads(data)
            data = ""


async def take(found: Lines, count: int) -> list[tuple[str, dict[str, Any]]]:
    async with asyncio.timeout(5):
        return [await anext(found) for _ in range(count)]


async def test_a_browser_that_sends_no_header_names_its_token_in_the_address(system: System) -> None:
    token, key = await system.visitor()
    path = f"/api/conversations/{key}/stream"
    async with system.http.stream("GET", path, params={"token": token, "after": 1}) as response:
        assert response.status_code == 200
        [(id, frame)] = await take(events(response.aiter_lines()), 1)
        assert (id, frame["event"]["type"]) == ("2", "message_sent")
    assert await system.refusal("GET", path, params={"token": "forged"}) == (401, "unauthorized", {})
    stranger, _ = await system.visitor()
    assert (await system.refusal("GET", path, params={"token": stranger}))[:2] == (403, "forbidden")
    other = f"/api/conversations/{key}"
    assert (await system.refusal("GET", other, params={"token": token}))[0] == 401, "nowhere else"


async def test_the_history_comes_first_and_then_what_happens(system: System) -> None:
    ann, key = await system.visitor()
    async with following(system, ann, key) as found:
        old = await take(found, 2)
        assert [(id, frame["event"]["type"]) for id, frame in old] == [
            ("1", "conversation_opened"),
            ("2", "message_sent"),
        ]
        ack = await system.command(ann, key, "send_message", text="Hello")
        [(id, frame)] = await take(found, 1)
        assert (int(id), frame["sequence"]) == (ack["sequence"], ack["sequence"])
        assert (frame["type"], frame["conversation"], frame["event"]["text"]) == ("event", key, "Hello")


async def test_a_stream_ends_with_its_token(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    _, key = await system.visitor()
    alice = await system.agent("alice")
    async with following(system, alice, key) as found:
        await take(found, 2)
        await system.call("POST", "/api/logout", alice)
        async with asyncio.timeout(5):
            assert [one async for one in found] == []


@pytest.mark.parametrize("how", ["after", "header"])
async def test_a_client_that_comes_again_gets_what_it_missed_once(system: System, how: str) -> None:
    ann, key = await system.visitor()
    for number in range(5):
        await system.command(ann, key, "send_message", text=str(number))
    resumed = {"after": 4} if how == "after" else {"after": 0, "Last-Event-ID": "4"}
    async with following(system, ann, key, **resumed) as found:  # type: ignore[arg-type]
        await system.command(ann, key, "send_message", text="last")
        ids = [int(id) for id, _ in await take(found, 4)]
        assert ids == [5, 6, 7, 8]


async def test_messages_sent_while_a_client_connects_come_in_order_and_once(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(visitor_messages=0)) as system:
        ann, key = await system.visitor()
        alice = await system.agent("alice")

        async def write() -> None:
            for number in range(60):
                await system.command(ann, key, "send_message", text=str(number))

        writing = asyncio.get_running_loop().create_task(write())
        for _ in range(3):
            async with following(system, alice, key) as found:
                await take(found, 5)
        async with following(system, alice, key) as found:
            assert [int(id) for id, _ in await take(found, 62)] == list(range(1, 63))
        await writing


async def test_what_happens_between_the_history_and_the_watching_is_not_lost(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, key = await system.visitor()
    frames, sent = system.edge.archive.frames, []

    async def then_somebody_writes(actor: ActorId, role: Role, after: int, limit: int) -> Any:
        found = await frames(actor, role, after, limit)
        if not found[0] and not sent:
            sent.append(await system.command(ann, key, "send_message", text="just then"))
        return found

    monkeypatch.setattr(system.edge.archive, "frames", then_somebody_writes)
    async with following(system, ann, key) as found:
        assert [int(id) for id, _ in await take(found, 3)] == [1, 2, 3]


async def test_a_visitor_hears_nothing_internal(system: System) -> None:
    ann, key = await system.visitor()
    alice = await system.agent("alice")
    await system.command(alice, key, "add_note", text="a secret from before")
    async with following(system, ann, key, after=2) as hers, following(system, alice, key, after=2) as agents:
        await system.command(ann, key, "send_message", text="Hello")
        await system.command(alice, key, "add_note", text="a secret of now")
        await system.command(ann, key, "send_message", text="Hello?")
        notes_too = ["note_added", "message_sent", "note_added", "message_sent"]
        assert [frame["event"]["type"] for _, frame in await take(agents, 4)] == notes_too
        assert [frame["event"]["type"] for _, frame in await take(hers, 2)] == ["message_sent"] * 2


async def test_typing_is_not_in_the_stream(system: System) -> None:
    ann, key = await system.visitor()
    alice = await system.agent("alice")
    async with following(system, alice, key, after=2) as found:
        await system.command(ann, key, "set_typing", active=True, text="Hel")
        await system.command(ann, key, "send_message", text="Hello")
        [(_, frame)] = await take(found, 1)
        assert frame["event"]["type"] == "message_sent"


async def test_the_session_ends_when_the_client_leaves(system: System) -> None:
    ann, key = await system.visitor()
    await system.command(ann, key, "send_message", text="Hello")
    async with following(system, ann, key) as found:
        await take(found, 3)
        await until(lambda: bool(system.edge.hub.sessions))
        online = await system.call("GET", f"/api/conversations/{key}", ann)
        assert online["visitor"]["online"]
    await until(lambda: not system.edge.hub.sessions)
    assert not (await system.call("GET", f"/api/conversations/{key}", ann))["visitor"]["online"]


async def test_a_silent_stream_is_kept_alive(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.02)
    ann, key = await system.visitor()
    auth = {"Authorization": f"Bearer {ann}"}
    async with (
        asyncio.timeout(5),
        system.http.stream("GET", f"/api/conversations/{key}/stream?after=2", headers=auth) as response,
    ):
        comments = [line async for line in _first(response.aiter_lines(), ":", 3)]
    assert comments == [":"] * 3


async def _first(lines: AsyncIterator[str], start: str, count: int) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith(start):
            yield line
            count -= 1
            if not count:
                return


async def test_a_client_that_fell_behind_is_cut_off_and_told_nothing_out_of_order(system: System) -> None:
    ann, key = await system.visitor()
    async with following(system, ann, key, after=2) as found:
        await until(lambda: bool(system.edge.hub.sessions))
        [session] = system.edge.hub.sessions
        await until(lambda: session.watches[actor_id("conversation", key)].held is None)
        session.send(b" " * (1024 * 1024 + 1))
        await system.command(ann, key, "send_message", text="after the gap")
        async with asyncio.timeout(5):
            assert [one async for one in found] == []


async def test_a_gateway_that_stops_ends_its_streams(system: System) -> None:
    ann, key = await system.visitor()
    async with following(system, ann, key, after=2) as found:
        await until(lambda: bool(system.edge.hub.sessions))
        system.edge.hub.stop()
        async with asyncio.timeout(5):
            assert [one async for one in found] == []


async def test_there_are_so_many_streams_for_one_and_none_more(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAMS_MAX", 2)
    ann, key = await system.visitor()
    bo, other = await system.visitor()
    path = f"/api/conversations/{key}/stream"
    async with following(system, ann, key) as first:
        await take(first, 1)
        async with following(system, ann, key), following(system, bo, other):
            status, code, detail = await system.refusal("GET", path, ann)
            assert (status, code, detail["retry_after_ms"] > 0) == (429, "rate_limited", True)
        await until(lambda: len(system.edge.hub.sessions) == 1)
        async with following(system, ann, key) as again:
            await take(again, 1)


async def test_asking_for_the_head_of_a_stream_does_not_open_it(system: System) -> None:
    ann, key = await system.visitor()
    async with asyncio.timeout(5):
        answer = await system.ask("HEAD", f"/api/conversations/{key}/stream", ann)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert not system.edge.hub.sessions


async def test_a_bad_place_to_resume_from_is_refused(system: System) -> None:
    ann, key = await system.visitor()
    path = f"/api/conversations/{key}/stream"
    found = await system.refusal("GET", path, ann, headers={"Last-Event-ID": "x"})
    assert found == (400, "bad_request", {"field": "Last-Event-ID"})
    assert (await system.refusal("GET", path + "?after=x", ann))[2] == {"field": "after"}


async def until(condition: Any) -> None:
    """Let the loop run until it is so."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing says so that could be awaited
            await asyncio.sleep(0)
