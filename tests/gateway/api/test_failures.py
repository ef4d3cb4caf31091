"""Every failure reads the same, whoever found it; and health says who does not answer."""

import asyncio

import pytest

from gateway.api import front, health
from runtime.journal import StoreFailed
from tests.gateway.api.system import System

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/nothing", "/static/nothing.js", "/static/../socket.py", "/api/agents/a/b"]
)
async def test_a_place_that_is_not_there_is_not_found(system: System, path: str) -> None:
    assert (await system.refusal("GET", path))[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/login", {"POST"}),
        ("DELETE", "/api/conversations", {"GET", "HEAD"}),
        ("PATCH", "/api/quick-replies", {"GET", "HEAD", "POST"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("POST", "/dashboard", {"GET", "HEAD"}),
    ],
)
async def test_a_wrong_method_says_which_are_right(system: System, method: str, path: str, allowed: set[str]) -> None:
    answer = await system.ask(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "bad_request")
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/api/login", "/api/bots/shop/visitors"])
async def test_a_body_that_says_it_is_too_large_is_not_even_read(system: System, path: str) -> None:
    found = await system.refusal("POST", path, content=b" " * 65_537)
    assert found == (413, "too_large", {"limit": 65_536})


@pytest.mark.parametrize(
    ("body", "field"), [({}, "email"), ({"email": "a"}, "password"), ({"email": 1, "password": "x"}, "email")]
)
async def test_a_missing_field_is_named(system: System, body: dict[str, object], field: str) -> None:
    found = await system.refusal("POST", "/api/login", json=body)
    assert (found[0], found[1], found[2]["field"]) == (400, "bad_request", field)


async def test_a_store_that_does_not_answer_is_overload_and_says_when_to_come_again(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await system.agent("alice")

    def fail(*_: object) -> None:
        raise StoreFailed("disk full")

    monkeypatch.setattr(system.edge.archive, "find", fail)
    answer = await system.ask("GET", "/api/conversations", alice)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "overloaded")
    assert answer.headers["retry-after"] == "1"
    assert "disk" not in answer.text


async def test_a_fault_of_ours_tells_nothing_of_itself(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(system.edge.archive, "ping", fail)
    answer = await system.ask("GET", "/readyz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in answer.text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a system that is built after it."""
    monkeypatch.setattr(front, "REQUEST_SECONDS", 2.0)


async def test_a_host_that_stays_away_does_not_hold_a_request_for_ever(
    impatient: None, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, key = await system.visitor()
    for host in ("host/0", "host/1"):
        monkeypatch.setattr(system.cluster.find(host), "deliver", _never)
    found = await system.refusal("GET", f"/api/conversations/{key}", token)
    assert found[:2] == (503, "overloaded")


async def _never(batch: bytes) -> bytes:
    await asyncio.Event().wait()
    return b""


# Health


async def test_it_is_ready_while_hosts_and_store_answer(system: System) -> None:
    assert await system.call("GET", "/healthz") == {"status": "ok"}
    assert await system.call("GET", "/readyz") == {"status": "ready", "hosts": 2}


async def test_it_is_not_ready_without_a_host_and_says_which(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "READY_SECONDS", 0.05)
    await system.call("GET", "/readyz")
    monkeypatch.setattr(system.cluster.find("host/1"), "deliver", _never)
    assert await system.refusal("GET", "/readyz") == (503, "overloaded", {"silent": ["host/1"]})
    assert await system.call("GET", "/healthz") == {"status": "ok"}


async def test_it_is_not_ready_without_a_store(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        raise StoreFailed("gone")

    monkeypatch.setattr(system.edge.archive, "ping", fail)
    assert await system.refusal("GET", "/readyz") == (503, "overloaded", {"silent": ["store"]})


async def test_metrics_are_text_that_prometheus_reads(system: System) -> None:
    answer = await system.ask("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
