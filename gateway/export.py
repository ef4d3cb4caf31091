"""`livesupport export`: conversations as JSON lines, one event a line, as the journal has them.

    {"conversation":"…","sequence":3,"at_ms":1767225600000,"ref":"…","schema":1,"event":{"type":"message_sent",…}}

It reads the store, whether the system runs or not, and changes nothing: it makes no store where there is none.
"""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from actors.retention import closed_before as pages_closed_before
from actors.settings import StoreSettings
from gateway.config import load
from gateway.options import absolute, shown
from metrics.reading import records
from runtime.identity import ActorId, actor_id, key_of
from runtime.journal import Journal, Record, StoreFailed, open_journal

_encode = msgspec.json.Encoder().encode


class NothingFound(LookupError):
    """What was asked for is not there."""


def run(
    config: Path | None, data: Path, store: str | None, conversation: str, closed_before: str, out: BinaryIO
) -> None:
    """One conversation, or all that were closed before a date. Raises `NothingFound`, `ConfigError`, `ValueError`."""
    before_ms = time_of(closed_before) if closed_before else 0
    settings = load(config).store if config is not None else StoreSettings()
    url = absolute(store or settings.url, data.absolute())
    if (path := url.removeprefix("sqlite:///")) != url and not Path(path).exists():
        raise NothingFound(f"there is no store at {path}; --data DIR or --store URL says where it is")
    try:
        with closing(open_journal(url, only_reads=True)) as journal:
            if closed_before:
                export_closed(journal, before_ms, out)
            else:
                export_conversation(journal, conversation, out)
    except StoreFailed as why:
        fault = "does not answer" if path == url else "cannot be read"
        raise NothingFound(f"the store {shown(url)} {fault}: {why}") from why


def time_of(text: str) -> int:
    """A date (`2026-01-31`, its first moment in UTC) or a time of ISO 8601, as milliseconds. Raises `ValueError`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a date like 2026-01-31') from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def export_conversation(journal: Journal, conversation: str, out: BinaryIO) -> None:
    """One conversation, whatever its state. Raises `NothingFound`, and `StoreFailed`."""
    if not _export(journal, [actor_id("conversation", conversation)], out):
        raise NothingFound(f'there is no conversation "{conversation}"')


def export_closed(journal: Journal, before_ms: int, out: BinaryIO) -> int:
    """All that were closed before that time; how many that were. Raises `StoreFailed`."""
    return sum(_export(journal, page, out) for page in pages_closed_before(journal, before_ms))


def _export(journal: Journal, actors: Sequence[ActorId], out: BinaryIO) -> int:
    """Returns how many of them have a journal."""
    found = 0
    for actor in actors:
        lines = 0
        for record in records(journal, actor):
            out.write(_line(record))
            lines += 1
        found += lines > 0
    return found


def _line(record: Record) -> bytes:
    fields = {
        "conversation": key_of(record.actor),
        "sequence": record.sequence,
        "at_ms": record.at_ms,
        "ref": record.ref,
        "schema": record.schema,
        "event": msgspec.Raw(record.body),
    }
    return _encode(fields) + b"\n"
