"""The journal of a cluster: one Redis, 6.2 or newer, that all machines reach. One round trip an append.

    fences           hash: scope -> fence
    records:ACTOR    list: the record with sequence n at n - 1; of an actor that was cut, at n - 1 - cut
    kept:ACTOR       list: the sequence and the record of each that was kept of those which were cut
    snapshot:ACTOR   hash: sequence, snapshot
    row:ACTOR        hash: sequence, told, opened_ms, terms, body; cut, how many records are gone from the list
    term:TERM        sorted set: the actors listed by this term, by opened_ms
    alarms           sorted set: actors by wake_at_ms
    counts           hash: NAME, a space and a place -> the number there
    writer:ID        the number of the last append of a connection
    layout           of all this, see `LAYOUT`

With an append-only file a commit survives any crash of our processes; of Redis too with `appendfsync no` or `always`;
with `always`, power loss. With `everysec`, Redis answers before it writes as long as a sync is under way.
"""

import heapq
import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from itertools import groupby, islice
from typing import Any

import msgpack  # type: ignore[import-untyped]
import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from runtime.identity import ActorId
from runtime.journal import (
    LAYOUT,
    Append,
    Count,
    Cut,
    Fenced,
    Listed,
    Record,
    Row,
    Snapshot,
    Stored,
    StoreFailed,
    need_layout,
    terms_of,
)
from runtime.journal.search import occurs
from runtime.lines import Line

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 1.5
_PAGE = 200
_ALL = 2**31
_WRITER_SECONDS = 86_400
_EVERY = "kind:"
"""The term that every row has."""

Place = tuple[int, bytes]
"""Where a row is in a listing: its opened_ms, and its actor to tell those of one millisecond apart."""

_to_lua = partial(msgpack.packb, use_bin_type=False)  # Redis's own decoder knows strings only
_to_msgpack = msgspec.msgpack.Encoder().encode
_decode_record = msgspec.msgpack.Decoder(tuple[int, str, bytes, int]).decode
_decode_kept = msgspec.msgpack.Decoder(tuple[int, int, str, bytes, int]).decode
_decode_snapshot = msgspec.msgpack.Decoder(tuple[bytes, int]).decode


