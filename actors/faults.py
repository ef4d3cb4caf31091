"""What is wrong with settings that types cannot say: values that contradict each other, or name what is not there.

Pure: files, environment and the places of things in a file are the business of whoever read them. Every fault is
reported, not the first only. A warning is legal, but hardly what was meant.
"""

import ipaddress
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

from actors.hours import DAYS, Hours, span, zone
from actors.settings import AgentSettings, AssistantSettings, BotSettings, QuickReply, ServerSettings, Settings
from actors.variables import GREETING, unknown

Item = TypeVar("Item")


class Fault(NamedTuple):
    """``place`` is a path in the settings, such as ``bots[0].hours.monday[1]``."""

    place: str
    message: str
    warning: bool = False


def faults(settings: Settings) -> list[Fault]:
    """Every fault of the settings, in the order of the tables; empty when they can be used without a second thought."""
    return [
        *_server(settings.server),
        *store_faults(settings.store.url),
        *_limits(settings),
        *_bots(settings),
        *_agents(settings),
        *_quick_replies(settings),
    ]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to add to a message, or nothing when no known word is close."""
    close = get_close_matches(word, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _server(server: ServerSettings) -> Iterator[Fault]:
    for index, proxy in enumerate(server.trusted_proxies):
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            yield Fault(f"server.trusted_proxies[{index}]", f'"{proxy}" is not an IP address or network')
    if server.public_url and not _is_web(server.public_url):
        yield Fault("server.public_url", f'"{server.public_url}" is not an http or https address')


def store_faults(url: str) -> Iterator[Fault]:
    """What keeps an address from being a store's."""
    parts = _url(url)
    if parts is None or parts.scheme not in {"sqlite", "redis", "rediss"}:
        yield Fault("store.url", f'"{url}" is neither sqlite:///PATH nor redis://HOST:PORT/DB')
    elif parts.scheme == "sqlite" and (parts.netloc or not parts.path.strip("/")):
        yield Fault("store.url", f'"{url}" names no file; it is written sqlite:///PATH, with three slashes')
    elif parts.scheme != "sqlite" and not parts.hostname:
        yield Fault("store.url", f'"{url}" names no host')
    elif parts.scheme != "sqlite" and parts.path.strip("/") and not parts.path.strip("/").isdigit():
        yield Fault("store.url", f'"{url}": a Redis database is a number, as in redis://localhost:6379/0')


def _limits(settings: Settings) -> Iterator[Fault]:
    limits = settings.limits
    if limits.text_characters > limits.frame_bytes:
        message = f"a frame of {limits.frame_bytes} bytes cannot carry {limits.text_characters} characters"
        yield Fault("limits.text_characters", message)


def _bots(settings: Settings) -> Iterator[Fault]:
    if not settings.bots:
        yield Fault("bots", "there is no bot; each one is a table [[bots]]")
    yield from _duplicates("bots", "id", settings.bots, lambda bot: bot.id)
    with_telegram = [bot if bot.telegram is not None else None for bot in settings.bots]
    yield from _duplicates("bots", "telegram.token_env", with_telegram, _token_env)
    served = {bot for agent in settings.agents for bot in agent.bots}
    for index, bot in enumerate(settings.bots):
        place = f"bots[{index}]"
        yield from _bot(place, bot)
        if bot.telegram is not None:
            yield from _telegram(f"{place}.telegram", bot, settings)
        if bot.tier == "premium" and bot.id and bot.id not in served:
            yield Fault(place, f'no agent serves "{bot.id}": whoever asks for a human gets the offline message', True)


def _bot(place: str, bot: BotSettings) -> Iterator[Fault]:
    for index, origin in enumerate(bot.allowed_origins):
        parts = _url(origin)
        if parts is None or parts.scheme not in {"http", "https"} or parts.path or parts.query or not parts.hostname:
            yield Fault(f"{place}.allowed_origins[{index}]", f'"{origin}" is not an origin like "https://acme.example"')
    yield from _assistant(f"{place}.assistant", bot.assistant)
    for name in unknown(bot.routing.agent_greeting, GREETING):
        message = f"there is no {{{name}}}, and visitors would read it so{did_you_mean(name, GREETING)}"
        yield Fault(f"{place}.routing.agent_greeting", message, True)
    if bot.hours is not None:
        yield from _hours(f"{place}.hours", bot.hours)


def _token_env(bot: BotSettings | None) -> str | None:
    return bot.telegram.token_env if bot is not None and bot.telegram is not None else None


def _telegram(place: str, bot: BotSettings, settings: Settings) -> Iterator[Fault]:
    telegram, public_url = bot.telegram, settings.server.public_url
    assert telegram is not None
    if not _is_web(telegram.api_url):
        yield Fault(f"{place}.api_url", f'"{telegram.api_url}" is not an http or https address')
    if bot.tier == "basic":
        yield Fault(place, "a basic bot has no live support: this group will stay silent", True)
    if telegram.mode == "webhook" and not public_url.startswith("https://"):
        message = "Telegram's own servers send updates to https addresses only: set server.public_url"
        yield Fault(f"{place}.mode", message, True)
    agents = settings.agents_of(bot.id)
    if bot.tier == "premium" and agents and not any(agent.telegram_user for agent in agents):
        message = f'no agent of "{bot.id}" has a telegram_user: nobody in the group could answer'
        yield Fault(place, message, True)


