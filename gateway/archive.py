"""What the gateway reads from the journal itself: histories, lists, and what a session has missed. In threads."""

import asyncio
import logging
from collections.abc import Callable, Sequence

import msgspec

from actors import events as e
from actors.conversation.machine import public
from gateway.sessions import Role, Session
from gateway.watchers import event_frame
from runtime.identity import ActorId, actor_id
from runtime.journal import Journal, Listed, Record, StoreFailed
from runtime.journal.thread import JournalThread
from runtime.lines import Line

log = logging.getLogger(__name__)

PAGE = 500

_decode_event = msgspec.json.Decoder(e.AnyConversationEvent).decode
_encode = msgspec.json.Encoder().encode

# Events of which a visitor sees less, by how their bodies begin: only these have to be decoded.
_SECRET = tuple(
    b'{"type":"%b"' % event.__struct_config__.tag.encode()
    for event in e.AnyConversationEvent.__args__
    if event.internal or event.hidden
)
_READ_MARKED = b'{"type":"read_marked"'


class Archive:
    """Reads the journal. Every method may raise `StoreFailed`. A search for a text holds up other searches only."""

    def __init__(self, open_journal: Callable[[], Journal]) -> None:
        self._reader = JournalThread(open_journal, "archive")
        self._searcher = JournalThread(open_journal, "search")
        self.reading = JournalThread(open_journal, "reports")
        """For reports, which may take a while."""

    async def start(self) -> None:
        """Open the journal."""
        await self._reader.open()
        await self._searcher.open()

    async def stop(self) -> None:
        """Close it."""
        await self._searcher.stop()
        await self.reading.stop()
        await self._reader.stop()

    async def ping(self) -> None:
        """Returns if the store answers."""
        await self._reader.run(lambda journal: journal.ping())

    async def answers(self, seconds: float) -> bool:
        """The store does, in that time."""
        try:
            await asyncio.wait_for(self.ping(), seconds)
        except (TimeoutError, StoreFailed):
            return False
        return True

    async def events(self, conversation: str, role: Role, after: int, limit: int) -> tuple[list[bytes], int]:
        """Event objects `{sequence, at_ms, type, ...}` after a sequence, as JSON, as the role may see them.

        Returns them and the sequence of the last record read: hidden ones leave holes.
        """
        records = await self._read(actor_id("conversation", conversation), after, limit)
        shown = [(record, body) for record in records if (body := visible(record.body, role)) is not None]
        objects = [b'{"sequence":%d,"at_ms":%d,%b' % (one.sequence, one.at_ms, _flat(body)[1:]) for one, body in shown]
        return objects, records[-1].sequence if records else after

    async def frames(self, actor: ActorId, role: Role, after: int, limit: int) -> tuple[list[tuple[int, bytes]], int]:
        """The same as event frames with their sequences."""
        records, frame = await self._read(actor, after, limit), event_frame(actor)
        frames = [
            (record.sequence, frame % (record.sequence, record.at_ms, body))
            for record in records
            if (body := visible(record.body, role)) is not None
        ]
        return frames, records[-1].sequence if records else after

    async def _read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        return await self._reader.run(lambda journal: journal.read(actor, after, limit))

    async def catch_up(self, session: Session, actor: ActorId, after: int, until: int) -> None:
        """Send a session what it has missed up to `until`, then let it go on with what came meanwhile.

        If that cannot be read the session is ended: it would hear nothing more of the actor. It comes again and
        resumes. One that watches no more, or has asked again from elsewhere, gets no more of this.
        """
        watch = session.watches.get(actor)
        while after < until and not session.closed:
            try:
                frames, last = await self.frames(actor, session.role, after, PAGE)
            except Exception:  # nobody awaits this
                log.exception(Line("catching up failed", actor=actor, session=session.key))
                session.end()
                return
            for sequence, frame in frames:
                if session.watches.get(actor) is not watch:
                    return
                if sequence <= until:
                    session.send(frame)
                    await session.room()
            if last == after:
                break
            after = last
        if watch is not None and session.watches.get(actor) is watch:
            watch.caught_up(until)

    async def find(self, terms: Sequence[Sequence[str]], limit: int, before: str = "", text: str = "") -> list[Listed]:
        """Rows of the index, newest first."""
        reader = self._searcher if text else self._reader
        return await reader.run(lambda journal: journal.find(terms, limit, before, text))

    async def conversation_of(self, visitor: str) -> Listed | None:
        """The visitor's latest conversation."""
        rows = await self.find([[f"visitor:{visitor}"]], 1)
        return rows[0] if rows else None


def _flat(body: bytes) -> bytes:
    """An event's body to be spread into its object: a read mark's own sequence must not hide the event's."""
    if body.startswith(_READ_MARKED):
        return body.replace(b'"sequence":', b'"read_sequence":')
    return body


def visible(body: bytes, role: Role) -> bytes | None:
    """What the role may see of an event's body; None: nothing."""
    if role == "agent" or not body.startswith(_SECRET):
        return body
    shown = public(_decode_event(body))
    return None if shown is None else _encode(shown)
