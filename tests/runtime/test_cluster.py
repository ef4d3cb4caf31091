"""How a process finds its peers' wires. No Ray: who is asked where a peer listens is a fake."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from runtime.cluster import RayNetwork
from runtime.courier import Unreachable
from runtime.wire import Address, Listener

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Network(RayNetwork):
    """Knows where the one peer listens."""

    def __init__(self, address: Address) -> None:
        super().__init__({}, loopback=True)
        self._address = address

    async def ask(self, peer: str, method: str, *arguments: Any) -> bytes:
        await asyncio.sleep(0)
        return msgspec.msgpack.encode(self._address)


async def echo(batch: bytes) -> bytes:
    return batch


@pytest.fixture
async def listener(anyio_backend: str) -> AsyncIterator[Listener]:
    one = Listener(echo)
    yield one
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
