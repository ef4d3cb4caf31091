"""The bridge of one bot: a process that speaks to Telegram for the group's actor.

    the actor ── Perform, Run ──> bridge ── Performed, Ran ──> the actor       Telegram ── update ──> the actor

It holds nothing that would be missed: what is under way is asked for again when it begins a new life, orders carry the
ref under which they are done once, and an update is confirmed to Telegram after the actor has it in its journal.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import msgspec
from telegram.error import TelegramError

from actors import commands as c
from actors.telegram.commands import AnswerButton, Connected, Perform, Performed, Ran, Run
from actors.telegram.words import bad_token, no_token
from gateway.attachments import Attachments
from gateway.errors import ProtocolError
from gateway.plan import Plan
from gateway.telegram.api import GroupApi, bot_of
from gateway.telegram.files import Fetcher
from gateway.telegram.listening import Listener
from gateway.tokens import Tokens
from runtime.courier import Call, Courier
from runtime.identity import ActorId, actor_id, key_of
from runtime.ingress import BatchTicket, Receiver
from runtime.journal import Record, StoreFailed
from runtime.journal.thread import JournalThread
from runtime.lines import Line
from runtime.link import Links
from runtime.messages import Asked, Batch, Reply, worker_decoder
from runtime.node import new_incarnation
from runtime.requester import Requester

log = logging.getLogger(__name__)

PAGE = 200


class Bridge:
    """See the module. Its name says which bot's it is."""

    def __init__(self, name: str, plan: Plan, call: Call) -> None:
        bot_id = name.split("/")[1]
        settings, placement = plan.settings, plan.placement()
        bot = settings.bot(bot_id)
        assert bot is not None
        telegram = bot.bridge
        assert telegram is not None
        self._name = name
        self._actor = actor_id("telegram", bot_id)
        self._home = placement.host_of(self._actor)
        self.links = Links(name, new_incarnation())
        self._courier = Courier(self.links, call, met=self._met)
        self._requester = Requester(placement, self.links, self._courier)
        decoder = worker_decoder([Perform, Run, AnswerButton])
        self._receiver = Receiver(self.links.incarnation, decoder, self._take)
        self._reader = JournalThread(plan.journal, "telegram")
        self._token_env = telegram.token_env
        token = os.environ.get(telegram.token_env, "")
        self._bot = bot_of(telegram, token or "0:none")
        attachments = Attachments.below(Path(plan.data), settings.limits.attachment_types)
        public_url = settings.server.public_url.rstrip("/")
        # Without a public address it is a Bot API server of one's own that sends updates, from this network.
        server = public_url or plan.url
        seen_as = server, bool(public_url)
        self._api = GroupApi(self._bot, self._describe, self._read, attachments, seen_as)
        self._files = Fetcher(self._bot, attachments, settings.limits.attachment_bytes)
        webhook = f"{server}/telegram/{bot_id}", Tokens(plan.secret).webhook(bot_id)
        self._listener = Listener(
            self._bot, telegram, bool(token), webhook, self._last_update, self._heard, self._connected
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._performing = 0
        self._performed: Performed | None = None
        self._greeting: Connected | None = None

    async def start(self) -> None:
        """Open the journal, and begin to listen. Returns once it is known how Telegram takes the token, or soon."""
        await self._reader.open()
        self._spawn(self._listener.run())
        await self._listener.tried()

    @property
    def problem(self) -> str:
        """What keeps it from Telegram; empty if nothing does."""
        return self._listener.problem

    async def deliver(self, data: bytes) -> bytes:
        """A batch from the actor's host."""
        return await self._receiver.deliver(data)

    def _take(self, batch: Batch[Any], ticket: BatchTicket) -> None:
        for message in batch.messages:
            if isinstance(message, Asked):
                self._begin(message.request)
        ticket.settle_all(Reply())

    def _begin(self, request: Perform | Run | AnswerButton) -> None:
        match request:
            case Perform():
                if request.number != self._performing:
                    self._performing = request.number
                    self._spawn(self._perform(request))
                elif self._performed is not None and self._performed.number == request.number:
                    self._spawn(self._tell(self._performed))
            case Run():
                self._queue(request)
            case AnswerButton():
                self._spawn(self._answer(request))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error(Line("bridge failed", bridge=self._name), exc_info=task.exception())

    def _queue(self, run: Run) -> None:
        """One order after the other for the same receiver: a file must not be overtaken by the words after it."""
        self._lanes[run.to] = self._spawn(self._run_after(self._lanes.get(run.to), run))

    async def _run_after(self, before: asyncio.Task[None] | None, run: Run) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._run(run)
        if self._lanes.get(run.to) is asyncio.current_task():
            del self._lanes[run.to]

    # What the actor asks for

    async def _perform(self, request: Perform) -> None:
        self._performed = await self._call(request)
        if self._performed.outcome != "done":
            told = self._performed
            log.warning(Line("telegram call", bridge=self._name, outcome=told.outcome, why=told.why))
        await self._tell(self._performed)

    async def _call(self, request: Perform) -> Performed:
        variable = self._token_env
        if not os.environ.get(variable):
            return Performed(request.number, "token", why=no_token(variable))
        try:
            told = await self._api.perform(request.number, request.group, request.operation)
        except StoreFailed:
            return Performed(request.number, "away", why="The store does not answer.")
        except Exception:  # whatever we stumble over must not hold up all that comes after
            log.exception(Line("telegram call failed", bridge=self._name))
            return Performed(request.number, "refused", why="Something went wrong here.")
        return msgspec.structs.replace(told, why=bad_token(variable)) if told.outcome == "token" else told

    async def _run(self, run: Run) -> None:
        try:
            told = await self._ran(run)
        except ProtocolError as error:
            told = Ran(run.number, refusal=error.code, message=error.message)
        except Exception:
            log.exception(Line("order failed", bridge=self._name, number=run.number))
            told = Ran(run.number, refusal="internal", message="Something went wrong here. Try again.")
        await self._tell(told)

    async def _ran(self, run: Run) -> Ran:
        order = run.order
        if isinstance(order, c.SendMessage) and run.files:
            kept = [await self._files.fetch(key_of(ActorId(run.to)), file) for file in run.files]
            order = msgspec.structs.replace(order, attachments=tuple(kept))
        reply = await self._requester.insist(ActorId(run.to), run.sender, run.ref, order)
        if reply.refusal is not None:
            return Ran(run.number, refusal=reply.refusal.code, message=reply.refusal.message)
        return Ran(run.number, reply.sequence, value=(reply.value or b"").decode())

    async def _answer(self, answer: AnswerButton) -> None:
        try:
            await self._bot.answer_callback_query(answer.button, answer.text or None, show_alert=answer.alert)
        except TelegramError as why:  # it is too late for it; what became of it stands in the group
            log.info(Line("button not answered", bridge=self._name, why=why.message))

    async def _tell(self, command: Performed | Ran | Connected) -> None:
        await self._requester.insist(self._actor, self._name, "", command)

    # What it reads

    async def _describe(self, conversation: str) -> dict[str, Any]:
        return await self._query(actor_id("conversation", conversation))

    async def _query(self, actor: ActorId) -> dict[str, Any]:
        reply = await self._requester.insist(actor, self._actor, "", c.Describe())
        described: dict[str, Any] = msgspec.json.decode(reply.value or b"{}")
        return described

    async def _read(self, conversation: str, after: int) -> AsyncIterator[Record]:
        actor = actor_id("conversation", conversation)
        while True:
            records = await self._page(actor, after)
            for record in records:
                yield record
            if len(records) < PAGE:
                return
            after = records[-1].sequence

    async def _page(self, actor: ActorId, after: int) -> list[Record]:
        return await self._reader.run(lambda journal: journal.read(actor, after, PAGE))

    # What it hears

    async def _last_update(self) -> tuple[int, int]:
        described = await self._query(self._actor)
        return described.get("update_id", 0), described.get("updated_ms", 0)

    async def _heard(self, update: Any) -> None:
        await self._requester.insist(self._actor, self._name, "", update)

    async def _connected(self, username: str, problem: str) -> None:
        self._greeting = Connected(username, problem)
        await self._tell(self._greeting)

    def _met(self, peer: str) -> None:
        """The actor has a new life in a new host: it is told who is there, and asks again for what is under way."""
        if peer == self._home and self._greeting is not None:
            self._spawn(self._tell(self._greeting))

    async def stop(self) -> None:
        """Listen no more, and drop what is under way: it is asked for again."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._courier.stop()
        await self._listener.stop()
        await self._reader.stop()
