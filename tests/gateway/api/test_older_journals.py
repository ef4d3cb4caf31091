"""A journal that an older version wrote still replays: its conversations are listed, read, and gone on with.

tests/journal/fixtures/ has a dump of each: taken from that version itself, with a snapshot of its states.
"""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from actors.conversation import ConversationMachine
from actors.settings import Routing, Settings
from runtime.activation import Activation, Codec, restore
from runtime.identity import ActorId, key_of
from runtime.journal import STATES, Stored, open_journal
from tests.gateway.api.system import BOTS, TEAM, running

pytestmark = pytest.mark.anyio

FIXTURES = Path(__file__).parents[2] / "journal" / "fixtures"
CLOSED, LIVE, QUEUED = "c0b0925a767653ca-1", "5948c6f84c44e893-1", "88239b16f57ab64c-1"


@pytest.fixture(params=sorted(FIXTURES.glob("*.sql")), ids=lambda path: path.stem)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "live.db") as db:
        db.executescript(request.param.read_text())
    db.close()
    return tmp_path


def restored(stored: Stored, actor: ActorId) -> Any:
    machine = ConversationMachine(Settings(bots=BOTS, agents=TEAM))
    activation = Activation(actor, Codec(machine), machine.initial(key_of(actor)), [])
    restore(activation, stored)
    return activation.sequence, activation.refs, activation.state


def test_what_all_its_events_add_up_to_is_known_whether_its_snapshot_is_used_or_not(folder: Path) -> None:
    journal = open_journal(f"sqlite:///{folder}/live.db")
    actor = ActorId(f"conversation/{CLOSED}")
    short, whole = journal.load([actor])[actor], journal.load([actor], whole=True)[actor]
    journal.close()
    assert short.snapshot is not None
    assert len(short.records) < len(whole.records) == 26
    assert {record.schema for record in whole.records} == {1}
    sequence, refs, state = restored(whole, actor)
    assert sequence == 26
    if short.snapshot.schema == STATES:
        assert restored(short, actor) == (sequence, refs, state)
    else:
        with pytest.raises(msgspec.DecodeError):
            restored(short, actor)


async def test_its_conversations_read_as_they_were_left(folder: Path) -> None:
    async with running(folder) as system:
        mara = await system.agent("mara")
        closed = await system.call("GET", f"/api/conversations/{CLOSED}", mara)
        assert (closed["state"], closed["resolution"], closed["rating"]) == ("closed", "resolved", 5)
        assert (closed["visitor"]["name"], closed["tags"], closed["last_sequence"]) == ("Ann Lee", ["parcel"], 26)
        listed = await system.call("GET", "/api/conversations?bot=shop", mara)
        assert {one["id"] for one in listed["items"]} == {CLOSED, LIVE}
        events = (await system.call("GET", f"/api/conversations/{CLOSED}/events", mara))["events"]
        assert [one["sequence"] for one in events] == list(range(1, 27))
        found = await system.call("GET", "/api/conversations?bot=shop&q=☃", mara)
        assert [one["id"] for one in found["items"]] == [CLOSED]


async def test_what_it_left_open_goes_on(folder: Path) -> None:
    # As old as it is, it would have been warned and closed as idle by the time that somebody writes.
    patient = [replace(bot, routing=Routing(idle_close_seconds=0)) for bot in BOTS]
    async with running(folder, bots=patient) as system:
        mara, zoe = await system.agent("mara"), await system.agent("zoe")
        ack = await system.command(mara, LIVE, "send_message", text="Still here")
        assert ack["sequence"] == 6
        assert (await system.command(zoe, QUEUED, "take_over"))["sequence"] > 7
