"""Dedicated placement: each conversation and each agent a Ray actor of its own, and everything else the same."""

import asyncio

import pytest

from benchmarks.configuration import Setup
from benchmarks.replay.run import replay
from benchmarks.server import Server
from tests.cluster.replayed import dialogues
from tests.cluster.test_up import status

pytestmark = pytest.mark.anyio


async def test_every_conversation_and_agent_has_a_process_named_after_it() -> None:
    async with Server(Setup(placement="dedicated", agents=2)) as server:
        agents = [(agent.email, agent.password) for agent in server.agents]
        result = await replay(server.url, agents, dialogues()[:3])
        assert result.all_faults == []
        lines = (await asyncio.to_thread(status, server.data)).stdout.splitlines()
        kinds = [line.split("/")[0] for line in lines]
        assert (kinds.count("conversation"), kinds.count("agent"), kinds.count("host")) == (3, 2, 1)
        await server.stop()
        assert server.processes() == set()
