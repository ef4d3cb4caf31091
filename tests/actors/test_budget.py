"""A bot's tokens of the month: counted once, from 0 in the next."""

import pytest

from actors.budget import BudgetMachine, DescribeBudget, SpendTokens, Standing
from actors.settings import AssistantSettings, BotSettings, Settings
from runtime.identity import actor_id
from runtime.machine import Measure, Origin
from tests.actors.scene import NOW_MS, VISITOR, WORKER, Scene

DAY_SECONDS = 86_400


def budget(monthly: int = 100) -> Scene:
    settings = Settings(bots=[BotSettings(id="acme", assistant=AssistantSettings(monthly_tokens=monthly))])
    return Scene(BudgetMachine(settings), actor_id("budget", "acme"))


def standing(scene: Scene) -> Standing:
    found = scene.machine.answer(scene.state, DescribeBudget(), Origin(WORKER, scene.now_ms))
    assert isinstance(found, Standing)
    return found


def test_what_is_spent_is_counted_and_measured() -> None:
    scene = budget()
    assert scene.send(WORKER, SpendTokens(60)) == ["tokens_spent"]
    assert scene.all(Measure) == [Measure("assistant_tokens_total", ("acme",), 60)]
    scene.send(WORKER, SpendTokens(39))
    assert (standing(scene), standing(scene).room) == (Standing(99, 100), True)
    scene.send(WORKER, SpendTokens(1))
    assert not standing(scene).room


def test_a_restart_forgets_nothing() -> None:
    scene = budget()
    scene.send(WORKER, SpendTokens(60))
    scene.restart()
    assert standing(scene).spent == 60


@pytest.mark.parametrize(("days", "left"), [(1, 60), (16, 60), (17, 0), (400, 0)])
def test_a_month_ends_at_midnight_utc_and_the_next_begins_with_nothing(days: int, left: int) -> None:
    scene = budget()  # on the 14th of November
    scene.send(WORKER, SpendTokens(60))
    assert standing(scene.later(days * DAY_SECONDS)).spent == left
    scene.send(WORKER, SpendTokens(5))
    assert standing(scene).spent == left + 5
    assert scene.replayed() == scene.state


def test_without_a_budget_there_is_always_room_and_still_it_is_counted() -> None:
    scene = budget(0)
    scene.send(WORKER, SpendTokens(10**9))
    assert (standing(scene).room, standing(scene).spent) == (True, 10**9)


def test_nothing_spent_is_nothing_that_has_happened() -> None:
    assert budget().send(WORKER, SpendTokens(0)) == []
    assert budget().send(WORKER, SpendTokens(-5)) == []


def test_only_workers_spend() -> None:
    assert budget().refused(VISITOR, SpendTokens(1)).code == "forbidden"


def test_the_time_of_the_examples_is_what_they_say() -> None:
    assert NOW_MS == 1_700_000_000_000  # 2023-11-14T22:13:20Z
