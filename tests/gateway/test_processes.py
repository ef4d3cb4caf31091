"""How processes end: a gateway answers whoever has asked before, and what has not begun has nothing to end."""

import asyncio
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from actors.settings import BotSettings, Settings, StoreSettings, Telegram
from gateway import listening
from gateway.plan import Plan
from gateway.processes import gateway as module
from gateway.processes.assistant import AssistantProcess
from gateway.processes.bridge import BridgeProcess
from gateway.processes.gateway import GatewayProcess
from gateway.processes.host import HostProcess
from runtime.journal import StoreFailed
from runtime.journal.sqlite import SqliteJournal
from runtime.local import LocalCluster
from tests.metrics.whole import Whole, running

pytestmark = pytest.mark.anyio


class Held:
    """A host that is in the middle of a visitor's message until it is released."""

    def __init__(self, host: Any) -> None:
        self._deliver, host.deliver = host.deliver, self._hold
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def _hold(self, batch: bytes) -> bytes:
        if b"send_message" in batch:
            self.reached.set()
            await self.released.wait()
        answers: bytes = await self._deliver(batch)
        return answers


async def asked(whole: Whole) -> tuple[Held, asyncio.Task[httpx.Response]]:
    """A request that waits for a host, and the host."""
    token, conversation = await whole.visitor()
    held = Held(whole.cluster.find(whole.plan.placement().host_of(f"conversation/{conversation}")))
    path, headers = f"/api/conversations/{conversation}/commands", {"Authorization": f"Bearer {token}"}
    body = {"type": "send_message", "ref": "1", "text": "Hello?"}
    request = asyncio.create_task(whole.http.post(path, headers=headers, json=body))
    await held.reached.wait()
    return held, request


async def refused(whole: Whole) -> None:
    """Returns when nobody can connect to the gateway any more."""
    try:
        while True:
            _, writer = await asyncio.open_connection(whole.plan.host, whole.plan.port)
            writer.close()
    except ConnectionError:
        return


async def test_what_was_asked_before_the_end_is_answered_when_it_listens_no_more(tmp_path: Path) -> None:
    async with running(tmp_path) as whole, asyncio.timeout(10):
        held, request = await asked(whole)
        ending = asyncio.create_task(whole.cluster.end())
        await refused(whole)
        assert not request.done()
        held.released.set()
        assert (await request).json()["type"] == "ack"
        await ending


async def test_what_takes_too_long_is_told_so_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "DRAIN_SECONDS", 0.05)
    async with running(tmp_path) as whole, asyncio.timeout(10):
        _, request = await asked(whole)
        await whole.cluster.end()
        response = await request
        assert (response.status_code, response.json()["error"]["code"]) == (503, "overloaded")


async def test_streams_end_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "DRAIN_SECONDS", 3600)
    async with running(tmp_path) as whole, asyncio.timeout(10):
        token, conversation = await whole.visitor()
        path, headers = f"/api/conversations/{conversation}/stream", {"Authorization": f"Bearer {token}"}
        async with whole.http.stream("GET", path, headers=headers) as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            ending = asyncio.create_task(whole.cluster.end())
            assert "conversation_opened" in "".join([line async for line in lines])
        await ending


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("host/0", HostProcess),
        ("gateway/0", GatewayProcess),
        ("assistant/0", AssistantProcess),
        ("bridge/acme", BridgeProcess),
    ],
)
async def test_what_has_not_begun_has_nothing_to_end(tmp_path: Path, name: str, program: Any) -> None:
    bots = [BotSettings(id="acme", telegram=Telegram(token_env="TOKEN", group=-1))]
    settings = Settings(bots=bots, store=StoreSettings(url=f"sqlite:///{tmp_path}/live.db"))
    plan = Plan(settings, str(tmp_path), "a secret for tests", "127.0.0.1", 0)
    cluster = LocalCluster()
    cluster.add(name, program, msgspec.msgpack.encode(plan))
    await cluster.end()
    assert cluster.names() == []


@pytest.mark.parametrize("fault", ["listen", "serve"])
async def test_a_gateway_that_cannot_serve_says_so_each_time_it_tries_and_renews_its_leases_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def taken(*at: Any, **told: Any) -> Any:
        raise OSError("the address is in use")

    where = (module, "listen") if fault == "listen" else (listening.Server, "startup")
    monkeypatch.setattr(*where, taken)
    plan = Plan(Settings(store=StoreSettings(url=f"sqlite:///{tmp_path}/live.db")), str(tmp_path), "s", "127.0.0.1", 0)
    cluster = LocalCluster()
    cluster.add("gateway/0", GatewayProcess, msgspec.msgpack.encode(plan))
    gateway = cluster.find("gateway/0")
    async with asyncio.timeout(5):
        for _ in range(3):
            with pytest.raises(OSError, match="in use"):
                await gateway.begun()
    assert sum("_beat" in repr(task) for task in asyncio.all_tasks()) == 1
    gateway.hub.stop()
    await cluster.end()


async def test_a_host_says_how_many_wait_in_its_queues(tmp_path: Path) -> None:
    async with running(tmp_path) as whole, asyncio.timeout(10):
        (visitor, key), alice = await whole.visitor(), await whole.agent("alice")
        await whole.command(alice, key, "set_status", status="busy")
        await whole.command(visitor, key, "request_human")
        waiting = 0
        while not waiting:
            told = [await whole.cluster.find(host).status() for host in whole.plan.placement().packed_hosts()]
            waiting = sum(one["waiting"] for one in told)
        assert waiting == 1


async def test_a_process_may_open_as_many_files_as_the_machine_lets_it(tmp_path: Path) -> None:
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1_024, most), most))
    try:
        async with running(tmp_path) as whole:
            assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, most)
            text = (await whole.http.get("/metrics")).text
        assert f'process_max_fds{{instance="gateway/0"}} {most}' in text
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))


async def test_while_the_store_takes_nothing_nobody_is_ready_and_everybody_is_when_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*asked: object) -> None:
        raise StoreFailed("no room")

    async with running(tmp_path) as whole, asyncio.timeout(20):
        token, conversation = await whole.visitor()
        path, headers = f"/api/conversations/{conversation}/commands", {"Authorization": f"Bearer {token}"}
        body = {"type": "send_message", "ref": "1", "text": "Hello?"}
        with monkeypatch.context() as away:
            for method in ("append", "settle"):
                away.setattr(SqliteJournal, method, full)
            assert (await whole.http.post(path, headers=headers, json=body)).status_code == 503
            for _ in range(2):
                answer = await whole.http.get("/readyz")
                host = whole.plan.placement().host_of(f"conversation/{conversation}")
                assert answer.json()["error"]["detail"] == {"silent": [host]}
            assert (await whole.cluster.find(host).status())["store"] == "away"
            away.setattr(SqliteJournal, "ping", full)
            assert (await whole.cluster.find("gateway/0").status())["store"] == "away"
        while (await whole.http.get("/readyz")).status_code != 200:
            pass  # the host asks the store again in a moment
        for name in (host, "gateway/0"):
            assert "store" not in await whole.cluster.find(name).status()
        assert (await whole.http.post(path, headers=headers, json=body)).json()["type"] == "ack"


def test_a_host_that_is_begun_anew_reads_nothing_that_only_others_serve() -> None:
    told = "import sys, gateway.processes.host; print(*sys.modules)"
    read = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert not {"starlette", "uvicorn", "telegram", "httpx", "openai"} & set(read)
