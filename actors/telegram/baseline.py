"""All that a group's events add up to, as one of them: what lies before it may be cut out of the journal.

A group knows thousands of threads and messages, so it is packed, and not written with every snapshot: a thread is a
row whose last columns are left out where they say nothing, and a conversation that a message belongs to is a number:

    {"group": all that is small, "threads": [["ann-1", [7, 0], "Ann", "closed"], ...], "others": ["bob-1", ...],
     "messages": [[4711, 0], ...], "topics": [[12, 0], ...], "authored": [[4712, 0, ".5", "alice"], ...]}

Numbers count the threads' conversations first, and then those of which only messages are still known. Calls and
questions that signals have told of are in it too: they count against Telegram's limits, whoever has asked for them.
"""

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Raw, Struct, field
from msgspec.structs import astuple, replace

from actors.telegram.commands import Cursor
from actors.telegram.events import Baseline
from actors.telegram.state import Alert, Authored, Group, Thread


class Row(Struct, array_like=True):
    """A thread. Journals outlive the code: a column keeps its place, and a new one comes last and has a default."""

    key: str
    done: Cursor = (0, 0)
    visitor: str = ""
    phase: str = "assistant"
    owner: str = ""
    heard: int = 0
    since_ms: int = 0
    touched_ms: int = 0
    card: int = 0
    card_upto: Cursor = (0, 0)
    page: int = 0
    page_after: Cursor = (0, 0)
    topic: int = 0
    topic_name: str = ""
    topic_closed: bool = False
    card_after: Cursor = (0, 0)
    stale: bool = False
    asking: bool = False
    pending: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    alert: Alert | None = None
    writing: int = 0


class Written(Struct, array_like=True):
    """A member's message that has become one of a conversation. `suffix` makes its id out of the conversation's."""

    message: int
    conversation: int
    suffix: str
    agent: str
    digest: str = ""


class Packed(Struct):
    """See the module."""

    group: Group
    threads: list[Row] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    messages: list[tuple[int, int]] = field(default_factory=list)
    topics: list[tuple[int, int]] = field(default_factory=list)
    authored: list[Written] = field(default_factory=list)


_NOTHING = astuple(Row(""))
_as_row = attrgetter(*Row.__struct_fields__)
_as_thread = attrgetter(*Thread.__struct_fields__)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Packed).decode


def baseline(state: Group) -> Baseline:
    """The state as an event."""
    authored = state.authored.values()
    keys = chain(state.threads, state.messages.values(), state.topics.values(), (one.conversation for one in authored))
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    packed = {
        "group": replace(state, threads={}, messages={}, topics={}, authored={}),
        "threads": [_columns(one) for one in state.threads.values()],
        "others": [*numbers][len(state.threads) :],
        "messages": [(message, numbers[key]) for message, key in state.messages.items()],
        "topics": [(topic, numbers[key]) for topic, key in state.topics.items()],
        "authored": [_written(message, one, numbers) for message, one in state.authored.items()],
    }
    return Baseline(Raw(_encode(packed)))


def _columns(thread: Thread) -> Sequence[Any]:
    """Those of its row, up to the last that says something: most threads rest."""
    columns: tuple[Any, ...] = _as_row(thread)
    end = len(columns)
    while columns[end - 1] == _NOTHING[end - 1]:
        end -= 1
    return columns[:end]


def _written(message: int, one: Authored, numbers: dict[str, int]) -> Written:
    suffix = one.message_id.removeprefix(one.conversation)
    return Written(message, numbers[one.conversation], suffix, one.agent, one.digest)


def restored(fact: Baseline) -> Group:
    """The state that the event was made of, anew. Raises `DecodeError` for what this version does not understand."""
    packed = _decode(fact.state)
    state = packed.group
    state.threads = {row.key: Thread(*_as_thread(row)) for row in packed.threads}
    keys = [*state.threads, *packed.others]
    state.messages = {message: keys[number] for message, number in packed.messages}
    state.topics = {topic: keys[number] for topic, number in packed.topics}
    state.authored = {
        one.message: Authored(key := keys[one.conversation], key + one.suffix, one.agent, one.digest)
        for one in packed.authored
    }
    return state
