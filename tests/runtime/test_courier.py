"""The courier carries links' batches: a few calls in flight a receiver, resent until somebody has answered."""

import asyncio
from itertools import pairwise

import pytest

from runtime import courier as courier_module
from runtime.courier import LINGER_MESSAGES, Courier, Unreachable
from runtime.ingress import BatchTicket, Receiver
from runtime.link import Links
from runtime.messages import Answers, Batch, Hello, Reply, decode_answers, encode, gateway_decoder

pytestmark = pytest.mark.anyio


class Peer:
    """A receiver that answers when it is told to."""

    def __init__(self, incarnation: str = "first") -> None:
        self.taken: list[int] = []
        self.fails = 0
        self.gate = asyncio.Event()
        self.calls = 0
        self.arrived = asyncio.Event()
        self._receiver = Receiver(incarnation, gateway_decoder(), self._take)

    def _take(self, batch: Batch[object], ticket: BatchTicket) -> None:
        self.taken.append(len(batch.messages))
        for index in range(len(batch.messages)):
            ticket.settle(index, Reply(index + 1))

    async def call(self, name: str, batch: bytes) -> bytes:
        self.calls += 1
        answer = await self._receiver.deliver(batch)
        self.arrived.set()
        await self.gate.wait()
        if self.fails:
            self.fails -= 1
            raise Unreachable(name)
        return answer


class Replies:
    """A ticket that keeps what it is given."""

    def __init__(self) -> None:
        self.sequences: list[int] = []
        self.full = asyncio.Event()

    def settle(self, index: int, reply: Reply) -> None:
        self.sequences.append(reply.sequence)
        self.full.set()

    async def has(self, count: int) -> None:
        """Wait until so many replies came."""
        while len(self.sequences) < count:
            self.full.clear()
            await asyncio.wait_for(self.full.wait(), 5)


class Calls:
    """Calls that a test answers one by one, in the order that it likes."""

    def __init__(self) -> None:
        self._made: asyncio.Queue[Call] = asyncio.Queue()

    async def call(self, name: str, batch: bytes) -> bytes:
        call = Call(name, gateway_decoder().decode(batch))
        self._made.put_nowait(call)
        return await call.answer

    async def next(self) -> "Call":
        """The next call that the courier makes."""
        return await asyncio.wait_for(self._made.get(), 5)


class Call:
    """One call that waits for its answer."""

    def __init__(self, name: str, batch: Batch[object]) -> None:
        self.batch = batch
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._name = name

    def answers(self) -> None:
        """The receiver has settled it."""
        replies: list[Reply | None] = [Reply(index + 1) for index in range(len(self.batch.messages))]
        self.answer.set_result(encode(Answers("first", replies)))

    def fails(self) -> None:
        """Nobody knows what became of it."""
        self.answer.set_exception(Unreachable(self._name))


def sends(links: Links, ticket: Replies, count: int) -> None:
    for _ in range(count):
        links.send("peer", encode(Hello()), (ticket, 0))


async def two_calls(courier: Courier, links: Links, ticket: Replies, calls: Calls) -> "tuple[Call, Call]":
    """Of two and of three messages, under way at once: the receiver has answered one call before."""
    sends(links, ticket, 1)
    courier.pump()
    first = await calls.next()
    sends(links, ticket, 2)
    courier.pump()
    first.answers()
    second = await calls.next()
    sends(links, ticket, 3)
    courier.pump()
    return second, await calls.next()


async def test_what_comes_while_a_call_is_under_way_shares_the_next() -> None:
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    courier = Courier(links, peer.call)
    sends(links, ticket, 1)
    courier.pump()
    await peer.arrived.wait()
    for _ in range(3):
        sends(links, ticket, 2)
        courier.pump()
    peer.gate.set()
    await ticket.has(7)
    assert peer.taken == [1, 6]
    courier.stop()


async def test_what_a_receiver_takes_long_for_does_not_hold_up_the_next_call() -> None:
    links, ticket, calls = Links("me", "i"), Replies(), Calls()
    courier = Courier(links, calls.call)
    taken = await two_calls(courier, links, ticket, calls)
    assert [len(call.batch.messages) for call in taken] == [2, 3]
    for call in taken:
        call.answers()
    await ticket.has(6)
    courier.stop()


