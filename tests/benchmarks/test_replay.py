"""The replay from end to end, against a server that keeps the protocol and ones that break it in one place each."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from benchmarks.dialogue import Dialogue, Turn
from benchmarks.frames import JSON, MSGPACK, Frame
from benchmarks.replay import main, replay
from benchmarks.replay.result import Result
from benchmarks.replay.verify import Count
from tests.benchmarks.fake import AGENTS, Fake, Rejected, Session, serving

pytestmark = pytest.mark.anyio

TURNS = ("I want a table", "Where?", "In San Jose", "Which day?", "Today", "Done", "Thanks", "Bye")
DIALOGUE = Dialogue("d", tuple(Turn("agent" if n % 2 else "visitor", text) for n, text in enumerate(TURNS)))


async def play(
    fake: Fake, *, conversations: int = 1, subprotocol: str = JSON, to_assistant: int = 1, seconds: float = 0.1
) -> Result:
    async with serving(fake) as url:
        return await replay(
            url,
            AGENTS,
            [DIALOGUE] * conversations,
            subprotocol=subprotocol,
            to_assistant=to_assistant,
            timeout_seconds=seconds,
        )


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_a_server_that_keeps_the_protocol_has_no_fault(subprotocol: str) -> None:
    fake = Fake()
    result = await play(fake, conversations=20, subprotocol=subprotocol, seconds=5)
    assert result.all_faults == []
    assert (result.ok, result.messages, result.failed) == (True, 160, 0)
    assert len(result.recordings) == len(fake.journals) == 20
    for journal in fake.journals.values():
        said = [event["text"] for event in journal if event.get("from") in ("visitor", "agent")]
        assert said == list(TURNS)
    assert {r.closed_by for r in result.recordings} == {"ada", "bob"}
    assert 0 < result.ack_ms["p50"] <= result.ack_ms["p99"] <= result.ack_ms["max"]
    assert result.seen_ms["p50"] > 0


async def test_more_turns_to_the_assistant_are_still_all_said_once() -> None:
    result = await play(Fake(), to_assistant=3, seconds=5)
    assert result.all_faults == []
    assert [said.turn.text for said in result.recordings[0].said][:4] == [
        "I want a table",
        "In San Jose",
        "Today",
        "Where?",
    ]


def reading(change: Callable[[list[Frame], int], None]) -> Callable[[list[Frame]], list[Frame]]:
    """A readback that changes the journal at the message "In San Jose", and numbers it again."""

    def readback(events: list[Frame]) -> list[Frame]:
        place = next((n for n, event in enumerate(events) if event.get("text") == "In San Jose"), None)
        if place is not None:
            change(events, place)
        return [event | {"sequence": sequence} for sequence, event in enumerate(events, 1)]

    return readback


def loses(events: list[Frame], place: int) -> None:
    del events[place]


def duplicates(events: list[Frame], place: int) -> None:
    events.insert(place, events[place])


def reorders(events: list[Frame], place: int) -> None:
    events[place], events[place + 1] = events[place + 1], events[place]


@pytest.mark.parametrize(
    ("change", "expected"),
    [(loses, Count(lost=1)), (duplicates, Count(duplicated=1)), (reorders, Count(out_of_order=1))],
)
async def test_a_journal_that_changed_a_message_is_caught(
    change: Callable[[list[Frame], int], None], expected: Count
) -> None:
    fake = Fake()
    fake.readback = reading(change)
    result = await play(fake)
    assert not result.ok
    assert result.stored == expected


def on_socket(role: str, change: Callable[[Frame], list[Frame]]) -> Callable[[Session, Frame], list[Frame]]:
    """Changes what one side is sent of the message that the other wrote."""
    text = "In San Jose" if role == "agent" else "Where?"
    return lambda session, frame: (
        change(frame) if session.role == role and frame["event"].get("text") == text else [frame]
    )


@pytest.mark.parametrize("role", ["visitor", "agent"])
async def test_a_socket_that_loses_a_message_is_caught(role: str) -> None:
    fake = Fake()
    fake.push = on_socket(role, lambda frame: [])
    result = await play(fake)
    assert (result.stored, result.live) == (Count(), Count(lost=1))
    assert result.failed == 0


@pytest.mark.parametrize("role", ["visitor", "agent"])
async def test_a_socket_that_brings_a_message_twice_is_caught(role: str) -> None:
    fake = Fake()
    fake.push = on_socket(role, lambda frame: [frame, frame])
    result = await play(fake)
    assert (result.stored, result.live) == (Count(), Count(duplicated=1))


async def test_a_socket_that_brings_events_in_another_order_is_caught() -> None:
    fake, held = Fake(), []

    def push(session: Session, frame: Frame) -> list[Frame]:
        if session.role == "agent" and frame["event"]["type"] == "offer_ended":
            held.append(frame)
            return []
        return [frame, held.pop()] if session.role == "agent" and held else [frame]

    fake.push = push
    result = await play(fake)
    assert (result.stored, result.live) == (Count(), Count(out_of_order=1))


async def test_a_socket_that_alters_a_text_is_caught() -> None:
    fake = Fake()
    fake.push = on_socket("visitor", lambda frame: [frame | {"event": frame["event"] | {"text": "where?"}}])
    result = await play(fake)
    assert any("brought" in fault for fault in result.all_faults)


@pytest.mark.parametrize("role", ["visitor", "agent"])
async def test_an_ack_that_comes_twice_is_caught(role: str) -> None:
    fake = Fake()
    fake.push = on_socket(role, lambda frame: [frame, {"type": "ack", "ref": "once-more"}])
    result = await play(fake)
    assert any("once-more" in fault for fault in result.all_faults)


async def test_an_event_of_a_foreign_conversation_is_caught() -> None:
    fake = Fake()
    fake.push = on_socket("visitor", lambda frame: [frame, frame | {"conversation": "c99"}])
    result = await play(fake)
    assert any("an event of c99" in fault for fault in result.all_faults)


async def test_a_resent_message_that_is_done_twice_is_caught() -> None:
    fake, cuts = Fake(), [True]
    fake.remembers_refs = False
    fake.before_ack = lambda session, command: (
        "cut" if command.get("text") == "In San Jose" and cuts and cuts.pop() else "ack"
    )
    result = await play(fake, seconds=5)
    assert result.stored == Count(duplicated=1)


async def test_connections_cut_before_every_ack_lose_nothing_and_do_nothing_twice() -> None:
    fake, cut = Fake(), set[str]()

    def before_ack(session: Session, command: Frame) -> Literal["ack", "cut"]:
        if command["type"] != "send_message" or command["ref"] in cut:
            return "ack"
        cut.add(command["ref"])
        return "cut"

    fake.before_ack = before_ack
    result = await play(fake, conversations=3, seconds=5)
    assert result.all_faults == []
    assert result.reconnects >= 12
    assert [command["type"] for command in fake.done].count("set_status") > len(AGENTS)
    assert result.resent >= 24


async def test_a_server_that_restarts_in_the_middle_loses_nothing() -> None:
    fake, midway = Fake(), asyncio.Event()

    def before_ack(session: Session, command: Frame) -> Literal["ack", "mute"]:
        if len(fake.done) > 30:
            midway.set()
        return "mute" if midway.is_set() else "ack"

    fake.before_ack = before_ack
    async with serving(fake) as url:
        playing = asyncio.create_task(replay(url, AGENTS, [DIALOGUE] * 5, timeout_seconds=5))
        await midway.wait()
    fake.before_ack = lambda session, command: "ack"
    async with serving(fake, port=int(url.rpartition(":")[2])):
        result = await playing
    assert result.all_faults == []
    assert result.messages == 40
    assert result.reconnects >= 2


async def test_a_rate_limit_is_waited_out() -> None:
    fake = Fake()
    original = fake.do_send_message
    limited = [Rejected("rate_limited", "slow", retry_after_ms=1)]

    def do_send_message(session: Session, id: str, command: Frame) -> int:
        if limited:
            raise limited.pop()
        return original(session, id, command)

    fake.do_send_message = do_send_message  # type: ignore[method-assign]
    assert (await play(fake, seconds=5)).all_faults == []


async def test_an_offer_accepted_too_late_goes_to_somebody_else() -> None:
    fake, late = Fake(), [True]
    original = fake.do_accept_offer

    def do_accept_offer(session: Session, id: str, command: Frame) -> int:
        if late and late.pop():
            fake.append(id, type="offer_ended", agent=session.id, outcome="expired")
            fake.offer(id)
            raise Rejected("not_allowed", "expired", state="queued")
        return original(session, id, command)

    fake.do_accept_offer = do_accept_offer  # type: ignore[method-assign]
    result = await play(fake, seconds=5)
    assert result.all_faults == []
    assert result.lost_offers == 1
    assert len(result.recordings[0].agents) == 2


async def test_an_agent_who_loses_the_conversation_leaves_the_turn_to_the_next() -> None:
    fake, lost = Fake(), [True]
    original = fake.do_send_message

    def do_send_message(session: Session, id: str, command: Frame) -> int:
        if command["text"] == "Which day?" and lost and lost.pop():
            fake.append(id, type="agent_released", agent={"id": session.id}, reason="disconnected")
            fake.conversations[id] |= {"state": "queued", "owner": ""}
            fake.offer(id)
        return original(session, id, command)

    fake.do_send_message = do_send_message  # type: ignore[method-assign]
    result = await play(fake, seconds=5)
    assert result.all_faults == []
    assert len(result.recordings[0].agents) == 2


async def test_an_assistant_that_escalated_by_itself_is_no_fault() -> None:
    fake = Fake()
    original = fake.do_send_message

    def do_send_message(session: Session, id: str, command: Frame) -> int:
        sequence = original(session, id, command)
        if fake.conversations[id]["state"] == "assistant":
            fake.do_request_human(session, id, command)
        return sequence

    def do_request_human(session: Session, id: str, command: Frame) -> int:
        raise Rejected("not_allowed", "already", state=fake.conversations[id]["state"])

    fake.do_send_message = do_send_message  # type: ignore[method-assign]
    escalate = fake.do_request_human
    fake.do_request_human = lambda session, id, command: (  # type: ignore[method-assign]
        escalate(session, id, command) if command["type"] == "send_message" else do_request_human(session, id, command)
    )
    assert (await play(fake, seconds=5)).all_faults == []


async def test_a_visitor_who_gets_the_offline_message_is_a_failure_with_its_reason() -> None:
    fake = Fake()
    fake.offer = lambda id: fake.append(id, type="offline_answered", reason="nobody")  # type: ignore[method-assign]
    result = await play(fake, seconds=5)
    assert result.failed == 1
    assert "offline message instead of an agent: nobody" in result.all_faults[0]


async def test_who_is_queued_waits_as_long_as_others_find_their_agents() -> None:
    fake = Fake()
    offer, waiting = fake.offer, itertools.count(1)
    fake.offer = lambda id: asyncio.get_running_loop().call_later(0.2 * next(waiting), offer, id)  # type: ignore[method-assign]
    assert (await play(fake, conversations=5, seconds=0.5)).all_faults == []


async def test_nobody_who_accepts_is_a_failure_and_not_a_hang() -> None:
    fake = Fake()
    fake.offer = lambda id: None  # type: ignore[method-assign]
    result = await play(fake)
    assert (result.failed, result.ok) == (1, False)
    assert "waited for an agent" in result.all_faults[0]


@pytest.fixture
def dialogues(tmp_path: Path) -> Path:
    file = tmp_path / "dialogues.jsonl"
    turns = [{"from": turn.speaker, "text": turn.text} for turn in DIALOGUE.turns]
    file.write_text(json.dumps({"id": "d", "topics": [], "turns": turns}) + "\n")
    return file


async def run(file: Path, fake: Fake, *more: str) -> tuple[int | None, str]:
    """The command as it is typed; its exit code and standard output."""
    agents = [f"{email}:{password}" for email, password in AGENTS]
    async with serving(fake) as url:
        arguments = [str(file), "--url", url, "--conversations", "3", "--timeout", "1", *more, "--agents", *agents]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.replay", *arguments, stdout=PIPE, stderr=DEVNULL
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode()


async def test_the_command_exits_0_with_a_table_and_a_json_line(dialogues: Path) -> None:
    code, out = await run(dialogues, Fake(), "--json")
    assert code == 0
    assert "out of order" in out
    found = json.loads(out.splitlines()[-1])
    assert (found["benchmark"], found["ok"], found["messages"], found["seed"]) == ("replay", True, 24, 1)
    assert {"machine", "versions", "lost", "duplicated", "out_of_order", "ack_ms", "seen_ms"} <= set(found)


async def test_the_command_exits_1_and_names_what_differs(dialogues: Path) -> None:
    fake = Fake()
    fake.readback = reading(loses)
    code, out = await run(dialogues, fake)
    assert code == 1
    assert "1 lost" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.jsonl"], "missing.jsonl"),
        (["{file}", "--url", "http://127.0.0.1:9"], "--agents EMAIL:PASSWORD"),
        (["{file}", "--url", "http://127.0.0.1:9", "--agents", "ada"], "not EMAIL:PASSWORD"),
    ],
)
def test_a_command_that_cannot_run_says_why_in_one_line(
    arguments: list[str],
    told: str,
    dialogues: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LIVESUPPORT_BENCH_AGENTS", raising=False)
    assert main([argument.format(file=dialogues) for argument in arguments]) == 1
    captured = capsys.readouterr()
    assert told in captured.err.replace("\n", " ")
    assert captured.out == ""
