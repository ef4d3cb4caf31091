"""Texts, their parts and their entities; cursors lead through all pieces, each once."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import events as e
from actors.telegram.commands import Cursor
from gateway.telegram.page import buttons, card_head, compose, first_line, link_to, tag_in
from gateway.telegram.pieces import FilePiece, pieces_between, pieces_of
from gateway.telegram.rich import TEXT_UNITS, Rich, split, units
from runtime.identity import actor_id
from runtime.journal import Record

pytestmark = pytest.mark.anyio


TEXTS = st.text(st.sampled_from("ab \n😀é"), max_size=200)
KEY = "0123456789abcdef-7"
CONVERSATION: dict[str, Any] = {
    "id": KEY,
    "state": "live",
    "owner": {"kind": "agent", "id": "alice", "name": "Alice"},
    "resolution": None,
    "visitor": {
        "name": "Ann",
        "email": "ann@x.example",
        "location": "",
        "device": "Firefox",
        "page": {"url": "https://x.example/p", "title": "Prices", "referrer": ""},
    },
}


@given(TEXTS, st.integers(2, 30))
def test_the_parts_of_a_text_are_the_text_and_none_is_too_long(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(units(part) <= limit for part in parts)


@given(TEXTS)
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le")) // 2


def test_entities_are_where_their_words_are_whatever_stands_before() -> None:
    rich = Rich().add("😀 ").add("bold", bold=True)
    rich.join(Rich().add("é").add("Alice", mention=11))
    units_of = rich.text.encode("utf-16-le")
    words = [units_of[2 * one.offset : 2 * (one.offset + one.length)].decode("utf-16-le") for one in rich.entities]
    assert words == ["bold", "Alice"]
    assert rich.entities[1].user is not None
    assert rich.entities[1].user.id == 11


def message(text: str, files: int = 0) -> e.MessageSent:
    kept = tuple(e.Attachment(str(n), f"f{n}", "text/plain", 1, "") for n in range(files))
    return e.MessageSent("m", "visitor", e.Person("v", "Ann"), text, kept)


async def records(*events: e.ConversationEvent, after: int = 0) -> AsyncIterator[Record]:
    for sequence, event in enumerate(events, 1):
        if sequence > after:
            yield Record(actor_id("conversation", KEY), sequence, 0, "", msgspec.json.encode(event))


async def cursors(events: list[e.ConversationEvent], after: Cursor, until: Cursor, skip: tuple[int, ...] = ()) -> Any:
    pieces = pieces_between(records(*events, after=after[0]), after, until, skip)
    return [
        (cursor, piece.text if isinstance(piece, Rich) else piece.attachment.name) async for cursor, piece in pieces
    ]


async def test_wherever_one_stops_the_rest_is_what_is_left() -> None:
    mark = e.ReadMarked("agent", 1)
    events = [message("one"), mark, message("x" * 7000, files=2), mark, message("two")]
    end: Cursor = (5, 0)
    whole = await cursors(events, (0, 0), end)
    assert [text for _, text in whole][-3:] == ["f0", "f1", "Ann: two"]
    for count, (cursor, _) in enumerate(whole, 1):
        assert await cursors(events, cursor, end) == whole[count:]
        assert await cursors(events, (0, 0), cursor) == whole[:count]


async def test_what_was_written_in_the_group_is_left_out() -> None:
    events = [message("one"), message("mine"), message("two")]
    found = await cursors(events, (0, 0), (3, 0), skip=(2,))
    assert [text for _, text in found] == ["Ann: one", "Ann: two"]


async def test_a_page_takes_what_fits_and_says_up_to_where() -> None:
    events = [message("x" * 2500), message("y" * 2500)]
    page = await compose(first_line(CONVERSATION), pieces_between(records(*events), (0, 0), (2, 0), ()), (0, 0), (2, 0))
    assert (page.upto, page.full) == ((1, 0), True)
    assert page.rich.length == units(page.rich.text) <= TEXT_UNITS


LONG = "😀" * 4_000
WIDE = e.Person("w", "😀" * 200)


@pytest.mark.parametrize(
    "event",
    [
        e.MessageSent("m", "visitor", WIDE, LONG),
        e.MessageEdited("m", LONG),
        e.HumanRequested("visitor", LONG),
        e.AgentAssigned(WIDE, "offer"),
        e.ReturnedToAssistant(WIDE, LONG),
        e.NoteAdded(WIDE, LONG),
        e.ConversationClosed("agent", "resolved", LONG, WIDE),
        e.Rated(5, LONG),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_every_piece_of_an_event_fits_whatever_people_write(event: e.ConversationEvent) -> None:
    """One that never fits would be tried again and again, and hold up all that comes after it."""
    visitor = {**CONVERSATION["visitor"], "name": WIDE.name}
    at: Cursor = (0, 0)
    while at != (1, 0):
        head = first_line({**CONVERSATION, "visitor": visitor})
        page = await compose(head, pieces_between(records(event), at, (1, 0), ()), at, (1, 0))
        assert page.upto > at
        at = page.upto


async def test_a_file_is_a_message_of_its_own() -> None:
    pieces = pieces_between(records(message("", files=1), message("after")), (0, 0), (2, 0), ())
    page = await compose(first_line(CONVERSATION), pieces, (0, 0), (2, 0))
    assert isinstance(page.file, FilePiece)
    assert (page.upto, page.full) == ((1, 0), True)


def test_every_event_reads_well() -> None:
    alice = e.Person("alice", "Alice")
    shown: list[tuple[e.ConversationEvent, str]] = [
        (e.HumanRequested("keyword", "lawyer"), "⏳ Waits for a human (keyword: lawyer)."),
        (e.AgentAssigned(alice, "telegram"), "💬 Alice has it (telegram)."),
        (e.ReturnedToAssistant(alice, "all done"), "🤖 Back with the assistant. all done"),
        (e.ConversationClosed("agent", "resolved", "well", alice), "✅ Closed by Alice: resolved. well"),
        (e.ConversationClosed("system", "other"), "✅ Closed, as the visitor was silent."),
        (e.NoteAdded(alice, "call back"), "📝 Alice: call back"),
        (e.Rated(4, "nice"), "★★★★☆ nice"),
        (e.MessageEdited("m", "", deleted=True), "✏️ A message was taken back."),
        (e.MessageEdited("m", "new"), "✏️ Corrected: new"),
    ]
    for event, text in shown:
        [piece] = pieces_of(event)
        assert isinstance(piece, Rich)
        assert piece.text == text
    assert not pieces_of(e.TagsChanged(added=("vip",)))


def test_the_card_says_who_where_and_how_it_stands() -> None:
    lines = card_head(CONVERSATION).text.splitlines()
    assert lines[0].startswith("Ann · #c_")
    assert lines[1:] == ["💬 Alice has it", "Prices · https://x.example/p", "ann@x.example · Firefox"]


@pytest.mark.parametrize("name", ["Ann", "", "Ann\n#c_other_1", "#c_other_1", "x" * 300])
def test_the_tag_of_a_message_is_its_conversations_whatever_the_visitor_is_called(name: str) -> None:
    conversation = {**CONVERSATION, "visitor": {**CONVERSATION["visitor"], "name": name}}
    for line in (first_line(conversation), card_head(conversation)):
        assert tag_in(line.text + "\n#c_other_1") == "#c_0123456789abcdef_7"


def test_other_words_are_no_tag() -> None:
    for text in ("", "Hello", "Ann · #vip", "#c_", "#c_x", "Not sent: Alice has it.\n#c_other_1"):
        assert tag_in(text) == ""


def test_a_card_has_its_buttons_and_the_link_as_one_if_the_world_knows_the_server() -> None:
    link = link_to(CONVERSATION, "https://chat.x.example")
    markup = buttons(CONVERSATION, asking=False, link=link)
    assert markup is not None
    rows = [[(one.text, one.callback_data or one.url) for one in row] for row in markup.inline_keyboard]
    assert rows == [
        [("Take over", f"take {KEY}"), ("Return to AI", f"return {KEY}"), ("Close", f"close {KEY}")],
        [("Open in the dashboard", f"https://chat.x.example/dashboard#/team/{KEY}")],
    ]
    assert buttons({**CONVERSATION, "state": "closed"}, asking=True, link="") is None
