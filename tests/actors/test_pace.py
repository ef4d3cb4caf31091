"""How long it will take: guessed from the pace of late, and what the guess is worth."""

import random
from typing import Any

from actors import commands as c
from actors.supervisor.pace import RECENT_MS, Pace
from runtime.machine import Tell
from tests.actors.floor import Floor, full, person, team


def test_the_wait_is_guessed_until_something_is_known_of_the_pace() -> None:
    pace = Pace()
    assert pace.eta_seconds(1, slots=0) == (0, 300)
    assert pace.eta_seconds(5, slots=2) == (120, 750)


def worked(taken: int, every_seconds: int, times: int) -> Pace:
    """A pace at which somebody left the line for an agent every so often, while so many slots were taken."""
    pace = Pace()
    pace.observe(1, taken)
    for number in range(times):
        pace.assigned()
        pace.observe(1 + (number + 1) * every_seconds * 1000, taken)
    return pace


def test_the_wait_follows_the_work_of_late_and_a_pause_makes_it_longer() -> None:
    pace = worked(taken=1, every_seconds=10, times=10)
    assert pace.eta_seconds(6, slots=1) == (25, 120)
    pace.observe(200_001, 1)
    assert pace.eta_seconds(6, slots=1) == (50, 240)


def test_twice_the_slots_online_is_half_the_wait() -> None:
    assert worked(taken=1, every_seconds=10, times=10).eta_seconds(6, slots=2) == (12, 60)


def test_a_lack_of_visitors_is_not_a_lack_of_agents() -> None:
    quiet = Pace()
    for number in range(10):  # one in ten minutes, who takes a minute of an agent
        quiet.observe(1 + number * 600_000, 0)
        quiet.assigned()
        quiet.observe(1 + number * 600_000 + 60_000, 1)
    assert quiet.eta_seconds(1, slots=1) == (0, 120)


def test_what_was_an_hour_ago_says_nothing_any_more() -> None:
    pace = worked(taken=1, every_seconds=10, times=10)
    pace.observe(100_000 + RECENT_MS, 0)
    assert pace.eta_seconds(1, slots=1) == (0, 300)


def test_the_range_is_honest() -> None:
    """Six agents, talks of two to eight minutes, more visitors than they can take: what was told, and what it was."""
    dice = random.Random(7)
    floor = Floor(team(*(person(f"agent{number}") for number in range(6)), queue_max=1_000))
    told: dict[str, Any] = {}
    waits: dict[str, int] = {}
    ends: list[tuple[int, str]] = []
    arrives_ms = floor.now_ms

    def serve(asked: list[str]) -> None:
        for one in asked:
            key, _, agent = one.partition(">")
            waits[key] = floor.now_ms - int(key)
            floor.agent(agent, load=1)
            floor.gone(key, assigned=True)
            ends.append((floor.now_ms + dice.randint(120_000, 480_000), agent))

    while len(waits) < 400:
        ends.sort()
        if ends and ends[0][0] <= arrives_ms:
            when_ms, agent = ends.pop(0)
            floor.passes((when_ms - floor.now_ms) / 1000)
            serve(floor.agent(agent))
        else:
            floor.passes((arrives_ms - floor.now_ms) / 1000)
            key = str(floor.now_ms)
            serve(floor.wait_for_agent(key))
            told[key] = floor.queue()[key]["eta_seconds"] if key in floor.queue() else None
            arrives_ms += dice.randint(20_000, 80_000)
    rated = [(told[key], waits[key] / 1000) for key in list(waits)[20:] if told.get(key) is not None]
    right = [low <= seconds <= high for (low, high), seconds in rated]
    assert len(right) > 200
    assert sum(right) / len(right) > 0.88


def test_the_wait_is_told_again_when_the_pace_is_another() -> None:
    floor = full()
    floor.wait_for_agent("v")
    floor.wait_for_agent("w")
    floor.passes(10)
    floor.gone("v", assigned=True)
    floor.passes(1)
    assert floor.places() == {"w": 1}
    floor.wait_for_agent("x")
    floor.later(20).gone("x", assigned=True)
    told = []
    for _ in range(30):
        floor.passes(10)
        told += [one.command.eta_seconds[1] for one in floor.all(Tell) if isinstance(one.command, c.Position)]
    assert told == sorted(told), "nothing moves, so it takes longer and longer"
    assert len(told) > 5
    assert told[-1] > 2 * told[0]


def test_those_who_are_served_make_the_pace() -> None:
    floor = full()
    for number in range(4):
        floor.wait_for_agent(f"v{number}")
    for number in range(3):
        floor.later(30).gone(f"v{number}", assigned=True)
    assert floor.queue()["v3"]["eta_seconds"] == (0, 40)