class RedisJournal:
    """A connection of its own: one for each thread. Raises `ValueError` if the server does not keep `full_sync`."""

    def __init__(self, url: str, full_sync: bool = False) -> None:
        # A command that was sent twice by the client would find its own sequences taken: nothing is tried again here.
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._claim: Callable[..., Any] = self._redis.register_script(_script("claim.lua"))
        self._append: Callable[..., Any] = self._redis.register_script(_script("hold.lua", "append.lua"))
        self._load: Callable[..., Any] = self._redis.register_script(_script("history.lua", "load.lua"))
        self._read: Callable[..., Any] = self._redis.register_script(_script("history.lua", "read.lua"))
        self._erase: Callable[..., Any] = self._redis.register_script(_script("hold.lua", "erase.lua"))
        self._cut: Callable[..., Any] = self._redis.register_script(_script("hold.lua", "cut.lua"))
        self._writer = secrets.token_hex(8)
        self._number = 0
        with _answering():
            need_layout(int(self._redis.get("layout") or 0))
            self._check(full_sync)

    def _check(self, full_sync: bool) -> None:
        try:
            kept: Any = self._redis.config_get("append*")
        except redis.ResponseError:  # a service that does not let its settings be read
            return
        if kept.get("appendonly") != "yes":
            log.warning(Line("no append-only file: what was acknowledged is lost if this Redis crashes"))
        elif kept.get("appendfsync") == "everysec":
            log.warning(Line("appendfsync everysec: what was acknowledged in up to 2 s is lost if this Redis crashes"))
        if full_sync and (kept.get("appendonly"), kept.get("appendfsync")) != ("yes", "always"):
            raise ValueError('store.sync = "full" needs a Redis with "appendonly yes" and "appendfsync always"')

    def claim(self, scopes: Sequence[str]) -> dict[str, int]:
        with _answering():
            self._redis.set("layout", LAYOUT)
            return dict(zip(scopes, self._claim(args=scopes), strict=True))

    def append(self, append: Append) -> None:
        self._number += 1
        turn = (
            self._writer,
            self._number,
            list(append.fences.items()),
            [
                (one.actor, one.sequence, _to_msgpack((one.at_ms, one.ref, one.body, one.schema)))
                for one in append.records
            ],
            [_packed(row) for row in append.rows],
            [(one.actor, one.sequence, _to_msgpack((one.state, one.schema))) for one in append.snapshots],
            [(one.name, one.numbers) for one in append.counts],
        )
        with _answering():
            outcome = self._append(args=(_to_lua(turn),))
        _check_done(outcome)

    def erase(self, actors: Sequence[ActorId], fences: dict[str, int]) -> None:
        with _answering():
            outcome = self._erase(args=(_to_lua((list(fences.items()), list(actors))),))
        _check_done(outcome)

    def cut(self, cuts: Sequence[Cut], fences: dict[str, int]) -> None:
        turn = [(one.actor, one.before, [_kept(record) for record in one.kept]) for one in cuts]
        with _answering():
            outcome = self._cut(args=(_to_lua((list(fences.items()), turn)),))
        _check_done(outcome)

    def scrub(self) -> bool:
        return True  # its append-only file is rewritten by rules of its own

    def settle(self) -> None:
        with _answering():
            self._redis.set(f"writer:{self._writer}", self._number, ex=_WRITER_SECONDS)

    def load(self, actors: Sequence[ActorId], whole: bool = False) -> dict[ActorId, Stored]:
        found: dict[ActorId, Stored] = {}
        for start in range(0, len(actors), _PAGE):
            page = actors[start : start + _PAGE]
            with _answering():
                stored = self._load(args=(int(whole), *page))
            for actor, (snapshot, told, after, old, first, tail) in zip(page, stored, strict=True):
                kept = Snapshot(actor, after, *_decode_snapshot(snapshot)) if snapshot else None
                records = [one for one in _records(actor, old, first, tail) if one.sequence > after]
                found[actor] = Stored(kept, records, told)
        return found

    def read(self, actor: ActorId, after: int, limit: int) -> list[Record]:
        with _answering():
            old, first, tail = self._read(args=(actor, after, limit))
        return [one for one in _records(actor, old, first, tail) if one.sequence > after][:limit]

    def alarms(self) -> Iterator[tuple[ActorId, int]]:
        with _answering():
            for actor, when_ms in self._redis.zscan_iter("alarms", count=1_000):
                yield ActorId(actor.decode()), int(when_ms)

    def find(self, terms: Sequence[Sequence[str]], limit: int, before: str = "", text: str = "") -> list[Listed]:
        sets = [frozenset(one) for one in terms] or [frozenset({_EVERY})]
        if not all(sets):
            return []
        with _answering():
            found = (one for page in self._pages(sets, before) for one in self._matching(page, sets, text))
            return list(islice(found, limit))

    def _pages(self, sets: Sequence[frozenset[str]], before: str) -> Iterator[list[Place]]:
        """The places of all that have a term of the rarest set, newest first."""
        opened_ms, _, actor = before.partition("~")
        after = (int(opened_ms), actor.encode()) if before else None
        streams = [self._listed_by(term, after) for term in self._rarest(sets)]
        places = (place for place, _ in groupby(heapq.merge(*streams, reverse=True)))
        while page := list(islice(places, _PAGE)):
            yield page

    def _rarest(self, sets: Sequence[frozenset[str]]) -> frozenset[str]:
        if len(sets) == 1:
            return sets[0]
        with self._redis.pipeline(transaction=False) as pipe:
            for one in sets:
                for term in one:
                    pipe.zcard(f"term:{term}")
            counts = iter(pipe.execute())
        sizes = [sum(islice(counts, len(one))) for one in sets]
        return sets[sizes.index(min(sizes))]

    def _listed_by(self, term: str, after: Place | None) -> Iterator[Place]:
        """The places of all that have the term, newest first, a page a round trip."""
        newest: int | str = after[0] if after else "+inf"
        offset = 0
        while True:
            page: Any = self._redis.zrevrangebyscore(
                f"term:{term}", newest, "-inf", start=offset, num=_PAGE, withscores=True
            )
            places = [(int(opened_ms), actor) for actor, opened_ms in page]
            yield from (place for place in places if after is None or place < after)
            if len(places) < _PAGE:
                return
            after = min(places[-1], after) if after else places[-1]
            same = sum(place[0] == after[0] for place in places)
            offset = offset + same if newest == after[0] else same
            newest = after[0]

    def _matching(self, page: Sequence[Place], sets: Sequence[frozenset[str]], text: str) -> Iterator[Listed]:
        with self._redis.pipeline(transaction=False) as pipe:
            for _, actor in page:
                pipe.hmget(b"row:" + actor, "sequence", "terms", "body")
            rows = pipe.execute()
        for (opened_ms, actor), (sequence, terms, body) in zip(page, rows, strict=True):
            has = frozenset((terms or b"").decode().split("\n"))
            if all(one & has for one in sets) and (not text or self._has_text(actor, body, text)):
                name = actor.decode()
                yield Listed(ActorId(name), int(sequence), f"{opened_ms}~{name}", body)

    def _has_text(self, actor: bytes, body: bytes, text: str) -> bool:
        if occurs(text, body):
            return True
        return any(occurs(text, one.body) for one in self.read(ActorId(actor.decode()), 0, _ALL))

    def count(self, term: str, unalarmed: bool = False) -> int:
        with _answering():
            if not unalarmed:
                return int(self._redis.zcard(f"term:{term}"))
            return len(self._redis.zdiff([f"term:{term}", "alarms"]))

    def counts(self) -> list[Count]:
        with _answering():
            places: Any = self._redis.hgetall("counts")
        numbers: dict[str, dict[int, float]] = {}
        for place, number in places.items():
            name, _, index = place.decode().rpartition(" ")
            numbers.setdefault(name, {})[int(index)] = float(number)
        return [Count(name, found) for name, found in numbers.items()]

    def ping(self) -> None:
        with _answering():
            self._redis.ping()

    def close(self) -> None:
        self._redis.close()


