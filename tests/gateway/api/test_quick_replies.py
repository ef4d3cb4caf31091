"""Quick replies: from the configuration at first, then as managers write them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from actors.settings import QuickReply
from gateway import quick_replies
from gateway.files import PREFIX
from tests.gateway.api.system import System, running

pytestmark = pytest.mark.anyio

HELLO = QuickReply(shortcut="hello", text="Hi {visitor.name}!", bots=["shop"])
BYE = QuickReply(shortcut="bye", text="Bye.")
RATES = QuickReply(shortcut="rates", text="See our rates.", bots=["bank"])
CONFIGURED = {"quick_replies": [HELLO, BYE, RATES]}


async def listed(system: System, name: str = "mara", **query: str) -> dict[str, str]:
    found = await system.call("GET", "/api/quick-replies", await system.agent(name), params=query)
    return {one["shortcut"]: one["text"] for one in found["items"]}


async def write(system: System, name: str = "mara", **reply: Any) -> Any:
    return await system.call("POST", "/api/quick-replies", await system.agent(name), json=reply)


async def id_of(system: System, shortcut: str) -> str:
    items = (await system.call("GET", "/api/quick-replies", await system.agent("mara")))["items"]
    return str(next(one["id"] for one in items if one["shortcut"] == shortcut))


async def test_agents_get_the_replies_of_their_bots_with_variables_as_written(tmp_path: Path) -> None:
    async with running(tmp_path, **CONFIGURED) as system:
        assert await listed(system, "alice") == {"hello": "Hi {visitor.name}!", "bye": "Bye."}
        assert await listed(system, "zoe", bot="bank") == {"bye": "Bye.", "rates": "See our rates."}
        alice = await system.agent("alice")
        found = await system.refusal("GET", "/api/quick-replies", alice, params={"bot": "bank"})
        assert found[:2] == (403, "forbidden")


async def test_what_managers_write_is_there_for_all_gateways_and_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, **CONFIGURED) as system:
        made = await write(system, shortcut="wait", text="One moment.", bots=["shop"])
        mara = await system.agent("mara")
        answer = await system.ask("GET", "/api/quick-replies", mara)
        assert made in answer.json()["items"]
        path = f"/api/quick-replies/{await id_of(system, 'hello')}"
        body = {"shortcut": "hello", "text": "Hello!", "bots": ["shop"]}
        assert (await system.call("PUT", path, mara, json=body))["text"] == "Hello!"
    async with running(tmp_path, **CONFIGURED) as system:
        assert await listed(system) == {"hello": "Hello!", "bye": "Bye.", "wait": "One moment."}
        path = f"/api/quick-replies/{await id_of(system, 'hello')}"
        mara = await system.agent("mara")
        assert (await system.ask("DELETE", path, mara)).status_code == 204
        assert (await system.refusal("DELETE", path, mara))[:2] == (404, "not_found")
    async with running(tmp_path, **CONFIGURED) as system:
        assert await listed(system) == {"bye": "Bye.", "wait": "One moment."}


async def test_a_new_reply_of_the_configuration_shows_beside_what_managers_wrote(tmp_path: Path) -> None:
    async with running(tmp_path) as system:
        await write(system, shortcut="wait", text="One moment.")
    async with running(tmp_path, **CONFIGURED) as system:
        assert set(await listed(system)) == {"hello", "bye", "wait"}


async def test_agents_write_none_and_managers_only_those_of_their_bots(tmp_path: Path) -> None:
    async with running(tmp_path, **CONFIGURED) as system:
        body = {"shortcut": "x", "text": "x", "bots": ["shop"]}
        path, zoe = f"/api/quick-replies/{await id_of(system, 'hello')}", await system.agent("zoe")
        for token in (await system.agent("alice"), zoe, (await system.visitor())[0]):
            assert (await system.refusal("POST", "/api/quick-replies", token, json=body))[:2] == (403, "forbidden")
            assert (await system.refusal("DELETE", path, token))[:2] == (403, "forbidden")
        assert (await system.refusal("PUT", path, zoe, json=body | {"bots": ["bank"]}))[:2] == (403, "forbidden")
        everybodys = f"/api/quick-replies/{await id_of(system, 'bye')}"
        assert (await system.refusal("DELETE", everybodys, zoe))[:2] == (403, "forbidden")


async def test_without_bots_a_managers_reply_is_for_all_of_hers(system: System) -> None:
    assert (await write(system, shortcut="x", text="x"))["bots"] == ["shop"]
    assert await listed(system, "zoe") == {}


async def test_two_who_write_at_once_both_succeed(system: System) -> None:
    await system.agent("mara")
    await asyncio.gather(*(write(system, shortcut=f"s{number}", text="x") for number in range(20)))
    assert len(await listed(system)) == 20


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shortcut": ""}, "shortcut"),
        ({"shortcut": "two words"}, "shortcut"),
        ({"shortcut": "x" * 41}, "shortcut"),
        ({"text": ""}, "text"),
        ({"text": "x" * 8_001}, "text"),
        ({"bots": "shop"}, "bots"),
        ({"shortcut": None}, "shortcut"),
    ],
)
async def test_a_bad_reply_names_its_field(system: System, change: dict[str, Any], field: str) -> None:
    body = {"shortcut": "x" * 40, "text": "x" * 8_000, "bots": ["shop"]}
    await write(system, **body)
    found = await system.refusal("POST", "/api/quick-replies", await system.agent("mara"), json=body | change)
    assert (found[0], found[1], found[2]["field"]) == (400, "bad_request", field)


async def test_there_is_room_for_so_many_and_none_more(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_replies, "REPLIES_MAX", 3)
    for number in range(3):
        await write(system, shortcut=f"s{number}", text="x")
    body = {"shortcut": "x", "text": "x"}
    found = await system.refusal("POST", "/api/quick-replies", await system.agent("mara"), json=body)
    assert found[:2] == (413, "too_large")


async def test_the_file_is_whole_and_leaves_no_drafts(tmp_path: Path) -> None:
    async with running(tmp_path, **CONFIGURED) as system:
        made = await write(system, shortcut="wait", text="One moment.")
        mara = await system.agent("mara")
        await system.call("DELETE", f"/api/quick-replies/{made['id']}", mara)
    assert json.loads((tmp_path / "quick-replies.json").read_bytes()) == {}
    assert not drafts(tmp_path)


def drafts(folder: Path) -> list[Path]:
    return list(folder.glob(f"{PREFIX}*"))
