"""What is left of the bots' token budgets, as their actors in a host know it, read when somebody asks."""

from collections.abc import Callable

from actors.budget import Budget, month_of
from actors.settings import Settings
from metrics.recorder import Samples
from runtime.clock import wall_clock_ms
from runtime.host import Host
from runtime.identity import actor_id


def budget_sampler(host: Host, settings: Settings, clock: Callable[[], int] = wall_clock_ms) -> Callable[[], Samples]:
    """Spent and granted, of each bot with a budget whose actor lives in this host."""
    granted = {bot.id: bot.assistant.monthly_tokens for bot in settings.bots if bot.assistant.monthly_tokens}

    def sampled() -> Samples:
        month = month_of(clock())
        here: dict[str, Budget] = {
            bot: host.activations[actor].state
            for bot in granted
            if (actor := actor_id("budget", bot)) in host.activations
        }
        return {
            "assistant_tokens_spent": [((bot,), budget.spent_in(month)) for bot, budget in here.items()],
            "assistant_tokens_budget": [((bot,), granted[bot]) for bot in here],
        }

    return sampled
