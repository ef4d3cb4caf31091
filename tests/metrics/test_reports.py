"""Reports against a recount of the same journal by other means, and the rules of time."""

import asyncio
import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actors import commands as c
from metrics.reports import Asked, Reports, Span, as_csv, days
from runtime.identity import ActorId, actor_id
from runtime.journal import Record, StoreFailed
from runtime.journal.thread import JournalThread
from tests.actors.scene import ALICE, BOB, NOW_MS, VISITOR
from tests.metrics import recount
from tests.metrics.history import History

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
BOTS, AGENTS = ("acme",), ("alice", "bob", "mona")
TARGET = 30


class Desk:
    """Reports of a history, as the gateway asks for them."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.reports = Reports(
            history.settings, JournalThread(lambda: history.journal, "test"), lambda: history.now_ms + 1
        )

    def agents(self, start: int, stop: int, **more: Any) -> list[dict[str, Any]]:
        asked = Asked(BOTS, AGENTS, Span(start, stop), **more)
        items: list[dict[str, Any]] = asyncio.run(self.reports.agents(asked))["items"]
        return items

    def bots(self, start: int, stop: int, **more: Any) -> list[dict[str, Any]]:
        asked = Asked(("acme", "other"), (), Span(start, stop), **more)
        items: list[dict[str, Any]] = asyncio.run(self.reports.bots(asked))["items"]
        return items


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.reports.REST", 0)


@pytest.mark.parametrize("seed", range(12))
def test_figures_are_those_of_an_independent_count(seed: int) -> None:
    history = History(seed)
    history.go_on(600)
    desk, exported, now_ms = Desk(history), history.journal.records, history.now_ms + 1
    spans = [
        (NOW_MS - DAY_MS, history.now_ms),
        (NOW_MS + 7 * HOUR_MS + 123, NOW_MS + 3 * DAY_MS + 7),
        (NOW_MS + DAY_MS, NOW_MS + DAY_MS + HOUR_MS),
    ]
    for start, stop in spans:
        for row in desk.agents(start, stop):
            until = min(stop, now_ms)
            recount.same(row, recount.agent_row(exported, {"acme"}, row["agent"], start, until, TARGET, now_ms))
        for row in desk.bots(start, stop):
            recount.same(row, recount.bot_row(exported, row["bot"], start, stop, TARGET, now_ms))


def test_the_histories_have_something_of_everything() -> None:
    """Or the test above would prove little."""
    kinds, waits = set(), 0
    for seed in range(12):
        history = History(seed)
        history.go_on(600)
        found = recount.told(history.journal.records, TARGET, history.now_ms)
        kinds |= {(one.what, one.value) for one in found if isinstance(one.value, str)}
        kinds |= {(one.what, "") for one in found}
        waits += sum(one.what == "wait" for one in found)
    figures = {"opened", "first", "response", "missed", "wait", "handle", "rated", "assigned"}
    assert {what for what, _ in kinds} >= figures
    assert {value for what, value in kinds if what == "offer"} == {"", "accepted", "declined", "expired", "withdrawn"}
    assert {value for what, value in kinds if what == "closed"} == {"", "resolved", "unresolved", "spam", "other"}
    assert {value for what, value in kinds if what == "takeover"} >= {"offer", "takeover", "transfer", "assigned"}
    assert {value for what, value in kinds if what == "offline"} >= {"hours", "waited"}
    assert waits > 100


def test_what_comes_bit_by_bit_adds_up_to_what_is_read_at_once() -> None:
    history = History(3)
    desk = Desk(history)
    for _ in range(20):
        history.go_on(30)
        desk.agents(history.now_ms - HOUR_MS, history.now_ms)
        desk.bots(history.now_ms - DAY_MS, history.now_ms)
    span = (NOW_MS - DAY_MS, history.now_ms)
    assert desk.agents(*span) == Desk(history).agents(*span)
    assert desk.bots(*span) == Desk(history).bots(*span)


def test_days_add_up_to_the_whole() -> None:
    history = History(5)
    history.go_on(600)
    start, stop = NOW_MS - DAY_MS, history.now_ms
    by_day = Desk(history).bots(start, stop, by_day=True, zone="Europe/Berlin")
    [acme, _] = Desk(history).bots(start, stop)
    mine = [row for row in by_day if row["bot"] == "acme"]
    assert [row["day"] for row in mine] == sorted({row["day"] for row in by_day})
    for name in ("conversations", "responses"):
        assert sum(row[name] for row in mine) == acme[name]
    for name in ("messages", "handoffs", "takeovers", "resolutions", "offers", "offline_answered"):
        assert {kind: sum(row[name][kind] for row in mine) for kind in acme[name]} == acme[name]


def test_midnight_divides_what_happened_before_from_what_happened_after() -> None:
    history = History(0, conversations=2)
    midnight = -(-NOW_MS // DAY_MS) * DAY_MS
    scene = history.scenes[1]

    def at(when: int, sender: str, command: c.Command) -> None:
        history.now_ms = scene.now_ms = midnight + when
        history.do(scene, sender, command)

    at(-600_000, ALICE, c.TakeOver())
    at(-590_000, ALICE, c.SendMessage("Hello"))
    at(-10_000, VISITOR, c.SendMessage("One more thing"))
    at(15_000, ALICE, c.SendMessage("Yes?"))
    at(600_000, ALICE, c.Transfer(to_agent="bob"))
    at(601_000, BOB, c.Offer(scene.state.epoch, "asked"))
    at(605_000, BOB, c.AcceptOffer())
    at(665_000, BOB, c.CloseConversation("resolved"))
    before, after = (Desk(history).agents(midnight + low, midnight + low + DAY_MS) for low in (-DAY_MS, 0))
    figures = ("conversations", "first_response_p50_ms", "response_p50_ms", "handle_p50_ms")
    assert [[row[name] for name in figures] for row in before[:2]] == [[1, 10_000, None, None], [0, None, None, None]]
    assert [[row[name] for name in figures] for row in after[:2]] == [
        [0, None, 25_000, 1_200_000],
        [1, None, None, 60_000],
    ]
    assert [row["resolutions"]["resolved"] for row in after] == [0, 1, 0]


def test_whoever_says_nothing_misses_the_target_as_one_who_says_it_late() -> None:
    history = History(0, conversations=2)
    scene = history.scenes[1]

    def at(second: int, sender: str, command: c.Command) -> None:
        history.now_ms = scene.now_ms = NOW_MS + second * 1_000
        history.do(scene, sender, command)

    def told(second: int) -> list[tuple[int, int, float | None]]:
        history.now_ms = NOW_MS + second * 1_000
        rows = Desk(history).agents(NOW_MS, NOW_MS + DAY_MS)[:2]
        return [(row["responses"], row["unanswered"], row["within_target"]) for row in rows]

    at(0, ALICE, c.TakeOver())
    at(10, VISITOR, c.SendMessage("Where is it?"))
    at(15, ALICE, c.SendMessage("On its way."))
    at(20, VISITOR, c.SendMessage("When will it be here?"))
    nothing = (0, 0, None)
    assert told(19 + TARGET) == [(1, 0, 1.0), nothing], "there is time left"
    assert told(21 + TARGET) == [(1, 1, 0.5), nothing]
    at(25 + TARGET, ALICE, c.SendMessage("Tomorrow."))
    assert told(26 + TARGET) == [(2, 0, 0.5), nothing], "late is late, once"
    at(100, VISITOR, c.SendMessage("And where?"))
    at(101 + TARGET, ALICE, c.Transfer(to_agent="bob"))
    at(102 + TARGET, BOB, c.Offer(scene.state.epoch, "asked"))
    at(103 + TARGET, BOB, c.AcceptOffer())
    at(104 + TARGET, BOB, c.CloseConversation("resolved"))
    assert told(300) == [(2, 1, 1 / 3), nothing], "who closes at once has missed nothing"


def test_a_status_that_lasts_over_midnight_is_in_both_days() -> None:
    history = History(0)
    midnight = -(-NOW_MS // DAY_MS) * DAY_MS
    alice = history.agents[0]
    for when, status in ((-3 * HOUR_MS, "online"), (2 * HOUR_MS, "away"), (5 * HOUR_MS, "offline")):
        history.now_ms = alice.now_ms = midnight + when
        history.do(alice, alice.actor, c.SetStatus(status))  # type: ignore[arg-type]
    history.now_ms = midnight + 6 * HOUR_MS
    [before, after] = [
        row
        for row in Desk(history).agents(midnight - DAY_MS, midnight + DAY_MS, by_day=True)
        if row["agent"] == "alice"
    ]
    hours = {"online": 3, "busy": 0, "away": 0, "offline": 21}
    assert before["time_by_status"] == {status: count * HOUR_MS for status, count in hours.items()}
    assert after["time_by_status"] == {
        "online": 2 * HOUR_MS, "busy": 0, "away": 3 * HOUR_MS, "offline": HOUR_MS + 1,
    }  # fmt: skip


def test_an_agents_statuses_are_read_once_for_all_days(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(0)
    read, asked = history.journal.read, list[ActorId]()

    def counted(actor: ActorId, after: int, limit: int) -> Sequence[Record]:
        asked.append(actor)
        return read(actor, after, limit)

    monkeypatch.setattr(history.journal, "read", counted)
    Desk(history).agents(NOW_MS - 50 * DAY_MS, NOW_MS + 50 * DAY_MS, by_day=True)
    assert sum(one == actor_id("agent", "alice") for one in asked) == 1


def test_what_could_not_be_read_to_its_end_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.reading.PAGE", 3)
    history = History(4)
    history.go_on(200)
    desk, read, failed = Desk(history), history.journal.read, set[tuple[ActorId, int]]()

    def failing(actor: ActorId, after: int, limit: int) -> Sequence[Record]:
        if after and (actor, after) not in failed:
            failed.add((actor, after))
            raise StoreFailed("the line was cut")
        return read(actor, after, limit)

    monkeypatch.setattr(history.journal, "read", failing)
    span, found = (NOW_MS - DAY_MS, history.now_ms), list[dict[str, Any]]()
    while not found:
        with suppress(StoreFailed):
            found = desk.bots(*span)
    assert len(failed) > 20
    assert found == Desk(history).bots(*span)


def test_a_conversation_that_a_newer_version_wrote_is_left_out_and_all_others_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    history = History(4)
    history.go_on(200)
    actor, span = ActorId(history.scenes[0].actor), (NOW_MS - DAY_MS, history.now_ms)
    records = history.journal.records[actor]
    records.append(Record(actor, len(records) + 1, history.now_ms, "", b'{"type":"of another age"}'))
    found = Desk(history).bots(*span)
    assert actor in caplog.text
    history.journal.erase([actor], history.fences)
    assert found == Desk(history).bots(*span)


def test_a_rating_that_is_given_again_replaces_the_one_before() -> None:
    history = History(0, conversations=2)
    scene = history.scenes[1]
    for second, (sender, command) in enumerate([(ALICE, c.TakeOver()), (VISITOR, c.Rate(1)), (VISITOR, c.Rate(5))]):
        history.now_ms = scene.now_ms = NOW_MS + second * 1_000
        history.do(scene, sender, command)
    [alice, *_] = Desk(history).agents(NOW_MS, NOW_MS + DAY_MS)
    assert alice["rating"] == {"average": 5, "count": 1}
    [alice, *_] = Desk(history).agents(NOW_MS, NOW_MS + 2_000)
    assert alice["rating"] == {"average": 1, "count": 1}


def test_what_was_read_is_good_for_a_while_and_says_as_of_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.reports.REST", 1_000_000)
    history = History(1)
    desk = Desk(history)
    asked = Asked(("acme",), AGENTS, Span(NOW_MS - DAY_MS, NOW_MS + 90 * DAY_MS))
    first = asyncio.run(desk.reports.bots(asked))
    history.go_on(50)
    second = asyncio.run(desk.reports.bots(asked))
    assert second == first
    earlier = Asked(("acme",), AGENTS, Span(NOW_MS - 2 * DAY_MS, NOW_MS + 90 * DAY_MS))
    third = asyncio.run(desk.reports.bots(earlier))
    assert third["as_of_ms"] == history.now_ms + 1 > first["as_of_ms"]
    assert third["items"] != first["items"]


def test_an_agent_who_is_no_more_is_shown_to_managers() -> None:
    history = History(2)
    history.go_on(300)
    names = [row["agent"] for row in Desk(history).agents(NOW_MS, history.now_ms, former=False)]
    assert names == ["alice", "bob", "mona"]
    asked = Asked(BOTS, ("alice",), Span(NOW_MS, history.now_ms), former=True)
    found = asyncio.run(Desk(history).reports.agents(asked))["items"]
    assert {row["agent"] for row in found} == {"alice", "bob", "mona"}


# Days


def test_days_are_those_of_the_zone_and_long_or_short_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = 1_774_566_000_000  # 2026-03-27 00:00 in Berlin; clocks go forward on the 29th
    found = list(days(Span(start, start + 4 * DAY_MS), berlin))
    assert [one.day for one in found] == ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]
    assert [(one.to_ms - one.from_ms) / HOUR_MS for one in found] == [24, 24, 23, 24, 1]
    assert all(one.to_ms == after.from_ms for one, after in pairwise(found))


def test_a_part_of_a_day_is_a_day_of_its_own_length() -> None:
    found = list(days(Span(NOW_MS, NOW_MS + 1), ZoneInfo("UTC")))
    assert found == [Span(NOW_MS, NOW_MS + 1, "2023-11-14")]


# CSV


def test_a_table_has_every_figure_in_a_column() -> None:
    items = [
        {"agent": "alice", "name": "=Alice, \"A\"", "response_p50_ms": None, "resolutions": {"resolved": 2, "spam": 0}},
        {"agent": "bob", "name": "Bob", "response_p50_ms": 1_500, "resolutions": {"resolved": 0, "spam": 1}},
    ]  # fmt: skip
    [alice, bob] = csv.DictReader(io.StringIO(as_csv(items)))
    assert (alice["agent"], alice["name"], alice["response_p50_ms"]) == ("alice", '\'=Alice, "A"', "")
    assert (alice["resolutions_resolved"], alice["resolutions_spam"]) == ("2", "0")
    assert bob["response_p50_ms"] == "1500"


def test_an_empty_report_is_an_empty_table() -> None:
    assert as_csv([]).strip() == ""
