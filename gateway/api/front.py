"""The front of a gateway: what is asked of the API goes straight to its endpoint, and all else to the site.

    request ── from another website's page? CORS ──> endpoint ──> answer ── large? gzip ──> sent
                                                       └─ raises ──> answer in the protocol's words

An application of Starlette's leads every request through each of its layers, and that costs as much as all else that
the gateway does for a short one. Here a request enters the layers that it needs, and they are Starlette's own.
"""

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.answers import answer_to, foreseen
from gateway.api.asked import Asked
from gateway.api.context import Api, Endpoint
from gateway.api.deadlines import Deadlines
from gateway.api.origins import cors
from gateway.api.paths import Paths
from gateway.api.requests import named
from gateway.errors import ProtocolError

REQUEST_SECONDS = 20.0
"""A host that restarts answers within this; a request that waits longer is told to come again."""

COMPRESSED_FROM_BYTES = 2_048


class Front:
    """An ASGI application of the endpoints, by path and method, and of the `site`.

    The `unhurried` endpoints take as long as the client does.
    """

    def __init__(
        self,
        api: Api,
        endpoints: Mapping[str, Mapping[str, Endpoint]],
        unhurried: frozenset[Endpoint],
        site: ASGIApp,
    ) -> None:
        self._api = api
        self._endpoints = endpoints
        self._unhurried = unhurried
        self._paths = Paths(endpoints)
        self._deadlines = Deadlines(REQUEST_SECONDS)
        self._site = GZipMiddleware(site, minimum_size=COMPRESSED_FROM_BYTES)
        self._across = CORSMiddleware(self._serve, **cors(api.settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        across = b"origin" in dict(scope["headers"])
        await (self._across if across else self._serve)(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._paths.find(scope["path"])
        if found is None:
            await self._site(scope, receive, send)
            return
        path, scope["path_params"] = found
        scope["app"] = self  # by which Starlette knows that somebody answers its HTTPException
        request = Asked(scope, receive, send)
        try:
            answer = await self._answer(path, request)
        except ClientDisconnect:
            return  # in the middle of what it said: nobody is there to be answered, and nothing is wrong here
        except Exception as error:
            await answer_to(request, error)(scope, receive, send)
            if not foreseen(error):
                raise  # to the server, which logs it
        else:
            await _compressed(answer)(scope, receive, send)

    async def _answer(self, path: str, request: Request) -> Response:
        by_method = self._endpoints[path]
        endpoint = by_method.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None:
            allowed = [*by_method, "HEAD"] if "GET" in by_method else [*by_method]
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        try:
            return await self._in_time(endpoint, request)
        except ProtocolError as error:
            asked = {"method": request.method, "path": path, **request.path_params}
            self._api.edge.hub.recorder.refused(error, **asked, **named(request))
            raise

    async def _in_time(self, endpoint: Endpoint, request: Request) -> Response:
        task = asyncio.current_task()
        assert task is not None, "a server runs each request in a task"
        if endpoint not in self._unhurried:
            self._deadlines.begin(task)
        try:
            return await endpoint(self._api, request)
        except asyncio.CancelledError:
            task.uncancel()
            if endpoint in self._unhurried or self._deadlines.end(task):
                # the server stops, and has waited for it as long as it may
                raise ProtocolError("overloaded", "This gateway restarts. Try again in a moment.") from None
            raise ProtocolError("overloaded", "That took too long. Try again in a moment.") from None
        finally:
            self._deadlines.end(task)


def _compressed(answer: Response) -> ASGIApp:
    """The answer as it is, if it is known to be short."""
    body = getattr(answer, "body", None)
    if body is not None and len(body) < COMPRESSED_FROM_BYTES:
        return answer
    return GZipMiddleware(answer, minimum_size=COMPRESSED_FROM_BYTES)
