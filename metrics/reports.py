"""Reports for team leads: figures of agents and of bots over a time, whole or day by day, from the journal alone.

What is known is brought up to date at most so often that it takes a tenth of the time, and twice a minute in any case;
`as_of_ms` says as of when. What happened in the half second before may be missing: rows of the index lag so far.
"""

import csv
import io
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from actors.settings import Settings
from metrics.figures import Figures, Tally
from metrics.rollup import Rollup
from metrics.shifts import Shifts
from runtime.journal import Journal
from runtime.journal.thread import JournalThread

REST, REST_SECONDS_MAX = 10, 30.0
"""So many times as long as it took is what was read good for, and so long at most."""


class Span(msgspec.Struct, frozen=True):
    """From a time until before another, in milliseconds. `day` names it if it is one of several."""

    from_ms: int
    to_ms: int
    day: str = ""


class Asked(msgspec.Struct, frozen=True):
    """Of which bots, over which time, of which agents, and how finely. `former`: of agents, too, who are no more."""

    bots: tuple[str, ...]
    agents: tuple[str, ...]
    span: Span
    former: bool = False
    zone: str = "UTC"
    by_day: bool = False

    def spans(self) -> list[Span]:
        """The days of the time, as the zone has them; or the time as a whole."""
        return list(days(self.span, ZoneInfo(self.zone))) if self.by_day else [self.span]


def days(span: Span, zone: ZoneInfo) -> Iterator[Span]:
    """The span cut at every midnight of the zone; days are 23 or 25 hours long when its clocks change."""
    from_ms = span.from_ms
    while from_ms < span.to_ms:
        day = datetime.fromtimestamp(from_ms / 1000, zone).date()
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        to_ms = min(round(midnight.timestamp() * 1000), span.to_ms)
        yield Span(from_ms, to_ms, day.isoformat())
        from_ms = to_ms


class Reports:
    """Reads in a thread of its own."""

    def __init__(self, settings: Settings, reading: JournalThread, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._reading = reading
        self._clock = clock
        self._rollup = Rollup(settings)
        self._shifts = Shifts()
        self._read: dict[tuple[str, ...], tuple[int, int, float]] = {}

    async def agents(self, asked: Asked) -> Figures:
        """The protocol's report of agents. Raises `StoreFailed`."""
        return await self._reading.run(lambda journal: self._agents(journal, asked))

    async def bots(self, asked: Asked) -> Figures:
        """The protocol's report of bots. Raises `StoreFailed`."""
        return await self._reading.run(lambda journal: self._bots(journal, asked))

    def _agents(self, journal: Journal, asked: Asked) -> Figures:
        as_of_ms, now_ms = self._refresh(journal, asked), self._clock()
        found = [(span, self._by_agent(asked, span, as_of_ms)) for span in asked.spans()]
        for agent in {agent for _, tallies in found for agent in tallies}:
            self._shifts.refresh(journal, agent)
        items = []
        for span, tallies in found:
            until_ms = max(span.from_ms, min(span.to_ms, now_ms))
            for agent, tally in tallies.items():
                spent = {"time_by_status": self._shifts.spent_ms(agent, span.from_ms, until_ms)}
                items.append({**_day(span), "agent": agent, "name": self._name(agent), **tally.agent(), **spent})
        return _report(asked, as_of_ms, items)

    def _by_agent(self, asked: Asked, span: Span, as_of_ms: int) -> dict[str, Tally]:
        tallies = {agent: Tally() for agent in asked.agents}
        for key, facts in self._rollup.facts(span.from_ms, span.to_ms, as_of_ms):
            if key.bot in asked.bots and key.agent and (key.agent in tallies or asked.former):
                tallies.setdefault(key.agent, Tally()).add(key, facts)
        return tallies

    def _bots(self, journal: Journal, asked: Asked) -> Figures:
        as_of_ms = self._refresh(journal, asked)
        items = []
        for span in asked.spans():
            tallies = {bot: Tally() for bot in asked.bots}
            for key, facts in self._rollup.facts(span.from_ms, span.to_ms, as_of_ms):
                if key.bot in tallies:
                    tallies[key.bot].add(key, facts)
            for bot, tally in tallies.items():
                settings = self._settings.bot(bot)
                name = settings.name if settings is not None else bot
                items.append({**_day(span), "bot": bot, "name": name, **tally.bot()})
        return _report(asked, as_of_ms, items)

    def _name(self, agent: str) -> str:
        settings = self._settings.agent(agent)
        return settings.name if settings is not None else agent

    def _refresh(self, journal: Journal, asked: Asked) -> int:
        """Bring the bots up to date unless they are; as of when they are."""
        now_ms, started = self._clock(), time.monotonic()
        from_ms, as_of_ms, good_until = self._read.get(asked.bots, (asked.span.from_ms + 1, 0, 0.0))
        if from_ms <= asked.span.from_ms and started < good_until:
            return as_of_ms
        self._rollup.refresh(journal, asked.bots, asked.span.from_ms)
        ended = time.monotonic()
        self._read[asked.bots] = asked.span.from_ms, now_ms, ended + min(REST * (ended - started), REST_SECONDS_MAX)
        return now_ms


def _day(span: Span) -> Figures:
    return {"day": span.day} if span.day else {}


def _report(asked: Asked, as_of_ms: int, items: list[Figures]) -> Figures:
    span = asked.span
    return {"items": items, "from_ms": span.from_ms, "to_ms": span.to_ms, "as_of_ms": as_of_ms, "timezone": asked.zone}


def as_csv(items: Sequence[Figures]) -> str:
    """The items as a table: nested figures as `outer_inner`, what is not known as an empty cell."""
    flat = [dict(_flat(item)) for item in items]
    columns = dict.fromkeys(name for row in flat for name in row)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), restval="")
    writer.writeheader()
    writer.writerows(flat)
    return out.getvalue()


def _flat(item: Figures, prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in item.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}_")
        else:
            yield prefix + name, _plain(value)


def _plain(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula is kept as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
