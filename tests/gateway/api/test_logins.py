"""Logging in: tokens, the cookie, and who may not."""

import os
from pathlib import Path

import pytest

from gateway import ratelimit
from gateway.logouts import Logouts
from gateway.tokens import Claims
from tests.gateway.api.system import PASSWORD, SHOP, System, limits, running

pytestmark = pytest.mark.anyio

ALICE = {"email": "alice@shop.example", "password": PASSWORD}


async def test_the_right_password_gives_a_token_and_says_who_it_is(system: System) -> None:
    body = await system.call("POST", "/api/login", json=ALICE)
    assert body["agent"] == {"id": "alice", "name": "Alice", "role": "agent", "bots": ["shop"]}
    system.http.cookies.clear()
    me = await system.call("GET", "/api/me", body["token"])
    assert (me["id"], me["role"], me["bots"]) == ("alice", "agent", ["shop"])


async def test_an_email_may_be_written_in_capitals(system: System) -> None:
    await system.call("POST", "/api/login", json=ALICE | {"email": " Alice@Shop.example "})


@pytest.mark.parametrize("wrong", [{"password": "another"}, {"email": "nobody@shop.example"}, {"password": ""}])
async def test_a_wrong_password_and_an_unknown_email_read_the_same(system: System, wrong: dict[str, str]) -> None:
    answer = await system.ask("POST", "/api/login", json=ALICE | wrong)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {"code": "unauthorized", "message": "The e-mail or the password is wrong."},
    }
    assert "set-cookie" not in answer.headers


async def test_an_unknown_email_is_checked_as_long_as_a_known_one(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str | None] = []
    monkeypatch.setattr("gateway.passwords.verify", lambda hash, password: checked.append(hash))
    await system.refusal("POST", "/api/login", json=ALICE | {"email": "nobody@shop.example"})
    assert checked == [None]


async def test_after_five_failures_the_right_password_has_to_wait_too(system: System) -> None:
    for _ in range(5):
        status, _, _ = await system.refusal("POST", "/api/login", json=ALICE | {"password": "another"})
        assert status == 401
    answer = await system.ask("POST", "/api/login", json=ALICE)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (429, "rate_limited")
    assert 0 < error["detail"]["retry_after_ms"] <= 60_000
    assert 0 < int(answer.headers["retry-after"]) <= 60
    await system.call("POST", "/api/login", json={"email": "bob@shop.example", "password": PASSWORD})


async def test_failures_are_not_forgotten_for_those_of_e_mails_that_nobody_has(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "KEYS_MAX", 3)
    for _ in range(5):
        await system.refusal("POST", "/api/login", json=ALICE | {"password": "another"})
    for number in range(4):
        await system.refusal("POST", "/api/login", json=ALICE | {"email": f"nobody{number}@shop.example"})
    assert (await system.refusal("POST", "/api/login", json=ALICE))[0] == 429


async def test_an_email_has_a_bound(system: System) -> None:
    status, code, detail = await system.refusal("POST", "/api/login", json=ALICE | {"email": "a" * 255})
    assert (status, code, detail["field"]) == (400, "bad_request", "email")


async def test_a_success_makes_failures_forgotten(system: System) -> None:
    for _ in range(3):
        for _ in range(4):
            await system.refusal("POST", "/api/login", json=ALICE | {"password": "another"})
        await system.call("POST", "/api/login", json=ALICE)


async def test_a_limit_of_0_lets_anybody_try_for_ever(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(login_failures=0)) as system:
        for _ in range(12):
            status, _, _ = await system.refusal("POST", "/api/login", json=ALICE | {"password": "another"})
            assert status == 401


async def test_the_cookie_is_as_good_as_the_token_and_no_script_reads_it(system: System) -> None:
    answer = await system.ask("POST", "/api/login", json=ALICE)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("livesupport=")
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert (await system.call("GET", "/api/me"))["id"] == "alice"
    await system.call("PUT", "/api/agents/alice/status", json={"status": "online"})


