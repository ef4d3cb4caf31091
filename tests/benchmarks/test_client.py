"""The socket's client against a real server that cuts, restarts, refuses and misorders."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import pytest

from benchmarks.client import Socket
from benchmarks.frames import JSON, MSGPACK, CommandError, Disconnected, Frame
from benchmarks.rest import Rest
from tests.benchmarks.fake import AGENTS, Fake, Rejected, Session, serving

pytestmark = pytest.mark.anyio


class Seen:
    """A visitor's frames, and a way to wait for them."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._changed = asyncio.Event()

    def __call__(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._changed.set()

    @property
    def texts(self) -> list[str]:
        return [frame["event"]["text"] for frame in self.frames if frame["event"]["type"] == "message_sent"]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


async def visitor(url: str, seen: Seen, subprotocol: str = JSON) -> Socket:
    async with Rest(url) as rest:
        opened = await rest.open_visitor("demo", name="Vera")
    return await Socket.connect(url, opened.token, subprotocol, {opened.conversation["id"]: 0}, on_frame=seen)


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_a_welcome_then_what_was_missed_then_an_ack(subprotocol: str) -> None:
    seen = Seen()
    async with serving(Fake()) as url:
        socket = await visitor(url, seen, subprotocol)
        assert (socket.role, socket.id) == ("visitor", "v1")
        ack = await socket.command("send_message", text="hi ☕")
        assert (ack["type"], ack["conversation"], ack["sequence"]) == ("ack", "c1", 3)
        await seen.until(lambda: "You said: hi ☕" in seen.texts)
        assert [frame["sequence"] for frame in seen.frames] == [1, 2, 3, 4]
        await socket.close()


async def test_without_a_callback_frames_are_iterated_until_the_close() -> None:
    async with serving(Fake()) as url, Rest(url) as rest:
        opened = await rest.open_visitor("demo")
        socket = await Socket.connect(url, opened.token, resume={"c1": 0})
        await socket.command("send_message", text="hi")
        await socket.close()
        assert [frame["sequence"] async for frame in socket.frames()][:3] == [1, 2, 3]


async def test_a_refused_command_raises_its_code_and_detail() -> None:
    fake = Fake()
    fake.refused = [Rejected("not_allowed", "no", state="closed")]
    async with serving(fake) as url:
        socket = await visitor(url, Seen())
        with pytest.raises(CommandError) as refused:
            await socket.command("send_message", text="hi")
        assert (refused.value.code, refused.value.message, refused.value.state) == ("not_allowed", "no", "closed")
        await socket.close()


async def test_insisting_waits_out_rate_limits_and_overload_with_a_new_ref() -> None:
    fake = Fake()
    fake.refused = [
        Rejected("rate_limited", "slow", retry_after_ms=1),
        Rejected("overloaded", "full", retry_after_ms=1),
    ]
    async with serving(fake) as url:
        socket = await visitor(url, Seen())
        assert (await socket.insist("send_message", text="hi"))["type"] == "ack"
        assert [command["text"] for command in fake.done] == ["hi"]
        fake.refused = [Rejected("not_allowed", "no")]
        with pytest.raises(CommandError):
            await socket.insist("send_message", text="again")
        await socket.close()


async def test_a_forged_token_ends_it_with_its_close_code() -> None:
    async with serving(Fake()) as url:
        with pytest.raises(Disconnected) as refused:
            await Socket.connect(url, "forged")
    assert refused.value.code == 4401


async def test_a_token_that_is_revoked_ends_it_at_the_next_connection() -> None:
    fake = Fake()
    async with serving(fake) as url:
        socket = await visitor(url, Seen())
        fake.tokens.clear()
        socket.cut()
        with pytest.raises(Disconnected) as refused:
            await socket.command("send_message", text="hi")
        assert refused.value.code == 4401
        await socket.close()


async def test_no_server_at_all_is_told_at_once() -> None:
    with pytest.raises(Disconnected, match="Refused"):
        await Socket.connect("http://127.0.0.1:9", "token")


async def test_with_patience_the_first_connection_waits_for_the_server() -> None:
    async with serving(Fake()) as url:
        pass
    fake = Fake()
    fake.tokens["token"] = ("agent", "ada", "")
    connecting = asyncio.create_task(Socket.connect(url, "token", patience_seconds=5))
    await asyncio.sleep(0)
    async with serving(fake, port=int(url.rpartition(":")[2])):
        socket = await connecting
        assert (socket.id, socket.reconnects) == ("ada", 0)
        await socket.close()


async def test_a_command_whose_ack_was_lost_is_sent_again_under_its_ref_and_done_once() -> None:
    fake, cuts = Fake(), [True]
    fake.before_ack = lambda session, command: "cut" if cuts and cuts.pop() else "ack"
    seen = Seen()
    async with serving(fake) as url:
        socket = await visitor(url, seen)
        ack = await socket.command("send_message", text="hi")
        assert ack["sequence"] == 3
        await socket.command("send_message", text="on")
        await seen.until(lambda: "on" in seen.texts)
        assert [text for text in seen.texts if text in ("hi", "on")] == ["hi", "on"]
        assert [command["text"] for command in fake.done] == ["hi", "on"]
        assert (socket.reconnects, socket.resent, socket.unanswered) == (1, 1, 0)
        assert not socket.tracks["c1"].duplicates
        await socket.close()


async def test_a_reconnect_resumes_from_the_last_sequence_and_gets_each_event_once() -> None:
    fake, seen = Fake(), Seen()
    async with serving(fake) as url:
        socket = await visitor(url, seen)
        await seen.until(lambda: len(seen.frames) == 2)
        socket.cut()
        await fake.until(lambda: not fake.sessions)
        fake.say("c1", "agent", "ada", "while you were away")
        await seen.until(lambda: "while you were away" in seen.texts)
        assert fake.hellos[-1]["resume"] == {"c1": 2}
        assert [frame["sequence"] for frame in seen.frames] == [1, 2, 3]
        assert not socket.tracks["c1"].duplicates
        await socket.close()


async def test_commands_posted_while_the_server_is_away_arrive_in_order_when_it_is_back() -> None:
    fake, seen = Fake(), Seen()
    async with serving(fake) as url:
        socket = await visitor(url, seen)
    sent = [asyncio.create_task(socket.command("send_message", text=f"{n}")) for n in range(5)]
    async with serving(fake, port=int(url.rpartition(":")[2])):
        acks = await asyncio.gather(*sent)
        assert [command["text"] for command in fake.done] == ["0", "1", "2", "3", "4"]
        assert [ack["sequence"] for ack in acks] == [3, 5, 7, 9, 11]
        await socket.close()


async def test_lobbies_are_watched_again_after_a_reconnect() -> None:
    fake = Fake()
    async with serving(fake) as url:
        async with Rest(url) as rest:
            login = await rest.login("ada@fake.example", "correct horse")
        welcomes: list[Frame] = []
        socket = await Socket.connect(url, login.token, on_welcome=welcomes.append)
        await socket.watch_bot("demo")
        socket.cut()
        await socket.command("set_status", status="online")
        await fake.until(lambda: [command["type"] for command in fake.done].count("watch_bot") == 2)
        assert len(welcomes) == 2
        await socket.close()


async def test_a_watch_without_an_answer_is_asked_anew_for_what_came_since() -> None:
    fake, seen = Fake(), Seen()
    cuts = [True]
    fake.before_ack = lambda session, command: "cut" if command["type"] == "watch" and cuts and cuts.pop() else "ack"
    async with serving(fake) as url, Rest(url) as rest:
        await rest.open_visitor("demo")
        login = await rest.login(*AGENTS[0])
        socket = await Socket.connect(url, login.token, on_frame=seen)
        await socket.watch("c1")
        fake.say("c1", "visitor", "v1", "watched")
        await seen.until(lambda: "watched" in seen.texts)
        assert [frame["sequence"] for frame in seen.frames] == [1, 2, 3]
        assert (socket.reconnects, socket.tracks["c1"].duplicates, socket.strays) == (1, [], deque())
        await socket.close()


async def test_duplicates_are_counted_and_not_passed_on() -> None:
    fake, seen = Fake(), Seen()
    fake.push = lambda session, frame: [frame, frame]
    async with serving(fake) as url:
        socket = await visitor(url, seen)
        await socket.command("send_message", text="hi")
        await seen.until(lambda: len(seen.frames) == 4)
        assert [frame["sequence"] for frame in seen.frames] == [1, 2, 3, 4]
        assert socket.tracks["c1"].duplicates[:3] == [1, 2, 3]
        await socket.close()


async def test_told_to_resync_it_reconnects_and_gets_what_was_skipped() -> None:
    fake, seen = Fake(), Seen()
    skipped: list[Frame] = []

    def push(session: Session, frame: Frame) -> list[Frame]:
        if frame["sequence"] == 3 and not skipped:
            skipped.append(frame)
            return [{"type": "resync", "conversation": "c1"}]
        return [frame]

    fake.push = push
    async with serving(fake) as url:
        socket = await visitor(url, seen)
        await socket.command("send_message", text="hi")
        await seen.until(lambda: len(seen.frames) == 4)
        assert [frame["sequence"] for frame in seen.frames] == [1, 2, 3, 4]
        assert (socket.resyncs, socket.reconnects) == (1, 1)
        await socket.close()


async def test_a_server_that_falls_silent_is_left_for_a_new_connection() -> None:
    fake = Fake()
    fake.heartbeat_seconds = 0.01
    fake.before_ack = lambda session, command: "mute" if len(fake.hellos) == 1 else "ack"
    async with serving(fake) as url:
        socket = await visitor(url, Seen())
        assert (await socket.command("send_message", text="hi"))["sequence"] == 3
        assert socket.reconnects == 1
        await socket.close()


async def test_an_answer_nobody_asked_for_is_kept_as_a_stray() -> None:
    fake, seen = Fake(), Seen()
    fake.push = lambda session, frame: [{"type": "ack", "ref": "unknown"}, frame]
    async with serving(fake) as url:
        socket = await visitor(url, seen)
        await seen.until(lambda: len(seen.frames) == 2)
        assert socket.strays[0]["ref"] == "unknown"
        await socket.close()


async def test_a_callback_that_fails_ends_the_socket_and_says_so() -> None:
    def fail(frame: Frame) -> None:
        raise KeyError("oops")

    async with serving(Fake()) as url, Rest(url) as rest:
        opened = await rest.open_visitor("demo")
        socket = await Socket.connect(url, opened.token, resume={"c1": 0}, on_frame=fail)
        with pytest.raises(Disconnected, match="oops"):
            await socket.command("send_message", text="hi")
        await socket.close()


async def test_closing_fails_what_is_pending_and_whatever_is_posted_later() -> None:
    fake = Fake()
    async with serving(fake) as url:
        socket = await visitor(url, Seen())
        answers: list[Frame | Disconnected] = []
        socket.post("send_message", reply=answers.append, text="hi")
        await socket.close()
        socket.post("send_message", reply=answers.append, text="later")
        assert [type(answer) for answer in answers] == [Disconnected, Disconnected]
