"""The bridge alone: orders for one receiver wait for each other, and end with it."""

import asyncio
import gc
from pathlib import Path

import pytest

from actors import commands as c
from actors.settings import BotSettings, Settings, Telegram
from actors.telegram.commands import Run
from gateway.plan import Plan
from gateway.telegram.bridge import Bridge
from runtime.identity import actor_id
from runtime.messages import Asked, encode, host_decoder, splice

pytestmark = pytest.mark.anyio

BOT = BotSettings(id="acme", telegram=Telegram(token_env="NO_SUCH_TOKEN", group=-1001))
DECODE = host_decoder([c.AddNote]).decode


async def test_orders_that_still_wait_when_it_stops_are_dropped_without_a_word(tmp_path: Path) -> None:
    sent: list[str] = []
    calls = asyncio.Queue[None]()

    async def silent(peer: str, batch: bytes) -> bytes:
        sent.extend(message.command.text for message in DECODE(batch).messages)
        calls.put_nowait(None)
        await asyncio.Event().wait()
        raise AssertionError(peer)

    plan = Plan(Settings(bots=[BOT]), str(tmp_path), "a secret of some length")
    bridge = Bridge(plan.bridges()[0], plan, silent)
    conversation = actor_id("conversation", "v-1")
    orders = [Run(n, "agent/alice", conversation, f"r{n}", c.AddNote(f"note {n}")) for n in range(3)]
    asked = [encode(Asked(actor_id("telegram", "acme"), order)) for order in orders]
    await bridge.deliver(splice("host/0", "first", 1, 0, asked))
    await asyncio.wait_for(calls.get(), 5)
    assert sent == ["note 0"]
    await bridge.stop()
    gc.collect()  # what was never begun would say so now
