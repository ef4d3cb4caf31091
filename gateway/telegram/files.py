"""Files that members send to visitors: fetched from Telegram, and kept like any upload."""

import asyncio
from io import BytesIO

import anyio.to_thread
from telegram import Bot
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from actors.events import Attachment
from actors.telegram.commands import File
from gateway.attachments import Attachments
from gateway.errors import ProtocolError

DOWNLOAD_BYTES = 20 * 1024 * 1024
"""What a bot may fetch (Bot API, `getFile`)."""
ATTEMPTS = 4
AGAIN_SECONDS = 1.0


class Fetcher:
    """`bytes_max` is the limit of the system's own."""

    def __init__(self, bot: Bot, attachments: Attachments, bytes_max: int) -> None:
        self._bot = bot
        self._attachments = attachments
        self._bytes_max = min(bytes_max, DOWNLOAD_BYTES)

    async def fetch(self, conversation: str, file: File) -> Attachment:
        """The attachment. Raises `too_large`, `bad_request` for its type, or `overloaded`."""
        if file.size > self._bytes_max:
            raise self._too_large(file)
        content = await self._download(file)
        if len(content) > self._bytes_max:
            raise self._too_large(file)
        keep = self._attachments.keep
        try:
            return await anyio.to_thread.run_sync(keep, conversation, file.name, file.content_type, BytesIO(content))
        except ProtocolError as error:
            raise ProtocolError(error.code, f"{file.name}: {error.message}") from None

    def _too_large(self, file: File) -> ProtocolError:
        return ProtocolError("too_large", f"{file.name} is too large: {self._bytes_max // 1024} KB at most.")

    async def _download(self, file: File) -> bytes:
        for attempt in range(ATTEMPTS):
            try:
                found = await self._bot.get_file(file.id)
                return bytes(await found.download_as_bytearray())
            except (BadRequest, Forbidden) as why:
                raise ProtocolError("bad_request", f"Telegram does not hand out {file.name}: {why.message}.") from None
            except (NetworkError, RetryAfter):
                await asyncio.sleep(AGAIN_SECONDS * (attempt + 1))
            except TelegramError:
                break
        raise ProtocolError("not_allowed", f"Telegram did not hand out {file.name}. Send it again.")
