"""The courier when calls fail: what is made again, how often, and how much of it is silent at a time."""

import asyncio

import pytest

from runtime import courier as courier_module
from runtime.courier import Courier, Unreachable
from runtime.link import Links
from tests.runtime.test_courier import Calls, Peer, Replies, sends, two_calls

pytestmark = pytest.mark.anyio


async def test_after_an_answer_failures_are_counted_anew(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    links, ticket, calls = Links("me", "i"), Replies(), Calls()
    courier = Courier(links, calls.call)
    sends(links, ticket, 1)
    courier.pump()
    first = await calls.next()
    sends(links, ticket, 1)
    first.fails()
    (await calls.next()).answers()
    (await calls.next()).fails()
    (await calls.next()).answers()
    await ticket.has(2)
    assert [message.partition("failures=")[2][0] for message in caplog.messages] == ["1", "1"]
    courier.stop()


async def test_what_has_failed_is_sent_again_though_another_call_is_silent() -> None:
    links, ticket, calls = Links("me", "i"), Replies(), Calls()
    courier = Courier(links, calls.call)
    failed, silent = await two_calls(courier, links, ticket, calls)
    failed.fails()
    again = await calls.next()
    assert again.batch.number == failed.batch.number
    again.answers()
    await ticket.has(3)
    silent.answers()
    await ticket.has(6)
    courier.stop()


async def test_so_many_calls_of_a_batch_are_silent_at_a_time_and_all_end_with_the_first_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier_module, "SILENT_SECONDS", 0.001)
    peer, links, ticket, ended = Peer(), Links("me", "i"), Replies(), asyncio.Event()
    peer.gate.set()
    late = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, late.set)
    made = silent = 0

    async def call(name: str, batch: bytes) -> bytes:
        nonlocal made, silent
        made += 1
        if made == 1:
            raise Unreachable(name)
        if made == 2:
            await late.wait()
            return await peer.call(name, batch)
        silent += 1
        try:
            return await asyncio.Event().wait() and b""
        finally:
            silent -= 1
            if not silent:
                ended.set()

    courier = Courier(links, call)
    sends(links, ticket, 1)
    courier.pump()
    await asyncio.wait_for(ticket.full.wait(), 5)
    await asyncio.wait_for(ended.wait(), 5)
    assert made == 1 + courier_module.CALLS_MAX
    courier.stop()
