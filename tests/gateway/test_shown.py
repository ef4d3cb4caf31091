"""What a visitor is shown of a conversation's object, and what not."""

from typing import Any

import msgspec
import pytest

from actors.conversation.state import Conversation
from actors.conversation.view import describe
from gateway.shown import AsVisitor, as_visitor, shown_to

INTERNAL = {"handoff", "last_agent", "priority", "owes_since_ms", "offline", "preview_from"}
ENCODED = msgspec.json.encode({**describe(Conversation("v-1", "assistant", "shop")), "tags": ["vip"]})
WHOLE = msgspec.json.decode(ENCODED)


def _as_visitor(conversation: dict[str, Any]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(as_visitor(msgspec.json.encode(conversation))))


def test_of_every_field_it_is_decided_whether_visitors_see_it() -> None:
    assert {*AsVisitor.__struct_fields__} | INTERNAL == {*describe(Conversation("v-1"))}
    assert not {*AsVisitor.__struct_fields__} & INTERNAL


def test_a_visitor_sees_neither_tags_nor_what_is_internal() -> None:
    shown = _as_visitor(WHOLE)
    assert shown == {name: value for name, value in WHOLE.items() if name not in INTERNAL} | {"tags": []}
    assert shown_to(WHOLE, "visitor") == shown


@pytest.mark.parametrize("missing", ["rating", "queue"])
def test_what_an_earlier_version_did_not_know_is_left_out(missing: str) -> None:
    older = {name: value for name, value in WHOLE.items() if name != missing}
    assert missing not in _as_visitor(older)
    assert missing not in shown_to(older, "visitor")


def test_agents_see_all_of_it() -> None:
    assert shown_to(WHOLE, "agent") == WHOLE
