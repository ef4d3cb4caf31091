"""What is said and shown: messages, typing, reading, presence, notes, tags and details."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from actors import commands as c
from actors import events as e
from actors.assistant.recognise import wants_human
from actors.conversation import handoff
from actors.conversation.rules import (
    ASSISTANT,
    Rules,
    from_visitor,
    need_visitor,
    not_allowed,
    owner_only,
    person,
    says,
    too_long,
)
from actors.conversation.signals import SessionsChanged, TypingSignalled, VisitorSeen
from actors.conversation.state import Conversation
from runtime.machine import Attached, Detached, Fact, Origin, Rejected

_encode = msgspec.json.Encoder().encode

T = TypeVar("T")

INTERRUPTION_CHARACTERS = 80
"""Others wait while it is read: some 20 µs, and 0.6 ms when none of its words is one."""

ATTRIBUTES_BYTES = 16_384


def open_conversation(rules: Rules, state: Conversation, command: c.Open, origin: Origin) -> Sequence[Fact]:
    """Begins the conversation; the bot greets. A second time it does nothing."""
    if origin.sender != f"visitor/{command.visitor.id}":
        raise Rejected("forbidden", "Only the visitor may do that.")
    if state.phase != "new":
        need_visitor(origin, state)
        return []
    bot = rules.settings.bot(command.bot)
    if bot is None:
        raise Rejected("not_found", f"There is no bot {command.bot!r}.")
    _need_small(command.visitor.attributes)
    opened = e.ConversationOpened(command.bot, command.visitor, command.last_agent or UNSET)
    if not bot.greeting:
        return [opened]
    return [opened, says(state, "assistant", e.Person(ASSISTANT, bot.name), bot.greeting, after=1)]


def send_message(rules: Rules, state: Conversation, command: c.SendMessage, origin: Origin) -> Sequence[Fact]:
    """A message of the visitor's or of the owning agent's."""
    text = command.text
    if len(text) > rules.text_characters:
        too_long(rules, "text")
    if not text.strip() and not command.attachments:
        raise Rejected("bad_request", "A message needs a text or an attachment.", field="text")
    if from_visitor(origin, state):
        if state.phase == "closed":
            not_allowed(state, "The conversation is closed.")
        visitor = state.visitor
        message = _message(state, "visitor", e.Person(visitor.id, visitor.name), command, 0)
        return [message] if state.turn is None else [message, *_interrupts(rules, state, text, origin.now_ms)]
    if not command.take_over:
        return [_message(state, "agent", owner_only(rules, state, origin), command, 0)]
    agent = person(rules.agent(origin, state))
    if state.service is not None and state.service.agent.id == agent.id:
        taken: Sequence[Fact] = ()
    else:
        taken = handoff.take_over(rules, state, c.TakeOver(command.telegram), origin)
    return [*taken, _message(state, "agent", agent, command, len(taken))]


def _interrupts(rules: Rules, state: Conversation, text: str, now_ms: int) -> list[Fact]:
    """Who asks for a human while the assistant is at an answer does not have to wait for its end.

    All else that fetches one, and what is long, is read with the next turn, by a worker.
    """
    bot = rules.bot(state)
    if bot.tier != "premium" or len(text) > INTERRUPTION_CHARACTERS:
        return []
    match = wants_human(text, bot.escalation.phrases)
    return [] if match is None else handoff.ask_for_human(rules, state, "phrase", match.detail, now_ms, after=1)


def _message(
    state: Conversation, speaker: e.Speaker, author: e.Person, command: c.SendMessage, after: int
) -> e.MessageSent:
    message_id = f"{state.key}.{state.sequence + 1 + after}"
    return e.MessageSent(message_id, speaker, author, command.text, command.attachments)


def edit_message(rules: Rules, state: Conversation, command: c.EditMessage, origin: Origin) -> Sequence[Fact]:
    """An agent's correction of her own message, as the Telegram bridge hears of it."""
    rules.agent(origin, state)
    if state.phase == "closed":
        not_allowed(state, "")
    return [e.MessageEdited(command.message_id, command.text, deleted=not command.text)]


def set_typing(rules: Rules, state: Conversation, command: c.SetTyping, origin: Origin) -> Sequence[Fact]:
    """Shown to the others, never kept."""
    if from_visitor(origin, state):
        if state.phase == "closed":
            not_allowed(state, "")
        text = command.text[: rules.text_characters]
        return [TypingSignalled("visitor", state.visitor.name, command.active, text)]
    agent = owner_only(rules, state, origin)
    return [TypingSignalled("agent", agent.name, command.active, "")]


