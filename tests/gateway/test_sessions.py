"""What a session has missed comes at its client's pace, however much it is; who does not read at all is sent away."""

import asyncio
from pathlib import Path

import pytest

from gateway import sessions
from gateway.archive import Archive
from gateway.sessions import CROWDED_BYTES, SEND_BUFFER_BYTES, Session, Watch
from runtime.identity import ActorId
from runtime.journal import Append, Record, StoreFailed, open_journal

pytestmark = pytest.mark.anyio

A = ActorId("conversation/a")
EVENTS, TEXT = 600, "x" * 8_000


def written(folder: Path) -> str:
    url = f"sqlite:///{folder}/live.db"
    journal = open_journal(url)
    body = b'{"type":"message_sent","text":"%b"}' % TEXT.encode()
    records = [Record(A, number, 1, "", body) for number in range(1, EVENTS + 1)]
    journal.append(Append(journal.claim(["s"]), records, [], []))
    journal.close()
    return url


def watching(wake: asyncio.Event) -> Session:
    session = Session("agent", "alice", "Alice", wake.set)
    session.watches[A] = Watch(session)
    return session


async def test_megabytes_that_were_missed_arrive_whole(tmp_path: Path) -> None:
    url, wake = written(tmp_path), asyncio.Event()
    archive = Archive(lambda: open_journal(url))
    await archive.start()
    session = watching(wake)
    catching_up = asyncio.create_task(archive.catch_up(session, A, 0, EVENTS))
    frames: list[bytes] = []
    while len(frames) < EVENTS:
        await asyncio.wait_for(wake.wait(), 5)
        wake.clear()
        assert session.outbox_bytes <= SEND_BUFFER_BYTES // 2
        frames += session.take()
    await catching_up
    assert [b'"sequence":%d,' % number in frame for number, frame in enumerate(frames, 1)] == [True] * EVENTS
    assert (session.watches[A].held, session.watches[A].position) == (None, EVENTS)
    await archive.stop()


async def test_who_does_not_read_what_was_missed_is_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "STALLED_SECONDS", 0.05)
    url = written(tmp_path)
    archive = Archive(lambda: open_journal(url))
    await archive.start()
    session = watching(asyncio.Event())
    await asyncio.wait_for(archive.catch_up(session, A, 0, EVENTS), 5)
    assert session.closed
    await archive.stop()


async def test_who_does_not_read_what_happens_is_told_to_resync_and_nobody_else() -> None:
    slow, other = watching(asyncio.Event()), watching(asyncio.Event())
    for session in (slow, other):
        session.watches[A].caught_up(0)
    for number in range(1, 200):
        for session in (slow, other):
            session.watches[A].event(number, TEXT.encode())
        other.take()
    frames = slow.take()
    assert b'{"type":"resync","conversation":"a"}' in frames
    assert sum(map(len, frames)) <= SEND_BUFFER_BYTES
    assert other.outbox == []


async def test_who_cannot_be_told_what_was_missed_is_sent_away_and_not_left_deaf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fails(*asked: object) -> object:
        raise StoreFailed("away")

    archive, wake = Archive(lambda: open_journal("sqlite:///:memory:")), asyncio.Event()
    monkeypatch.setattr(archive, "frames", fails)
    session = watching(wake)
    await archive.catch_up(session, A, 0, EVENTS)
    assert session.closed
    assert wake.is_set()


async def test_who_asks_again_while_catching_up_gets_each_event_in_its_order(tmp_path: Path) -> None:
    url, wake = written(tmp_path), asyncio.Event()
    archive = Archive(lambda: open_journal(url))
    await archive.start()
    session = watching(wake)
    before = asyncio.create_task(archive.catch_up(session, A, 0, EVENTS))
    await asyncio.wait_for(wake.wait(), 5)
    again = session.watches[A] = Watch(session)
    session.take()  # there is room to go on
    await asyncio.wait_for(before, 5)
    assert again.held == [], "the first has ended the second's wait"
    session.watches[A].event(EVENTS + 1, b"new")
    assert b"new" not in session.take()
    await archive.stop()


async def test_who_waits_for_room_in_a_session_that_ends_does_not_wait_on() -> None:
    session = watching(asyncio.Event())
    session.send(b"x" * (CROWDED_BYTES + 1))
    waiting = asyncio.create_task(session.room())
    await asyncio.sleep(0)
    session.end()
    await asyncio.wait_for(waiting, 5)


def test_the_oldest_of_what_waits_is_the_one_whose_delay_counts() -> None:
    session = Session("agent", "alice", "Alice", lambda: None)
    watch = Watch(session)
    watch.caught_up(0)
    for sequence, at_ms in ((1, 5), (2, 9)):
        watch.event(sequence, b"{}", at_ms)
    assert session.oldest_ms == 5
    session.take()
    assert session.oldest_ms == 0


def test_what_was_heard_live_is_not_sent_again_after_catching_up_to_less() -> None:
    session = Session("agent", "alice", "Alice", lambda: None)
    watch = Watch(session)
    watch.caught_up(3)
    watch.held = []
    watch.caught_up(2)
    watch.event(3, b"three")
    assert session.take() == []
