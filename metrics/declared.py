"""The label sets that are known beforehand, at 0 from the start of a host.

A reader that asks by how much a counter has grown cannot see the step from nothing to 1; so what is known to come is
there before it comes. Not so with very many agents: then a metric of an agent's begins with her first fact.
"""

from collections.abc import Iterator
from itertools import product
from typing import get_args

from actors.events import How, OfflineReason, Outcome, Resolution, Speaker, Trigger
from actors.settings import BotSettings, Settings
from metrics.instruments import CONVERSATIONS, INSTRUMENTS, Instrument
from metrics.recorder import Recorder

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


def facts(settings: Settings) -> Iterator[Name]:
    """Every metric and label set that the bots' conversations are counted by."""
    for bot in settings.bots:
        agents = [agent.id for agent in settings.agents_of(bot.id)] if bot.tier == "premium" else []
        yield from (
            (one.name, labels)
            for one in CONVERSATIONS
            if "bot" in one.labels and not one.sampled
            for labels in product(*_values(one, bot, agents))
        )


def declare(recorder: Recorder, settings: Settings) -> None:
    """Begin them, but for the agents' if there are very many."""
    many = sum(len(settings.agents_of(bot.id)) for bot in settings.bots) > AGENTS_MAX
    for name, labels in facts(settings):
        if not (many and "agent" in INSTRUMENTS[name].labels):
            recorder.cell(name, *labels)


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
