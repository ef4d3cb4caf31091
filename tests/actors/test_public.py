"""What a visitor may see of a conversation's events, and what its row says."""

from typing import Any, get_args

import msgspec
import pytest
from msgspec import UNSET, UnsetType, to_builtins
from msgspec.structs import fields

from actors import commands as c
from actors import events as e
from actors.conversation.machine import public
from actors.conversation.view import View
from tests.actors.scene import ALICE, MONA, STATES, VISITOR, conversation, settings

INTERNAL = {
    e.Offered,
    e.OfferEnded,
    e.SenderLeft,
    e.NoteAdded,
    e.TagsChanged,
    e.DetailsChanged,
    e.TurnRetried,
    e.EventLost,
    e.PriorityChanged,
}


def test_a_visitor_sees_all_but_the_internal_events() -> None:
    assert {event for event in get_args(e.AnyConversationEvent) if event.internal} == INTERNAL


@pytest.mark.parametrize("state", STATES)
def test_where_an_event_was_lost_nothing_changes_but_the_number(state: str) -> None:
    scene = conversation(state)
    machine, before, due = scene.machine, scene.described(), scene.due_seconds()
    scene.state = machine.apply(scene.state, e.EventLost(), scene.now_ms)
    assert not machine.effects(scene.state, e.EventLost(), scene.now_ms)
    assert scene.due_seconds() == due
    assert scene.described() == before | {
        "last_sequence": before["last_sequence"] + 1,
        "updated_at_ms": scene.now_ms,
    }


def test_internal_events_are_not_shown() -> None:
    assert public(e.NoteAdded(e.Person("mona", "Mona"), "Be kind.")) is None


@pytest.mark.parametrize("event", [one for one in get_args(e.AnyConversationEvent) if one.hidden])
def test_what_is_hidden_can_be_left_out(event: type[e.ConversationEvent]) -> None:
    assert set(event.hidden) <= {field.name for field in fields(event) if UnsetType in get_args(field.type)}


def test_hidden_fields_are_left_out_and_all_else_is_the_same() -> None:
    alice = e.Person("alice", "Alice")
    assert public(e.AgentAssigned(alice, "offer", "idle longest")) == e.AgentAssigned(alice, "offer", UNSET)
    assert public(e.ReturnedToAssistant(alice, "She is cross.")) == e.ReturnedToAssistant(alice, UNSET)
    assert public(e.ConversationClosed("agent", "spam", "Again!")) == e.ConversationClosed("agent", "spam", UNSET)
    opened = e.ConversationOpened("acme", e.Visitor("v"), "alice")
    assert public(opened) == e.ConversationOpened("acme", e.Visitor("v"))
    plain = e.AgentReleased(alice, "closed")
    assert public(plain) is plain


def test_a_field_that_the_protocol_does_not_call_optional_is_there_also_when_nothing_was_said() -> None:
    alice = e.Person("alice", "Alice")
    for event, name in (
        (e.AgentAssigned(alice, "takeover"), "why"),
        (e.ReturnedToAssistant(alice), "summary"),
        (e.ConversationClosed("agent", "spam"), "notes"),
        (e.Rated(5), "comment"),
    ):
        assert to_builtins(event)[name] == ""


def test_the_row_lists_it_by_state_visitor_tag_and_agent() -> None:
    scene = conversation("live")
    scene.send(ALICE, c.ChangeTags(("vip",)))
    row = scene.machine.summary(scene.state)
    assert row is not None
    assert set(row.terms) == {"bot:acme", "state:live", "visitor:v", "tag:vip", "agent:alice", "live:acme"}
    assert row.topic == "bot/acme"
    assert b'"queue":null' in row.body
    assert conversation("new").machine.summary(conversation("new").state) is None


def test_who_waits_is_found_by_the_supervisor() -> None:
    for state in ("queued", "offered", "named"):
        scene = conversation(state)
        row = scene.machine.summary(scene.state)
        assert row is not None
        assert "queued:acme" in row.terms


@pytest.mark.parametrize(
    ("state", "owner"),
    [
        ("assistant", {"kind": "assistant"}),
        ("queued", {"kind": "queue"}),
        ("offered", {"kind": "queue"}),
        ("live", {"kind": "agent", "id": "alice", "name": "Alice"}),
        ("closed", None),
    ],
)
def test_the_owner_as_clients_know_it(state: str, owner: object) -> None:
    scene = conversation(state)
    assert scene.described()["owner"] == owner


def test_a_bot_that_greets_says_so_and_one_that_is_not_there_says_nothing() -> None:
    scene = conversation("new")
    assert scene.refused(VISITOR, c.Open("nowhere", e.Visitor("v"))).code == "not_found"
    silent = conversation("new", settings(greeting=""))
    assert silent.send(VISITOR, c.Open("acme", e.Visitor("v"))) == ["conversation_opened"]


def test_a_note_says_nothing_to_the_visitor_and_changes_nothing() -> None:
    scene = conversation("assistant")
    scene.send(MONA, c.AddNote("Look at the order."))
    assert scene.effects == []
    assert scene.machine.public(scene.facts[0]) is None
    assert scene.send(VISITOR, c.SendMessage("Hello")) == ["message_sent"]


def test_each_conversation_is_listed_as_it_is_whichever_was_listed_before_it() -> None:
    view, one, other = View(), conversation("assistant").state, conversation("assistant").state
    other.key = "w-1"

    def listed(state: Any) -> tuple[str, bool]:
        found = view.summary(state)
        assert found is not None
        shown = msgspec.json.decode(found.body)
        return shown["id"], shown["visitor"]["online"]

    assert [listed(one), listed(other)] == [("v-1", False), ("w-1", False)]
    other.online["s"] = None
    assert [listed(other), listed(one)] == [("w-1", True), ("v-1", False)]
