"""Plays one dialogue: the visitor types to the assistant, asks for a human, talks with the agent, and is closed.

    open → type to the assistant → request_human → until an agent owns it → turn by turn → close_conversation

A turn is sent when the one before is acked and the other's socket has brought it: people answer what they have read.
Nothing is judged here; verify.py does that from the recording.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any, TypeVar

import httpx

from benchmarks.client import Socket
from benchmarks.dialogue import Dialogue, Turn
from benchmarks.frames import CommandError, Disconnected, Frame
from benchmarks.replay.floor import Desk, Floor
from benchmarks.replay.recording import Recording, Said, View

T = TypeVar("T")

ANSWER_SECONDS = 10.0
RESOLUTIONS = {"resolved": 8, "unresolved": 1, "other": 1}
ESCALATED = frozenset({"queued", "live"})


class Stalled(Exception):
    """What was waited for did not come in time."""


class TurnedAway(Exception):
    """No agent came: the visitor got the offline message."""


class Play:
    """One dialogue between one visitor and whichever agent gets it. `run` does not raise: a failure is recorded."""

    def __init__(
        self, floor: Floor, dialogue: Dialogue, to_assistant: int, seed: str, timeout_seconds: float,
        on_turn: Callable[[], None],
    ) -> None:  # fmt: skip
        self.floor, self.dialogue, self.timeout_seconds = floor, dialogue, timeout_seconds
        self.first_act, self.second_act = dialogue.script(to_assistant)
        self.recording = Recording(dialogue.id)
        self._on_turn, self._random = on_turn, random.Random(seed)
        self._changed = asyncio.Event()
        self._awaited: Said | None = None
        self._owner = self._turned_away = ""
        self._answered = 0
        self._closed_for: set[str] = set()
        self._visitor: Socket

    async def run(self) -> Recording:
        """From the visitor's coming to the close, or as far as it gets."""
        try:
            self._visitor = await self._enter()
            try:
                await self._acts()
            finally:
                await self._leave()
        except (CommandError, Disconnected, Stalled, TurnedAway, httpx.HTTPError, KeyError) as error:
            self.recording.failure = f"{type(error).__name__}: {error}"
        return self.recording

    # What the sockets bring

    def offered(self, agent: str) -> None:
        """See `Seat`."""
        self.recording.agents.setdefault(agent, View())

    def agent_sees(self, agent: str, frame: Frame) -> None:
        """See `Seat`."""
        self.recording.agents.setdefault(agent, View()).events.append(frame)
        event = frame["event"]
        if event["type"] == "message_sent" and agent == self._owner:
            self._see("visitor", event)
        elif event["type"] == "conversation_closed":
            self._closed_for.add(agent)
        self._changed.set()

    def _visitor_sees(self, frame: Frame) -> None:
        if frame["type"] != "event":
            return
        if frame["conversation"] != self.recording.conversation:
            self.recording.oddities.append(f"the visitor was sent an event of {frame['conversation']}")
            return
        self.recording.visitor.events.append(frame)
        event = frame["event"]
        match event["type"]:
            case "message_sent" if event["from"] == "assistant":
                self._answered = frame["sequence"]
            case "message_sent":
                self._see("agent", event)
            case "agent_assigned":
                self._owner, self._turned_away = event["agent"]["id"], ""
                self.floor.assigned_at = asyncio.get_running_loop().time()
            case "offline_answered":
                self._turned_away = event["reason"]
            case "agent_released" | "returned_to_assistant":
                self._owner = ""
            case "conversation_closed":
                self._closed_for.add("visitor")
        self._changed.set()

    def _see(self, speaker: str, event: Frame) -> None:
        said = self._awaited
        if said is not None and speaker == event["from"] == said.turn.speaker and event["text"] == said.turn.text:
            said.seen = perf_counter()
            self._awaited = None

    # The acts

    async def _acts(self) -> None:
        for turn in self.first_act:
            await self._type(turn)
        await self._ask()
        for turn in self.second_act:
            await self._say(turn)
        await self._close()

    async def _enter(self) -> Socket:
        opened = await self.floor.rest.open_visitor(
            self.floor.bot, name=f"Visitor {self.dialogue.id}", page={"url": "http://shop.example/", "title": "Shop"}
        )
        self.recording.conversation = conversation = opened.conversation["id"]
        self.floor.seats[conversation] = self
        return await Socket.connect(
            self.floor.url,
            opened.token,
            self.floor.subprotocol,
            {conversation: 0},
            on_frame=self._visitor_sees,
            patience_seconds=self.timeout_seconds,
        )

    async def _type(self, turn: Turn) -> None:
        """To the assistant. Half of the times its answer is awaited, half not, so that answers meet takeovers."""
        said = await self._send(Said(turn, awaited=False, sent=perf_counter()))
        if self._random.random() < 0.5:
            try:
                await self._until(lambda: self._answered > (said.sequence or 0), "an answer", ANSWER_SECONDS)
            except Stalled:
                return

    async def _ask(self) -> None:
        try:
            await self._in_time(self._visitor.insist("request_human"), "request_human")
        except CommandError as error:
            if error.code != "not_allowed" or error.state not in ESCALATED:
                raise
        await self._desk()

    async def _say(self, turn: Turn) -> None:
        said = Said(turn, awaited=True, sent=perf_counter())
        await self._desk()
        await self._send(said)
        try:
            await self._until(lambda: said.seen is not None, f"the other side to see {turn.text!r}")
        except Stalled:
            self._awaited = None

    async def _close(self) -> None:
        resolution = self._random.choices([*RESOLUTIONS], [*RESOLUTIONS.values()])[0]
        desk = await self._desk()
        closing = desk.socket.insist("close_conversation", self.recording.conversation, resolution=resolution)
        await self._in_time(closing, "close_conversation")
        self.recording.closed_by, self.recording.resolution = desk.id, resolution
        await self._until(lambda: {"visitor", desk.id} <= self._closed_for, "both sides to see the close")

    async def _send(self, said: Said) -> Said:
        """Sends one turn until it is acked."""
        self.recording.said.append(said)
        if said.awaited:
            self._awaited = said
        said.sent = perf_counter()
        if said.turn.speaker == "visitor":
            ack = await self._in_time(self._visitor.insist("send_message", text=said.turn.text), said.turn.text)
        else:
            ack = await self._send_as_owner(said)
        said.acked, said.sequence = perf_counter(), ack.get("sequence")
        if ack.get("conversation", self.recording.conversation) != self.recording.conversation:
            self.recording.oddities.append(f"the ack of {said.turn.text!r} names {ack['conversation']}")
        self._on_turn()
        return said

    async def _send_as_owner(self, said: Said) -> Frame:
        """The agent's side of it: one who lost the conversation meanwhile leaves the turn to whoever has it next."""
        while True:
            desk = await self._desk()
            said.sent = perf_counter()
            sending = desk.socket.insist("send_message", self.recording.conversation, text=said.turn.text)
            try:
                return await self._in_time(sending, said.turn.text)
            except CommandError as error:
                if error.code != "not_allowed":
                    raise
                await self._until_released_by(desk)

    # Waiting

    async def _desk(self) -> Desk:
        """The desk that owns the conversation; queued, it waits as long as others still find their agents."""
        loop = asyncio.get_running_loop()
        while not self._owner:
            try:
                await self._until(lambda: bool(self._owner or self._turned_away), "an agent")
            except Stalled:
                if loop.time() - self.floor.assigned_at > self.timeout_seconds:
                    raise
            if self._turned_away:
                raise TurnedAway(f"the offline message instead of an agent: {self._turned_away}")
        try:
            return self.floor.desks[self._owner]
        except KeyError:
            raise Stalled(f"{self._owner}, who is not one of our agents, has it") from None

    async def _until_released_by(self, desk: Desk) -> None:
        await self._until(lambda: self._owner != desk.id, f"{desk.id} to be released, as its refusal says")

    async def _until(self, holds: Callable[[], bool], what: str, seconds: float | None = None) -> None:
        """Waits for frames that make it hold. Raises Stalled when none of this conversation comes for so long."""
        while not holds():
            self._changed.clear()
            try:
                async with asyncio.timeout(seconds or self.timeout_seconds):
                    await self._changed.wait()
            except TimeoutError:
                raise Stalled(f"waited for {what}") from None

    async def _in_time(self, sending: Coroutine[Any, Any, T], what: str) -> T:
        try:
            async with asyncio.timeout(self.timeout_seconds):
                return await sending
        except TimeoutError:
            raise Stalled(f"waited for the ack of {what!r}") from None

    async def _leave(self) -> None:
        """Keeps how the events came, and goes. What went wrong before matters more than what goes wrong here."""
        recording = self.recording
        for agent, view in list(recording.agents.items()):
            desk = self.floor.desks[agent]
            view.track = desk.socket.tracks.get(recording.conversation, view.track)
            with contextlib.suppress(CommandError, Disconnected, Stalled):
                await self._in_time(desk.leave(recording.conversation), "unwatch")
        self.floor.seats.pop(recording.conversation, None)
        recording.visitor.track = self._visitor.tracks.get(recording.conversation, recording.visitor.track)
        recording.oddities += [
            f"the visitor was sent {frame}" for frame in (*self._visitor.errors, *self._visitor.strays)
        ]
        recording.reconnects, recording.resent = self._visitor.reconnects, self._visitor.resent
        await self._visitor.close()
