"""The HTTP helpers: pages, refusals, and a server that is away for a moment."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from benchmarks import rest as module
from benchmarks.frames import CommandError
from benchmarks.rest import Rest
from tests.benchmarks.fake import AGENTS, Fake, serving

pytestmark = pytest.mark.anyio


async def test_events_are_read_through_every_page() -> None:
    fake = Fake()
    async with serving(fake) as url, Rest(url) as rest:
        opened = await rest.open_visitor("demo", name="Vera")
        for n in range(8):
            fake.say("c1", "visitor", "v1", f"{n}")
        for limit in (1, 3, 9, 10, 11):
            events = await rest.events(opened.token, "c1", limit=limit)
            assert [event["sequence"] for event in events] == list(range(1, 11))
        fake.page_events_max = 4
        assert len(await rest.events(opened.token, "c1", limit=9)) == 10
        assert [event["sequence"] for event in await rest.events(opened.token, "c1", after=7)] == [8, 9, 10]
        assert await rest.events(opened.token, "c1", after=10) == []
        assert (await rest.conversation(opened.token, "c1"))["last_sequence"] == 10


async def test_a_refusal_has_its_code() -> None:
    async with serving(Fake()) as url, Rest(url) as rest:
        assert (await rest.login(*AGENTS[0])).agent["id"] == "ada"
        with pytest.raises(CommandError, match="unauthorized: wrong e-mail"):
            await rest.login("ada@fake.example", "wrong")


async def test_an_error_without_a_body_has_the_status_for_a_code() -> None:
    async with serving(Fake()) as url, Rest(url) as rest:
        with pytest.raises(CommandError, match="http_404"):
            await rest.request("GET", "/nowhere")


async def test_a_command_is_posted_with_a_ref_and_a_rate_limit_waited_out() -> None:
    bodies = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        if len(bodies) == 1:
            error = {"code": "rate_limited", "message": "slow", "detail": {"retry_after_ms": 1}}
            return httpx.Response(429, json={"error": error})
        return httpx.Response(200, json={"type": "ack", "ref": bodies[-1]["ref"], "sequence": 3})

    async with Rest("http://fake") as rest:
        await rest._http.aclose()
        rest._http = httpx.AsyncClient(base_url="http://fake", transport=httpx.MockTransport(answer))
        assert (await rest.command("token", "c1", "send_message", text="hi"))["sequence"] == 3
    assert bodies[0] == bodies[1] == {"type": "send_message", "ref": bodies[0]["ref"], "text": "hi"}


async def test_a_server_that_restarts_is_waited_for() -> None:
    fake = Fake()
    async with serving(fake) as url, Rest(url) as rest:
        await rest.login(*AGENTS[0])
    async with Rest(url) as rest:
        login = asyncio.create_task(rest.login(*AGENTS[0]))
        async with serving(fake, port=int(url.rpartition(":")[2])):
            assert (await login).agent["id"] == "ada"


async def test_a_server_that_stays_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.1)
    async with Rest("http://127.0.0.1:9") as rest:
        with pytest.raises(httpx.ConnectError):
            await rest.login(*AGENTS[0])
