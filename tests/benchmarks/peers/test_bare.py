"""The bare processes carry every message once, in order, durable and acked: what is compared is the same work."""

from __future__ import annotations

import sqlite3

import pytest

from benchmarks.load.generator import Generator
from benchmarks.peers.bare import Bare

pytestmark = pytest.mark.anyio


async def test_every_message_is_delivered_acked_and_kept() -> None:
    async with Bare() as bare:
        conversations = await bare.converse(3, lambda _: None)
        generator = Generator(conversations, bare.recognise, 2)
        generator.run(0.2, warm=0.0)
        assert generator.drain(10.0)
        account = generator.account()
        generator.close()
        assert account.faults == 0
        assert account.delivered == account.sent > 6
        db = sqlite3.connect(bare.programs.directory / "bare.db")
        assert db.execute("SELECT count(*) > 0 FROM batches").fetchone() == (1,)
        db.close()
        assert {bare.group(process) for process in bare.processes()} == {"edge", "keeper"}
