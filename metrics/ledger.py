"""A host's counts of facts, kept in the journal: each cell an entry, written in the very append that makes its facts
durable. So a fact is counted once, whatever crashes and whenever, and a host that starts goes on where it was.

    entries() ─> append ── committed: the recorder counts, and agrees with the journal
                      └─── failed: nobody knows; what it touched is read before the next append

Only what is declared is kept: names that are known beforehand can be read without a search.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from metrics.declared import Name
from metrics.recorder import Counter, Histogram, Recorder, Samples, Value
from runtime.identity import ActorId, actor_id
from runtime.journal import Journal, Snapshot, Stored
from runtime.machine import Measure

KIND = "counts"
"""What entries are listed as in the journal; no actor is of this kind."""

_encode = msgspec.msgpack.Encoder().encode
_decode: Any = msgspec.msgpack.Decoder(Value).decode


class JournaledLedger:
    """See `runtime.ledger.Ledger`."""

    def __init__(self, host: str, recorder: Recorder, names: Iterable[Name]) -> None:
        self._recorder = recorder
        self._ids = {name: entry_id(host, name) for name in names}
        self._names = {id: name for name, id in self._ids.items()}
        self._written: list[ActorId] = []
        self._unsure: set[ActorId] = set(self._names)

    def unsure(self) -> Sequence[ActorId]:
        """The entries that must be read before the next are written: at first all of them."""
        return list(self._unsure)

    def restore(self, stored: Mapping[ActorId, Stored]) -> None:
        """What the journal has of them."""
        for id, found in stored.items():
            self._unsure.discard(id)
            if found.snapshot is not None:
                self._cell(self._names[id]).restore(_decode(found.snapshot.state))

    def entries(self, measures: Sequence[Measure]) -> list[Snapshot]:
        """What the cells of these measures will be when they have counted."""
        cells: dict[Name, Counter | Histogram] = {}
        for one in measures:
            name = (one.name, one.labels)
            cell = cells.get(name)
            if cell is None:
                if name not in self._ids:
                    continue
                cell = cells[name] = self._cell(name).copy()
            cell.take(one.value)
        self._written = [self._ids[name] for name in cells]
        return [Snapshot(self._ids[name], 0, _encode(cell.read())) for name, cell in cells.items()]

    def failed(self) -> None:
        """Nobody knows whether the last entries were written."""
        self._unsure.update(self._written)

    def _cell(self, name: Name) -> Counter | Histogram:
        cell = self._recorder.cell(name[0], *name[1])
        assert isinstance(cell, Counter | Histogram), f"{name} is not counted"
        return cell


def kept(journal: Journal, host: str, names: Iterable[Name]) -> Samples:
    """What the journal has of a host's counts. Raises `StoreFailed`."""
    ids = {entry_id(host, name): name for name in names}
    found: Samples = {}
    for id, stored in journal.load(list(ids)).items():
        if stored.snapshot is not None:
            name, labels = ids[id]
            found.setdefault(name, []).append((labels, _decode(stored.snapshot.state)))
    return found


def entry_id(host: str, name: Name) -> ActorId:
    """Where the journal keeps a cell."""
    return actor_id(KIND, "/".join((host, name[0], *name[1])))
