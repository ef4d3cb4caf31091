"""Files of forgotten conversations go, and no other; content that two uploads share goes with the last of them."""

import asyncio
import os
import threading
import time
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from actors.events import Attachment, MessageSent, Person
from gateway import sweeping
from gateway.attachments import YOUNG_SECONDS, Attachments
from gateway.errors import ProtocolError
from gateway.files import PREFIX
from gateway.sweeping import sweep
from runtime.identity import actor_id
from runtime.journal import Append, Journal, Record, Row
from runtime.journal.memory import MemoryJournal
from runtime.journal.thread import JournalThread
from runtime.machine import Summary


def later() -> float:
    """When what is kept now is not young any more."""
    return time.time() + YOUNG_SECONDS + 60


def journal_of(*conversations: str) -> MemoryJournal:
    journal = MemoryJournal()
    for key in conversations:
        record = Record(actor_id("conversation", key), 1, 1, "", b"{}")
        journal.append(Append(journal.claim(["s"]), [record], [], []))
    return journal


def keep(attachments: Attachments, conversation: str, content: bytes) -> Attachment:
    return attachments.keep(conversation, "a.txt", "text/plain", BytesIO(content))


def readable(attachments: Attachments, *kept: Attachment) -> list[bytes]:
    return [attachments.find(one.id)[1].read_bytes() for one in kept]


def files(folder: Path) -> int:
    return sum(one.is_file() for one in folder.rglob("*"))


def test_the_files_of_a_forgotten_conversation_are_gone(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path)
    keep(attachments, "gone", b"theirs")
    kept = keep(attachments, "here", b"ours")
    assert sweep(attachments, later(), journal_of("here")) == 2
    assert readable(attachments, kept) == [b"ours"]
    assert files(tmp_path) == 2


def test_what_two_conversations_sent_stays_for_the_one_that_is_left(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path)
    keep(attachments, "gone", b"same")
    kept = keep(attachments, "here", b"same")
    assert sweep(attachments, later(), journal_of("here")) == 1
    assert readable(attachments, kept) == [b"same"]
    assert sweep(attachments, later(), journal_of()) == 2
    assert files(tmp_path) == 0


def test_what_was_uploaded_after_the_close_lives_as_long_as_the_next_conversation_that_it_was_sent_in(
    tmp_path: Path,
) -> None:
    attachments, journal = Attachments(tmp_path), MemoryJournal()
    kept, gone = keep(attachments, "v-1", b"for the next"), keep(attachments, "v-1", b"only here")
    actor, fences = actor_id("conversation", "v-2"), journal.claim(["s"])
    body = msgspec.json.encode(MessageSent("m", "visitor", Person("v", "Ann"), "see", (kept,)))
    row = Row(actor, 1, 1, 0, None, Summary(("visitor:v",), "", b"{}"))
    journal.append(Append(fences, [Record(actor, 1, 1, "", body)], [row], []))
    assert sweep(attachments, later(), journal) == 2
    assert readable(attachments, kept) == [b"for the next"]
    with pytest.raises(ProtocolError):
        attachments.find(gone.id)
    journal.erase([actor], fences)
    assert sweep(attachments, later(), journal) == 2
    assert files(tmp_path) == 0


def test_what_is_young_may_be_on_its_way(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path)
    kept = keep(attachments, "not yet", b"new")
    assert sweep(attachments, time.time(), journal_of()) == 0
    assert readable(attachments, kept) == [b"new"]


def test_content_whose_upload_was_never_finished_is_gone(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path)
    keep(attachments, "here", b"ours")
    orphan = tmp_path / "blobs" / "ab" / ("ab" + "0" * 62)
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"nobody's")
    os.utime(orphan, (1, 1))
    assert sweep(attachments, time.time(), journal_of("here")) == 1
    assert not orphan.exists()


def test_one_upload_that_cannot_be_read_keeps_no_other(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path)
    keep(attachments, "gone", b"theirs")
    kept = keep(attachments, "here", b"ours")
    broken = tmp_path / "uploads" / "00" / ("0" * 32)
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.touch()
    assert sweep(attachments, time.time(), journal_of("here")) == 0, "it may be on its way"
    assert sweep(attachments, later(), journal_of("here")) == 3
    assert readable(attachments, kept) == [b"ours"]
    assert not broken.exists()


def test_what_a_killed_process_was_writing_is_gone_when_it_is_old(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path)
    keep(attachments, "here", b"ours")
    drafts = [tmp_path / folder / f"{PREFIX}x" for folder in ("uploads", "blobs")]
    for draft in drafts:
        draft.write_bytes(b"half of it")
    assert sweep(attachments, time.time(), journal_of("here")) == 0
    assert sweep(attachments, later(), journal_of("here")) == 2
    assert not any(draft.exists() for draft in drafts)


@pytest.mark.anyio
async def test_a_round_that_fails_whatever_it_meets_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "FIRST_SECONDS", 0)
    monkeypatch.setattr(sweeping, "EVERY_SECONDS", 0)
    rounds: list[float] = []
    again = threading.Event()

    def met(attachments: Attachments, now: float, journal: Journal) -> int:
        rounds.append(now)
        if len(rounds) == 2:
            again.set()
        raise KeyError("unforeseen")

    monkeypatch.setattr(sweeping, "sweep", met)
    thread = JournalThread(MemoryJournal, "test")
    swept = asyncio.create_task(sweeping.keep_swept(Attachments(tmp_path), thread))
    assert await asyncio.to_thread(again.wait, 5)
    swept.cancel()
    await thread.stop()
