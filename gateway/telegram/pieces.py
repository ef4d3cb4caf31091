"""A conversation's events as pieces: some words, or a file. A message in the group is as many pieces as fit.

A cursor says up to which piece something is shown: `(sequence, n)`: all up to the sequence, and n pieces of the next
event that has any.
"""

from collections.abc import AsyncIterator, Sequence

import msgspec
from msgspec import UNSET, Struct

from actors import events as e
from actors.telegram.commands import Cursor
from gateway.telegram.rich import Rich, split
from runtime.journal import Record

PIECE_UNITS = 3_000
REMINDER_CHARACTERS = 500
NAME_CHARACTERS = 60

_decode = msgspec.json.Decoder(e.AnyConversationEvent).decode

RESOLVED = {"visitor": "The visitor has ended it", "agent": "Closed", "system": "Closed, as the visitor was silent"}


class FilePiece(Struct, frozen=True):
    """A file that somebody has sent."""

    attachment: e.Attachment
    by: str


Piece = Rich | FilePiece


def name_of(person: str, fallback: str = "Visitor") -> str:
    """A name in one short line."""
    return " ".join(person.split())[:NAME_CHARACTERS] or fallback


def pieces_of(event: e.ConversationEvent) -> Sequence[Piece]:
    """What the group is shown of an event."""
    match event:
        case e.MessageSent():
            return _message(event)
        case e.MessageEdited():
            if event.deleted:
                return [_news("✏️ A message was taken back.")]
            return [Rich().add("✏️ Corrected: ", bold=True).add(part) for part in split(event.text, PIECE_UNITS)]
        case e.HumanRequested():
            return [_news(f"⏳ Waits for a human ({_why(event)}).")]
        case e.AgentAssigned():
            return [_news(f"💬 {name_of(event.agent.name)} has it ({event.how}).")]
        case e.ReturnedToAssistant():
            summary = f" {event.summary}" if event.summary else ""
            return [_news(f"🤖 Back with the assistant.{summary}")]
        case e.NoteAdded():
            by = f"📝 {name_of(event.author.name)}: "
            return [Rich().add(by, bold=True).add(part) for part in split(event.text, PIECE_UNITS)]
        case e.ConversationClosed():
            return [_news(f"✅ {_closed(event)}")]
        case e.Rated():
            comment = f" {event.comment}" if event.comment else ""
            return [_news(f"{'★' * event.score}{'☆' * (5 - event.score)}{comment}")]
        case _:
            return ()


def _message(event: e.MessageSent) -> list[Piece]:
    by = name_of(event.author.name, event.speaker.title())
    said = split(event.text, PIECE_UNITS) if event.text else ()
    words: list[Piece] = [Rich().add(f"{by}: ", bold=True).add(part) for part in said]
    return [*words, *(FilePiece(one, by) for one in event.attachments)]


def words_of_visitor(record: Record) -> Rich | None:
    """The beginning of what the visitor says, if that is what the event is."""
    event = _decode(record.body)
    if not isinstance(event, e.MessageSent) or event.speaker != "visitor" or not event.text:
        return None
    by = name_of(event.author.name)
    return Rich().add(f"{by}: ", bold=True).add(event.text[:REMINDER_CHARACTERS])


def _news(text: str) -> Rich:
    """One piece, for what it says is short, but for what people may have added to it: that is cut."""
    return Rich().add(split(text, PIECE_UNITS)[0])


def _why(event: e.HumanRequested) -> str:
    return f"{event.trigger}: {event.detail}" if event.detail is not UNSET and event.detail else event.trigger


def _closed(event: e.ConversationClosed) -> str:
    by = RESOLVED[event.by]
    who = f" by {name_of(event.agent.name)}" if event.by == "agent" and event.agent is not UNSET else ""
    notes = f" {event.notes}" if event.notes is not UNSET and event.notes else ""
    return f"{by}{who}: {event.resolution}.{notes}" if event.by == "agent" else f"{by}."


async def pieces_between(
    records: AsyncIterator[Record], after: Cursor, until: Cursor, skip: Sequence[int]
) -> AsyncIterator[tuple[Cursor, Piece]]:
    """The pieces after one cursor up to another, each with the cursor up to it. `records` begin after `after[0]`."""
    done = after[1]
    async for record in records:
        shown = () if record.sequence in skip else pieces_of(_decode(record.body))
        if record.sequence > until[0] and not (shown and until[1]):
            if until[1]:
                continue
            return
        for index, piece in enumerate(shown):
            if record.sequence > until[0] and index >= until[1]:
                return
            if index < done:
                continue
            whole = index + 1 == len(shown)
            yield ((record.sequence, 0) if whole else (record.sequence - 1, index + 1)), piece
        if shown:
            done = 0
        if shown and record.sequence > until[0]:
            return
