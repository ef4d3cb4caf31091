"""What the assistant reads of a conversation: what was said, from the journal, without the old request for a human."""

from collections.abc import Sequence

import msgspec

from actors import events as e
from actors.assistant.engine import Said, Turn
from runtime.identity import ActorId
from runtime.journal import Journal, Record

RECORDS_READ = 400
MESSAGES_KEPT = 40

_BY_WORDS = ("phrase", "keyword", "sentiment")

_decode = msgspec.json.Decoder(e.AnyConversationEvent).decode


def read_turn(journal: Journal, actor: ActorId, until: int, bot_name: str) -> Turn:
    """The turn that ends at a sequence. Blocks on the journal."""
    records = journal.read(actor, max(0, until - RECORDS_READ), RECORDS_READ)
    return turn_of([one for one in records if one.sequence <= until], bot_name)


def turn_of(records: Sequence[Record], bot_name: str) -> Turn:
    """The visitor's messages since the last answer are the question; what came before is history."""
    said: list[Said] = []
    locale = ""
    for record in records:
        event = _decode(record.body)
        match event:
            case e.ConversationOpened():
                locale = event.visitor.locale
            case e.MessageSent(speaker=("visitor" | "assistant" | "agent") as speaker):
                said.append(Said(speaker, event.text))
            case e.HumanRequested() if event.trigger in _BY_WORDS and said and said[-1].role == "visitor":
                # It has been dealt with: read again, it would hand off again at once.
                said.pop()
            case e.ReturnedToAssistant() if event.summary is not msgspec.UNSET:
                said.append(Said("summary", str(event.summary)))
    question: list[str] = []
    while said and said[-1].role == "visitor":
        question.insert(0, said.pop().text)
    return Turn("\n".join(question), tuple(said[-MESSAGES_KEPT:]), bot_name, locale)
