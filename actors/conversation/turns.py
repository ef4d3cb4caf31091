"""The assistant's turns. One at a time; every piece and answer carries the epoch it was asked under, and under
another nobody hears it. A turn that does not end is asked once more, then a human is fetched."""

from collections.abc import Sequence

from msgspec import UNSET
from msgspec.structs import replace

from actors import commands as c
from actors import events as e
from actors.conversation import handoff
from actors.conversation.rules import ASSISTANT, Rules, says, system_says
from actors.conversation.state import ChunkArrived, Conversation, StaleRefused
from runtime.machine import Command, Fact, Origin

ATTEMPTS = 2
APOLOGY = "I'm sorry, I can't answer right now. Please try again in a moment."


def _current(state: Conversation, command: c.AssistantChunk | c.AssistantAnswer) -> bool:
    ours = state.phase == "assistant" and state.epoch == command.epoch
    return ours and state.turn is not None and state.turn.id == command.turn


def assistant_chunk(rules: Rules, state: Conversation, command: c.AssistantChunk, origin: Origin) -> Sequence[Fact]:
    """A piece of an answer."""
    return [ChunkArrived(command.turn, command.text)] if _current(state, command) else [StaleRefused()]


def assistant_answer(rules: Rules, state: Conversation, command: c.AssistantAnswer, origin: Origin) -> Sequence[Fact]:
    """The answer, and a human if it takes one."""
    if not _current(state, command):
        return [StaleRefused()]
    if command.trigger == "assistant_failed":
        return _failed(rules, state, origin.now_ms)
    facts: list[Fact] = []
    if command.text:
        bot = rules.bot(state)
        message = says(state, "assistant", e.Person(ASSISTANT, bot.name), command.text)
        facts.append(
            replace(
                message,
                turn=command.turn,
                known=UNSET if command.known else False,
                sources=command.sources or UNSET,
            )
        )
    trigger: e.Trigger | None = command.trigger or None
    detail = command.detail
    threshold = rules.bot(state).escalation.unanswered_turns
    if trigger is None and not command.known and threshold and state.unanswered + 1 >= threshold:
        trigger, detail = "unanswered", f"{state.unanswered + 1} turns in a row"
    if trigger is not None and rules.bot(state).tier == "premium":
        facts += handoff.ask_for_human(rules, state, trigger, detail, origin.now_ms, after=len(facts))
    return facts


def turn_timed_out(rules: Rules, state: Conversation, command: c.TurnTimedOut, origin: Origin) -> Sequence[Fact]:
    """No answer came."""
    due = deadline(rules, state)
    return [] if due is None or due[0] > origin.now_ms else _failed(rules, state, origin.now_ms)


def _failed(rules: Rules, state: Conversation, now_ms: int) -> Sequence[Fact]:
    """The assistant is asked once more, then a human; where there is none, an apology."""
    assert state.turn is not None
    if state.turn.attempt + 1 < ATTEMPTS:
        return [e.TurnRetried(state.turn.id)]
    apology = system_says(rules, state, APOLOGY, "apology")
    if rules.bot(state).tier != "premium":
        return [replace(apology, speaker="assistant", turn=state.turn.id, known=False)]
    return handoff.ask_for_human(rules, state, "assistant_failed", "", now_ms)


def deadline(rules: Rules, state: Conversation) -> tuple[int, Command] | None:
    """When the turn has taken too long."""
    if state.turn is None:
        return None
    return state.turn.asked_ms + rules.bot(state).assistant.timeout_seconds * 1000, c.TurnTimedOut()
