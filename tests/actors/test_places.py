"""Places in the line: told on coming, when they change, and to whoever has forgotten; a long line in turn."""

from actors import commands as c
from actors.supervisor.line import Line
from actors.supervisor.places import AT_ONCE, EVERY_MS, Places
from actors.supervisor.waiting import Waiting
from tests.actors.floor import full


def test_the_place_is_told_on_coming() -> None:
    floor = full()
    floor.wait_for_agent("v")
    assert floor.places() == {"v": 1}
    floor.later(1).wait_for_agent("w")
    assert floor.places() == {"w": 2}


def test_places_that_change_are_told_once_a_second_and_only_those() -> None:
    floor = full()
    for key in ("v", "w", "x"):
        floor.later(1).wait_for_agent(key)
    floor.passes(5)
    floor.gone("v")
    assert floor.places() == {}
    floor.gone("w")
    floor.passes(1)
    assert floor.places() == {"x": 1}
    assert floor.due_seconds() == 9, "nothing moves: only the pace is looked at, now and then"
    floor.passes(10)
    assert floor.places() == {}
    floor.gone("x")
    floor.passes(1)
    assert floor.due_seconds() is None


def test_priority_moves_the_others_back() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.passes(5)
    floor.wait_for_agent("w", priority=9)
    assert floor.places() == {"w": 1}
    floor.passes(1)
    assert floor.places() == {"v": 2}


def test_who_has_forgotten_the_place_is_told_it_again() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.wait_for_agent("v", since_ms=floor.now_ms)
    assert floor.places() == {"v": 1}
    assert len(floor.state.dispatch.line) == 1


def test_so_is_whoever_was_read_from_the_journal_while_it_rang() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.later(1).wait_for_agent("w")
    floor.wait_for_agent("w", since_ms=floor.now_ms, tried=("alice",), attempt=1)
    assert floor.places() == {"w": 2}


def test_in_a_long_line_the_front_is_told_at_once_and_the_others_in_turn() -> None:
    line = Line()
    places = Places(line)
    for number in range(1_000):
        line.add(Waiting(f"v{number:04}", c.Enlist(2, number)))
    places.moved()
    told = []
    now_ms = 0
    while places.next_ms <= now_ms + EVERY_MS:
        now_ms = max(now_ms, places.next_ms)
        round_told = list(places.changed(now_ms))
        assert len(round_told) <= 2 * AT_ONCE
        for position, one in round_told:
            one.told = (position, places.pace)
        told += [position for position, _ in round_told]
    assert sorted(told) == list(range(1, 1_001))
    line.remove(line.all["v0000"])
    places.moved()
    assert [position for position, _ in places.changed(now_ms + 1_000)][:3] == [1, 2, 3]
