"""A conversation's object as a role may see it: agents all of it, its visitor what is named here.

The visitor's fields are passed on as the actor wrote them: what nobody here reads is not decoded.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from gateway.sessions import Role

_Field = Raw | UnsetType
_NO_TAGS = Raw(b"[]")


class AsVisitor(Struct, gc=False):
    """What a visitor may see. A journal of an earlier version lacks some of it."""

    id: _Field = UNSET
    bot: _Field = UNSET
    state: _Field = UNSET
    owner: _Field = UNSET
    epoch: _Field = UNSET
    visitor: _Field = UNSET
    tags: _Field = UNSET
    opened_at_ms: _Field = UNSET
    updated_at_ms: _Field = UNSET
    closed_at_ms: _Field = UNSET
    last_sequence: _Field = UNSET
    read: _Field = UNSET
    queue: _Field = UNSET
    preview: _Field = UNSET
    resolution: _Field = UNSET
    rating: _Field = UNSET


_decode = msgspec.json.Decoder(AsVisitor).decode


def as_visitor(conversation: bytes) -> AsVisitor:
    """A conversation's object as its visitor may see it. Tags are the agents'."""
    shown = _decode(conversation)
    shown.tags = _NO_TAGS
    return shown


def shown_to(conversation: dict[str, Any], role: Role) -> dict[str, Any]:
    """The same of an object that is decoded already, as the role may see it."""
    if role == "agent":
        return conversation
    return {**{name: conversation[name] for name in AsVisitor.__struct_fields__ if name in conversation}, "tags": []}
