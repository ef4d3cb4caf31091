"""What an update of Telegram's means: an order of a member's, or something that has become of the group.

Telegram sends an update until it has been taken; each is taken once, by its id. What a member wants done is an errand:
it is journaled before it leaves, and its number makes it harmless to send it again.
"""

import re
from collections.abc import Sequence

from actors import commands as c
from actors.settings import AgentSettings
from actors.telegram import events as v
from actors.telegram import words
from actors.telegram.commands import Order, Say, Update
from actors.telegram.rules import Rules
from actors.telegram.state import Errand, Group, Purpose, digest_of
from runtime.identity import actor_id
from runtime.machine import Fact, Origin

STRANGER_MS = 600_000


def heard(rules: Rules, state: Group, update: Update, origin: Origin) -> Sequence[Fact]:
    """Take an update, once."""
    if update.update_id in state.updates:
        return []
    return [v.UpdateTaken(update.update_id), *_means(rules, state, update, origin.now_ms)]


def _means(rules: Rules, state: Group, update: Update, now_ms: int) -> list[Fact]:
    if update.chat != rules.group(state):
        return []
    match update.what:
        case "migrated":
            return [v.GroupMoved(rules.of(state).group, update.new_group)]
        case "member" if not update.member:
            return [v.ProblemFound(words.REMOVED)]
        case "member":
            solved: list[Fact] = [v.ProblemSolved()] if state.problem else []
            return [*solved, v.TopicsPermitted()] if state.topics_refused_ms else solved
        case "button" | "edited" | "message":
            return _from_member(rules, state, update, now_ms)
        case _:
            return []


def _from_member(rules: Rules, state: Group, update: Update, now_ms: int) -> list[Fact]:
    if update.what == "edited":
        return _edited(rules, state, update)
    name, rest = _command(state, update)
    if name == OTHERS:
        return []
    conversation = _conversation(state, update)
    if not conversation and not _to_us(state, update) and name not in COMMANDS:
        return []  # members talk among themselves, or to another bot
    agent = rules.agent(state, update.user)
    if agent is None:
        return _stranger(state, update, now_ms)
    if update.what == "button":
        return _button(state, update, agent)
    if name:
        return _ordered(state, update, agent, conversation, name, rest)
    return _reply(state, update, agent, conversation)


def _command(state: Group, update: Update) -> tuple[str, str]:
    """The name of a bot command, and what follows it; none: these are words. `OTHERS`: it is for another bot."""
    if update.what == "button" or not update.text.startswith("/"):
        return "", ""
    head, _, rest = update.text.partition(" ")
    if "\n" in head:
        head, _, rest = update.text.partition("\n")
    name, _, addressed = head.removeprefix("/").partition("@")
    if addressed and addressed.lower() != state.username.lower():
        return OTHERS, ""
    return (name.lower(), rest.strip()) if re.fullmatch(r"\w+", name) else ("", "")


OTHERS = "@"
COMMANDS = ("take", "return", "close", "note", "delete", "status", "queue", "who", "help", "start")
"""What is no command of ours is not taken for words to a visitor either."""


def _conversation(state: Group, update: Update) -> str:
    """Which conversation it is about. What is written on the message replied to is believed if it is ours."""
    if update.what == "button":
        return update.text.partition(" ")[2]
    known = state.messages.get(update.reply_to, "")
    named = words.conversation_of(update.tag) if _to_us(state, update) else ""
    return known or named or state.topics.get(update.topic, "")


def _to_us(state: Group, update: Update) -> bool:
    """It replies to a message of this bot's."""
    return bool(update.reply_to_bot) and update.reply_to_bot == state.username


def _stranger(state: Group, update: Update, now_ms: int) -> list[Fact]:
    text = words.ANONYMOUS if not update.user else words.stranger(update.user_name, update.user)
    if update.what == "button":
        return [v.ButtonAnswered(update.button, text[:200], alert=True)]
    if now_ms - state.strangers.get(update.user, -STRANGER_MS) < STRANGER_MS:
        return []
    return [v.StrangerTold(update.user), _answer(update, text)]


def _answer(update: Update, text: str, conversation: str = "") -> v.Spoke:
    return v.Spoke(Say(text, update.message, update.topic, conversation))


def _button(state: Group, update: Update, agent: AgentSettings) -> list[Fact]:
    action, _, key = update.text.partition(" ")
    thread = state.threads.get(key)
    match action:
        case "take":
            return [_errand(state, update, agent, "take", key, c.TakeOver(telegram=True))]
        case "return":
            return [_errand(state, update, agent, "return", key, c.ReturnToAssistant())]
        case "close" | "keep" if thread is not None and thread.card:
            said = "How did it end?" if action == "close" else ""
            return [v.ResolutionAsked(key, action == "close"), v.ButtonAnswered(update.button, said)]
        case "close":
            return [_which_end(update, key), v.ButtonAnswered(update.button, "")]
        case "resolved" | "unresolved" | "spam" | "other":
            return [_errand(state, update, agent, "close", key, c.CloseConversation(action))]
    return [v.ButtonAnswered(update.button, "That button is out of date.")]


