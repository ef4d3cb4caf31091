"""What the bridge says for itself in the group. It is talked to by agents: short, and with the next step."""

from typing import Any

import msgspec

from actors.events import Resolution

RESOLUTIONS: dict[Resolution, str] = {
    "resolved": "Resolved",
    "unresolved": "Unresolved",
    "spam": "Spam",
    "other": "Other",
}

HELP = (
    "Reply to any of my messages and your words go to that visitor, under your name.\n"
    "/take, /return [summary], /close resolved|unresolved|spam|other [notes], /note text, /delete: as a reply\n"
    "/status online|busy|away|offline, /queue, /who"
)
NO_TARGET = "Which conversation? Send that as a reply to one of its messages."
FORGOTTEN = "I no longer know which conversation that message belongs to. Reply to a newer one, or open the dashboard."
NOT_YOURS = "That is not a message of yours to a visitor, or it is too old for me to change."
NO_COMMAND = "Not changed: an edit is no command. Send the command as a new reply."
ANONYMOUS = (
    "You write here as the group itself or as a channel, and I cannot see who you are: nothing was passed on. Write as "
    "yourself; admins switch off “Remain anonymous” in their rights for that."
)
REMOVED = "The bot was removed from its Telegram group. Add it again: what waits is then sent."
AWAY = "Telegram does not answer. What waits is sent when it does."
NO_TOPICS = (
    "I cannot make topics here ({why}). Switch on topics in the group and make me an admin who may manage them. "
    "Until then conversations appear in the group itself."
)


def no_token(variable: str) -> str:
    """There is no token to log in with."""
    return f"the environment variable {variable} holds no token"


def bad_token(variable: str) -> str:
    """The token is not one, or not any more."""
    return f"Telegram does not accept the token in {variable}"


def stranger(name: str, user: int) -> str:
    """How somebody gets listed."""
    return (
        f"{name or 'You'}, I cannot pass that on: you are not listed as an agent. Ask an admin to put "
        f"telegram_user = {user} into your [[agents]] table, and to restart the server."
    )


def status(name: str, status: str, grace_seconds: int) -> str:
    """Her status was set. Only the dashboard keeps it: offers ring there."""
    if status == "offline":
        return f"{name} is offline."
    return f"{name} is {status}. Offers ring at the dashboard: without it, offline again in {grace_seconds} s."


def refused(code: str, message: str, delivered: bool) -> str:
    """An order was refused. `delivered`: it was words for the visitor."""
    return f"{'Not sent' if delivered else 'Not done'}: {message}" if message else f"Not done ({code})."


def queue(value: str) -> str:
    """Who waits, as the supervisor has told it."""
    told: dict[str, Any] = msgspec.json.decode(value or "{}")
    waiting = told.get("waiting", [])
    if not waiting:
        return "Nobody waits."
    lines = [f"{one['position']}. {tag_of(one['conversation'])}: {one['why']}" for one in waiting[:20]]
    more = told.get("length", len(waiting)) - len(lines)
    return "\n".join([*lines, f"… and {more} more"] if more > 0 else lines)


def who(value: str) -> str:
    """Who is here, as the supervisor has told it."""
    agents = msgspec.json.decode(value or "{}").get("agents", [])
    lines = [f"{one['name']}: {one['status']}, {one['load']} of {one['capacity']}" for one in agents]
    return "\n".join(lines) or "Nobody is here."


def tag_of(conversation: str) -> str:
    """How a conversation is named in the group: a hashtag, so that a tap finds all that belongs to it."""
    return f"#c_{conversation.replace('-', '_')}"


def conversation_of(tag: str) -> str:
    """The conversation that a tag names, or nothing. Its number is the part after the last underscore."""
    if not tag.startswith("#c_"):
        return ""
    visitor, separator, number = tag.removeprefix("#c_").rpartition("_")
    return f"{visitor}-{number}" if separator and visitor and number.isdecimal() else ""


def on_duty(value: str) -> set[str]:
    """The agents who are here, as the supervisor has told it: online, or busy with others."""
    agents = msgspec.json.decode(value or "{}").get("agents", [])
    return {one["id"] for one in agents if one["status"] in ("online", "busy")}
