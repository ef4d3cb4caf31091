"""What a session has missed comes at its client's pace, however much it is; who does not read at all is sent away."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from actors.frames import AssistantChunk
from gateway import sessions
from gateway.archive import Archive
from gateway.sessions import CROWDED_BYTES, SEND_BUFFER_BYTES, Session, Watch
from runtime.identity import ActorId, actor_id
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
    watch.event(3, b"x" * SEND_BUFFER_BYTES, 11)
    session.send(b"one more")
    assert session.oldest_ms == 0, "what is told to resync is no event"


def test_what_was_heard_live_is_not_sent_again_after_catching_up_to_less() -> None:
    session = Session("agent", "alice", "Alice", lambda: None)
    watch = Watch(session)
    watch.caught_up(3)
    watch.held = []
    watch.caught_up(2)
    watch.event(3, b"three")
    assert session.take() == []


def test_whoever_writes_for_a_client_is_woken_once_for_all_that_waits() -> None:
    woken: list[int] = []
    session = Session("agent", "alice", "Alice", lambda: woken.append(1))
    for _ in range(2):
        session.send(b"{}")
        session.send(b"{}")
        session.take()
    assert len(woken) == 2


def test_who_is_told_to_resync_hears_what_comes_after_that() -> None:
    session = watching(asyncio.Event())
    own = actor_id("agent", "alice")
    session.watches[own] = Watch(session)
    session.send(b"x" * SEND_BUFFER_BYTES)
    assert len(session.outbox) == 1, "that is no more than may wait"
    for frame in (b"one more", b"after that"):
        session.send(frame)
    assert session.take() == [b'{"type":"resync","conversation":"a"}', b"after that"]


def test_whose_session_has_ended_goes_on_to_no_other_conversation() -> None:
    moved: list[str] = []
    session = watching(asyncio.Event())
    session.goes_on = moved.append
    session.goes_on("b")
    session.end()
    session.goes_on("c")
    assert moved == ["b"]


def test_once_it_may_watch_what_is_said_waits_no_more() -> None:
    session = watching(asyncio.Event())
    watch = session.watches[A]
    watch.push(b"early")
    assert session.outbox == []
    watch.let_in()
    watch.push(b"later")
    assert session.take() == [b"early", b"later"]


def test_what_was_to_be_done_once_it_has_caught_up_is_done_once() -> None:
    done: list[int] = []
    watch = Watch(watching(asyncio.Event()))
    watch.when_live(lambda: done.append(1))
    assert done == []
    for _ in range(2):
        watch.caught_up(0)
        watch.held = []
    assert done == [1]


def sent(*pieces: AssistantChunk | tuple[AssistantChunk]) -> list[tuple[str, int, str]]:
    """What a client is sent of the pieces, of which those in brackets are the whole: turn, offset and text of each."""
    session = watching(asyncio.Event())
    watch = session.watches[A]
    watch.let_in()
    for one in pieces:
        piece, whole = (one[0], True) if isinstance(one, tuple) else (one, False)
        watch.chunk(piece, msgspec.json.encode(piece), whole)
    frames = [msgspec.json.decode(frame, type=AssistantChunk) for frame in session.take()]
    return [(one.turn, one.offset, one.text) for one in frames]


def piece(offset: int, text: str, turn: str = "1") -> AssistantChunk:
    return AssistantChunk("a", turn, text, offset)


def test_of_an_answer_that_is_being_written_nothing_is_sent_twice_and_nothing_after_a_hole() -> None:
    assert sent(piece(0, "ab"), piece(2, "cd")) == [("1", 0, "ab"), ("1", 2, "cd")]
    assert sent(piece(2, "cd"), (piece(0, "abcd"),), piece(4, "e")) == [("1", 0, "abcd"), ("1", 4, "e")]
    assert sent(piece(0, "ab"), (piece(0, "abcd"),), piece(4, "e")) == [("1", 0, "ab"), ("1", 2, "cd"), ("1", 4, "e")]
    assert sent(piece(0, "ab"), (piece(0, "ab"),)) == [("1", 0, "ab")]


def test_an_answer_that_begins_anew_is_sent_anew() -> None:
    assert sent(piece(0, "abcd"), piece(0, "xy"), piece(2, "z")) == [("1", 0, "abcd"), ("1", 0, "xy"), ("1", 2, "z")]
    assert sent(piece(0, "abcd"), piece(0, "xy"), piece(4, "w")) == [("1", 0, "abcd"), ("1", 0, "xy")]


def test_how_much_of_an_answer_was_sent_says_nothing_of_the_next_one() -> None:
    assert sent(piece(0, "abcd"), piece(2, "yz", "2"), (piece(0, "wxyz", "2"),)) == [("1", 0, "abcd"), ("2", 0, "wxyz")]
