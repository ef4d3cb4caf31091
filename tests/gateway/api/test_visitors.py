"""Visitors come: who they are, whose word counts, and from which websites."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from gateway.identity import later, new_visitor
from runtime.identity import actor_id
from runtime.journal import open_journal
from tests.gateway.api.system import PLACEMENT, SHOP, System, running

pytestmark = pytest.mark.anyio


async def come(system: System, bot: str = "shop", token: str = "", **said: Any) -> Any:
    return await system.call("POST", f"/api/bots/{bot}/visitors", token, json=said)


async def test_a_new_visitor_gets_a_token_and_an_open_conversation(system: System) -> None:
    page = {"url": "https://shop.example/a", "title": "A", "referrer": "https://search.example"}
    answer = await system.ask(
        "POST",
        "/api/bots/shop/visitors",
        json={"name": "Ann", "email": "ann@mail.example", "locale": "de-DE", "page": page, "attributes": {"plan": 1}},
    )
    assert answer.status_code == 201
    body = answer.json()
    visitor, conversation = body["visitor"], body["conversation"]
    assert (visitor["name"], visitor["email"], visitor["locale"]) == ("Ann", "ann@mail.example", "de-DE")
    assert (visitor["page"], visitor["attributes"], visitor["verified"]) == (page, {"plan": 1}, False)
    assert (conversation["state"], conversation["bot"], conversation["visitor"]) == ("assistant", "shop", visitor)
    assert await system.call("GET", f"/api/conversations/{conversation['id']}", body["token"]) == conversation


async def test_two_visitors_are_two(system: System) -> None:
    first, second = await come(system), await come(system)
    assert first["visitor"]["id"] != second["visitor"]["id"]
    assert first["conversation"]["id"] != second["conversation"]["id"]


def test_names_of_new_visitors_are_in_the_order_in_which_they_came() -> None:
    names = [new_visitor(at_ms) for at_ms in (9, 9, 10, 1_000_000_000_000, 10_000_000_000_000)]
    assert len(set(names)) == 5
    assert sorted(names[1:]) == names[1:]


async def test_with_its_token_it_is_the_same_visitor_in_its_open_conversation(system: System) -> None:
    first = await come(system, name="Ann")
    again = await come(system, token=first["token"])
    assert again["visitor"]["id"] == first["visitor"]["id"]
    assert again["visitor"]["name"] == "Ann"
    assert again["conversation"]["id"] == first["conversation"]["id"]


async def test_after_the_close_it_gets_a_new_conversation_and_is_still_known(system: System) -> None:
    first = await come(system, name="Ann", attributes={"plan": "gold"})
    await system.command(first["token"], first["conversation"]["id"], "end_conversation")
    again = await come(system, token=first["token"], email="ann@mail.example")
    assert again["conversation"]["id"] != first["conversation"]["id"]
    visitor = again["visitor"]
    assert (visitor["name"], visitor["email"], visitor["attributes"]) == ("Ann", "ann@mail.example", {"plan": "gold"})


async def test_a_page_with_a_long_address_is_no_reason_to_turn_its_visitor_away(system: System) -> None:
    page = {
        "url": "https://shop.example/?" + "u" * 9_000,
        "title": "t" * 900,
        "referrer": "https://r.example/?" + "r" * 9_000,
    }
    kept = (await come(system, page=page))["visitor"]["page"]
    assert {name: len(value) for name, value in kept.items()} == {"url": 2_000, "title": 200, "referrer": 2_000}
    assert all(page[name].startswith(value) for name, value in kept.items())


async def test_when_its_conversations_are_forgotten_the_next_has_a_name_that_none_of_them_had(tmp_path: Path) -> None:
    async with running(tmp_path) as system:
        token, key = await system.visitor()
        await system.command(token, key, "end_conversation")
    journal, actor = open_journal(f"sqlite:///{tmp_path}/live.db"), actor_id("conversation", key)
    journal.erase([actor], journal.claim([PLACEMENT.scope_of(actor)]))
    journal.close()
    async with running(tmp_path) as system:
        first, second = await come(system, token=token), await come(system, token=token)
        assert first["visitor"]["id"] == key.rpartition("-")[0]
        assert first["conversation"]["id"] == second["conversation"]["id"] != key
        assert later(first["conversation"]["id"], key)
        await system.command(token, first["conversation"]["id"], "end_conversation")
        third = (await come(system, token=token))["conversation"]["id"]
        assert later(third, first["conversation"]["id"])


async def test_what_it_says_anew_of_itself_reaches_its_open_conversation(system: System) -> None:
    first = await come(system, name="Ann")
    again = await come(system, token=first["token"], name="Ann Lee", attributes={"plan": "gold"})
    assert again["conversation"]["id"] == first["conversation"]["id"]
    assert (again["visitor"]["name"], again["visitor"]["attributes"]) == ("Ann Lee", {"plan": "gold"})


async def test_its_agent_sees_on_which_page_it_is_now(system: System) -> None:
    pages = [{"url": f"https://shop.example/{name}", "title": name, "referrer": ""} for name in ("a", "b")]
    first = await come(system, page=pages[0])
    moved = await come(system, token=first["token"], page=pages[1])
    again = await come(system, token=first["token"])
    assert [one["visitor"]["page"] for one in (first, moved, again)] == [pages[0], pages[1], pages[1]]
    key, alice = first["conversation"]["id"], await system.agent("alice")
    events = (await system.call("GET", f"/api/conversations/{key}/events", alice))["events"]
    assert [event.get("page") for event in events if event["type"] == "details_changed"] == [pages[1]]
    seen = (await system.call("GET", f"/api/conversations/{key}/events", first["token"]))["events"]
    assert "details_changed" not in {event["type"] for event in seen}


async def test_its_attributes_are_bounded_in_its_conversation_and_from_one_to_the_next(system: System) -> None:
    first = await come(system, attributes={"a": "x" * 10_000})
    more = {"attributes": {"b": "x" * 10_000}}

    async def refused(token: str | None, said: dict[str, Any]) -> tuple[int, str, Any]:
        status, code, detail = await system.refusal("POST", "/api/bots/shop/visitors", token, json=said)
        return status, code, detail["limit"]

    too_large = (413, "too_large", 16_384)
    assert await refused(first["token"], more) == too_large
    await system.command(first["token"], first["conversation"]["id"], "end_conversation")
    assert await refused(first["token"], more) == too_large
    assert await refused(None, {"attributes": {"a": "x" * 20_000}}) == too_large
    again = await come(system, token=first["token"], attributes={"a": "y"})
    assert again["visitor"]["attributes"] == {"a": "y"}


async def test_a_token_of_another_bot_is_a_strangers_here(system: System) -> None:
    first = await come(system, "bank")
    again = await come(system, token=first["token"])
    assert again["visitor"]["id"] != first["visitor"]["id"]


async def test_a_token_that_is_not_ours_is_told_so(system: System) -> None:
    status, code, _ = await system.refusal("POST", "/api/bots/shop/visitors", "nonsense", json={})
    assert (status, code) == (401, "unauthorized")


async def test_an_agents_token_is_no_visitors(system: System) -> None:
    token = await system.agent("alice")
    assert (await system.refusal("POST", "/api/bots/shop/visitors", token, json={}))[:2] == (403, "forbidden")


async def test_an_unknown_bot_is_not_found(system: System) -> None:
    assert (await system.refusal("POST", "/api/bots/nowhere/visitors", json={}))[:2] == (404, "not_found")


# Whose word counts


async def test_a_user_whom_the_website_vouches_for_is_the_same_on_every_device(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_IDENTITY", "a shared secret")
    proof = hmac.new(b"a shared secret", b"user-7", hashlib.sha256).hexdigest()
    first = await come(system, user_id="user-7", user_hmac=proof, name="Ann")
    again = await come(system, user_id="user-7", user_hmac=proof)
    assert first["visitor"]["verified"]
    assert again["conversation"]["id"] == first["conversation"]["id"]


@pytest.mark.parametrize("proof", ["0" * 64, "", None])
async def test_a_user_nobody_vouches_for_is_refused(
    system: System, monkeypatch: pytest.MonkeyPatch, proof: str | None
) -> None:
    monkeypatch.setenv("SHOP_IDENTITY", "a shared secret")
    said = {"user_id": "user-7", "user_hmac": proof}
    status, code, detail = await system.refusal("POST", "/api/bots/shop/visitors", json=said)
    assert (status, code, detail) == (403, "forbidden", {"field": "user_hmac"})


async def test_a_bot_without_a_secret_believes_nobody(system: System) -> None:
    proof = hmac.new(b"", b"user-7", hashlib.sha256).hexdigest()
    said = {"user_id": "user-7", "user_hmac": proof}
    assert (await system.refusal("POST", "/api/bots/bank/visitors", json=said))[:2] == (403, "forbidden")


async def test_where_nobody_vouches_a_user_alone_is_mere_words(system: System) -> None:
    first, again = [await come(system, "bank", user_id="user-7", name="Ann") for _ in range(2)]
    assert (first["visitor"]["name"], first["visitor"]["verified"]) == ("Ann", False)
    assert first["visitor"]["id"] != again["visitor"]["id"]


# From which websites


async def origin(system: System, bot: str, origin: str, **headers: str) -> int:
    path = f"/api/bots/{bot}/visitors"
    return (await system.ask("POST", path, json={}, headers={"Origin": origin, **headers})).status_code


async def test_a_bot_is_used_from_its_own_websites_only(system: System) -> None:
    own = str(system.http.base_url).rstrip("/")
    assert await origin(system, "shop", SHOP) == 201
    assert await origin(system, "shop", "https://evil.example") == 403
    assert await origin(system, "shop", "null") == 403
    assert await origin(system, "bank", SHOP) == 403
    assert await origin(system, "bank", own) == 201
    assert await origin(system, "bank", own, **{"Sec-Fetch-Site": "same-origin"}) == 201
    assert await origin(system, "bank", own.replace("http:", "https:") + "0") == 403


async def test_its_websites_may_read_the_answers_and_others_may_not(system: System) -> None:
    answer = await system.ask("POST", "/api/bots/shop/visitors", json={}, headers={"Origin": SHOP})
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-credentials" not in answer.headers
    evil = await system.ask("POST", "/api/bots/shop/visitors", json={}, headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers


async def test_a_refusal_can_be_read_there_too(system: System) -> None:
    answer = await system.ask("GET", "/api/conversations/x", "nonsense", headers={"Origin": SHOP})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize("path", ["bots/shop/visitors", "conversations/x/commands", "conversations/x/attachments"])
async def test_a_browser_that_asks_first_is_let_in(system: System, path: str) -> None:
    asked = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await system.ask("OPTIONS", f"/api/{path}", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    evil = await system.ask("OPTIONS", f"/api/{path}", headers=asked | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers


# What is not right


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": 5}, "name"),
        ({"page": {"url": []}}, "page.url"),
        ({"attributes": []}, "attributes"),
        ({"attributes": {"n": 10**30}}, "attributes"),
        ({"user_hmac": "00"}, "user_id"),
        ({"email": "x" * 300}, "email"),
    ],
)
async def test_a_wrong_field_is_named(system: System, said: dict[str, Any], field: str) -> None:
    status, code, detail = await system.refusal("POST", "/api/bots/shop/visitors", json=said)
    assert (status, code, detail["field"]) == (400, "bad_request", field)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"name": "\\ud800"}', b"[" * 20_000])
async def test_what_is_no_json_is_a_bad_request(system: System, body: bytes) -> None:
    found = await system.refusal("POST", "/api/bots/shop/visitors", content=body)
    assert found == (400, "bad_request", {"field": "body"})


async def test_what_may_be_left_out_may_be_null(system: System) -> None:
    said = dict.fromkeys(("name", "email", "locale", "attributes", "user_id", "user_hmac"))
    page = {"url": "https://shop.example/", "title": None, "referrer": None}
    body = await system.call("POST", "/api/bots/shop/visitors", json={**said, "page": page})
    assert body["visitor"]["page"] == {"url": "https://shop.example/", "title": "", "referrer": ""}
    assert (body["visitor"]["name"], body["visitor"]["attributes"]) == ("", {})


async def test_a_visitor_of_whom_nothing_is_said_is_welcome(system: System) -> None:
    assert (await system.ask("POST", "/api/bots/shop/visitors")).status_code == 201


async def test_unknown_fields_are_ignored(system: System) -> None:
    await come(system, color="green")
