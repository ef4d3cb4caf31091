"""Telegram's updates as the group's actor takes them."""

from collections.abc import Iterable

from telegram import CallbackQuery, ChatMember, ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus

from actors.telegram import commands as t
from gateway.telegram.page import tag_in

WANTED = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
"""The kinds of updates that we ask for. There are none for what a member deletes: that takes a command."""

GONE = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
NOT_SHOWN = ("sticker", "poll", "location", "venue", "contact", "dice", "game", "story", "checklist", "paid_media")


def heard(update: Update) -> t.Update:
    """The update; of a kind that says nothing to us, only its id."""
    if update.callback_query is not None:
        return _button(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _member(update.update_id, update.my_chat_member)
    if update.message is not None:
        return _message(update.update_id, update.message, edited=False)
    if update.edited_message is not None:
        return _message(update.update_id, update.edited_message, edited=True)
    return t.Update(update.update_id, 0)


def _button(update_id: int, query: CallbackQuery) -> t.Update:
    message = query.message
    return t.Update(
        update_id,
        message.chat.id if message is not None else 0,
        "button",
        query.from_user.id,
        query.from_user.full_name,
        message.message_id if message is not None else 0,
        query.data or "",
        topic=_topic(message) if isinstance(message, Message) else 0,
        button=query.id,
    )


def _member(update_id: int, changed: ChatMemberUpdated) -> t.Update:
    return t.Update(update_id, changed.chat.id, "member", member=_is_member(changed.new_chat_member))


def _is_member(member: ChatMember) -> bool:
    return member.status not in GONE and getattr(member, "is_member", True)


def _message(update_id: int, message: Message, edited: bool) -> t.Update:
    if message.migrate_to_chat_id:
        return t.Update(update_id, message.chat.id, "migrated", new_group=message.migrate_to_chat_id)
    # On behalf of a chat it comes from an account that many share (Bot API, `Message.sender_chat`).
    sender = message.from_user if message.sender_chat is None else None
    replied = message.reply_to_message
    if replied is not None and replied.forum_topic_created is not None:
        replied = None  # in a topic everything replies to its beginning
    author = replied.from_user if replied is not None else None
    ours = author is not None and author.is_bot
    return t.Update(
        update_id,
        message.chat.id,
        "edited" if edited else "message",
        sender.id if sender is not None else 0,
        sender.full_name if sender is not None else "",
        message.message_id,
        message.text or message.caption or "",
        replied.message_id if replied is not None else 0,
        (author.username or "") if ours and author is not None else "",
        tag_in(replied.text or replied.caption or "") if ours and replied is not None else "",
        _topic(message),
        tuple(_files(message)),
        next((f"a {kind.replace('_', ' ')}" for kind in NOT_SHOWN if getattr(message, kind, None)), ""),
    )


def _topic(message: Message) -> int:
    return message.message_thread_id or 0 if message.is_topic_message else 0


def _files(message: Message) -> Iterable[t.File]:
    if message.photo:
        best = message.photo[-1]
        yield t.File(best.file_id, "photo.jpg", "image/jpeg", best.file_size or 0)
        return
    named = message.animation or message.document or message.video or message.audio
    if named is not None:
        name, kind = named.file_name or "file", named.mime_type or ""
        yield t.File(named.file_id, name, kind, named.file_size or 0)
    if message.voice is not None:
        yield t.File(
            message.voice.file_id, "voice.ogg", message.voice.mime_type or "audio/ogg", message.voice.file_size or 0
        )
    if message.video_note is not None:
        yield t.File(message.video_note.file_id, "video.mp4", "video/mp4", message.video_note.file_size or 0)
