"""How a conversation looks in the group: a card with who the visitor is and the buttons, and pages of what was said.

The first line of everything names the conversation with a tag, as its last word: whoever replies to a message that
nobody remembers still reaches the right visitor. Visitors cannot write into that line.
"""

from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from actors.telegram import words
from actors.telegram.commands import Cursor
from gateway.telegram.pieces import FilePiece, Piece, name_of
from gateway.telegram.rich import TEXT_UNITS, Rich

STATES = {
    "assistant": "🤖 The assistant answers",
    "queued": "⏳ Waits for a human",
    "live": "💬 {owner} has it",
    "closed": "✅ Closed",
}
MAILBOXES = {"assistant": "assistant", "queued": "queue", "live": "team", "closed": "closed"}
LINE_CHARACTERS = 200
CALLBACK_BYTES = 64
"""What a button may carry (Bot API, `InlineKeyboardButton.callback_data`)."""


class Page(Struct):
    """What fits into one message: the text, or a file with the text as its caption."""

    rich: Rich
    upto: Cursor
    full: bool = False
    file: FilePiece | None = None
    empty: bool = True


def first_line(conversation: dict[str, Any]) -> Rich:
    """The visitor's name and the conversation's tag."""
    name = name_of(conversation["visitor"]["name"])
    return Rich().add(name, bold=True).add(f" · {words.tag_of(conversation['id'])}")


def tag_in(text: str) -> str:
    """The tag in the first line of a message of ours; nothing if it has none."""
    line = text.partition("\n")[0].rstrip()
    word = line.rpartition(" ")[2]
    return word if words.conversation_of(word) else ""


def card_head(conversation: dict[str, Any], link: str = "") -> Rich:
    """Who the visitor is, where, and how the conversation stands; with a link where no button can have it."""
    visitor, owner = conversation["visitor"], conversation["owner"] or {}
    state = STATES.get(conversation["state"], "").format(owner=name_of(owner.get("name", ""), "An agent"))
    if conversation["resolution"]:
        state += f": {conversation['resolution']}"
    page = visitor["page"]
    about = (visitor["email"], visitor["location"], visitor["device"])
    lines = [
        state,
        " · ".join(one for one in (page["title"], page["url"]) if one),
        " · ".join(one for one in about if one),
        link,
    ]
    head = first_line(conversation)
    for line in lines:
        if line:
            head.add("\n" + " ".join(line.split())[:LINE_CHARACTERS])
    return head.add("\n")


def link_to(conversation: dict[str, Any], server: str) -> str:
    """Where the conversation is in the dashboard of that server."""
    return f"{server}/dashboard#/{MAILBOXES.get(conversation['state'], 'mine')}/{conversation['id']}"


def buttons(conversation: dict[str, Any], asking: bool, link: str) -> InlineKeyboardMarkup | None:
    """Take over, return, close, and the link; while it is asked how it ended, the answers to that."""
    key, state = conversation["id"], conversation["state"]
    if asking and state != "closed":
        choices = [(label, value) for value, label in words.RESOLUTIONS.items()]
        return keyboard([*((label, f"{value} {key}") for label, value in choices), ("Back", f"keep {key}")])
    offered = [("Take over", f"take {key}"), ("Return to AI", f"return {key}"), ("Close", f"close {key}")]
    rows = [*keyboard(offered).inline_keyboard] if state != "closed" else []
    if link:
        rows.append((InlineKeyboardButton("Open in the dashboard", url=link),))
    return InlineKeyboardMarkup(rows) if rows else None


def keyboard(choices: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    """Buttons in rows of three; one that could not carry what it stands for is left out."""
    fitting = [
        InlineKeyboardButton(label, callback_data=value)
        for label, value in choices
        if len(value.encode()) <= CALLBACK_BYTES
    ]
    return InlineKeyboardMarkup([fitting[at : at + 3] for at in range(0, len(fitting), 3)])


async def compose(head: Rich, pieces: AsyncIterator[tuple[Cursor, Piece]], after: Cursor, until: Cursor) -> Page:
    """As many pieces below the head as fit. A file is a message of its own."""
    page = Page(head, after)
    async for cursor, piece in pieces:
        if isinstance(piece, FilePiece):
            page.full = True
            if page.empty:
                page.file, page.upto, page.empty = piece, cursor, False
            return page
        if head.length + piece.length + 1 > TEXT_UNITS:
            page.full = True
            return page
        head.add("\n").join(piece)
        page.upto, page.empty = cursor, False
    page.upto = until
    return page
