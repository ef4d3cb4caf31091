"""Plays many dialogues at once against a running server, then reads every conversation back and judges it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import perf_counter
from typing import TypeVar

import httpx

from benchmarks.dialogue import Dialogue
from benchmarks.frames import JSON, CommandError
from benchmarks.replay.floor import Floor
from benchmarks.replay.play import Play
from benchmarks.replay.recording import Recording
from benchmarks.replay.result import Result
from benchmarks.replay.verify import Verdict, verify
from benchmarks.rest import Rest

T = TypeVar("T")

TIMEOUT_SECONDS = 60.0
CONCURRENCY = 200
READERS = 16


async def replay(
    url: str,
    agents: Sequence[tuple[str, str]],
    dialogues: Sequence[Dialogue],
    *,
    bot: str = "demo",
    subprotocol: str = JSON,
    concurrency: int = CONCURRENCY,
    to_assistant: int = 1,
    seed: int = 1,
    timeout_seconds: float = TIMEOUT_SECONDS,
    on_turn: Callable[[], None] = lambda: None,
) -> Result:
    """Every dialogue once, `concurrency` at a time. `agents`: e-mail and password of each; raises if one cannot log in.

    `timeout_seconds` is how long a play waits for anything before it gives it up; `on_turn` is called at each ack.
    """
    async with Rest(url) as rest:
        floor = Floor(url, rest, bot, subprotocol)
        try:
            await floor.open(agents)
            begun = perf_counter()
            recordings = await _at_once(
                concurrency,
                [
                    Play(floor, dialogue, to_assistant, f"{seed}/{number}", timeout_seconds, on_turn).run
                    for number, dialogue in enumerate(dialogues)
                ],
            )
            seconds = perf_counter() - begun
            verdicts = await _at_once(
                READERS, [partial(judge, rest, floor.token, recording) for recording in recordings]
            )
        finally:
            await floor.close()
        return _result(floor, recordings, verdicts, seconds)


async def judge(rest: Rest, token: str, recording: Recording) -> Verdict:
    """Reads the conversation back, as an agent, and compares."""
    try:
        conversation = await rest.conversation(token, recording.conversation) if recording.conversation else {}
        journal = await rest.events(token, recording.conversation) if recording.conversation else []
    except (CommandError, httpx.HTTPError) as error:
        return Verdict(recording.conversation, faults=[recording.failure, f"could not be read back: {error}"])
    if not conversation:
        return Verdict("", faults=[recording.failure])
    return verify(recording, journal, conversation)


def _result(floor: Floor, recordings: Sequence[Recording], verdicts: Sequence[Verdict], seconds: float) -> Result:
    desks = floor.desks.values()
    return Result(
        recordings,
        verdicts,
        seconds,
        reconnects=sum(r.reconnects for r in recordings) + sum(desk.socket.reconnects for desk in desks),
        resent=sum(r.resent for r in recordings) + sum(desk.socket.resent for desk in desks),
        lost_offers=sum(desk.lost_offers for desk in desks),
        faults=[fault for desk in desks for fault in desk.all_faults()],
    )


async def _at_once(limit: int, jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Does every job, at most `limit` of them at a time; the results in the order of the jobs."""
    free = asyncio.Semaphore(limit)

    async def one(job: Callable[[], Awaitable[T]]) -> T:
        async with free:
            return await job()

    return await asyncio.gather(*(one(job) for job in jobs))