def _which_end(update: Update, conversation: str) -> v.Spoke:
    choices = tuple((label, f"{value} {conversation}") for value, label in words.RESOLUTIONS.items())
    return v.Spoke(Say("How did it end?", update.message, update.topic, conversation, choices=choices))


def _errand(
    state: Group,
    update: Update,
    agent: AgentSettings,
    purpose: Purpose,
    conversation: str,
    order: Order,
    to: str = "",
    detail: str = "",
) -> v.ErrandBegun:
    return v.ErrandBegun(
        Errand(
            state.number + 1,
            purpose,
            agent.id,
            to or actor_id("conversation", conversation),
            order,
            conversation,
            update.files if purpose == "reply" else (),
            update.message,
            update.topic,
            update.button,
            detail,
        )
    )


def _reply(state: Group, update: Update, agent: AgentSettings, conversation: str) -> list[Fact]:
    if not conversation:
        return [_answer(update, words.FORGOTTEN)]
    if update.unsupported:
        return [_answer(update, f"Not sent: {update.unsupported} cannot be shown to visitors.", conversation)]
    if not update.text and not update.files:
        return []  # the group's own news: a topic was closed, somebody joined
    order = c.SendMessage(update.text, take_over=True, telegram=True)
    return [_errand(state, update, agent, "reply", conversation, order)]


def _edited(rules: Rules, state: Group, update: Update) -> list[Fact]:
    """Only a message that has become one of a conversation, by whoever wrote it, and has other words now: of reactions
    Telegram tells in the same way."""
    authored, agent = state.authored.get(update.message), rules.agent(state, update.user)
    if authored is None or agent is None or authored.agent != agent.id or not update.text:
        return []
    if authored.digest == digest_of(update.text):
        return []
    if _command(state, update)[0]:
        return [_answer(update, words.NO_COMMAND, authored.conversation)]  # hardly meant for the visitor's eyes
    order = c.EditMessage(authored.message_id, update.text)
    return [_errand(state, update, agent, "edit", authored.conversation, order)]


def _ordered(state: Group, update: Update, agent: AgentSettings, conversation: str, name: str, rest: str) -> list[Fact]:
    supervisor = actor_id("supervisor", state.bot)
    match name:
        case "help" | "start":
            return [_answer(update, words.HELP)]
        case "queue" | "who":
            return [
                _errand(state, update, agent, "queue" if name == "queue" else "who", "", c.DescribeQueue(), supervisor)
            ]
        case "status":
            return _status(state, update, agent, rest)
        case "delete":
            return _delete(state, update, agent)
    if name not in COMMANDS:
        return [_answer(update, f"I know no /{name}. Nothing was sent.\n{words.HELP}")]
    if not conversation:
        return [_answer(update, words.FORGOTTEN if _to_us(state, update) else words.NO_TARGET)]
    match name:
        case "take":
            return [_errand(state, update, agent, "take", conversation, c.TakeOver(telegram=True))]
        case "return":
            return [_errand(state, update, agent, "return", conversation, c.ReturnToAssistant(rest))]
        case "note":
            return [_errand(state, update, agent, "note", conversation, c.AddNote(rest))]
        case _:
            return _close(state, update, agent, conversation, rest)


def _close(state: Group, update: Update, agent: AgentSettings, conversation: str, rest: str) -> list[Fact]:
    resolution, _, notes = rest.partition(" ")
    known = next((one for one in words.RESOLUTIONS if one == resolution.lower()), None)
    if known is None:
        return [_which_end(update, conversation)]
    return [_errand(state, update, agent, "close", conversation, c.CloseConversation(known, notes.strip()))]


def _status(state: Group, update: Update, agent: AgentSettings, rest: str) -> list[Fact]:
    status = rest.lower()
    for known in c.STATUSES:
        if status == known:
            order = c.SetStatus(known, "from Telegram")
            return [_errand(state, update, agent, "status", "", order, actor_id("agent", agent.id), known)]
    return [_answer(update, "Which? /status online, busy, away or offline")]


def _delete(state: Group, update: Update, agent: AgentSettings) -> list[Fact]:
    authored = state.authored.get(update.reply_to)
    if authored is None or authored.agent != agent.id:
        return [_answer(update, words.NOT_YOURS)]
    order = c.EditMessage(authored.message_id)
    return [_errand(state, update, agent, "delete", authored.conversation, order)]
