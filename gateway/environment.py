"""Which environment variables a configuration names. They hold secrets, so that it need not.

Processes that a running Ray starts have the environment of its nodes, not that of whoever called `up`: what it had is
handed on to them with the plan.
"""

import os
from collections.abc import Iterator, Mapping

from actors.settings import BotSettings, Settings


def variables(bot: BotSettings) -> Iterator[tuple[str, str]]:
    """Where a bot's settings name a variable, and which."""
    yield "identity_secret_env", bot.identity_secret_env
    yield "assistant.api_key_env", bot.assistant.api_key_env or _usual_key(bot)
    if bot.telegram is not None:
        yield "telegram.token_env", bot.telegram.token_env


def _usual_key(bot: BotSettings) -> str:
    if bot.assistant.kind != "openai" or bot.assistant.base_url:
        return ""
    from actors.assistant.openai_engine import OPENAI_KEY

    return OPENAI_KEY


def environment(settings: Settings) -> Mapping[str, str]:
    """Those that are set here, with what they hold."""
    names = {name for bot in settings.bots for _, name in variables(bot)}
    return {name: os.environ[name] for name in sorted(names) if name in os.environ}
