"""The server: methods by name, parameters as forms, JSON or multipart, and updates for one who polls or a webhook."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.gateway.api.system import serving
from tests.telegram.bot_api import methods
from tests.telegram.bot_api.chat import Chat
from tests.telegram.bot_api.errors import ApiError
from tests.telegram.bot_api.flood import Flood

TOKEN = "4711:secret-token-of-the-test-bot-AAAAAAAA"
Json = dict[str, Any]


class BotApi:
    """See the package. While it is `down`, calls get 502; `lose` answers so many calls with nothing, though done."""

    def __init__(self, flood: Flood | None = None) -> None:
        self.me: Json = {"id": 4711, "is_bot": True, "first_name": "Support", "username": "support_bot"}
        self.flood = flood or Flood(20, 30)
        self.chats: dict[int, Chat] = {}
        self.calls: list[tuple[str, Json]] = []
        self.refusals: Counter[int] = Counter()
        self.answered: dict[str, Json] = {}
        self.webhook: Json = {"url": ""}
        self.down = False
        self.lose = 0
        self.url = ""
        self.changed = asyncio.Condition()
        self._updates: list[Json] = []
        self._ids = count(1000)
        self._poll = 0
        self.polling = False
        self._kept: list[Json] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def group(self, id: int = -1001, **settings: Any) -> Chat:
        """A new group with the bot in it."""
        chat = self.chats[id] = Chat(id, self.me, self.hear, **settings)
        return chat

    def migrate(self, old: Chat, id: int) -> Chat:
        """The group becomes a supergroup with another id."""
        new = self.group(id)
        old.migrated_to = id
        self.hear(
            "message",
            {**old._add({"id": 1, "is_bot": False, "first_name": "Owner"}, {}, None, 0), "migrate_to_chat_id": id},
        )
        return new

    def hear(self, kind: str, content: Json) -> int:
        """One more update."""
        update_id = next(self._ids)
        self._updates.append(json.loads(json.dumps({"update_id": update_id, kind: content})))
        self.notify()
        return update_id

    @property
    def waiting(self) -> int:
        """Updates that are not confirmed."""
        return len(self._updates)

    def repeat(self) -> None:
        """Updates that were confirmed come once more, as after a failure of Telegram's."""
        self._updates = self._kept + self._updates
        self.notify()

    def notify(self) -> None:
        """Something has changed: whoever waits looks again."""
        task = asyncio.get_running_loop().create_task(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Any, seconds: float = 20.0) -> Any:
        """What the condition returns, once that is true. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self.changed:
            while not (found := condition()):
                await self.changed.wait()
            return found

    # HTTP

    @asynccontextmanager
    async def running(self) -> AsyncIterator["BotApi"]:
        """The server at `url`, until the end of the block."""
        routes = [
            Route("/bot{token}/{method}", self._method, methods=["POST", "GET"]),
            Route("/file/bot{token}/{path:path}", self._file),
        ]
        async with serving(Starlette(routes=routes)) as self.url:
            yield self
            self.down = True
            await self._notify()

    async def _method(self, request: Request) -> Response:
        method, token = request.path_params["method"], request.path_params["token"]
        if self.down:
            return Response("Bad Gateway", 502)
        if token != TOKEN:
            return self._refusal(ApiError(401, "Unauthorized"))
        fields = await _fields(request)
        function = getattr(methods, method, None)
        if function is None:
            return self._refusal(ApiError(404, "Not Found"))
        try:
            result = await function(self, fields) if asyncio.iscoroutinefunction(function) else function(self, fields)
        except ApiError as error:
            self.refusals[error.code] += 1
            return self._refusal(error)
        finally:
            self.calls.append((method, fields))
            await self._notify()
        if self.lose and method.startswith("send"):
            self.lose -= 1
            return Response("Bad Gateway", 502)
        return JSONResponse({"ok": True, "result": result})

    @staticmethod
    def _refusal(error: ApiError) -> Response:
        return JSONResponse(error.body(), error.code)

    async def _file(self, request: Request) -> Response:
        for chat in self.chats.values():
            if (content := chat.files.get(request.path_params["path"])) is not None:
                return Response(content)
        return self._refusal(ApiError(404, "Not Found"))

    # Updates

    async def poll(self, offset: int, seconds: float, allowed: list[str] | None) -> list[Json]:
        """A long poll: another one that begins meanwhile ends it, with 409."""
        if self.webhook["url"]:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first",
            )
        self._poll += 1
        mine = self._poll
        self._confirm(offset)
        self.polling = True
        await self._notify()
        try:
            async with asyncio.timeout(seconds), self.changed:
                while not (found := self._wanted(allowed)) and mine == self._poll and not self.down:
                    await self.changed.wait()
        except TimeoutError:
            found = []
        if mine != self._poll:
            raise ApiError(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        return found

    def _confirm(self, offset: int) -> None:
        done = [one for one in self._updates if one["update_id"] < offset]
        self._kept = (self._kept + done)[-100:]
        self._updates = self._updates[len(done) :]

    def _wanted(self, allowed: list[str] | None) -> list[Json]:
        if allowed:
            self._updates = [one for one in self._updates if any(kind in one for kind in allowed)]
        return self._updates[:100]

    async def push(self) -> list[int]:
        """Send what waits to the webhook, one after the other, and drop what was taken. The answers' statuses."""
        statuses = []
        async with httpx.AsyncClient(trust_env=False) as http:
            while self._updates:
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                answer = await http.post(self.webhook["url"], json=self._updates[0], headers=headers)
                statuses.append(answer.status_code)
                if not answer.is_success:
                    break
                self._kept.append(self._updates.pop(0))
        return statuses


async def _fields(request: Request) -> Json:
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(await request.json())
    async with request.form() as form:
        fields: Json = dict(request.query_params)
        for key, value in form.multi_items():
            fields[key] = await value.read() if isinstance(value, UploadFile) else _decoded(value)
    return fields


def _decoded(value: str) -> Any:
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return decoded if isinstance(decoded, dict | list | bool) else value
