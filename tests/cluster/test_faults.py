"""Every fault we can cause costs seconds, and nothing that was acked. The table is printed at the end of the run."""

from collections.abc import AsyncIterator

import pytest

from benchmarks.faults.causes import CLUSTERED, EMBEDDED, SPREAD, Fault, Struck, hang_host
from benchmarks.faults.ground import Ground, on_nodes, on_redis, on_sqlite
from benchmarks.faults.load import Load
from benchmarks.faults.row import strike
from tests.cluster.conftest import ROWS

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def sqlite(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with on_sqlite(tmp_path_factory.mktemp("sqlite")) as ground:
        yield ground


@pytest.fixture(scope="module")
async def redis(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with on_redis(tmp_path_factory.mktemp("redis")) as ground:
        yield ground


@pytest.fixture(scope="module")
async def nodes(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_health_check_period_ms", "1000")  # a dead node is found in 5 s, as Ray has it in 15
        async with on_nodes(tmp_path_factory.mktemp("nodes")) as ground:
            yield ground


async def costs_nothing(ground: Ground, fault: Fault) -> None:
    row = await strike(ground, fault)
    ROWS.append(row)
    assert row.tally.faults == []
    assert row.ok


async def hang_host_briefly(ground: Ground, load: Load) -> Struck:
    return await hang_host(ground, load, seconds=5.0)  # 30 s: `python -m benchmarks.faults hang-host`


@pytest.mark.parametrize("name", EMBEDDED)
async def test_on_one_machine_with_sqlite(sqlite: Ground, name: str) -> None:
    await costs_nothing(sqlite, EMBEDDED[name])


@pytest.mark.parametrize("name", [name for name in CLUSTERED if name != "pause-redis"])
async def test_on_redis(redis: Ground, name: str) -> None:
    await costs_nothing(redis, {**CLUSTERED, "hang-host": hang_host_briefly}[name])


@pytest.mark.parametrize("name", SPREAD)
async def test_on_three_nodes(nodes: Ground, name: str) -> None:
    await costs_nothing(nodes, SPREAD[name])
