"""The faults, by name. Each strikes a system under load, and returns once that is back, with what it found.

Seconds until it is back are counted until every host has acked a message that was sent after the blow: from the blow
where something died, from the end of it where something was away for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from benchmarks.client import Socket
from benchmarks.faults.deaf import deaf
from benchmarks.faults.ground import IDLE_SECONDS, IMPATIENT, Ground
from benchmarks.faults.load import Load
from benchmarks.frames import Frame
from runtime.journal import open_journal

AWAY_SECONDS = 4.0
HUNG_SECONDS = 30.0
STALL_SECONDS = 60.0
STALLED_MESSAGES = 1_800
REFUSAL_SECONDS_MAX = 2.0

Struck = tuple[float, str]
"""Seconds until it was back, and what else is worth knowing."""
Fault = Callable[[Ground, Load], Awaitable[Struck]]


class Unlike(Exception):
    """The system did not behave as it must, whatever the journal says."""


def now() -> float:
    """The time that loads and probes go by."""
    return asyncio.get_running_loop().time()


async def kill(ground: Ground, load: Load, name: str) -> Struck:
    """SIGKILL to one process; Ray starts it again."""
    process, struck = ground.process(name), now()
    process.kill()
    return await load.acked(struck), ""


async def kill_host(ground: Ground, load: Load) -> Struck:
    """Half of the conversations and agents."""
    return await kill(ground, load, ground.other)


async def kill_supervisor(ground: Ground, load: Load) -> Struck:
    """The other half, and the supervisor: it learns anew who waits and who is free."""
    return await kill(ground, load, ground.supervising)


async def kill_gateway(ground: Ground, load: Load) -> Struck:
    """Every client's connection."""
    return await kill(ground, load, "gateway/0")


async def kill_worker(ground: Ground, load: Load) -> Struck:
    """The assistant: back when it answers again what was asked after the blow."""
    process, struck = ground.process("assistant/0"), now()
    process.kill()
    return await load.answered(struck), "until the assistant answers"


async def hang_host(ground: Ground, load: Load, seconds: float = HUNG_SECONDS) -> Struck:
    """SIGSTOP. Another takes its scopes meanwhile, so that what it still appends after SIGCONT is refused."""
    name = ground.other
    with ground.standing_still(name) as hung:
        await asyncio.sleep(seconds)
        journal = await asyncio.to_thread(open_journal, ground.store)
        await asyncio.to_thread(journal.claim, ground.placement.scopes_of(name))
        journal.close()
        struck = now()
    back = await load.acked(struck)
    if f"fenced host={name}" not in ground.log() or hung.alive:
        raise Unlike(f"{name} was replaced while it hung, and went on as if it were not")
    return back, f"after {seconds:.0f} s of SIGSTOP; its late appends were refused"


async def store_away(ground: Ground, load: Load, gone: Callable[[], None], again: Callable[[], None]) -> Struck:
    """For a while nothing can be written: everybody is told within two seconds, and nothing is acked."""
    gone()
    began = now()
    await asyncio.sleep(AWAY_SECONDS)
    if max(probe.latest for probe in load.probes) > began:
        raise Unlike("a message was acked that was sent while the store was away")
    return await _until_back(load, again)


async def _until_back(load: Load, again: Callable[[], None]) -> Struck:
    await asyncio.to_thread(again)
    back = await load.acked(now())
    refused, slowest = load.refused
    if not refused:
        raise Unlike("nobody was told that the store was away")
    if slowest > REFUSAL_SECONDS_MAX:
        raise Unlike(f"it took {slowest:.1f} s to say that the store was away")
    return back, f"{refused} refused, each within {slowest:.1f} s"


async def kill_redis(ground: Ground, load: Load) -> Struck:
    """SIGKILL; it comes back on its append-only file."""
    assert ground.redis is not None
    return await store_away(ground, load, ground.redis.kill, ground.redis.start)


async def pause_redis(ground: Ground, load: Load) -> Struck:
    """SIGSTOP: connections stay, nothing answers."""
    redis = ground.redis
    assert redis is not None
    return await store_away(ground, load, lambda: redis.pause(True), lambda: redis.pause(False))


