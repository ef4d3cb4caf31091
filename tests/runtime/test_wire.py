"""Batches over real sockets: each gets its answer; strangers are refused, what breaks is unknown to the caller."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from runtime import wire as wire_module
from runtime.courier import Unreachable
from runtime.wire import Address, Listener, Wire, connect

pytestmark = pytest.mark.anyio


class Process:
    """Answers with what it was sent, turned round; what is `slow` as soon as it may."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.may = asyncio.Event()
        self.slow: set[bytes] = set()
        self.came = asyncio.Event()

    async def deliver(self, batch: bytes) -> bytes:
        self.taken.append(batch)
        self.came.set()
        if batch in self.slow:
            await self.may.wait()
        if batch == b"stumble":
            raise ValueError(batch)
        return batch[::-1]


@pytest.fixture
async def process(anyio_backend: str) -> Process:
    return Process()


@pytest.fixture
async def listener(process: Process) -> AsyncIterator[Listener]:
    listener = Listener(process.deliver)
    yield listener
    listener.stop()


@pytest.fixture
async def address(listener: Listener) -> Address:
    return await listener.start("127.0.0.1")


@pytest.fixture
async def wire(address: Address) -> AsyncIterator[Wire]:
    wire = await connect(address)
    yield wire
    wire.close()


async def test_every_batch_gets_its_answer(wire: Wire) -> None:
    for batch in (b"", b"one", b"x" * 90_000, b"ab" * 2_000_000):
        assert await wire.call(batch) == batch[::-1]


async def test_batches_of_one_caller_are_begun_in_order_and_answered_as_they_are_done(
    wire: Wire, process: Process
) -> None:
    process.slow.add(b"0")
    calls = [asyncio.create_task(wire.call(b"%d" % number)) for number in range(3)]
    assert await asyncio.gather(*calls[1:]) == [b"1", b"2"]
    assert process.taken == [b"0", b"1", b"2"]
    assert not calls[0].done()
    process.may.set()
    assert await calls[0] == b"0"


async def test_a_process_that_ends_leaves_its_callers_without_an_answer(
    wire: Wire, process: Process, listener: Listener, address: Address
) -> None:
    process.slow.add(b"one")
    call = asyncio.create_task(wire.call(b"one"))
    await process.came.wait()
    listener.stop()
    with pytest.raises(Unreachable):
        await call
    assert wire.broken
    with pytest.raises(Unreachable):
        await wire.call(b"two")
    with pytest.raises(Unreachable):
        await connect(address)


async def test_a_batch_that_the_process_stumbles_over_has_no_answer(wire: Wire, address: Address) -> None:
    with pytest.raises(Unreachable):
        await wire.call(b"stumble")
    again = await connect(address)
    assert await again.call(b"ok") == b"ko"
    again.close()


async def test_who_does_not_know_the_key_is_not_heard(address: Address, process: Process) -> None:
    stranger = await connect(Address(address.host, address.port, "x" * len(address.key)))
    with pytest.raises(Unreachable):
        await stranger.call(b"hello")
    assert process.taken == []


async def test_a_frame_beyond_all_bounds_ends_the_connection(address: Address, process: Process) -> None:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(address.key.encode() + b"\xff\xff\xff\xff and so on")
    assert await reader.read() == b""
    writer.close()
    assert process.taken == []


async def test_the_key_and_the_batch_may_come_in_pieces(address: Address) -> None:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    for byte in address.key.encode() + (3).to_bytes(4, "big") + b"abc":
        writer.write(bytes([byte]))
        await writer.drain()
    assert await reader.readexactly(15) == (11).to_bytes(4, "big") + (0).to_bytes(8, "big") + b"cba"
    writer.close()


async def test_both_ends_give_up_on_a_machine_that_is_cut_off_though_something_is_under_way(
    wire: Wire, listener: Listener
) -> None:
    await wire.call(b"one")  # it is known there
    (served,) = listener.connections
    for end in (wire, served):
        connection = end._transport.get_extra_info("socket")
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 11_000  # milliseconds


async def test_strangers_make_room_for_those_who_come_and_those_who_are_known_stay(
    address: Address, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "STRANGERS_MAX", 2)
    known = await connect(address)
    assert await known.call(b"one") == b"eno"
    silent = [await asyncio.open_connection(address.host, address.port) for _ in range(3)]
    assert await asyncio.wait_for(silent[0][0].read(), 5) == b""
    late = await connect(address)
    assert [await one.call(b"two") for one in (late, known)] == [b"owt"] * 2
    assert len(listener.connections) <= 4
    for _, writer in silent:
        writer.close()
    late.close()
    known.close()


async def test_who_says_no_key_in_time_is_sent_away_and_who_has_said_it_stays(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "KEY_SECONDS", 0.05)
    known = await connect(address)
    assert await known.call(b"one") == b"eno"
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(address.key.encode()[:-1])
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    assert await known.call(b"two") == b"owt"
    known.close()


async def test_an_answer_that_nobody_waits_for_any_more_is_no_trouble(wire: Wire, process: Process) -> None:
    process.slow.add(b"one")
    given_up = asyncio.create_task(wire.call(b"one"))
    await process.came.wait()
    given_up.cancel()
    process.may.set()
    assert await wire.call(b"two") == b"owt"
    assert await wire.call(b"three") == b"eerht"


async def test_of_those_who_have_left_nothing_is_kept(
    address: Address, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, nobody = wire_module._Served.connection_lost, asyncio.Event()

    def leaves(served: wire_module._Served, why: Exception | None) -> None:
        lost(served, why)
        if not listener.connections:
            nobody.set()

    monkeypatch.setattr(wire_module._Served, "connection_lost", leaves)
    _, stranger = await asyncio.open_connection(address.host, address.port)
    known = await connect(address)
    assert await known.call(b"one") == b"eno"
    assert len(listener.connections) == 2
    stranger.close()
    known.close()
    await asyncio.wait_for(nobody.wait(), 5)
    assert listener.strangers == {}
