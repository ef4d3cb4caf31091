"""What Telegram's refusals mean for a call. The descriptions are the Bot API server's; only these are told apart."""

from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from actors.telegram.commands import CloseTopic, OpenTopic, Operation, Outcome, Performed, RenameTopic, Say, Show

DESCRIBED: tuple[tuple[Outcome, tuple[str, ...]], ...] = (
    (
        "reply_gone",
        (
            "message to be replied not found",
            "replied message not found",
            "reply message not found",
            "reply_message_id_invalid",
        ),
    ),
    ("edit_gone", ("message to edit not found", "message can't be edited", "message_id_invalid")),
    ("topic_gone", ("message thread not found", "topic_deleted", "topic_id_invalid", "topic_closed")),
    ("no_topics", ("the chat is not a forum", "not enough rights to create a topic", "not enough rights to manage")),
    (
        "removed",
        (
            "chat not found",
            "have no rights to send",
            "not enough rights to send",
            "chat_write_forbidden",
            "chat_restricted",
            "group chat was deactivated",
        ),
    ),
)
UNCHANGED = ("message is not modified", "topic_not_modified")
NO_FILES = ("rights to send", "chat_send_")
TOPICS = (OpenTopic, RenameTopic, CloseTopic)


def unchanged(why: TelegramError) -> bool:
    """It is as it was to be already."""
    return isinstance(why, BadRequest) and any(words in why.message.lower() for words in UNCHANGED)


def file_forbidden(why: TelegramError) -> bool:
    """Files may not be sent to the group; whether words may, is for Telegram to say."""
    return isinstance(why, BadRequest | Forbidden) and any(words in why.message.lower() for words in NO_FILES)


def outcome(number: int, operation: Operation, why: TelegramError) -> Performed:
    """What became of a call that Telegram, or the way there, has failed."""
    match why:
        case RetryAfter():
            return Performed(number, "wait", retry_ms=_ms(why.retry_after))
        case ChatMigrated():
            return Performed(number, "moved", new_group=why.new_chat_id)
        case InvalidToken():
            return Performed(number, "token")
        case Forbidden():
            return Performed(number, "removed", why=f"The bot cannot write to its Telegram group: {why.message}.")
        case BadRequest():
            return _bad_request(number, operation, why.message)
        case _:
            return Performed(number, "away", why=why.message)


def _bad_request(number: int, operation: Operation, message: str) -> Performed:
    said = message.lower()
    kind: Outcome = next((kind for kind, known in DESCRIBED if any(words in said for words in known)), "refused")
    match kind, operation:
        case "edit_gone", Show(page=0):  # an id is said to be no message's, and none is edited
            kind = "reply_gone"
        case "topic_gone", Show(topic=0) | Say(topic=0):  # the general one, which the bot may not write to while closed
            kind = "removed"
    if isinstance(operation, TOPICS) and (kind == "removed" or "rights" in said or "admin" in said):
        kind = "no_topics"
    if kind == "removed":
        message = f"The bot cannot write to its Telegram group: {message}."
    return Performed(number, kind, why=message)


def _ms(retry_after: int | timedelta) -> int:
    seconds = retry_after.total_seconds() if isinstance(retry_after, timedelta) else retry_after
    return int(seconds * 1000)
