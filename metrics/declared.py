"""The label sets that are known beforehand, shown at 0 before anything is counted.

A reader that asks by how much a counter has grown cannot see the step from nothing to 1; so what is known to come is
there before it comes. Not so with very many agents: then a metric of an agent's begins with her first fact.
"""

from collections.abc import Iterator
from itertools import product
from typing import get_args

from actors.events import How, OfflineReason, Outcome, Resolution, Speaker, Trigger
from actors.settings import BotSettings, Settings
from metrics.instruments import FACTS, INSTRUMENTS, Instrument

AGENTS_MAX = 200

VALUES: dict[str, tuple[str, ...]] = {
    "from": get_args(Speaker),
    "how": get_args(How),
    "trigger": get_args(Trigger),
    "reason": get_args(OfflineReason),
    "resolution": get_args(Resolution),
}
ASSISTANT_OUTCOMES = ("answered", "unknown", "escalated", "retried", "failed", "dropped")


Name = tuple[str, tuple[str, ...]]


def declared(settings: Settings) -> list[Name]:
    """Every metric and label set that the bots' conversations are counted by, but for the agents' if they are many."""
    many = sum(len(settings.agents_of(bot.id)) for bot in settings.bots) > AGENTS_MAX
    facts = [INSTRUMENTS[name] for name in sorted(FACTS)]
    return [
        (one.name, labels)
        for bot in settings.bots
        for one in facts
        if not (many and "agent" in one.labels)
        for labels in product(*_values(one, bot, _agents(settings, bot)))
    ]


def _agents(settings: Settings, bot: BotSettings) -> list[str]:
    return [agent.id for agent in settings.agents_of(bot.id)] if bot.tier == "premium" else []


def _values(one: Instrument, bot: BotSettings, agents: list[str]) -> Iterator[tuple[str, ...]]:
    """What each label of the metric may be."""
    for label in one.labels:
        match label:
            case "bot":
                yield (bot.id,)
            case "agent":
                # Whom no agent had a part in is closed and rated too.
                yield ("", *agents) if one.name in ("closed_total", "rating") else tuple(agents)
            case "outcome":
                yield get_args(Outcome) if one.name == "offers_total" else ASSISTANT_OUTCOMES
            case _:
                yield VALUES[label]
