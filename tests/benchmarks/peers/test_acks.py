"""The peers that ack do the work that ours does: each message is delivered once, in order, and acked once."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.load.generator import Generator
from benchmarks.peers.registry import missing, peer

pytestmark = pytest.mark.anyio
NAMES = ["ejabberd-acks", "socketio-redis-acks"]


@pytest.mark.parametrize("name", NAMES)
async def test_every_message_is_delivered_and_acked_once(name: str) -> None:
    if absent := missing([name]):
        pytest.skip(absent[name])
    async with peer(name) as server:
        generator = Generator(await server.converse(2, lambda _: None), server.recognise, 3)
        await asyncio.to_thread(generator.run, 0.3, warm=0.0)
        assert generator.drain(10.0)
        account = generator.account()
        generator.close()
    assert account.faults == 0
    assert account.sent == account.delivered > 10
    assert not server.programs.directory.exists()