async def fill_redis(ground: Ground, load: Load) -> Struck:
    """Out of memory, and set to evict nothing."""
    redis = ground.redis
    assert redis is not None
    return await store_away(ground, load, lambda: redis.limit_memory(1), lambda: redis.limit_memory(0))


async def fill_disk(ground: Ground, load: Load) -> Struck:
    """The file system of the journal is full. What is refused is so at once; a commit that still fits is one."""
    ballast = ground.server.data / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)
    await load.refusal()
    await asyncio.sleep(AWAY_SECONDS)
    return await _until_back(load, ballast.unlink)


async def set_clock_back(ground: Ground, load: Load) -> Struck:
    """The wall clock of every process goes back by an hour: who was to be warned in seconds is warned in seconds."""
    assert ground.clock is not None
    visitor = await load.rest.open_visitor(IMPATIENT)
    warned = asyncio.Event()

    def see(frame: Frame) -> None:
        if frame.get("event", {}).get("notice") == "idle":
            warned.set()

    socket = await Socket.connect(ground.server.url, visitor.token, on_frame=see)
    await socket.command("send_message", text="How do refunds work?")
    began = now()
    ground.clock.set_back(3_600)
    back = await load.acked(began)
    async with asyncio.timeout(STALL_SECONDS):
        await warned.wait()
    late = now() - began - IDLE_SECONDS
    await socket.close()
    if late > IDLE_SECONDS:
        raise Unlike(f"a timer of {IDLE_SECONDS} s rang {late:.1f} s late")
    return back, f"a timer of {IDLE_SECONDS} s rang {max(0.0, late):.1f} s late"


async def stall_client(ground: Ground, load: Load) -> Struck:
    """A visitor's second window stops reading while megabytes come for it: it is told to resync."""
    visitor = await load.rest.open_visitor("demo", name="Stalled")
    conversation = visitor.conversation["id"]
    await load.rest.command(load.floor.token, conversation, "take_over")  # an assistant would read all of it
    talking = await Socket.connect(ground.server.url, visitor.token, resume={conversation: 0})
    async with deaf(ground.server.url, visitor.token) as window:
        began = now()
        text = "x" * 7_900
        sending = [talking.insist("send_message", text=text) for _ in range(STALLED_MESSAGES)]
        sequences = sorted(ack["sequence"] for ack in await asyncio.gather(*sending))
        back = await load.acked(began)
        kinds = await window.hear_all()
    await talking.close()
    await load.rest.command(load.floor.token, conversation, "close_conversation", resolution="other")
    if len(set(sequences)) != STALLED_MESSAGES or "resync" not in kinds:
        raise Unlike(f"of {len(set(sequences))} messages, a client that did not read was sent {sorted(kinds)}")
    return back, f"told to resync after {STALLED_MESSAGES * len(text) / 1e6:.0f} MB"


async def kill_node(ground: Ground, load: Load) -> Struck:
    """A machine of the cluster, with all that ran there: SIGKILL to its raylet and every process below."""
    assert ground.nodes is not None
    struck = now()
    names = ground.nodes.kill_one({process.pid: name for name, process in ground.named().items()})
    return await load.acked(struck), f"with {', '.join(sorted(names))}"


EMBEDDED: dict[str, Fault] = {
    "kill-host": kill_host,
    "kill-supervisor": kill_supervisor,
    "kill-gateway": kill_gateway,
    "kill-worker": kill_worker,
    "stall-client": stall_client,
    "fill-disk": fill_disk,
    "set-clock-back": set_clock_back,
}
"""Those of one machine with SQLite."""
CLUSTERED: dict[str, Fault] = {
    "kill-redis": kill_redis,
    "pause-redis": pause_redis,
    "fill-redis": fill_redis,
    "hang-host": hang_host,
}
"""Those of a system on Redis."""
SPREAD: dict[str, Fault] = {"kill-node": kill_node}
"""Those of a system on three nodes of Ray."""
