"""Load that never ends by itself: so many dialogues a second, each played with people's pauses, and probes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import count
from types import TracebackType

from benchmarks.dialogue import Dialogue, Speaker, Turn
from benchmarks.faults.probe import Probe
from benchmarks.faults.tally import Tally
from benchmarks.frames import JSON
from benchmarks.replay.floor import Floor
from benchmarks.replay.play import Play
from benchmarks.replay.recording import Said
from benchmarks.replay.run import TIMEOUT_SECONDS, judge
from benchmarks.rest import Rest
from runtime.identity import actor_id
from runtime.placement import Placement

TURNS = 12
PAUSE_SECONDS = (0.02, 0.25)
BACK_SECONDS = 90.0
ANSWERS_SECONDS = 150.0


class Paced(Play):
    """People read and type; so many conversations are in the middle of something when it strikes."""

    async def _send(self, said: Said) -> Said:
        await asyncio.sleep(self._random.uniform(*PAUSE_SECONDS))
        return await super()._send(said)


def dialogues() -> Iterator[Dialogue]:
    """Without end, no two texts the same."""
    speakers: tuple[Speaker, Speaker] = ("visitor", "agent")
    for number in count():
        turns = (Turn(speakers[n % 2], f"turn {n} of dialogue {number}") for n in range(TURNS))
        yield Dialogue(f"d{number}", tuple(turns))


class Load:
    """An async context manager: it runs meanwhile; `tally` is whole when it is left.

    `agents`: e-mail and password of each. `hosts`: how many there are, for a probe at each.
    """

    def __init__(
        self, url: str, agents: Sequence[tuple[str, str]], hosts: int, plays_a_second: float = 4.0, plays_max: int = 24
    ) -> None:
        self.tally = Tally()
        self.probes: list[Probe] = []
        self.floor: Floor
        self.rest: Rest
        self._url, self._agents, self._placement = url, agents, Placement(hosts)
        self._every_seconds, self._room = 1 / plays_a_second, asyncio.Semaphore(plays_max)
        self._plays: set[asyncio.Task[None]] = set()
        self._turns = 0
        self._turned = asyncio.Event()

    async def __aenter__(self) -> Load:
        self.rest = Rest(self._url)
        self.floor = Floor(self._url, self.rest, "demo", JSON)
        await self.floor.open(self._agents)
        self.probes = await self._probes()
        await asyncio.gather(*(probe.open() for probe in self.probes))
        self._feeding = asyncio.create_task(self._feed())
        return self

    async def _probes(self) -> list[Probe]:
        """One whose conversation lives at each host."""
        homes: dict[str, Probe] = {}
        while len(homes) < self._placement.hosts:
            visitor = await self.rest.open_visitor("demo", name="Probe")
            home = self._placement.host_of(actor_id("conversation", visitor.conversation["id"]))
            homes.setdefault(home, Probe(self._url, self.rest, visitor))
        return list(homes.values())

    async def _feed(self) -> None:
        for number, dialogue in enumerate(dialogues()):
            await self._room.acquire()
            task = asyncio.create_task(self._play(number, dialogue))
            self._plays.add(task)
            task.add_done_callback(self._plays.discard)
            await asyncio.sleep(self._every_seconds)

    async def _play(self, number: int, dialogue: Dialogue) -> None:
        try:
            recording = await Paced(self.floor, dialogue, 1, str(number), TIMEOUT_SECONDS, self._turn).run()
        finally:
            self._room.release()
        self.tally.add(recording, await judge(self.rest, self.floor.token, recording))

    def _turn(self) -> None:
        self._turns += 1
        self._turned.set()

    async def flow(self, turns: int) -> None:
        """Returns when so many more turns are acked."""
        wanted = self._turns + turns
        async with asyncio.timeout(BACK_SECONDS):
            while self._turns < wanted:
                self._turned.clear()
                await self._turned.wait()

    async def acked(self, since: float) -> float:
        """Seconds from then (loop time) until every host has acked what was sent later."""
        async with asyncio.timeout(BACK_SECONDS):
            return max(await asyncio.gather(*(probe.acked(since) for probe in self.probes))) - since

    async def answered(self, since: float) -> float:
        """Seconds from then until the assistant has answered, at every host, what was asked later."""
        async with asyncio.timeout(BACK_SECONDS):
            return max(await asyncio.gather(*(probe.answered(since) for probe in self.probes))) - since

    async def refusal(self) -> None:
        """Returns when at every host a message has been told `overloaded`."""
        async with asyncio.timeout(BACK_SECONDS):
            await asyncio.gather(*(probe.refusal() for probe in self.probes))

    @property
    def refused(self) -> tuple[int, float]:
        """How many messages of probes were told `overloaded`, and how many seconds that took at most."""
        return sum(p.refused for p in self.probes), max((p.refusal_seconds_max for p in self.probes), default=0.0)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._feeding.cancel()
        try:
            if error is None:
                await self._finish()
        finally:
            for task in self._plays:
                task.cancel()
            for probe in self.probes:
                probe.abandon()
            await self.floor.close()
            await self.rest.__aexit__()

    async def _finish(self) -> None:
        async with asyncio.timeout(ANSWERS_SECONDS):
            await asyncio.gather(*self._plays)
            for one in await asyncio.gather(*(probe.stop() for probe in self.probes)):
                self.tally += one
        self.tally.blame(*(fault for desk in self.floor.desks.values() for fault in desk.all_faults()))
