"""What the assistant reads of a conversation: what was said, from the journal, without the old request for a human."""

from collections.abc import Sequence

import msgspec

from actors import events as e
from actors.assistant.commands import turn_sequence
from actors.assistant.engine import Said, Turn
from actors.assistant.recognise import escalation
from actors.settings import Escalation
from runtime.identity import ActorId
from runtime.journal import Journal, Record

RECORDS_READ = 400
MESSAGES_KEPT = 40

_decode = msgspec.json.Decoder(e.AnyConversationEvent).decode


def read_turn(journal: Journal, actor: ActorId, until: int, bot_name: str, rules: Escalation) -> Turn:
    """The turn that ends at a sequence. Blocks on the journal."""
    records = journal.read(actor, max(0, until - RECORDS_READ), RECORDS_READ)
    return turn_of([one for one in records if one.sequence <= until], bot_name, rules)


def turn_of(records: Sequence[Record], bot_name: str, rules: Escalation = Escalation()) -> Turn:  # noqa: B008 - frozen
    """The visitor's messages that nobody has answered are the question; what came before is history.

    An answer covers what its turn was asked up to: what the visitor wrote meanwhile is still to be answered. What has
    fetched a human by the bot's rules is dealt with, whether one came or not: read again, it would hand off again.
    """
    said: list[Said] = []
    waiting: list[tuple[int, str]] = []
    locale = ""
    for record in records:
        event = _decode(record.body)
        match event:
            case e.ConversationOpened():
                locale = event.visitor.locale
            case e.MessageSent(speaker="visitor"):
                waiting.append((record.sequence, event.text))
            case e.MessageSent(speaker="assistant") if event.turn is not msgspec.UNSET:
                waiting = _answered(said, waiting, turn_sequence(event.turn))
                said.append(Said("assistant", event.text))
            case e.MessageSent(speaker=("assistant" | "agent") as speaker):
                waiting = _answered(said, waiting, record.sequence)
                said.append(Said(speaker, event.text))
            case e.HumanRequested(trigger="assistant"):
                waiting = []
            case e.HumanRequested(trigger=("phrase" | "keyword" | "sentiment")):
                waiting = _dealt_with(said, waiting, rules)
            case e.ReturnedToAssistant():
                waiting = _dealt_with(said, waiting, rules)
                if event.summary:
                    said.append(Said("summary", str(event.summary)))
    return Turn(_joined(waiting), tuple(said[-MESSAGES_KEPT:]), bot_name, locale, bool(waiting))


def _dealt_with(said: list[Said], waiting: list[tuple[int, str]], rules: Escalation) -> list[tuple[int, str]]:
    """Leave out what asks for a human; what only sounded like the need of one was said. What is left waits on."""
    left: list[tuple[int, str]] = []
    for sequence, text in waiting:
        match = escalation(text, rules)
        if match is None:
            left.append((sequence, text))
        elif match.trigger != "phrase":
            said.append(Said("visitor", text))
    return left if escalation(_joined(left), rules) is None else []  # several together may ask, and none alone


def _joined(waiting: list[tuple[int, str]]) -> str:
    return "\n".join(text for _, text in waiting)


def _answered(said: list[Said], waiting: list[tuple[int, str]], until: int) -> list[tuple[int, str]]:
    """Move what is answered, up to a sequence, into the history; what is left waits on."""
    said += [Said("visitor", text) for sequence, text in waiting if sequence <= until]
    return [one for one in waiting if one[0] > until]
