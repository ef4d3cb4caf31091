"""What a conversation tells the group of agents in Telegram: that something happened, not what. The bridge reads it."""

from collections.abc import Sequence

from msgspec import UNSET

from actors import events as e
from actors.assistant.recognise import find_keyword
from actors.conversation.state import Conversation
from actors.settings import Telegram
from actors.telegram.commands import Mirror
from runtime.identity import actor_id
from runtime.machine import Fact, Tell

SHOWN = (
    e.MessageSent,
    e.MessageEdited,
    e.HumanRequested,
    e.AgentAssigned,
    e.ReturnedToAssistant,
    e.NoteAdded,
    e.DetailsChanged,
    e.ConversationClosed,
    e.Rated,
)


def mirrored(telegram: Telegram, state: Conversation, fact: Fact) -> Sequence[Tell]:
    """A tell for the bot's group, if it is to see this. A greeting alone begins nothing there."""
    if not isinstance(fact, SHOWN):
        return ()
    if telegram.mirror == "handoff" and state.epoch == 1:
        return ()
    if not isinstance(fact, e.MessageSent):
        return [_tell(state, Mirror(state.sequence, state.phase, state.visitor.name, _owner(state)))]
    if fact.speaker == "assistant" and fact.turn is UNSET:
        return ()
    keyword = _keyword(telegram, fact)
    told = Mirror(state.sequence, state.phase, state.visitor.name, _owner(state), fact.speaker, keyword)
    return [_tell(state, told)]


def _tell(state: Conversation, told: Mirror) -> Tell:
    return Tell(actor_id("telegram", state.bot), told)


def _owner(state: Conversation) -> str:
    return state.service.agent.name if state.service is not None else ""


def _keyword(telegram: Telegram, fact: e.MessageSent) -> str:
    match = find_keyword(fact.text, telegram.keywords) if telegram.keywords and fact.speaker == "visitor" else None
    return match.detail if match is not None else ""
