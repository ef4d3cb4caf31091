"""Metrics of dedicated placement: no conversation is a label, and no sum falls when a conversation's process ends."""

import re

import httpx
import pytest

from benchmarks.configuration import Setup
from benchmarks.replay.run import replay
from benchmarks.server import Server
from tests.cluster.replayed import TURNS, dialogues
from tests.metrics.whole import Scrape

pytestmark = pytest.mark.anyio

CONVERSATIONS = 3
FACTS = ("messages_total", "takeovers_total", "response_seconds_count")
MACHINERY = ("command_seconds_count", "commit_seconds_count")


async def scrape(http: httpx.AsyncClient) -> Scrape:
    return Scrape((await http.get("/metrics")).text)


async def test_what_is_counted_outlives_the_processes_that_counted_it() -> None:
    async with Server(Setup(placement="dedicated", agents=2)) as server:
        agents = [(agent.email, agent.password) for agent in server.agents]
        result = await replay(server.url, agents, dialogues()[:CONVERSATIONS])
        assert result.all_faults == []
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
            before = await scrape(http)
            by_speaker = before.of("messages_total", by="from")
            assert by_speaker["visitor"] + by_speaker["agent"] == CONVERSATIONS * TURNS
            assert before.sum("takeovers_total") == CONVERSATIONS
            assert re.search("v[0-9a-f]{8,}|conversation/|agent/", before.text) is None
            for process in server.processes():
                if process.title.startswith("ray::HostProcess"):
                    process.kill()
            killed = await scrape(http)
            for name in FACTS:
                counted, left = before.sum(name), killed.sum(name)
                assert left == counted > 0, name
            for name in MACHINERY:
                counted, left = (one.sum(name, instance="conversation") for one in (before, killed))
                assert left >= counted > 0, name
