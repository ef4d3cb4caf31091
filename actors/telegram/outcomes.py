"""What became of calls and errands, and what follows from it."""

from collections.abc import Sequence

from actors.telegram import events as v
from actors.telegram import words
from actors.telegram.commands import (
    CloseTopic,
    Connected,
    OpenTopic,
    Operation,
    Outcome,
    Performed,
    Ran,
    RenameTopic,
    Say,
    Show,
)
from actors.telegram.rules import Rules
from actors.telegram.state import Errand, Group
from runtime.machine import Fact, Origin

AWAY_MS = (1_000, 2_000, 5_000, 10_000, 20_000, 30_000)
AWAY_SAID = 3
"""After so many calls in a row that came to nothing it is a problem, and said."""
REMOVED_MS = 60_000
TOKEN_MS = 300_000
REFUSED_MS = 2_000
REFUSALS_MAX = 3


def performed(rules: Rules, state: Group, told: Performed, origin: Origin) -> Sequence[Fact]:
    """The bridge tells what became of the call under way."""
    if state.flying is None or state.flying.number != told.number:
        return []
    number, now_ms = told.number, origin.now_ms
    match told.outcome:
        case "done":
            done = v.CallDone(number, told.message, told.upto, told.full, told.topic)
            return [done, v.ProblemSolved()] if state.problem else [done]
        case "wait":
            return [v.CallPostponed(number, now_ms + told.retry_ms, flood=True)]
        case "away":
            delay_ms = AWAY_MS[min(state.failures, len(AWAY_MS) - 1)]
            said = _problem(state, words.AWAY) if state.failures + 1 >= AWAY_SAID else []
            return [v.CallPostponed(number, now_ms + delay_ms), *said]
        case "removed":
            return [v.CallPostponed(number, now_ms + REMOVED_MS), *_problem(state, told.why or words.REMOVED)]
        case "token":
            return [v.CallPostponed(number, now_ms + TOKEN_MS), *_problem(state, told.why)]
        case "moved":
            return [v.CallPostponed(number, now_ms), v.GroupMoved(rules.of(state).group, told.new_group)]
        case "reply_gone" | "edit_gone" | "topic_gone" if place := _place(state.flying.operation, told.outcome):
            return [v.PlaceLost(number, place)]
        case "no_topics" if isinstance(state.flying.operation, OpenTopic | RenameTopic | CloseTopic):
            said = [] if state.topics_refused_ms else [v.Spoke(Say(words.NO_TOPICS.format(why=told.why)))]
            return [v.TopicsRefused(number), *said]
        case _:  # refused; or something is said to be missing that the call does not need: not again and again
            return _refused(state, told, now_ms)


def _problem(state: Group, text: str) -> list[Fact]:
    return [v.ProblemFound(text)] if state.problem != text else []


def _place(operation: Operation, outcome: Outcome) -> str:
    """What the call needs and is not there any more; nothing if it needs no such thing."""
    match outcome, operation:
        case "topic_gone", Show() | Say() | RenameTopic() | CloseTopic() if operation.topic:
            return "topic"
        case "reply_gone", Show() if operation.reply_to:
            return "card"
        case "reply_gone", Say() if operation.reply_to:
            return "reply"  # it may be left out, but not where it is of another topic (Bot API, `ReplyParameters`)
        case "edit_gone", Show() if operation.page:
            return "card" if operation.card else "page"
    return ""


def _refused(state: Group, told: Performed, now_ms: int) -> list[Fact]:
    """Telegram does not want it. Tried again, then left out, and said."""
    assert state.flying is not None
    operation = state.flying.operation
    if state.refusals + 1 < REFUSALS_MAX:
        return [v.CallPostponed(told.number, now_ms + REFUSED_MS, refused=True)]
    dropped: list[Fact] = [v.CallDropped(told.number)]
    if isinstance(operation, Show):
        text = (
            f"Something of {words.tag_of(operation.conversation)} cannot be shown here ({told.why}): see the dashboard."
        )
        dropped.append(v.Spoke(Say(text, conversation=operation.conversation)))
    return [*dropped, *_problem(state, f"Telegram refuses a message: {told.why}")]


def connected(rules: Rules, state: Group, told: Connected, origin: Origin) -> Sequence[Fact]:
    """A bridge is there, or a problem keeps it away."""
    facts: list[Fact] = [v.AskedAgain()]
    if told.username and told.username != state.username:
        facts.append(v.Named(told.username))
    if told.problem:
        return [*facts, *_problem(state, told.problem)]
    return [*facts, v.ProblemSolved()] if state.problem and told.username else facts


def ran(rules: Rules, state: Group, told: Ran, origin: Origin) -> Sequence[Fact]:
    """The bridge tells what became of an errand."""
    errand = state.errands.get(told.number)
    if errand is None:
        return []
    return [v.ErrandEnded(told.number, told.sequence, bool(told.refusal)), *_said(rules, state, errand, told)]


def _said(rules: Rules, state: Group, errand: Errand, told: Ran) -> list[Fact]:
    if errand.purpose == "alert":
        return [_mention(rules, state, errand, told.value)]
    text = _text(rules, errand, told)
    if errand.button:
        return [v.ButtonAnswered(errand.button, text[:200], alert=bool(told.refusal))]
    return [v.Spoke(Say(text, errand.message, errand.topic, errand.conversation))] if text else []


def _text(rules: Rules, errand: Errand, told: Ran) -> str:
    if told.refusal:
        return words.refused(told.refusal, told.message, errand.purpose in ("reply", "edit"))
    agent = rules.settings.agent(errand.agent)
    name = agent.name if agent is not None else errand.agent
    match errand.purpose:
        case "status":
            return words.status(name, errand.detail, rules.grace_seconds(errand.agent))
        case "queue":
            return words.queue(told.value)
        case "who":
            return words.who(told.value)
        case "delete":
            return "Taken back: the visitor does not see it any more."
        case "note":
            return "Noted."
        case _:
            return ""


def _mention(rules: Rules, state: Group, errand: Errand, value: str) -> Fact:
    """Who is on duty is mentioned; if nobody is, everybody who could be."""
    team = [one for one in rules.settings.agents_of(state.bot) if one.telegram_user is not None]
    here = words.on_duty(value)
    called = [one for one in team if one.id in here] or team
    thread = state.threads.get(errand.conversation)
    visitor = thread.name if thread is not None else "A visitor"
    text = f"🔔 {visitor} wrote “{errand.detail}”."
    if thread is not None and thread.alert is not None and not thread.alert.again_ms:
        text = f"🔔 {visitor} wrote “{errand.detail}”, and nobody has answered."
    reply_to = thread.card if thread is not None and not thread.topic else 0
    topic = thread.topic if thread is not None else 0
    mentions = tuple((one.name, one.telegram_user) for one in called if one.telegram_user is not None)
    return v.Spoke(Say(text, reply_to, topic, errand.conversation, mentions))