async def test_an_answer_that_overtakes_the_one_before_it_is_asked_for_again_after_it() -> None:
    links, ticket, calls = Links("me", "i"), Replies(), Calls()
    courier = Courier(links, calls.call)
    lost, later = await two_calls(courier, links, ticket, calls)
    later.answers()
    lost.fails()
    again = await calls.next()
    assert (again.batch.number, ticket.sequences) == (2, [1]), "what the later one said is not believed yet"
    again.answers()
    last = await calls.next()
    assert last.batch.number == 3
    last.answers()
    await ticket.has(6)
    assert links.resends == 2
    courier.stop()


async def test_while_a_call_is_under_way_and_nothing_waits_nothing_is_done() -> None:
    peer, links, ticket, second = Peer(), Links("me", "i"), Replies(), asyncio.Event()
    peer.gate.set()

    def answered() -> None:
        peer.gate.clear()
        sends(links, ticket, 1)
        courier.pump()

    async def call(name: str, batch: bytes) -> bytes:
        if peer.calls:
            second.set()
        return await peer.call(name, batch)

    courier = Courier(links, call, settled=answered)
    sends(links, ticket, 1)
    courier.pump()
    await asyncio.wait_for(second.wait(), 5)
    for _ in range(3):
        await asyncio.sleep(0)
    tasks = asyncio.all_tasks()
    for _ in range(10):
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == tasks
    courier.stop()


async def test_a_call_of_unknown_outcome_is_made_again_and_worked_on_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    peer.fails = 2
    peer.gate.set()
    courier = Courier(links, peer.call)
    sends(links, ticket, 1)
    courier.pump()
    await asyncio.wait_for(ticket.full.wait(), 5)
    assert (peer.calls, peer.taken, ticket.sequences) == (3, [1], [1])
    assert links.to("peer").resends == 2
    assert caplog.messages == [
        f"resend sender=me to=peer batch=1 failures={failures} why=Unreachable" for failures in (1, 2)
    ]
    courier.stop()


async def test_a_new_life_of_the_receiver_is_met_once() -> None:
    peers, links, met = [Peer("first"), Peer("second")], Links("me", "i"), list[str]()
    answered = asyncio.Event()
    for peer in peers:
        peer.gate.set()
    courier = Courier(links, lambda name, batch: peers[0].call(name, batch), met.append, answered.set)
    for _ in range(2):
        for _ in range(2):
            answered.clear()
            courier.greet("peer")
            await asyncio.wait_for(answered.wait(), 5)
            await asyncio.sleep(0)
        peers.reverse()
    assert met == ["peer", "peer"]
    courier.stop()


@pytest.mark.parametrize(("messages", "apart_seconds"), [(1, 0.01), (LINGER_MESSAGES, 0.05)])
async def test_with_a_linger_the_first_message_waits_for_nothing_and_the_next_ones_gather(
    messages: int, apart_seconds: float
) -> None:
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    peer.gate.set()
    courier = Courier(links, peer.call, linger_seconds=0.05)
    loop = asyncio.get_running_loop()
    started = loop.time()
    sends(links, ticket, messages)
    courier.pump()
    await asyncio.wait_for(ticket.full.wait(), 5)
    first = loop.time()
    for _ in range(5):
        sends(links, ticket, 1)
        courier.pump()
        await asyncio.sleep(0)
    await ticket.has(messages + 5)
    assert peer.taken == [messages, 5], "a link that has just carried much gathers for longer"
    assert loop.time() - started >= apart_seconds > 0 <= first - started
    courier.stop()


async def test_what_comes_in_the_linger_of_a_link_that_is_forgotten_meanwhile_is_carried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runtime.link.LINKS_IDLE", 1)
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    peer.gate.set()
    courier = Courier(links, peer.call, linger_seconds=0.05)
    for number in (1, 2):
        ticket.full.clear()
        sends(links, ticket, 1)
        courier.pump()
        await asyncio.wait_for(ticket.full.wait(), 5)
        assert len(ticket.sequences) == number
        links.to("another")
        assert "peer" not in dict(links)
    courier.stop()


