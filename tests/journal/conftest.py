"""Each contract test runs against every journal. `opened` opens one more connection to the same store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.redis_server import RedisServer
from runtime.journal import Journal, open_journal
from runtime.journal.memory import MemoryJournal

Open = Callable[[], Journal]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis with an append-only file, on a free port of the loopback."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["sqlite", "memory", "redis"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    connections: list[Journal] = []
    memory = MemoryJournal()
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        server.flush()
        url = server.url

    def another() -> Journal:
        if request.param == "memory":
            return memory
        connections.append(open_journal(url if request.param == "redis" else f"sqlite:///{tmp_path}/live.db"))
        return connections[-1]

    yield another
    for connection in connections:
        connection.close()


@pytest.fixture
def journal(opened: Open) -> Journal:
    return opened()
