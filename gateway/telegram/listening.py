"""Hears from Telegram: logs the bot in, then polls for updates, or sees to it that they come to the webhook.

    trying ──> polling: each update is confirmed by asking for the one after it, once the actor has it
       └─────> webhook: Telegram is told where, again and again as it might have been told otherwise

Whatever goes wrong is a problem that is told, and tried again; a token that is wrong stays a problem for long.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram import Bot, BotCommand, Update
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from actors.settings import Telegram
from actors.telegram import commands as t
from actors.telegram.words import AWAY, bad_token, no_token
from gateway.telegram.updates import WANTED, heard
from runtime.clock import wall_clock_ms
from runtime.lines import Line

log = logging.getLogger(__name__)

POLL_SECONDS = 25
TRIED_SECONDS = 4.0
"""So long does the start wait for Telegram's word on the token."""
AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
TOKEN_SECONDS = 60.0
WEBHOOK_SECONDS = 300.0
FAILURES_SAID = 3
FORGOTTEN_MS = 6 * 86_400_000
"""After a week without updates Telegram begins with another number (Bot API, `Update.update_id`)."""

MENU = [
    BotCommand("take", "Take the conversation over (as a reply)"),
    BotCommand("return", "Give it back to the assistant (as a reply)"),
    BotCommand("close", "Close it: resolved, unresolved, spam or other, and notes (as a reply)"),
    BotCommand("note", "Write a note for colleagues (as a reply)"),
    BotCommand("delete", "Take back what you wrote (as a reply to it)"),
    BotCommand("status", "online, busy, away or offline"),
    BotCommand("queue", "Who waits for a human"),
    BotCommand("who", "Who of us is here"),
]


class Listener:
    """`last` tells the last update that was taken, and when; `take` hands one over; `connected` hears how it stands."""

    def __init__(
        self,
        bot: Bot,
        telegram: Telegram,
        has_token: bool,
        webhook: tuple[str, str],
        last: Callable[[], Awaitable[tuple[int, int]]],
        take: Callable[[t.Update], Awaitable[None]],
        connected: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self.problem = ""
        self._bot = bot
        self._telegram = telegram
        self._has_token = has_token
        self._webhook = webhook
        self._last = last
        self._take = take
        self._connected = connected
        self._tried = asyncio.Event()
        self._failures = 0

    async def tried(self) -> None:
        """Returns once Telegram has been asked, whatever came of it; soon in any case."""
        try:
            async with asyncio.timeout(TRIED_SECONDS):
                await self._tried.wait()
        except TimeoutError:
            self.problem = self.problem or AWAY

    async def run(self) -> None:
        """Listen for ever."""
        if not self._has_token:
            await self._fail(no_token(self._telegram.token_env))
            return
        while True:
            try:
                await self._log_in()
                await (self._poll() if self._telegram.mode == "polling" else self._mind_webhook())
            except TelegramError as why:
                await self._failed(why)
            except Exception:  # a bridge that is deaf must not look well
                log.exception(Line("listening failed", token_env=self._telegram.token_env))
                await asyncio.sleep(AGAIN_SECONDS[-1])

    async def _log_in(self) -> None:
        await self._bot.initialize()
        if self._telegram.mode == "polling":
            await self._bot.delete_webhook()
        else:
            await self._set_webhook()
        await self._well()
        await self._bot.set_my_commands(MENU)

    async def _poll(self) -> None:
        update_id, updated_ms = await self._last()
        fresh = update_id and wall_clock_ms() - updated_ms < FORGOTTEN_MS
        offset = update_id + 1 if fresh else None
        while True:
            updates = await self._bot.get_updates(offset, timeout=POLL_SECONDS, allowed_updates=WANTED)
            await self._well()
            for update in updates:
                await self._take(understood(update))
                offset = update.update_id + 1

    async def _set_webhook(self) -> None:
        address, secret = self._webhook
        # One connection: updates come one after the other, in order.
        await self._bot.set_webhook(address, secret_token=secret, max_connections=1, allowed_updates=WANTED)

    async def _mind_webhook(self) -> None:
        while True:
            await asyncio.sleep(WEBHOOK_SECONDS)
            await self._set_webhook()

    async def _well(self) -> None:
        self._failures = 0
        if self.problem or not self._tried.is_set():
            self.problem = ""
            self._tried.set()
            await self._connected(self._bot.username, "")

    async def _failed(self, why: TelegramError) -> None:
        self._failures += 1
        delay_seconds = AGAIN_SECONDS[min(self._failures, len(AGAIN_SECONDS)) - 1]
        match why:
            case InvalidToken():
                await self._fail(bad_token(self._telegram.token_env))
                delay_seconds = TOKEN_SECONDS
            case RetryAfter():
                delay_seconds = float(why.retry_after) if isinstance(why.retry_after, int) else TOKEN_SECONDS
            case Conflict():
                await self._fail(f"somebody else receives this bot's updates: {why.message}")
            case NetworkError() if not isinstance(why, BadRequest):  # which the library takes for one of them
                if self._failures >= FAILURES_SAID:
                    await self._fail(AWAY)
            case _:
                await self._fail(f"Telegram refuses: {why.message}")
        await asyncio.sleep(delay_seconds)

    async def _fail(self, problem: str) -> None:
        if problem != self.problem:
            log.error(Line("telegram problem", token_env=self._telegram.token_env, problem=problem))
            self.problem = problem
            self._tried.set()
            await self._connected("", problem)

    async def stop(self) -> None:
        """Close the connections."""
        await self._bot.shutdown()


def understood(update: Update) -> t.Update:
    """The update, or only its id if we stumble over it: one that nobody can take would come again for ever."""
    try:
        return heard(update)
    except Exception:
        log.exception(Line("update not understood", update_id=update.update_id))
        return t.Update(update.update_id, 0)
