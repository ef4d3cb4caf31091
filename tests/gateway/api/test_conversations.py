"""Lists, single conversations and histories; and that nobody sees what is somebody else's."""

from pathlib import Path
from typing import Any

import pytest

from gateway.api import conversations
from gateway.sessions import Role
from runtime.placement import Placement
from tests.gateway.api.system import TEAM, System, agent, running

pytestmark = pytest.mark.anyio


async def ids(system: System, token: str, **query: Any) -> list[str]:
    return [one["id"] for one in (await system.call("GET", "/api/conversations", token, params=query))["items"]]


async def test_an_agent_sees_the_conversations_of_her_bots_newest_first(system: System) -> None:
    _, first = await system.visitor()
    _, second = await system.visitor()
    _, other = await system.visitor("bank")
    assert await ids(system, await system.agent("alice")) == [second, first]
    assert await ids(system, await system.agent("zoe")) == [other]


async def test_a_visitor_sees_its_own_and_nothing_of_what_agents_note(system: System) -> None:
    token, mine = await system.visitor()
    await system.visitor()
    alice = await system.agent("alice")
    await system.command(alice, mine, "change_tags", add=["vip"])
    for found in (
        await system.call("GET", f"/api/conversations/{mine}", token),
        *(await system.call("GET", "/api/conversations", token))["items"],
    ):
        assert (found["id"], found["tags"]) == (mine, [])
        assert "handoff" not in found
    assert (await system.call("GET", f"/api/conversations/{mine}", alice))["tags"] == ["vip"]


async def test_a_list_is_narrowed_by_state_tag_visitor_and_agent(system: System) -> None:
    ann, closed = await system.visitor()
    _, tagged = await system.visitor()
    _, live = await system.visitor()
    alice = await system.agent("alice")
    await system.command(ann, closed, "end_conversation")
    await system.command(alice, tagged, "change_tags", add=["vip"])
    await system.command(alice, live, "take_over")
    assert await ids(system, alice, state="closed") == [closed]
    assert await ids(system, alice, state=["closed", "live"]) == [live, closed]
    assert await ids(system, alice, tag="vip") == [tagged]
    assert await ids(system, alice, agent="alice") == [live]
    assert await ids(system, alice, visitor=closed.rpartition("-")[0]) == [closed]
    assert await ids(system, alice, tag="vip", state="closed") == []


@pytest.mark.parametrize("name", ["alice", "root"])
async def test_states_narrow_the_lists_of_one_bot_and_of_several_alike(tmp_path: Path, name: str) -> None:
    root = agent("root", "admin", ("shop", "bank"))
    async with running(tmp_path, agents=[*TEAM, root]) as system:
        made = {state: (await system.visitor())[1] for state in ("assistant", "closed", "live")}
        token = await system.agent(name)
        await system.command(token, made["live"], "take_over")
        await system.command(token, made["closed"], "take_over")
        await system.command(token, made["closed"], "close_conversation", resolution="resolved")
        for state, key in made.items():
            assert await ids(system, token, state=state) == [key]
        assert await ids(system, token, state=["assistant", "live"]) == [made["live"], made["assistant"]]
        assert set(await ids(system, token)) == set(made.values())


async def test_a_visitor_is_not_even_told_whether_a_strangers_conversation_exists(system: System) -> None:
    ann, _ = await system.visitor()
    for key in ("nobody-1", "nobody", "1"):
        assert (await system.refusal("GET", f"/api/conversations/{key}", ann))[:2] == (403, "forbidden")


async def test_a_list_continues_where_the_page_before_ended(system: System) -> None:
    made = [(await system.visitor())[1] for _ in range(5)]
    alice, found, before = await system.agent("alice"), [], {}
    for expected in (2, 2, 1):
        page = await system.call("GET", "/api/conversations", alice, params={"limit": 2, **before})
        assert len(page["items"]) == expected
        found += [one["id"] for one in page["items"]]
        before = {"before": page["next"]}
    assert found == made[::-1]
    assert page["next"] is None


async def test_agents_search_by_what_was_said_and_by_who_said_it(system: System) -> None:
    _, first = await system.visitor(name="Ann", email="ann@mail.example")
    bo, second = await system.visitor(name="Bo")
    await system.command(bo, second, "send_message", text="Where is my Parcel?")
    alice = await system.agent("alice")
    assert await ids(system, alice, q="parcel") == [second]
    assert await ids(system, alice, q="ann@mail") == [first]
    assert await ids(system, alice, q="nothing like it") == []
    assert await ids(system, await system.agent("zoe"), q="parcel") == []


@pytest.mark.parametrize("by", ["q", "tag", "agent"])
async def test_a_visitor_cannot_search_by_what_is_hidden_from_it(system: System, by: str) -> None:
    token, _ = await system.visitor()
    found = await system.refusal("GET", "/api/conversations", token, params={by: "vip"})
    assert found == (403, "forbidden", {"field": by})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "many"),
        ("limit", "1.5"),
        ("limit", "\u0663"),
        ("state", "asleep"),
        ("before", "yesterday"),
        ("before", "9" * 40 + "~conversation/x"),
        ("q", "x" * 201),
    ],
)
async def test_a_bad_query_names_its_field(system: System, field: str, value: str) -> None:
    alice = await system.agent("alice")
    found = await system.refusal("GET", "/api/conversations", alice, params={field: value})
    assert found == (400, "bad_request", {"field": field})


async def test_a_bot_that_is_not_hers_is_forbidden(system: System) -> None:
    alice = await system.agent("alice")
    found = await system.refusal("GET", "/api/conversations", alice, params={"bot": "bank"})
    assert found[:2] == (403, "forbidden")


