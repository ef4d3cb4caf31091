"""The journal as columns of numbers, by day: each measure of each conversation once, with its time.

A conversation is replayed through its own machine, and what `measures` says of its events is kept; so a report means
by every word what the metrics mean by it. The journal only grows: a conversation that has gone on is replayed again,
and only what is new is added. A restart begins from nothing and arrives at the same.

    (day, measure, bot, agent, rest of the labels) -> times, conversations, values
"""

import logging
import time
from array import array
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import msgspec

from actors import events as e
from actors.conversation.apply import apply
from actors.conversation.measures import measures
from actors.conversation.rules import Rules
from actors.conversation.state import Conversation
from actors.settings import Settings
from metrics.instruments import INSTRUMENTS
from metrics.reading import records
from runtime.identity import ActorId, key_of
from runtime.journal import Journal, Listed
from runtime.lines import Line
from runtime.machine import Measure

log = logging.getLogger(__name__)

DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)
PAGE = 1_000

OPENED, ASSIGNED, UNANSWERED = "opened", "assigned", "unanswered"
"""What no metric counts like this: conversations that began, to whom they were given, and who let the target pass
without a word."""

_decode_event = msgspec.json.Decoder(e.AnyConversationEvent).decode


Fact = tuple[int, int, float]
"""When, in which conversation (by a number of this roll-up's own), and how much."""


class Key(NamedTuple):
    """What a column is of."""

    name: str
    bot: str
    agent: str
    label: str


class Column:
    """Facts of one kind on one day, in no order."""

    __slots__ = ("at_ms", "conversations", "values")

    def __init__(self) -> None:
        self.at_ms = array("q")
        self.conversations = array("L")
        self.values = array("d")

    def add(self, at_ms: int, conversation: int, value: float) -> None:
        """One more."""
        self.at_ms.append(at_ms)
        self.conversations.append(conversation)
        self.values.append(value)


class _Row(msgspec.Struct):
    updated_at_ms: int


_decode_row = msgspec.json.Decoder(_Row).decode


class Rollup:
    """See the module. Grows by 24 bytes a fact, and by what a name takes a conversation."""

    def __init__(self, settings: Settings) -> None:
        self._rules = Rules(settings)
        self._days: dict[int, dict[Key, Column]] = {}
        self._known: dict[ActorId, tuple[int, int]] = {}
        self._owing: dict[int, tuple[Key, int]] = {}
        """Who owes an answer in a conversation now, and when the target for it passes."""

    def refresh(self, journal: Journal, bots: Sequence[str], from_ms: int) -> None:
        """Take in what the bots' conversations have done since; those that were at rest by `from_ms` may be left out.

        Raises `StoreFailed`.
        """
        terms, before = [[f"bot:{bot}" for bot in bots], ["kind:conversation"]], ""
        from_ms -= max((one.routing.response_target_seconds for one in self._rules.bots), default=0) * 1000
        while rows := journal.find(terms, PAGE, before):
            before = rows[-1].cursor
            for row in rows:
                number, sequence = self._known.get(row.actor, (len(self._known), 0))
                if row.sequence > sequence and _decode_row(row.body).updated_at_ms >= from_ms:
                    self._known[row.actor] = number, self._taken_in(journal, row, number, sequence)
                    time.sleep(0)  # lets the loop of this process go first

    def _taken_in(self, journal: Journal, row: Listed, number: int, after: int) -> int:
        """Up to where. What a newer version wrote is left out, and looked at no more until more is written: whoever
        asks for the conversation itself is refused, and whoever asks for a report is told of all the others."""
        try:
            return self._add(journal, row.actor, number, after)
        except msgspec.DecodeError:
            log.warning(Line("not in reports", actor=row.actor, why="journal not understood"))
            return row.sequence

    def _add(self, journal: Journal, actor: ActorId, number: int, after: int) -> int:
        state, sequence = Conversation(key_of(actor)), 0
        # All of it before any is noted: reading may fail.
        for record, event in [(one, _decode_event(one.body)) for one in records(journal, actor)]:
            sequence = record.sequence
            owing = self._owed(state) if isinstance(event, e.AgentReleased) else None
            state = apply(state, event, record.at_ms)
            if sequence > after:
                self._note(state, event, record.at_ms, number)
                if owing is not None and owing[1] < record.at_ms:
                    _column(self._days.setdefault(owing[1] // DAY_MS, {}), owing[0]).add(owing[1], number, 1.0)
        self._owing.pop(number, None)
        if (owing := self._owed(state)) is not None:
            self._owing[number] = owing
        return sequence

    def _owed(self, state: Conversation) -> tuple[Key, int] | None:
        service = state.service
        if service is None or service.owes_since_ms is None:
            return None
        target_ms = self._rules.bot(state).routing.response_target_seconds * 1000
        return Key(UNANSWERED, state.bot, service.agent.id, ""), service.owes_since_ms + target_ms

    def _note(self, state: Conversation, event: e.ConversationEvent, at_ms: int, number: int) -> None:
        columns = self._days.setdefault(at_ms // DAY_MS, {})
        match event:
            case e.ConversationOpened():
                _column(columns, Key(OPENED, state.bot, "", "")).add(at_ms, number, 1.0)
            case e.AgentAssigned():
                _column(columns, Key(ASSIGNED, state.bot, event.agent.id, "")).add(at_ms, number, 1.0)
        for one in measures(self._rules, state, event, at_ms):
            _column(columns, _key_of(one)).add(at_ms, number, one.value)

    def facts(self, from_ms: int, to_ms: int, now_ms: int) -> Iterator[tuple[Key, list[Fact]]]:
        """What has happened, as of `now_ms`, from `from_ms` until before `to_ms`, by columns."""
        days = range(from_ms // DAY_MS, (to_ms - 1) // DAY_MS + 1)
        for columns in [columns for day, columns in self._days.items() if day in days]:
            for key, column in columns.items():
                all_of_day = zip(column.at_ms, column.conversations, column.values, strict=True)
                found = [one for one in all_of_day if from_ms <= one[0] < to_ms]
                if found:
                    yield key, found
        for number, (key, due_ms) in self._owing.items():
            if from_ms <= due_ms < min(to_ms, now_ms):
                yield key, [(due_ms, number, 1.0)]


def _column(columns: dict[Key, Column], key: Key) -> Column:
    column = columns.get(key)
    if column is None:
        column = columns[key] = Column()
    return column


def _key_of(measure: Measure) -> Key:
    """A measure's labels are its bot, the agent if there is one, and at most one more."""
    labels = dict(zip(INSTRUMENTS[measure.name].labels, measure.labels, strict=True))
    bot, agent = labels.pop("bot", ""), labels.pop("agent", "")
    return Key(measure.name, bot, agent, "".join(labels.values()))