def _assistant(place: str, assistant: AssistantSettings) -> Iterator[Fault]:
    if assistant.kind == "knowledge" and not assistant.paths:
        yield Fault(f"{place}.paths", "a knowledge assistant without files has nothing to answer from", True)
    if assistant.kind == "openai" and not assistant.model:
        yield Fault(f"{place}.model", 'is missing; kind "openai" needs the name of a model')
    if assistant.base_url and not _is_web(assistant.base_url):
        yield Fault(f"{place}.base_url", f'"{assistant.base_url}" is not an http or https address')


def _hours(place: str, hours: Hours) -> Iterator[Fault]:
    yield from _unless(f"{place}.timezone", zone, hours.timezone)
    for day in DAYS:
        yield from _day(f"{place}.{day}", getattr(hours, day))
    for index, text in enumerate(hours.closed_dates):
        yield from _unless(f"{place}.closed_dates[{index}]", _calendar_date, text)
    if not any(getattr(hours, day) for day in DAYS):
        yield Fault(place, "no day has opening hours: this bot is never open", True)


def _day(place: str, texts: list[str]) -> Iterator[Fault]:
    spans = []
    for index, text in enumerate(texts):
        bad = list(_unless(f"{place}[{index}]", span, text))
        yield from bad
        if not bad:
            spans.append((span(text), text))
    for (earlier, one), (later, other) in pairwise(sorted(spans)):
        if later[0] < earlier[1]:
            yield Fault(place, f'"{one}" and "{other}" overlap')


def _agents(settings: Settings) -> Iterator[Fault]:
    agents = settings.agents
    yield from _duplicates("agents", "id", agents, lambda agent: agent.id)
    yield from _duplicates("agents", "email", agents, lambda agent: agent.email.casefold() or None)
    yield from _duplicates("agents", "telegram_user", agents, lambda agent: agent.telegram_user)
    for index, agent in enumerate(agents):
        place = f"agents[{index}]"
        yield from _unknown_bots(f"{place}.bots", agent.bots, settings)
        yield from _login(place, agent)
        if not agent.bots and agent.role != "admin":
            yield Fault(place, f'"{agent.id}" serves no bot', True)


def _login(place: str, agent: AgentSettings) -> Iterator[Fault]:
    name, _, domain = agent.email.partition("@")
    if agent.email and (not name or not domain or "@" in domain or any(map(str.isspace, agent.email))):
        yield Fault(f"{place}.email", f'"{agent.email}" is not an e-mail address')
    if agent.password_hash and not agent.password_hash.startswith("$argon2"):
        yield Fault(f"{place}.password_hash", "is not an argon2 hash; `livesupport hash-password` makes one")
    if not (agent.email and agent.password_hash) and agent.telegram_user is None:
        yield Fault(place, f'"{agent.id}" cannot log in: that takes an email and a password_hash', True)


def _quick_replies(settings: Settings) -> Iterator[Fault]:
    replies = settings.quick_replies
    everywhere = [bot.id for bot in settings.bots]
    seen: dict[tuple[str, str], int] = {}
    for index, reply in enumerate(replies):
        yield from _unknown_bots(f"quick_replies[{index}].bots", reply.bots, settings)
        yield from _taken_shortcut(index, reply, reply.bots or everywhere, seen)


def _taken_shortcut(
    index: int, reply: QuickReply, bots: Sequence[str], seen: dict[tuple[str, str], int]
) -> Iterator[Fault]:
    taken = {seen[key] for bot in bots if (key := (bot, reply.shortcut)) in seen}
    if taken:
        message = f'"{reply.shortcut}" is the shortcut of quick_replies[{min(taken)}] already'
        yield Fault(f"quick_replies[{index}].shortcut", message)
    for bot in bots:
        seen.setdefault((bot, reply.shortcut), index)


def _unknown_bots(place: str, bots: list[str], settings: Settings) -> Iterator[Fault]:
    known = {bot.id for bot in settings.bots}
    for index, bot in enumerate(bots):
        if bot not in known:
            yield Fault(f"{place}[{index}]", f'there is no bot "{bot}"{did_you_mean(bot, known)}')
        elif bot in bots[:index]:
            yield Fault(f"{place}[{index}]", f'"{bot}" is named twice')


def _duplicates(
    table: str, field: str, items: Sequence[Item], key: Callable[[Item], Hashable | None]
) -> Iterator[Fault]:
    first: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        value = key(item)
        if value is not None and first.setdefault(value, index) != index:
            yield Fault(f"{table}[{index}].{field}", f'"{value}" belongs to {table}[{first[value]}] already')


def _unless(place: str, parse: Callable[[str], object], text: str) -> Iterator[Fault]:
    try:
        parse(text)
    except ValueError as error:
        yield Fault(place, str(error))


def _calendar_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a date like "2026-12-25"') from error


def _url(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # Raises when it is not a port.
    except ValueError:
        return None
    return parts


def _is_web(text: str) -> bool:
    parts = _url(text)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