# One conversation


async def test_a_long_history_is_the_same_and_is_read_as_its_client_reads(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, key = await system.visitor()
    alice = await system.agent("alice")
    for note in range(3):
        await system.command(ann, key, "send_message", text=f"after {note}")
        await system.command(alice, key, "add_note", text="hidden")
    path = f"/api/conversations/{key}/events"
    wholes = [await system.call("GET", path, who) for who in (ann, alice)]
    monkeypatch.setattr(conversations, "PIECE", 1)
    for who, whole in zip((ann, alice), wholes, strict=True):
        answer = await system.ask("GET", path, who)
        assert answer.headers["transfer-encoding"] == "chunked"
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == whole
        four = await system.call("GET", path, who, params={"limit": 4})
        assert four == {**whole, "events": whole["events"][:4]}


@pytest.mark.parametrize("what", ["", "/events", "/stream"])
async def test_a_conversation_is_shown_to_its_visitor_and_its_bots_agents_only(system: System, what: str) -> None:
    _, key = await system.visitor()
    stranger, _ = await system.visitor()
    for token in (stranger, await system.agent("zoe")):
        assert (await system.refusal("GET", f"/api/conversations/{key}{what}", token))[:2] == (403, "forbidden")
    assert (await system.refusal("GET", f"/api/conversations/{key}{what}"))[:2] == (401, "unauthorized")


@pytest.mark.parametrize("what", ["", "/events", "/stream"])
@pytest.mark.parametrize("key", ["nobody-1", "x" * 400, "%00", "a%20b"])
async def test_a_conversation_that_was_never_opened_is_not_found(system: System, what: str, key: str) -> None:
    alice = await system.agent("alice")
    assert (await system.refusal("GET", f"/api/conversations/{key}{what}", alice))[:2] == (404, "not_found")


# Its history


async def test_the_history_is_given_in_pages_up_to_the_last_sequence(system: System) -> None:
    ann, key = await system.visitor()
    for number in range(5):
        await system.command(ann, key, "send_message", text=f"number {number}")
    path, alice = f"/api/conversations/{key}/events", await system.agent("alice")
    whole = await system.call("GET", path, alice)
    sequences = [event["sequence"] for event in whole["events"]]
    assert sequences == list(range(1, whole["last_sequence"] + 1))
    assert whole["events"][0]["type"] == "conversation_opened"
    page = await system.call("GET", path, alice, params={"after": 2, "limit": 3})
    assert page == {"events": whole["events"][2:5], "last_sequence": whole["last_sequence"]}
    assert (await system.call("GET", path, alice, params={"after": 10**6}))["events"] == []


async def test_a_visitors_history_leaves_out_what_is_internal_and_its_pages_are_full_all_the_same(
    system: System,
) -> None:
    ann, key = await system.visitor()
    alice = await system.agent("alice")
    for number in range(4):
        await system.command(alice, key, "add_note", text=f"secret {number}")
    ack = await system.command(ann, key, "send_message", text="after the notes")
    path = f"/api/conversations/{key}/events"
    shown = await system.call("GET", path, ann)
    assert "secret" not in str(shown)
    assert "note_added" in str(await system.call("GET", path, alice))
    page = await system.call("GET", path, ann, params={"after": 2, "limit": 1})
    assert [event["sequence"] for event in page["events"]] == [ack["sequence"]]


@pytest.mark.parametrize(("field", "value"), [("after", "-1"), ("after", "x"), ("limit", "0"), ("limit", "9" * 30)])
async def test_a_bad_page_of_history_names_its_field(system: System, field: str, value: str) -> None:
    ann, key = await system.visitor()
    found = await system.refusal("GET", f"/api/conversations/{key}/events", ann, params={field: value})
    assert found == (400, "bad_request", {"field": field})


async def test_a_visitor_begins_no_process_by_asking_for_what_it_has_not_come_to(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, key = await system.visitor()
    hub, visitor = system.edge.hub, key.rpartition("-")[0]
    monkeypatch.setattr(hub, "placement", Placement(2, dedicated=frozenset({"conversation"})))
    for number in ("2", "999999999"):
        path = f"/api/conversations/{visitor}-{number}"
        for what in ("", "/events", "/stream"):
            assert (await system.refusal("GET", path + what, ann))[:2] == (404, "not_found")
        command = {"type": "send_message", "ref": "1", "text": "x"}
        assert (await system.refusal("POST", f"{path}/commands", ann, json=command))[:2] == (404, "not_found")
    for odd in ("x", "1x", "-1", "1" * 10, "\u0661", ""):
        path = f"/api/conversations/{visitor}-{odd}"
        assert (await system.refusal("GET", path, ann))[:2] == (403, "forbidden")


async def test_a_history_that_is_forgotten_while_it_is_read_ends_there(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, key = await system.visitor()
    await system.command(token, key, "send_message", text="What are your opening hours?")
    read = system.edge.archive.events
    asked: list[int] = []

    async def forgotten(key: str, role: Role, after: int, limit: int) -> tuple[list[bytes], int]:
        asked.append(after)
        assert len(asked) < 9, "asked again and again"
        return await read(key, role, after, limit) if not after else ([], after)

    monkeypatch.setattr(conversations, "PIECE", 1)
    monkeypatch.setattr(system.edge.archive, "events", forgotten)
    page = await system.call("GET", f"/api/conversations/{key}/events", token)
    assert [one["sequence"] for one in page["events"]] == [1]
    assert len(asked) == 2
