"""How many come from one address of the internet has a bound; what may be a proxy's address has none."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actors.settings import ServerSettings
from gateway import seats
from tests.gateway.api.system import PASSWORD, System, limits, running
from tests.gateway.client import connected

pytestmark = pytest.mark.anyio

VISITORS = "/api/bots/shop/visitors"


@pytest.fixture
async def behind(tmp_path: Path, anyio_backend: str) -> AsyncIterator[System]:
    """A system behind a proxy, where two may come from an address in a minute."""
    server = ServerSettings(trusted_proxies=["127.0.0.1"])
    async with running(tmp_path, server=server, **limits(address_arrivals=2)) as system:
        yield system


def from_(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def test_too_many_new_visitors_from_one_address_are_told_to_come_later(behind: System) -> None:
    first, _ = [await behind.ask("POST", VISITORS, json={}, headers=from_("8.8.8.8")) for _ in range(2)]
    status, code, detail = await behind.refusal("POST", VISITORS, json={}, headers=from_("8.8.8.8"))
    assert (status, code) == (429, "rate_limited")
    assert 0 < detail["retry_after_ms"] <= 60_000
    token = first.json()["token"]
    assert (await behind.ask("POST", VISITORS, token, json={}, headers=from_("8.8.8.8"))).status_code == 201
    assert (await behind.ask("POST", VISITORS, json={}, headers=from_("8.8.4.4"))).status_code == 201


async def test_a_subscriber_of_ipv6_is_one_whatever_address_it_takes(behind: System) -> None:
    answers = [await behind.ask("POST", VISITORS, json={}, headers=from_(f"2a00::{n:x}")) for n in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 429]


async def test_log_ins_are_counted_too_whoever_they_are_for(behind: System) -> None:
    tries = [{"email": f"{who}@shop.example", "password": PASSWORD} for who in ("alice", "bob", "mara")]
    answers = [await behind.ask("POST", "/api/login", json=one, headers=from_("8.8.8.8")) for one in tries]
    assert [one.status_code for one in answers] == [200, 200, 429]


async def test_so_many_visitors_are_connected_from_one_address_and_agents_besides(
    behind: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "ADDRESS_MAX", 2)
    here, there = {"additional_headers": from_("8.8.8.8")}, {"additional_headers": from_("8.8.4.4")}
    visitors = [await behind.visitor() for _ in range(3)]
    (ann, key), (bo, _), (cy, _) = visitors
    async with connected(behind, ann, **here) as one, connected(behind, bo, **here) as two:
        await one.next(type="welcome")
        await two.next(type="welcome")
        async with connected(behind, cy, **here) as third:
            assert await third.close_code() == 4429
        async with connected(behind, cy, **there) as elsewhere:
            await elsewhere.next(type="welcome")
        async with connected(behind, await behind.agent("alice"), **here) as agent:
            await agent.next(type="welcome")
    streaming = contextlib.AsyncExitStack()
    async with streaming:
        path, auth = f"/api/conversations/{key}/stream", {"Authorization": f"Bearer {ann}"}
        for _ in range(2):
            opened = behind.http.stream("GET", path, headers={**auth, **from_("8.8.8.8")})
            assert (await streaming.enter_async_context(opened)).status_code == 200
        assert (await behind.refusal("GET", path, ann, headers=from_("8.8.8.8")))[:2] == (429, "rate_limited")


async def test_whom_no_address_of_the_internet_is_known_of_is_not_counted(behind: System) -> None:
    for _ in range(4):
        assert (await behind.ask("POST", VISITORS, json={})).status_code == 201
        assert (await behind.ask("POST", VISITORS, json={}, headers=from_("10.0.0.1"))).status_code == 201


async def test_0_lets_everybody_come(tmp_path: Path) -> None:
    server = ServerSettings(trusted_proxies=["127.0.0.1"])
    async with running(tmp_path, server=server, **limits(address_arrivals=0)) as system:
        assert (await system.ask("POST", VISITORS, json={}, headers=from_("8.8.8.8"))).status_code == 201
