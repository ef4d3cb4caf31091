"""The agents at their desks: each has one socket, accepts every offer of a conversation of ours, reads all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from benchmarks.client import Socket
from benchmarks.frames import CommandError, Disconnected, Frame
from benchmarks.rest import Rest

LOST_OFFER = frozenset({"not_allowed", "conflict", "closed"})
"""What an accept is told that came too late: the offer expired, or the visitor left."""


class Seat(Protocol):
    """A conversation being played, as the desks know it."""

    def offered(self, agent: str) -> None:
        """The agent is asked to take it."""

    def agent_sees(self, agent: str, frame: Frame) -> None:
        """The agent's socket has brought an event of it."""


class Desk:
    """One agent. Opened by Floor."""

    def __init__(self, token: str, id: str, name: str, floor: Floor) -> None:
        self.token, self.id, self.name, self.floor = token, id, name, floor
        self.socket: Socket
        self.lost_offers = 0
        self.faults: list[str] = []
        self._accepting: set[asyncio.Task[None]] = set()
        self._offers: set[str] = set()

    async def open(self, url: str, subprotocol: str) -> None:
        """Connects, and comes online."""
        self.socket = await Socket.connect(
            url, self.token, subprotocol, on_frame=self._on_frame, on_welcome=self._on_welcome
        )
        await self.socket.insist("set_status", status="online")

    async def close(self) -> None:
        """Answers no more offers, and leaves."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        await self.socket.close()

    def _on_welcome(self, _: Frame) -> None:
        """A gateway that died may have taken our presence with it."""
        if hasattr(self, "socket"):
            self.socket.post("set_status", reply=lambda _: None, status="online")

    def _on_frame(self, frame: Frame) -> None:
        match frame["type"]:
            case "event":
                seat = self.floor.seats.get(frame["conversation"])
                if seat is not None:
                    seat.agent_sees(self.id, frame)
            case "offer":
                task = asyncio.create_task(self._answer(frame["conversation"]))
                self._accepting.add(task)
                task.add_done_callback(self._accepting.discard)

    async def _answer(self, conversation: str) -> None:
        seat = self.floor.seats.get(conversation)
        try:
            if seat is None:
                await self.socket.insist("decline_offer", conversation, reason="not part of this replay")
                return
            seat.offered(self.id)
            if conversation not in self._offers:
                self._offers.add(conversation)
                await self._watch(conversation)
            await self.socket.insist("accept_offer", conversation)
        except CommandError as error:
            if error.code in LOST_OFFER:
                self.lost_offers += 1
            else:
                self.faults.append(f"{self.id}: offer of {conversation}: {error}")
        except Disconnected as error:
            self.faults.append(f"{self.id}: offer of {conversation}: {error}")

    async def _watch(self, conversation: str) -> None:
        while True:
            try:
                await self.socket.watch(conversation)
            except CommandError as error:
                if error.retry_after is None:
                    raise
                await asyncio.sleep(error.retry_after)
            else:
                return

    def all_faults(self) -> list[str]:
        """What went wrong at this desk and belongs to no single conversation."""
        strange = [f"{self.id} was sent {frame}" for frame in (*self.socket.errors, *self.socket.strays)]
        return self.faults + strange

    async def leave(self, conversation: str) -> None:
        """Done with it: watches it no more."""
        self._offers.discard(conversation)
        await self.socket.unwatch(conversation)


class Floor:
    """All desks, by agent id, and the conversations being played, by theirs."""

    def __init__(self, url: str, rest: Rest, bot: str, subprotocol: str) -> None:
        self.url, self.rest, self.bot, self.subprotocol = url, rest, bot, subprotocol
        self.desks: dict[str, Desk] = {}
        self.seats: dict[str, Seat] = {}
        self.assigned_at = 0.0
        """When the last conversation found its agent (loop time): who waits in the queue waits for such progress."""

    async def open(self, credentials: Sequence[tuple[str, str]]) -> None:
        """Logs every agent in and brings it online. `credentials`: e-mail, password."""
        logins = await asyncio.gather(*(self.rest.login(email, password) for email, password in credentials))
        for login in logins:
            agent = login.agent
            self.desks[agent["id"]] = Desk(login.token, agent["id"], agent.get("name", ""), self)
        await asyncio.gather(*(desk.open(self.url, self.subprotocol) for desk in self.desks.values()))

    async def close(self) -> None:
        """Everybody leaves."""
        await asyncio.gather(*(desk.close() for desk in self.desks.values() if hasattr(desk, "socket")))

    @property
    def token(self) -> str:
        """Some agent's token, to read conversations with."""
        return next(iter(self.desks.values())).token
