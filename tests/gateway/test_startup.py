"""After a crash of everything: 100,000 conversations are open and 10,000 overdue. Nobody is forgotten, nobody waits."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from actors import commands as c
from actors.conversation import ConversationMachine
from actors.settings import Settings
from benchmarks.startup import BOTS, PATIENT, fill, left
from runtime.clock import wall_clock_ms
from runtime.host import Host
from runtime.identity import actor_id
from runtime.journal import open_journal
from runtime.messages import Deliver, decode_answers, encode, splice
from runtime.node import HostNode
from runtime.placement import Placement
from runtime.step import Step

pytestmark = pytest.mark.anyio

CONVERSATIONS, OVERDUE = 100_000, 10_000
SERVING_SECONDS = 5.0


async def nobody(peer: str, batch: bytes) -> bytes:
    await asyncio.Event().wait()
    return b""


async def test_it_serves_within_seconds_and_whoever_is_overdue_is_seen_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/live.db"
    journal, now_ms = open_journal(url), wall_clock_ms()
    fill(journal, CONVERSATIONS, OVERDUE, now_ms)
    assert left(journal, now_ms) == OVERDUE
    loads: list[int] = []
    poll = Host.poll

    def counted(host: Host, at_ms: int) -> Step:
        step = poll(host, at_ms)
        loads.append(len(step.load))
        return step

    monkeypatch.setattr(Host, "poll", counted)
    begun = time.monotonic()
    node = HostNode(
        "host/0", [ConversationMachine(Settings(bots=BOTS))], Placement(1), lambda: open_journal(url), nobody
    )
    await node.start([], [])
    replies: list[Any] = []
    number = 0
    while still := left(journal, now_ms):
        number += 1
        visitor = f"visitor{CONVERSATIONS - number}"
        to = actor_id("conversation", f"{visitor}-1")
        message = encode(Deliver(to, f"visitor/{visitor}", "r", c.UpdateDetails(name=PATIENT)))
        answer = await asyncio.wait_for(
            node.deliver(splice("gateway/0", "i", number, number - 1, [message])), SERVING_SECONDS
        )
        replies.append(decode_answers(answer).replies[0])
        if number == 1:
            assert time.monotonic() - begun < SERVING_SECONDS
        assert time.monotonic() - begun < 60, f"{still} are still overdue"
    await node.stop()
    journal.close()
    assert max(loads) <= node.host.limits.wakes_a_poll + 1
    assert all(reply is not None and reply.refusal is None for reply in replies)
