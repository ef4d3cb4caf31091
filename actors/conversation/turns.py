"""The assistant's turns. One at a time; every piece and answer carries the epoch it was asked under, and under
another nobody hears it.

    asked ── silent for half the bot's time, or failed ──> asked once more ── failed, or the time is over ──> a human,
                                                                              or an apology where none can come
So whoever writes has an answer, a human on the way or an apology in the bot's time.
"""

from collections.abc import Sequence

from msgspec import UNSET
from msgspec.structs import replace

from actors import commands as c
from actors import events as e
from actors.assistant.commands import ATTEMPTS, silence_ms
from actors.conversation import handoff
from actors.conversation.rules import APOLOGY, ASSISTANT, Rules, says, system_says
from actors.conversation.signals import ChunkArrived, StaleRefused
from actors.conversation.state import Conversation, Turn
from runtime.machine import Command, Fact, Origin


def _current(state: Conversation, command: c.AssistantChunk | c.AssistantAnswer) -> bool:
    ours = state.phase == "assistant" and state.epoch == command.epoch
    return ours and state.turn is not None and state.turn.id == command.turn


def assistant_chunk(rules: Rules, state: Conversation, command: c.AssistantChunk, origin: Origin) -> Sequence[Fact]:
    """A piece of an answer. One that does not go on where the last ended is no use: the answer has the whole text."""
    if not _current(state, command):
        return [StaleRefused()]
    assert state.turn is not None
    goes_on = command.attempt == state.turn.attempt and command.offset == len(state.streamed)
    return [ChunkArrived(command.turn, command.text, command.offset)] if goes_on else []


def assistant_answer(rules: Rules, state: Conversation, command: c.AssistantAnswer, origin: Origin) -> Sequence[Fact]:
    """The answer, and a human if it takes one."""
    if not _current(state, command):
        return [StaleRefused()]
    if command.trigger == "assistant_failed":
        assert state.turn is not None
        # Whoever was given up may tell so later: that is no news.
        news = command.attempt == state.turn.attempt
        return _failed(rules, state, origin.now_ms, command.detail, command.hopeless) if news else []
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
    if state.turn is None or deadline(rules, state, state.turn)[0] > origin.now_ms:
        return []
    return _failed(rules, state, origin.now_ms, "no answer in time")


def _failed(rules: Rules, state: Conversation, now_ms: int, detail: str = "", hopeless: bool = False) -> Sequence[Fact]:
    """The assistant is asked once more while there is time, then a human; where there is none, an apology."""
    turn = state.turn
    assert turn is not None
    if not hopeless and turn.attempt + 1 < ATTEMPTS and now_ms < _over_ms(rules, state, turn):
        return [e.TurnRetried(turn.id)]
    if rules.bot(state).tier != "premium":
        apology = system_says(rules, state, APOLOGY, "apology")
        return [replace(apology, speaker="assistant", turn=turn.id, known=False)]
    return handoff.ask_for_human(rules, state, "assistant_failed", detail, now_ms)


def deadline(rules: Rules, state: Conversation, turn: Turn) -> tuple[int, Command]:
    """When the turn has been silent, or has taken, too long."""
    over_ms = _over_ms(rules, state, turn)
    if turn.attempt + 1 == ATTEMPTS:
        return over_ms, c.TurnTimedOut()
    silent_ms = max(turn.asked_ms, state.heard_ms) + silence_ms(rules.bot(state).assistant)
    return min(silent_ms, over_ms), c.TurnTimedOut()


def _over_ms(rules: Rules, state: Conversation, turn: Turn) -> int:
    return turn.asked_ms + rules.bot(state).assistant.timeout_seconds * 1000
