"""The journal in memory: the contract in its plainest form, for tests and the simulation. It outlives hosts only.

One object is the store and every connection to it.
"""

from collections.abc import Iterator, Sequence

from runtime.identity import ActorId
from runtime.journal import Append, Count, Cut, Fenced, Listed, Record, Row, Snapshot, Stored, StoreFailed, terms_of
from runtime.journal.search import occurs


class MemoryJournal:
    """See the module."""

    def __init__(self) -> None:
        self.fences: dict[str, int] = {}
        self.records: dict[ActorId, list[Record]] = {}
        self.snapshots: dict[ActorId, Snapshot] = {}
        self.rows: dict[ActorId, Row] = {}
        self._opened_ms: dict[ActorId, int] = {}
        self._counts: dict[str, dict[int, float]] = {}

    def claim(self, scopes: Sequence[str]) -> dict[str, int]:
        for scope in scopes:
            self.fences[scope] = self.fences.get(scope, 0) + 1
        return {scope: self.fences[scope] for scope in scopes}

    def append(self, append: Append) -> None:
        self._check(append.fences)
        ends = {one.actor: self.last_sequence(one.actor) for one in append.records}
        for record in append.records:
            if record.sequence != ends[record.actor] + 1:
                raise StoreFailed("a sequence is taken")
            ends[record.actor] = record.sequence
        for record in append.records:
            self.records.setdefault(record.actor, []).append(record)
        for row in append.rows:
            self._put(row)
        for snapshot in append.snapshots:
            self.snapshots[snapshot.actor] = snapshot
        for one in append.counts:
            known = self._counts.setdefault(one.name, {})
            for place, number in one.numbers.items():
                known[place] = known.get(place, 0.0) + number

    def _check(self, fences: dict[str, int]) -> None:
        if any(self.fences.get(scope) != fence for scope, fence in fences.items()):
            raise Fenced("the scope has a newer owner")

    def _put(self, row: Row) -> None:
        old = self.rows.get(row.actor)
        self._opened_ms.setdefault(row.actor, row.at_ms)
        if row.summary is None and old is not None:
            row = Row(row.actor, row.at_ms, row.sequence, row.told, row.wake_at_ms, old.summary)
        self.rows[row.actor] = row

    def last_sequence(self, actor: ActorId) -> int:
        """The number of the actor's last record; 0 if it has none."""
        records = self.records.get(actor)
        return records[-1].sequence if records else 0

    def erase(self, actors: Sequence[ActorId], fences: dict[str, int]) -> None:
        self._check(fences)
        for actor in actors:
            for one in (self.records, self.snapshots, self.rows, self._opened_ms):
                one.pop(actor, None)

    def cut(self, cuts: Sequence[Cut], fences: dict[str, int]) -> None:
        self._check(fences)
        for one in cuts:
            self.records[one.actor] = [*one.kept, *self.read(one.actor, one.before - 1, len(self.records[one.actor]))]

    def scrub(self) -> bool:
        return True

    def settle(self) -> None:
        pass

    def load(self, actors: Sequence[ActorId], whole: bool = False) -> dict[ActorId, Stored]:
        return {actor: self._load(actor, whole) for actor in actors}

    def _load(self, actor: ActorId, whole: bool) -> Stored:
        snapshot, row = None if whole else self.snapshots.get(actor), self.rows.get(actor)
        after = snapshot.sequence if snapshot else 0
        return Stored(snapshot, self.read(actor, after, len(self.records.get(actor, ()))), row.told if row else 0)

    def read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        return [one for one in self.records.get(actor, ()) if one.sequence > after][:limit]

    def alarms(self) -> Iterator[tuple[ActorId, int]]:
        for actor, row in list(self.rows.items()):
            if row.wake_at_ms is not None:
                yield actor, row.wake_at_ms

    def find(self, terms: Sequence[Sequence[str]], limit: int, before: str = "", text: str = "") -> list[Listed]:
        opened_ms, _, last = before.partition("~")
        found: list[tuple[int, ActorId]] = []
        for actor, row in self.rows.items():
            place = (self._opened_ms[actor], actor)
            if row.summary is None or (before and place >= (int(opened_ms), last)):
                continue
            has = set(terms_of(actor, row.summary))
            if all(has.intersection(one) for one in terms) and self._has_text(actor, row.summary.body, text):
                found.append(place)
        return [self._listed(actor) for _, actor in sorted(found, reverse=True)[:limit]]

    def _has_text(self, actor: ActorId, body: bytes, text: str) -> bool:
        return not text or occurs(text, body) or any(occurs(text, one.body) for one in self.records.get(actor, ()))

    def _listed(self, actor: ActorId) -> Listed:
        row = self.rows[actor]
        body = row.summary.body if row.summary else b""
        return Listed(actor, row.sequence, f"{self._opened_ms[actor]}~{actor}", body)

    def count(self, term: str, unalarmed: bool = False) -> int:
        return sum(
            term in terms_of(actor, row.summary) and (row.wake_at_ms is None or not unalarmed)
            for actor, row in self.rows.items()
            if row.summary is not None
        )

    def counts(self) -> list[Count]:
        return [Count(name, {**numbers}) for name, numbers in self._counts.items()]

    def ping(self) -> None:
        pass

    def close(self) -> None:
        pass
