"""Records and rows as the tests of journals write them, and what they look up."""

import msgspec

from runtime.identity import ActorId
from runtime.journal import Append, Journal, Record, Row, Snapshot
from runtime.machine import Summary

A, B, C = (ActorId(f"tally/{key}") for key in "abc")
SCOPE = "shard/1"
to_json, from_json = msgspec.json.encode, msgspec.json.decode


def record(actor: ActorId, sequence: int, text: str = "x", ref: str = "") -> Record:
    """An event that says the text."""
    return Record(actor, sequence, 1_000 + sequence, ref, to_json({"type": "added", "text": text}))


def row(
    actor: ActorId,
    at_ms: int = 1_000,
    sequence: int = 1,
    told: int = 0,
    wake_at_ms: int | None = None,
    terms: tuple[str, ...] | None = (),
    name: str = "",
) -> Row:
    """What the index is told of an actor; without `terms`, its listing stays as it is."""
    body = to_json({"id": actor, "name": name})
    summary = Summary(terms, "topic", body) if terms is not None else None
    return Row(actor, at_ms, sequence, told, wake_at_ms, summary)


def put(journal: Journal, *things: Record | Row | Snapshot, fences: dict[str, int] | None = None) -> None:
    """Append, claiming the scope first if no fences are given."""
    if fences is None:
        fences = journal.claim([SCOPE])
    journal.append(
        Append(
            fences,
            [one for one in things if isinstance(one, Record)],
            [one for one in things if isinstance(one, Row)],
            [one for one in things if isinstance(one, Snapshot)],
        )
    )


def found(journal: Journal, *terms: tuple[str, ...], limit: int = 100, text: str = "") -> list[str]:
    """Whom a search finds, in its order."""
    return [one.actor for one in journal.find(terms, limit, text=text)]