def mark_read(rules: Rules, state: Conversation, command: c.MarkRead, origin: Origin) -> Sequence[Fact]:
    """Read up to a sequence; what was read stays read. A watching manager's reading says nothing to the visitor.

    Marks are events too, so two clients that mark all they hear would go on for ever: of marks alone there is none.
    """
    if not 0 < command.sequence <= state.sequence:
        raise Rejected("bad_request", f"sequence is from 1 to {state.sequence}.", field="sequence")
    if from_visitor(origin, state):
        return [e.ReadMarked("visitor", command.sequence)] if _is_news(state, state.read_visitor, command) else []
    agent = rules.agent(origin, state)
    if state.service is not None and state.service.agent.id != agent.id:
        return []
    return [e.ReadMarked("agent", command.sequence)] if _is_news(state, state.read_agent, command) else []


def _is_news(state: Conversation, read: int, command: c.MarkRead) -> bool:
    """Something that is no read mark has been read that was not."""
    first, last = state.marks
    return command.sequence > read and not (first <= read + 1 and command.sequence <= last)


def update_details(rules: Rules, state: Conversation, command: c.UpdateDetails, origin: Origin) -> Sequence[Fact]:
    """Who the visitor says to be, and where; also after the close, for a late e-mail address."""
    need_visitor(origin, state)
    visitor = state.visitor
    changed = e.DetailsChanged(
        name=_news(command.name, visitor.name),
        email=_news(command.email, visitor.email),
        attributes=_news({**visitor.attributes, **(command.attributes or {})}, visitor.attributes),
        page=_news(command.page, visitor.page),
    )
    if changed.attributes is not UNSET:
        _need_small(changed.attributes)
    return [changed] if changed != e.DetailsChanged() else []


def _need_small(attributes: dict[str, Any]) -> None:
    limit = ATTRIBUTES_BYTES
    if len(_encode(attributes)) > limit:
        raise Rejected("too_large", f"Attributes have {limit} bytes at most.", field="attributes", limit=limit)


def _news(told: T | None, known: T) -> T | UnsetType:
    return told if told is not None and told != known else UNSET


def add_note(rules: Rules, state: Conversation, command: c.AddNote, origin: Origin) -> Sequence[Fact]:
    """For colleagues; the visitor never sees it."""
    agent = rules.agent(origin, state)
    if not command.text.strip():
        raise Rejected("bad_request", "A note needs a text.", field="text")
    if len(command.text) > rules.text_characters:
        too_long(rules, "text")
    return [e.NoteAdded(person(agent), command.text)]


def change_tags(rules: Rules, state: Conversation, command: c.ChangeTags, origin: Origin) -> Sequence[Fact]:
    """Tags are one line, trimmed; what is there is not added again."""
    agent = rules.agent(origin, state)
    wanted = (" ".join(one.split()) for one in command.add)
    added = tuple(dict.fromkeys(tag for tag in wanted if tag and tag not in state.tags))
    removed = tuple(tag for tag in dict.fromkeys(command.remove) if tag in state.tags)
    tags, characters = rules.limits.tags, rules.limits.tag_characters
    if any(len(tag) > characters for tag in added):
        raise Rejected("bad_request", f"A tag has {characters} characters at most.", field="add")
    after = {*state.tags, *added} - {*removed, handoff.MISSED_TAG}
    if added and len(after) > tags:
        raise Rejected("bad_request", f"A conversation has {tags} tags at most.", field="add")
    return [e.TagsChanged(added, removed, by=person(agent))] if added or removed else []


def attached(rules: Rules, state: Conversation, command: Attached, origin: Origin) -> Sequence[Fact]:
    """A session watches: the visitor is online, or an agent looks on."""
    visitor = from_visitor(origin, state)
    if not visitor:
        rules.agent(origin, state)
    come = SessionsChanged(command.session, origin.sender, here=True)
    return [come, VisitorSeen()] if visitor and not state.online else [come]


def detached(rules: Rules, state: Conversation, command: Detached, origin: Origin) -> Sequence[Fact]:
    """A session watches no more."""
    gone = SessionsChanged(command.session, origin.sender, here=False)
    if command.session in state.online:
        return [gone, VisitorSeen()] if len(state.online) == 1 else [gone]
    return [gone] if command.session in state.viewers else []