async def test_logging_out_drops_the_cookie(system: System) -> None:
    await system.call("POST", "/api/login", json=ALICE)
    assert (await system.ask("POST", "/api/logout")).status_code == 204
    assert (await system.refusal("GET", "/api/me"))[:2] == (401, "unauthorized")


async def test_a_token_that_was_logged_out_is_good_for_nothing_and_others_are(system: System) -> None:
    ended, other = [(await system.call("POST", "/api/login", json=ALICE))["token"] for _ in range(2)]
    system.http.cookies.clear()
    assert (await system.ask("POST", "/api/logout", ended)).status_code == 204
    assert (await system.refusal("GET", "/api/me", ended))[:2] == (401, "unauthorized")
    assert (await system.call("GET", "/api/me", other))["id"] == "alice"
    assert (await system.ask("POST", "/api/logout", "nonsense")).status_code == 204


def test_what_was_logged_out_is_forgotten_when_it_would_have_ended_anyway(tmp_path: Path) -> None:
    old, new = (Claims.of_agent(id, 0) for id in ("alice", "bob"))
    logouts = Logouts(tmp_path / "logouts")
    logouts.end(old)
    (file,) = (tmp_path / "logouts").iterdir()
    os.utime(file, (0, 0))
    assert logouts.ended(old)
    logouts.end(new)
    assert not logouts.ended(old)
    assert logouts.ended(new)


@pytest.mark.parametrize(
    "headers", [{"Origin": SHOP}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}]
)
async def test_another_website_can_do_nothing_with_the_cookie(system: System, headers: dict[str, str]) -> None:
    await system.call("POST", "/api/login", json=ALICE)
    change = {"json": {"status": "busy"}, "headers": headers}
    assert (await system.refusal("PUT", "/api/agents/alice/status", **change))[:2] == (403, "forbidden")
    assert (await system.refusal("POST", "/api/login", json=ALICE, headers=headers))[:2] == (403, "forbidden")
    token = await system.agent("alice")
    await system.call("PUT", "/api/agents/alice/status", token, **change)


async def test_our_own_pages_may_use_the_cookie(system: System) -> None:
    await system.call("POST", "/api/login", json=ALICE)
    own = str(system.http.base_url).rstrip("/")
    for headers in ({"Origin": own}, {"Origin": own, "Sec-Fetch-Site": "same-origin"}):
        await system.call("PUT", "/api/agents/alice/status", json={"status": "busy"}, headers=headers)


async def test_a_visitors_token_is_no_cookie(system: System) -> None:
    token, _ = await system.visitor()
    system.http.cookies.set("livesupport", token)
    assert (await system.refusal("GET", "/api/me"))[:2] == (401, "unauthorized")


async def test_me_tells_a_visitor_its_bot(system: System) -> None:
    token, _ = await system.visitor(name="Ann")
    me = await system.call("GET", "/api/me", token)
    assert (me["role"], me["name"], me["bot"]) == ("visitor", "Ann", "shop")


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer", "", "nonsense"])
async def test_what_is_no_token_of_ours_opens_nothing(system: System, header: str) -> None:
    await system.call("POST", "/api/login", json=ALICE)  # nor does it fall back on the cookie
    found = await system.refusal("GET", "/api/me", headers={"Authorization": header})
    assert found[:2] == (401, "unauthorized")


async def test_behind_a_trusted_proxy_with_tls_the_cookie_is_for_tls_only(tmp_path: Path) -> None:
    from actors.settings import ServerSettings

    headers = {"X-Forwarded-Proto": "https"}
    async with running(tmp_path / "a", server=ServerSettings(trusted_proxies=["127.0.0.0/8"])) as system:
        answer = await system.ask("POST", "/api/login", json=ALICE, headers=headers)
        assert "secure" in answer.headers["set-cookie"].lower()
    async with running(tmp_path / "b") as system:
        answer = await system.ask("POST", "/api/login", json=ALICE, headers=headers)
        assert "secure" not in answer.headers["set-cookie"].lower()
