"""The host's shell: what it does when the store is slow, silent, or takes late what it was not thought to take."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from runtime import node
from runtime.identity import ActorId
from runtime.journal import STATES, Append, Listed, Record, Snapshot, Stored, StoreFailed
from runtime.journal.memory import MemoryJournal
from runtime.limits import HostLimits
from runtime.lines import Formatter
from runtime.machine import Command
from runtime.messages import Answers, Deliver, Hello, Refusal, Reply, decode_answers, encode, gateway_decoder, splice
from runtime.node import HostNode
from runtime.placement import Placement
from tests.runtime.bench import TWO_HOSTS, actor_at, labels
from tests.runtime.tally import Add, Forward, Show, TallyMachine

pytestmark = pytest.mark.anyio

A, B = ActorId("tally/a"), ActorId("tally/b")


class Stubborn(MemoryJournal):
    """Appends wait at the `door`; what is asked of it, in order, is in `asked`."""

    def __init__(self) -> None:
        super().__init__()
        self.door = threading.Event()
        self.door.set()
        self.fails = False
        self.silent = False
        self.asked: list[str] = []

    def append(self, append: Append) -> None:
        self.asked.append("append")
        self.door.wait()
        if self.fails:
            raise StoreFailed("no room")
        super().append(append)

    def settle(self) -> None:
        self.asked.append("settle")
        if self.silent:
            raise StoreFailed("no answer")

    def load(self, actors: Sequence[ActorId], whole: bool = False) -> dict[ActorId, Stored]:
        self.asked.append("load")
        return super().load(actors, whole)


class Full(MemoryJournal):
    """No claim is written until there is `room`."""

    room = False

    def claim(self, scopes: Sequence[str]) -> dict[str, int]:
        if not self.room:
            raise StoreFailed("no room")
        return super().claim(scopes)


async def nobody(peer: str, batch: bytes) -> bytes:
    raise AssertionError(peer)


async def silence(peer: str, batch: bytes) -> bytes:
    await asyncio.Event().wait()
    raise AssertionError(peer)


class Sender:
    """A gateway that calls a node."""

    def __init__(self, one: HostNode) -> None:
        self._node = one
        self._number = 0

    async def send(self, actor: ActorId, what: str | Command) -> Reply:
        """A label to add, under a ref; or any other command."""
        self._number += 1
        ref, command = (what, Add(what)) if isinstance(what, str) else ("", what)
        message = encode(Deliver(actor, "visitor/v", ref, command))
        answer = await self._node.deliver(splice("gateway/0", "first", self._number, self._number - 1, [message]))
        reply = decode_answers(answer).replies[0]
        assert reply is not None
        return reply


@pytest.fixture
def journal() -> Stubborn:
    return Stubborn()


@pytest.fixture
async def sender(journal: Stubborn, anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sender]:
    monkeypatch.setattr(node, "STORE_SECONDS", 0.1)
    monkeypatch.setattr(node, "SETTLE_SECONDS", 0.01)
    one = HostNode("host/0", [TallyMachine()], Placement(1), lambda: journal, nobody)
    await one.start([], [])
    yield Sender(one)
    journal.door.set()
    await one.stop()


def code(reply: Reply) -> str:
    return reply.refusal.code if reply.refusal is not None else "ok"


async def acked(sender: Sender, actor: ActorId, label: str) -> Reply:
    """Sends again, as clients do, until it is not overloaded."""
    while (reply := await sender.send(actor, label)).refusal is not None:
        assert code(reply) == "overloaded"
        await asyncio.sleep(0)
    return reply


async def test_who_could_not_begin_begins_later_with_the_connections_that_there_are() -> None:
    opened: list[Full] = []

    def connect() -> Full:
        opened.append(Full())
        return opened[-1]

    one = HostNode("host/0", [TallyMachine()], Placement(1), connect, nobody)
    for _ in range(3):
        with pytest.raises(StoreFailed):
            await one.start([], [])
    opened[0].room = True
    await one.start([], [])
    assert len(opened) == 2, "one to write, one to read"
    await one.stop()


async def test_nothing_is_read_between_a_failed_append_and_its_settling(sender: Sender, journal: Stubborn) -> None:
    await sender.send(A, "one")
    journal.asked.clear()
    journal.fails = True
    assert code(await sender.send(A, "two")) == "overloaded"
    journal.fails = False
    await acked(sender, A, "two")
    assert journal.asked[:3] == ["append", "settle", "load"]
    assert labels(journal, A) == ["one", "two"]


async def test_a_store_that_hangs_is_given_up_and_what_it_wrote_late_is_done_once(
    sender: Sender, journal: Stubborn
) -> None:
    journal.door.clear()
    assert code(await sender.send(A, "one")) == "overloaded"
    assert code(await sender.send(B, "other")) == "overloaded", "at once: it is known to hang"
    journal.door.set()
    assert (await acked(sender, A, "one")).sequence == 1
    assert labels(journal, A) == ["one"]


async def test_a_store_that_does_not_settle_is_asked_again_until_it_does(
    sender: Sender, journal: Stubborn, caplog: pytest.LogCaptureFixture
) -> None:
    journal.fails = journal.silent = True
    assert code(await sender.send(A, "one")) == "overloaded"
    journal.asked.clear()
    while journal.asked.count("settle") < 3:
        assert code(await sender.send(A, "one")) == "overloaded"
        await asyncio.sleep(0)
    assert set(journal.asked) == {"settle"}
    journal.fails = journal.silent = False
    await acked(sender, A, "one")
    assert labels(journal, A) == ["one"]
    said = [message.partition(" host=")[0] for message in caplog.messages]
    assert said == ["append failed", "store away", "store answers"], "once, however often it was asked"


async def test_a_store_that_fails_in_a_way_of_its_own_does_not_stop_the_host(
    sender: Sender, journal: Stubborn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumbles(*asked: object) -> None:
        raise OverflowError("what somebody wrote")

    for what in ("load", "append"):
        with monkeypatch.context() as broken:
            broken.setattr(journal, what, stumbles)
            assert code(await asyncio.wait_for(sender.send(A, "one"), 5)) == "overloaded"
        assert (await acked(sender, A, what)).refusal is None
    assert labels(journal, A) == ["load", "append"]
    lines = [Formatter("host/0", "text").format(record) for record in caplog.records]
    assert sum("error=OverflowError" in line for line in lines) == 2
    assert not any("wrote" in line for line in lines)


async def test_who_stops_searches_no_more(journal: Stubborn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "FIND_SECONDS", 0.01)
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def away(*_: object) -> list[Listed]:
        loop.call_soon_threadsafe(asked.set)
        raise StoreFailed("no answer")

    monkeypatch.setattr(journal, "find", away)
    one = HostNode("host/0", [TallyMachine()], Placement(1, pools={"thinkers": 1}), lambda: journal, silence)
    await one.start([], [])
    await Sender(one).send(A, Show("around"))
    await asked.wait()
    await one.stop()
    assert not [task for task in asyncio.all_tasks() if "_find" in repr(task)]


async def test_who_has_stopped_begins_nothing_more(journal: Stubborn, caplog: pytest.LogCaptureFixture) -> None:
    one = HostNode("host/0", [TallyMachine()], Placement(1), lambda: journal, nobody)
    await one.start([], [])
    sender = Sender(one)
    await sender.send(A, "one")
    await one.stop()
    journal.asked.clear()
    late = asyncio.create_task(sender.send(A, "late"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(late, 0.05)
    assert journal.asked == []
    assert caplog.messages == []


async def test_who_was_replaced_says_so(journal: Stubborn) -> None:
    lost = asyncio.Event()
    one = HostNode("host/0", [TallyMachine()], Placement(1), lambda: journal, nobody, lost=lost.set)
    await one.start([], [])
    journal.claim(one.host.placement.scopes_of("host/0"))
    assert code(await Sender(one).send(A, "one")) == "overloaded"
    await asyncio.wait_for(lost.wait(), 5)
    await one.stop()


async def test_who_begins_greets_those_it_is_told_to(journal: Stubborn) -> None:
    greeted: asyncio.Future[tuple[str, bytes]] = asyncio.get_running_loop().create_future()

    async def call(peer: str, batch: bytes) -> bytes:
        greeted.set_result((peer, batch))
        return await silence(peer, batch)

    one = HostNode("host/0", [TallyMachine()], Placement(1), lambda: journal, call)
    await one.start([], ["gateway/0"])
    peer, batch = await asyncio.wait_for(greeted, 5)
    assert (peer, gateway_decoder().decode(batch).messages) == ("gateway/0", [Hello()])
    await one.stop()


async def test_a_snapshot_that_nobody_understands_is_passed_over(sender: Sender, journal: Stubborn) -> None:
    await sender.send(A, "one")
    journal.snapshots[B] = Snapshot(B, 1, b"of another version", STATES + 1)
    journal.records[B] = [Record(B, 1, 5, "", b'{"type":"added","label":"two"}')]
    assert (await asyncio.wait_for(sender.send(B, "three"), 5)).sequence == 2
    assert labels(journal, B) == ["two", "three"]


@pytest.mark.sources
async def test_who_may_end_says_so_once_and_when_all_it_had_to_say_was_heard(
    journal: Stubborn, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacant, said = asyncio.Event(), asyncio.Event()
    idle: list[bool] = []

    async def call(peer: str, batch: bytes) -> bytes:
        await vacant.wait()
        return encode(Answers("first", [Reply()]))

    def ends() -> None:
        idle.append(all(link.idle for _, link in one.links))
        said.set()

    placement, limits = Placement(1, dedicated=frozenset({"tally"})), HostLimits(idle_ms=1, lease_ms=4)
    one = HostNode(A, [TallyMachine()], placement, lambda: journal, call, limits=limits, vacated=ends)
    vacated = one.host.vacated

    def may_end() -> bool:
        if vacated():
            vacant.set()
        return vacated()

    monkeypatch.setattr(one.host, "vacated", may_end)
    await one.start([], ["gateway/0"])
    await asyncio.wait_for(said.wait(), 5)
    one._turn()
    assert idle == [True]
    await one.stop()


async def test_however_many_turns_there_were_one_timer_waits_and_none_once_it_stops(
    journal: Stubborn, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    later, begun = loop.call_later, list[asyncio.TimerHandle]()

    def noted(delay: float, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        timer = later(delay, callback, *args)
        if callback == one._poke:
            begun.append(timer)
        return timer

    def waiting() -> int:
        return sum(not timer.cancelled() and timer.when() > loop.time() for timer in begun)

    one = HostNode("host/0", [TallyMachine()], Placement(1), lambda: journal, nobody)
    monkeypatch.setattr(loop, "call_later", noted)
    await one.start([], [])
    sender = Sender(one)
    for label in ("one", "two", "three"):
        await sender.send(A, label)
    assert len(begun) >= 3
    assert waiting() <= 1, "none only in the moment in which it rings"
    await one.stop()
    assert waiting() == 0


async def test_a_tell_that_found_no_room_is_told_again_though_nothing_else_happens(journal: Stubborn) -> None:
    """What a call's answers leave to be done is seen when they come, and not at the next of the host's own times."""
    refusals, told = [Reply(0, Refusal("overloaded", "Later.", {}))], asyncio.Event()

    async def call(peer: str, batch: bytes) -> bytes:
        if not refusals:
            told.set()
        return encode(Answers("first", [refusals.pop() if refusals else Reply()]))

    limits = HostLimits(lease_ms=3_600_000, retry_ms=1)
    one = HostNode("host/0", [TallyMachine()], TWO_HOSTS, lambda: journal, call, limits=limits)
    await one.start([], [])
    await Sender(one).send(actor_at("host/0"), Forward(actor_at("host/1"), "over there"))
    await asyncio.wait_for(told.wait(), 5)
    await one.stop()