async def test_of_many_that_were_met_the_first_is_forgotten_and_met_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "PEERS_KEPT", 2)
    peer, links, met, answered = Peer(), Links("me", "i"), list[str](), asyncio.Event()
    peer.gate.set()
    courier = Courier(links, peer.call, met.append, answered.set)
    for name in ("a", "b", "b", "c", "b", "c", "a"):
        answered.clear()
        links.send(name, encode(Hello()))
        courier.pump()
        await asyncio.wait_for(answered.wait(), 5)
        await asyncio.sleep(0)
    assert met == ["a", "b", "c", "a"]
    courier.stop()


async def test_the_same_batch_twice_at_once_gets_the_same_answers() -> None:
    peer, links = Peer(), Links("me", "i")
    peer.gate.set()
    links.send("peer", encode(Hello()))
    flight = links.to("peer").take()
    assert flight is not None
    batch = links.to("peer").batch(flight)
    one, two = await asyncio.gather(peer.call("peer", batch), peer.call("peer", batch))
    assert decode_answers(one) == decode_answers(two)
    assert peer.taken == [1]


async def test_a_link_outlives_whatever_a_call_raises() -> None:
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    peer.gate.set()
    calls = 0

    async def call(name: str, batch: bytes) -> bytes:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ZeroDivisionError
        return await peer.call(name, batch)

    courier = Courier(links, call)
    sends(links, ticket, 1)
    courier.pump()
    await asyncio.wait_for(ticket.full.wait(), 5)
    assert (calls, ticket.sequences) == (2, [1])
    courier.stop()


async def test_a_call_that_is_silent_after_a_failure_is_made_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "SILENT_SECONDS", 0.01)
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    outcomes = iter(["fails", "silent", "answers"])

    async def call(name: str, batch: bytes) -> bytes:
        match next(outcomes):
            case "fails":
                raise Unreachable(name)
            case "silent":
                await asyncio.Event().wait()
        peer.gate.set()
        return await peer.call(name, batch)

    courier = Courier(links, call)
    sends(links, ticket, 1)
    courier.pump()
    await asyncio.wait_for(ticket.full.wait(), 5)
    assert (peer.taken, ticket.sequences) == ([1], [1])
    courier.stop()


class Stumbles:
    """A ticket that cannot take its reply."""

    def settle(self, index: int, reply: Reply) -> None:
        raise ZeroDivisionError


async def test_a_link_outlives_whatever_a_reply_meets() -> None:
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    peer.gate.set()
    courier = Courier(links, peer.call)
    for number in (1, 2):
        ticket.full.clear()
        links.send("peer", encode(Hello()), (Stumbles(), 0))
        sends(links, ticket, 1)
        courier.pump()
        await asyncio.wait_for(ticket.full.wait(), 5)
        assert len(ticket.sequences) == number
    courier.stop()


async def test_an_answer_that_is_none_is_asked_for_again() -> None:
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    peer.gate.set()
    answers = iter([b"what"])

    async def call(name: str, batch: bytes) -> bytes:
        answer = await peer.call(name, batch)
        return next(answers, answer)

    courier = Courier(links, call)
    sends(links, ticket, 1)
    courier.pump()
    await asyncio.wait_for(ticket.full.wait(), 5)
    assert (peer.calls, peer.taken, ticket.sequences) == (2, [1], [1])
    courier.stop()


async def test_while_one_call_is_silent_those_that_fail_at_once_are_not_made_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier_module, "SILENT_SECONDS", 0.05)
    peer, links, ticket = Peer(), Links("me", "i"), Replies()
    peer.gate.set()
    times: list[float] = []
    enough = asyncio.Event()

    async def call(name: str, batch: bytes) -> bytes:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 2:
            await enough.wait()
            return await peer.call(name, batch)
        if len(times) == 8:
            enough.set()
        raise Unreachable(name)

    courier = Courier(links, call)
    sends(links, ticket, 1)
    courier.pump()
    await asyncio.wait_for(ticket.full.wait(), 5)
    assert all(later - before > 0.04 for before, later in pairwise(times[2:]))
    courier.stop()
