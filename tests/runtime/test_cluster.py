"""How a process finds its peers' wires. No Ray: who is asked where a peer listens is a fake."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from runtime import cluster
from runtime.cluster import RayNetwork, Site
from runtime.courier import Unreachable
from runtime.wire import Address, Handler, Listener, connect

pytestmark = pytest.mark.anyio


class Network(RayNetwork):
    """Knows where the one peer listens."""

    def __init__(self, address: Address) -> None:
        super().__init__(Site())
        self._address = address

    async def ask(self, peer: str, method: str, *arguments: Any) -> bytes:
        await asyncio.sleep(0)
        return msgspec.msgpack.encode(self._address)


class Silent(RayNetwork):
    """Nobody says where the peer listens."""

    async def ask(self, peer: str, method: str, *arguments: Any) -> bytes:
        return await asyncio.Event().wait() and b""


async def echo(batch: bytes) -> bytes:
    return batch


@pytest.fixture
async def listener(anyio_backend: str) -> AsyncIterator[Listener]:
    one = Listener(echo)
    yield one
    one.stop()


@pytest.fixture
async def network(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RayNetwork]:
    """A process's that listens until the end of the test."""
    made: list[Listener] = []

    class Known(Listener):
        def __init__(self, handler: Handler) -> None:
            super().__init__(handler)
            made.append(self)

    monkeypatch.setattr(cluster, "Listener", Known)
    yield RayNetwork(Site())
    for one in made:
        one.stop()


async def test_of_calls_that_connect_at_once_one_connection_stays(listener: Listener) -> None:
    network = Network(await listener.start("127.0.0.1"))
    calls = [network.call("host/0", b"the same") for _ in range(4)]
    await asyncio.gather(*calls, return_exceptions=True)
    assert await network.call("host/0", b"next") == b"next"
    assert len(listener.connections) == 1


async def test_a_peer_that_lives_again_elsewhere_is_found_there(listener: Listener) -> None:
    network = Network(await listener.start("127.0.0.1"))
    assert await network.call("host/0", b"one") == b"one"
    again = Listener(echo)
    network._address = await again.start("127.0.0.1")
    listener.stop()
    with contextlib.suppress(Unreachable):  # who calls before the end is heard of does not know what became of it
        await network.call("host/0", b"two")
    assert await network.call("host/0", b"three") == b"three"
    assert (len(listener.connections), len(again.connections)) == (0, 1)
    again.stop()


async def test_a_peer_that_is_not_called_any_more_is_let_go_of(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(await listener.start("127.0.0.1"))
    monkeypatch.setattr(cluster, "IDLE_SECONDS", 0.0)
    for number in range(5):
        assert await network.call(f"conversation/{number}", b"one") == b"one"
    assert list(network._wires) == ["conversation/4"]
    assert await network.call("conversation/0", b"again") == b"again"


async def test_a_peer_that_has_not_answered_yet_is_not_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "IDLE_SECONDS", 0.0)
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(batch: bytes) -> bytes:
        if batch == b"slow":
            asked.set()
            await answer.wait()
        return batch

    peers = Listener(slow)
    network = Network(await peers.start("127.0.0.1"))
    waiting = asyncio.create_task(network.call("conversation/0", b"slow"))
    await asked.wait()
    assert await network.call("conversation/1", b"one") == b"one"
    answer.set()
    assert await waiting == b"slow"
    peers.stop()


async def test_who_does_not_say_where_it_listens_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "WHERE_SECONDS", 0.01)
    with pytest.raises(Unreachable):
        await asyncio.wait_for(Silent(Site()).call("host/0", b"one"), 5)


async def test_who_could_not_listen_tries_again_when_asked_again(
    network: RayNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(cluster, "_LOOPBACK", "203.0.113.1")  # an address of documents, and of no machine
        with pytest.raises(OSError, match="assign requested address"):
            await network.listen(echo)
    wire = await connect(msgspec.msgpack.decode(await network.listen(echo), type=Address))
    assert await wire.call(b"one") == b"one"


async def test_who_asks_where_and_leaves_does_not_keep_others_from_hearing_it(network: RayNetwork) -> None:
    leaving, staying = (asyncio.create_task(network.listen(echo)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert msgspec.msgpack.decode(await staying, type=Address).port
