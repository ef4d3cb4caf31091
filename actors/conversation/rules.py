"""What the rules of a conversation share: the settings, who a sender is, and the refusals that several give."""

from collections.abc import Sequence
from typing import NoReturn

from msgspec import UNSET, UnsetType

from actors import commands as c
from actors import events as e
from actors.conversation.signals import SlotReturned
from actors.conversation.state import Conversation
from actors.settings import AgentSettings, BotSettings, Settings
from runtime.identity import actor_id
from runtime.machine import Command, Detached, Fact, Origin, Rejected

SYSTEM = "system"
ASSISTANT = "assistant"
APOLOGY = "I'm sorry, I can't answer right now. Please try again in a moment."


class Rules:
    """The settings as the rules need them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limits = settings.limits
        self.text_characters = settings.limits.text_characters
        self._bots = settings.directory.bots
        self._senders: dict[str, AgentSettings] = {actor_id("agent", agent.id): agent for agent in settings.agents}
        self._gone = BotSettings(id="gone", tier="basic")
        self.bots = (*settings.bots, self._gone)

    def bot(self, state: Conversation) -> BotSettings:
        """The conversation's bot; one without live support if it is no longer configured."""
        return self._bots.get(state.bot, self._gone)

    def colleague(self, name: str, state: Conversation) -> AgentSettings | None:
        """The agent of that id, if she is one of this bot's."""
        agent = self._senders.get(actor_id("agent", name))
        return agent if agent is not None and state.bot in agent.bots else None

    def agent(self, origin: Origin, state: Conversation) -> AgentSettings:
        """The agent who sent the command. Raises `forbidden` if she is none of this bot's."""
        agent = self._senders.get(origin.sender)
        if agent is None or state.bot not in agent.bots:
            raise Rejected("forbidden", "Only the bot's agents may do that.")
        return agent

    def need_premium(self, state: Conversation) -> None:
        """Raises `basic_tier` unless the bot has live support."""
        if self.bot(state).tier != "premium":
            raise Rejected("basic_tier", "This bot has no live support: its assistant answers alone.")


def person(agent: AgentSettings) -> e.Person:
    """How events name an agent."""
    return e.Person(agent.id, agent.name)


def is_manager(agent: AgentSettings) -> bool:
    """Managers and admins may watch, reassign and whisper."""
    return agent.role != "agent"


def from_visitor(origin: Origin, state: Conversation) -> bool:
    """The command is the visitor's own."""
    return origin.sender == f"visitor/{state.visitor.id}"


def need_visitor(origin: Origin, state: Conversation) -> None:
    """Raises `forbidden` unless the visitor of this conversation sent it."""
    if not from_visitor(origin, state):
        raise Rejected("forbidden", "Only the visitor may do that.")


def not_allowed(state: Conversation, message: str) -> NoReturn:
    """The state does not permit it."""
    if state.phase == "closed":
        raise Rejected("closed", "The conversation is closed.")
    raise Rejected("not_allowed", message, state=state.phase)


def conflict(state: Conversation, message: str) -> NoReturn:
    """Somebody else was first."""
    assert state.service is not None
    agent = state.service.agent
    raise Rejected("conflict", message, owner={"kind": "agent", "id": agent.id, "name": agent.name})


def too_long(rules: Rules, field: str) -> NoReturn:
    """One bound for whatever people write: `limits.text_characters`."""
    limit = rules.text_characters
    raise Rejected("too_large", f"`{field}` has {limit} characters at most.", field=field, limit=limit)


def owner_only(rules: Rules, state: Conversation, origin: Origin) -> e.Person:
    """The agent who owns the live conversation. Raises `not_allowed` for all others."""
    agent, service = rules.agent(origin, state), state.service
    if state.phase != "live" or service is None:
        not_allowed(state, "Take the conversation over first.")
    owner = service.agent
    if owner.id != agent.id:
        not_allowed(state, f"{owner.name} has this conversation.")
    return owner


def says(
    state: Conversation,
    speaker: e.Speaker,
    author: e.Person,
    text: str,
    *,
    after: int = 0,
    notice: e.Notice | UnsetType = UNSET,
) -> e.MessageSent:
    """A message that follows `after` other events of the same command; its id tells conversation and sequence."""
    return e.MessageSent(f"{state.key}.{state.sequence + 1 + after}", speaker, author, text, notice=notice)


def system_says(rules: Rules, state: Conversation, text: str, notice: e.Notice, after: int = 0) -> e.MessageSent:
    """A message of the system's, in the bot's name."""
    return says(state, "system", e.Person(SYSTEM, rules.bot(state).name), text, after=after, notice=notice)


def refuse_new(command: Command, origin: Origin) -> Sequence[Fact]:
    """Nobody has opened this conversation: there is none. What only keeps the books is not an error."""
    match command:
        case c.Offer() | c.CheckSlot() | c.AgentGone():
            return [SlotReturned(origin.sender, command.epoch, command.attempt)]
        case Detached():
            return []
        case _:
            raise Rejected("not_found", "There is no such conversation.")
