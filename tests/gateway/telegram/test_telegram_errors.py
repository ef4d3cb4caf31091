"""What Telegram's refusals mean, by the words of the Bot API server."""

from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from actors.telegram.commands import OpenTopic, Operation, Outcome, Say, Show
from gateway.telegram.failures import outcome, unchanged

SHOW = Show("ann-1", (0, 0), (1, 0))
EDIT = Show("ann-1", (0, 0), (1, 0), page=7)
IN_TOPIC = Show("ann-1", (0, 0), (1, 0), topic=7)
TOPIC = OpenTopic("ann-1", "Ann")


@pytest.mark.parametrize(
    ("operation", "why", "expected"),
    [
        (SHOW, ChatMigrated(-1009), "moved"),
        (SHOW, InvalidToken("Unauthorized"), "token"),
        (SHOW, Forbidden("Forbidden: bot was kicked from the supergroup chat"), "removed"),
        (SHOW, BadRequest("Chat not found"), "removed"),
        (SHOW, BadRequest("Message to be replied not found"), "reply_gone"),
        (EDIT, BadRequest("Message to edit not found"), "edit_gone"),
        (IN_TOPIC, BadRequest("Message thread not found"), "topic_gone"),
        (SHOW, BadRequest("Not enough rights to send text messages to the chat"), "removed"),
        (SHOW, BadRequest("Chat_restricted"), "removed"),
        (SHOW, BadRequest("Group chat was deactivated"), "removed"),
        (SHOW, BadRequest("Reply_message_id_invalid"), "reply_gone"),
        (SHOW, BadRequest("Message_id_invalid"), "reply_gone"),
        (EDIT, BadRequest("Message_id_invalid"), "edit_gone"),
        (IN_TOPIC, BadRequest("Topic_closed"), "topic_gone"),
        (SHOW, BadRequest("Topic_closed"), "removed"),
        (Say("Hello"), BadRequest("Topic_closed"), "removed"),
        (SHOW, BadRequest("Something new"), "refused"),
        (SHOW, TimedOut(), "away"),
        (SHOW, NetworkError("Bad Gateway"), "away"),
        (SHOW, TelegramError("Invalid server response"), "away"),
        (TOPIC, BadRequest("The chat is not a forum"), "no_topics"),
        (TOPIC, BadRequest("Not enough rights to create a topic"), "no_topics"),
        (TOPIC, BadRequest("Chat_admin_required"), "no_topics"),
    ],
)
def test_an_error_has_one_meaning(operation: Operation, why: TelegramError, expected: Outcome) -> None:
    assert outcome(1, operation, why).outcome == expected


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_how_long_to_wait_is_taken_in_both_forms_the_library_has() -> None:
    for retry_after in (7, timedelta(seconds=7)):
        told = outcome(1, SHOW, RetryAfter(retry_after))
        assert (told.outcome, told.retry_ms) == ("wait", 7000)


def test_what_is_so_already_is_no_failure() -> None:
    assert unchanged(BadRequest("Message is not modified: specified new message content ..."))
    assert unchanged(BadRequest("Topic_not_modified"))
    assert not unchanged(BadRequest("Message to edit not found"))
