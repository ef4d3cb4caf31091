"""One scrape of fifty processes: real ones, each answering over a socket of its own."""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from actors import commands as c
from metrics.exporter import Exporter
from metrics.hosts import HostRecorder
from metrics.process import process_sampler
from metrics.recorder import Samples, encode
from runtime.identity import ActorId
from runtime.link import Links
from runtime.messages import Batch, Deliver, Reply
from tests.metrics.test_exporter import nothing
from tests.metrics.whole import Scrape

pytestmark = pytest.mark.anyio

PROCESSES = 50
COMMANDS: list[c.Command] = [
    c.SendMessage("Hello"), c.TakeOver(), c.MarkRead(1), c.Rate(5), c.RequestHuman(), c.AddNote("x"),
    c.CloseConversation("resolved"), c.EndConversation(), c.AcceptOffer(), c.DeclineOffer(), c.SetTyping(True),
    c.ReturnToAssistant(), c.Transfer(), c.SetStatus("online"), c.Assign("bob"), c.ChangeTags(("a",)),
]  # fmt: skip


def busy_host(name: str) -> HostRecorder:
    """What a host has counted that has done every kind of command."""
    recorder = HostRecorder(strict=True)
    batch = Batch("gateway/0", "first", 1, 0, [Deliver(ActorId("conversation/v-1"), "v", "r", one) for one in COMMANDS])
    recorder.taken(batch)([Reply(1)] * len(COMMANDS))
    recorder.commit(len(COMMANDS), 0.002)
    recorder.samplers.append(process_sampler(Links(name, "first")))
    return recorder


async def serve(listener: socket.socket, name: str) -> None:
    recorder = busy_host(name)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            told = encode(recorder.samples())
            writer.write(len(told).to_bytes(4) + told)

    async with await asyncio.start_server(answer, sock=listener) as server:
        await server.serve_forever()


class SocketNetwork:
    """A connection to each process, kept open as Ray's are."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self._lines: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def ask(self, peer: str, method: str) -> bytes:
        if peer not in self._lines:
            self._lines[peer] = await asyncio.open_connection("127.0.0.1", self._ports[peer])
        reader, writer = self._lines[peer]
        writer.write(f"{method}\n".encode())
        return await reader.readexactly(int.from_bytes(await reader.readexactly(4)))

    async def names(self) -> list[str]:
        return list(self._ports)

    def close(self) -> None:
        for _, writer in self._lines.values():
            writer.close()


def run(name: str, tell: Connection) -> None:
    """A process: says where it listens, and serves until it is ended."""
    listener = socket.create_server(("127.0.0.1", 0))
    tell.send(listener.getsockname()[1])
    asyncio.run(serve(listener, name))


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    """Fifty processes, by name. They are forked from one that has no threads, and has imported what they need."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    lines = {f"host/{number}": context.Pipe(duplex=False) for number in range(PROCESSES)}
    children = [context.Process(target=run, args=(name, tell), daemon=True) for name, (_, tell) in lines.items()]
    for child in children:
        child.start()
    yield {name: heard.recv() for name, (heard, _) in lines.items()}
    for child in children:
        child.terminate()
        child.join()


async def test_fifty_processes_are_read_in_less_than_two_hundred_milliseconds(ports: dict[str, int]) -> None:
    network, took, shown = SocketNetwork(ports), [], b""
    many = Exporter("gateway/0", busy_host("gateway/0").samples, nothing, network, ports, answer_seconds=5)
    for _ in range(15):
        started = time.perf_counter()
        shown = await many.text()
        took.append(time.perf_counter() - started)
    network.close()
    scrape = Scrape(shown.decode())
    own: Samples = busy_host("gateway/0").samples()
    assert scrape.sum("processes_silent") == 0
    assert scrape.sum("process_up") == PROCESSES + 1
    assert scrape.sum("command_seconds_count") == (PROCESSES + 1) * len(own["command_seconds"])
    assert shown.count(b"\n") > 12_000
    assert min(took) < 0.2, f"{min(took) * 1000:.0f} ms"
