"""Dedicated placement: each conversation and each agent a Ray actor of its own, and everything else the same.

The tests share a system, and each goes on where the one before has left it.
"""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from benchmarks.configuration import Setup
from benchmarks.processes import Process, outlive
from benchmarks.replay.run import replay
from benchmarks.server import Server
from tests.cluster.replayed import TURNS, dialogues
from tests.cluster.test_up import status
from tests.metrics.whole import Scrape

pytestmark = pytest.mark.anyio

CONVERSATIONS = 3
FACTS = ("messages_total", "takeovers_total", "response_seconds_count")
MACHINERY = ("command_seconds_count", "commit_seconds_count")


@pytest.fixture(scope="module")
async def played(anyio_backend: str) -> AsyncIterator[Server]:
    """A server on which some dialogues were replayed."""
    async with Server(Setup(placement="dedicated", agents=2)) as server:
        agents = [(agent.email, agent.password) for agent in server.agents]
        result = await replay(server.url, agents, dialogues()[:CONVERSATIONS])
        assert result.all_faults == []
        yield server


async def scrape(http: httpx.AsyncClient) -> Scrape:
    return Scrape((await http.get("/metrics")).text)


async def test_every_conversation_and_agent_has_a_process_named_after_it(played: Server) -> None:
    lines = (await asyncio.to_thread(status, played.data)).stdout.splitlines()
    kinds = [line.split("/")[0] for line in lines]
    assert (kinds.count("conversation"), kinds.count("agent"), kinds.count("host")) == (CONVERSATIONS, 2, 1)


async def test_what_is_counted_outlives_the_processes_that_counted_it(played: Server) -> None:
    """No conversation is a label, and no sum falls when a conversation's process ends."""
    async with httpx.AsyncClient(base_url=played.url, trust_env=False, timeout=30) as http:
        before = await scrape(http)
        by_speaker = before.of("messages_total", by="from")
        assert by_speaker["visitor"] + by_speaker["agent"] == CONVERSATIONS * TURNS
        assert before.sum("takeovers_total") == CONVERSATIONS
        assert re.search("v[0-9a-f]{8,}|conversation/|agent/", before.text) is None
        for process in played.processes():
            if process.title.startswith("ray::HostProcess"):
                process.kill()
        killed = await scrape(http)
        for name in FACTS:
            counted, left = before.sum(name), killed.sum(name)
            assert left == counted > 0, name
        for name in MACHINERY:
            counted, left = (one.sum(name, instance="conversation") for one in (before, killed))
            assert left >= counted > 0, name


async def test_a_conversation_that_nobody_needs_has_no_process_and_goes_on_when_it_is_called() -> None:
    setup = Setup(placement="dedicated", agents=1, runtime="idle_seconds = 1")
    async with Server(setup) as server, httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
        before = hosts(server)
        visitor = (await http.post(f"/api/bots/{server.bot}/visitors", json={})).json()
        own = hosts(server) - before
        assert len(own) == 1
        assert await outlive(own, 30) == set()
        path, bearer = f"/api/conversations/{visitor['conversation']['id']}", f"Bearer {visitor['token']}"
        http.headers["Authorization"] = bearer
        sent = await http.post(f"{path}/commands", json={"type": "send_message", "ref": "r", "text": "still there?"})
        assert sent.status_code == 200, sent.text
        assert len(hosts(server) - before) == 1, "Ray has not begun it again besides"
        events = (await http.get(f"{path}/events")).json()["events"]
        texts = [event["text"] for event in events if "text" in event]
        assert texts[:2] == ["Hello! How can I help?", "still there?"]


def hosts(server: Server) -> set[Process]:
    return {process for process in server.processes() if process.title.startswith("ray::HostProcess")}


async def test_it_leaves_no_process_behind(played: Server) -> None:
    await played.stop()  # raises if it does not exit 0, or anything of it is left
    assert played.processes() == set()
