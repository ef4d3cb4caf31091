"""The Bot API as the bridge uses it, through python-telegram-bot: one operation of the group's actor is one call."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio.to_thread
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest, TelegramError
from telegram.request import HTTPXRequest

from actors.settings import Telegram
from actors.telegram.commands import CloseTopic, OpenTopic, Operation, Performed, RenameTopic, Say, Show
from gateway.attachments import Attachments
from gateway.errors import ProtocolError
from gateway.telegram.failures import file_forbidden, outcome, unchanged
from gateway.telegram.page import Page, buttons, card_head, compose, first_line, keyboard, link_to
from gateway.telegram.pieces import FilePiece, pieces_between, words_of_visitor
from gateway.telegram.rich import Rich
from runtime.journal import Record

CONNECT_SECONDS, READ_SECONDS, UPLOAD_SECONDS = 5.0, 15.0, 60.0
PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
PHOTO_BYTES, FILE_BYTES = 10 * 1024 * 1024, 50 * 1024 * 1024
"""What a bot may send as a photo, and as a file (Bot API, "Sending files")."""

REMINDER_EVENTS = 20

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def bot_of(telegram: Telegram, token: str) -> Bot:
    """The bot; long polls have a connection of their own."""
    url = telegram.api_url.rstrip("/")

    def request() -> HTTPXRequest:
        return HTTPXRequest(
            connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, media_write_timeout=UPLOAD_SECONDS
        )

    return Bot(token, f"{url}/bot", f"{url}/file/bot", request=request(), get_updates_request=request())


class GroupApi:
    """Performs operations. `describe` gives a conversation's object, `read` its records after a sequence.

    `server` is the address of the dashboard's, and whether the world knows it.
    """

    def __init__(
        self,
        bot: Bot,
        describe: Callable[[str], Awaitable[dict[str, Any]]],
        read: Callable[[str, int], AsyncIterator[Record]],
        attachments: Attachments,
        server: tuple[str, bool],
    ) -> None:
        self._bot = bot
        self._describe = describe
        self._read = read
        self._attachments = attachments
        self._server, self._public = server

    async def perform(self, number: int, group: int, operation: Operation) -> Performed:
        """Make the call. What became of it; never raises for what Telegram does."""
        try:
            return await self._perform(number, group, operation)
        except TelegramError as why:
            if unchanged(why):
                return Performed(number, "done")
            return outcome(number, operation, why)

    async def _perform(self, number: int, group: int, operation: Operation) -> Performed:
        match operation:
            case Show():
                return await self._show(number, group, operation)
            case Say():
                return Performed(number, "done", await self._say(group, operation))
            case OpenTopic():
                topic = await self._bot.create_forum_topic(group, operation.name)
                return Performed(number, "done", topic=topic.message_thread_id)
            case RenameTopic():
                await self._bot.edit_forum_topic(group, operation.topic, operation.name)
            case CloseTopic():
                await self._bot.close_forum_topic(group, operation.topic)
        return Performed(number, "done")

    async def _say(self, group: int, say: Say) -> int:
        rich = Rich().add(say.text)
        for name, user in say.mentions:
            rich.add(" ").add(name, mention=user)
        reply = ReplyParameters(say.reply_to, allow_sending_without_reply=True) if say.reply_to else None
        markup = keyboard(list(say.choices)) if say.choices else None
        return await self._send(group, rich, reply, say.topic, markup, silent=False)

    async def _send(
        self,
        group: int,
        rich: Rich,
        reply: ReplyParameters | None,
        topic: int,
        markup: InlineKeyboardMarkup | None,
        silent: bool,
    ) -> int:
        message = await self._bot.send_message(
            group,
            rich.text,
            entities=rich.entities,
            reply_parameters=reply,
            message_thread_id=topic or None,
            reply_markup=markup,
            disable_notification=silent,
            link_preview_options=NO_PREVIEW,
        )
        return message.message_id

    async def _show(self, number: int, group: int, show: Show) -> Performed:
        conversation = await self._describe(show.conversation)
        link = link_to(conversation, self._server)
        # Telegram takes no button to an address that only this network knows.
        head = card_head(conversation, "" if self._public else link) if show.card else first_line(conversation)
        if show.card and show.after[0]:
            await self._remind(head, show)
        pieces = pieces_between(self._read(show.conversation, show.after[0]), show.after, show.until, show.skip)
        page = await compose(head, pieces, show.after, show.until)
        if page.empty and not show.card:
            return Performed(number, "done", 0, page.upto, page.full)  # nothing of it is for the group
        markup = buttons(conversation, show.asking, link if self._public else "") if show.card else None
        message = 0
        if page.file is not None and not show.card and not show.page:
            message = await self._send_file(group, page, page.file, show)
        elif page.file is not None:
            page.upto = show.after  # a file is no part of a page: it comes next
            message = await self._put(group, page, markup, show)
        else:
            message = await self._put(group, page, markup, show)
        return Performed(number, "done", message, page.upto, page.full)

    async def _remind(self, head: Rich, show: Show) -> None:
        """A card that does not begin at the beginning repeats the visitor's last words before it."""
        said: Rich | None = None
        before = self._read(show.conversation, max(0, show.after[0] - REMINDER_EVENTS))
        async for record in before:
            if record.sequence > show.after[0]:
                break
            said = words_of_visitor(record) or said
        if said is not None:
            head.add("\n… ").join(said)

    async def _put(self, group: int, page: Page, markup: InlineKeyboardMarkup | None, show: Show) -> int:
        if not show.page:
            return await self._send(group, page.rich, _reply(show), show.topic, markup, show.silent)
        try:
            await self._bot.edit_message_text(
                page.rich.text,
                group,
                show.page,
                entities=page.rich.entities,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
            )
        except BadRequest as why:
            if not unchanged(why):
                raise
        return show.page

    async def _send_file(self, group: int, page: Page, piece: FilePiece, show: Show) -> int:
        """The file under its name; one that Telegram would not take, or that is gone, is told of in words."""
        attachment, caption = piece.attachment, page.rich
        caption.add("\n").add(f"{piece.by}: ", bold=True).add(attachment.name)
        try:
            _, path = await anyio.to_thread.run_sync(self._attachments.find, attachment.id)
            content = await anyio.to_thread.run_sync(path.read_bytes) if 0 < attachment.size <= FILE_BYTES else None
        except (ProtocolError, OSError):
            content = None
        options: dict[str, Any] = {
            "filename": attachment.name,
            "caption": caption.text,
            "caption_entities": caption.entities,
            "reply_parameters": _reply(show),
            "message_thread_id": show.topic or None,
            "disable_notification": show.silent,
        }
        if content is not None:
            try:
                return (await self._upload(group, attachment.content_type, content, options)).message_id
            except TelegramError as why:
                if not file_forbidden(why):
                    raise
        caption.add(f" ({attachment.size} bytes): not here, see the dashboard")
        return await self._send(group, caption, _reply(show), show.topic, None, show.silent)

    async def _upload(self, group: int, content_type: str, content: bytes, options: dict[str, Any]) -> Message:
        if content_type in PHOTOS and len(content) <= PHOTO_BYTES:
            try:
                return await self._bot.send_photo(group, content, **options)
            except BadRequest as why:
                if "photo" not in why.message.lower() and "image" not in why.message.lower():
                    raise  # it is not the picture that Telegram minds
        return await self._bot.send_document(group, content, disable_content_type_detection=True, **options)


def _reply(show: Show) -> ReplyParameters | None:
    return ReplyParameters(show.reply_to) if show.reply_to else None