def _script(*names: str) -> str:
    """Redis has no includes: what scripts share comes before them."""
    return "".join(files("runtime.journal").joinpath(name).read_text() for name in names)


def _check_done(outcome: bytes) -> None:
    """What a script says of its writing. Raises `Fenced` and `StoreFailed`."""
    if outcome == b"fenced":
        raise Fenced("the scope has a newer owner")
    if outcome != b"ok":
        raise StoreFailed(outcome.decode())


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreFailed(f"{type(error).__name__}: {error}") from error


def _packed(row: Row) -> tuple[Any, ...]:
    marks = (row.actor, row.at_ms, row.sequence, row.told, row.wake_at_ms)
    if row.summary is None:
        return *marks, None, None
    return *marks, "\n".join((_EVERY, *terms_of(row.actor, row.summary))), row.summary.body


def _records(actor: ActorId, old: Iterable[bytes], first: int, tail: Iterable[bytes]) -> list[Record]:
    """Those that were kept of what was cut, and what follows, which begins with the sequence `first`."""
    kept = [Record(actor, *_decode_kept(one)) for one in old]
    return kept + [Record(actor, sequence, *_decode_record(one)) for sequence, one in enumerate(tail, first)]


def _kept(record: Record) -> bytes:
    return _to_msgpack((record.sequence, record.at_ms, record.ref, record.body, record.schema))
