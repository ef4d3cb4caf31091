"""A real HTTP server that speaks OpenAI's streaming format, as well or as badly as a test wants.

Each request takes the next of the `script`; the last one serves for all that follow.
`python -m tests.assistant.model_server` prints its address, and answers politely until it is interrupted.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

Behaviour = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request, and the pen to answer it with."""

    def __init__(self, headers: dict[str, str], body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self.headers = headers
        self.body = body
        self._writer = writer

    async def begin(self) -> None:
        """The head of a stream that ends with the connection."""
        await self.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")

    async def write(self, text: str) -> None:
        self._writer.write(text.encode())
        await self._writer.drain()

    async def chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> None:
        """One event of the stream."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}
        await self.write(f"data: {json.dumps(chunk)}\n\n")

    async def end(self, finish: str = "stop") -> None:
        """The proper end of a stream."""
        await self.chunk({}, finish)
        await self.write("data: [DONE]\n\n")

    async def status(self, code: int, *headers: str) -> None:
        """An error instead of a stream."""
        body = json.dumps({"error": {"message": "the server's own words, sk-secret and all"}})
        head = [f"HTTP/1.1 {code} Error", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
        await self.write("\r\n".join([*head, "Connection: close", "", body]))

    def abort(self) -> None:
        """The connection breaks."""
        transport = self._writer.transport
        assert isinstance(transport, asyncio.WriteTransport)
        transport.abort()


def says(*texts: str) -> Behaviour:
    """The normal answer, in pieces."""

    async def behave(exchange: Exchange) -> None:
        await exchange.begin()
        for text in texts:
            await exchange.chunk({"content": text})
        await exchange.end()

    return behave


def calls(tool: str, arguments: str, text: str = "") -> Behaviour:
    """A tool call, its arguments in two parts, perhaps after some text."""

    async def behave(exchange: Exchange) -> None:
        await exchange.begin()
        if text:
            await exchange.chunk({"content": text})
        half = len(arguments) // 2
        first = {"index": 0, "id": "t1", "type": "function", "function": {"name": tool, "arguments": arguments[:half]}}
        await exchange.chunk({"tool_calls": [first]})
        await exchange.chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments[half:]}}]})
        await exchange.end("tool_calls")

    return behave


def fails(code: int, *headers: str) -> Behaviour:
    """A status instead of an answer."""
    return lambda exchange: exchange.status(code, *headers)


class ModelServer:
    """See the module."""

    def __init__(self, script: Sequence[Behaviour]) -> None:
        self.script = list(script)
        self.exchanges: list[Exchange] = []
        self.url = ""
        self.hung_up = asyncio.Event()
        """A client closed its connection before its answer was finished."""
        self.hang_ups = 0
        self._open = 0
        self._closed = asyncio.Event()

    async def at_rest(self) -> None:
        """Returns when no answer is being written."""
        while self._open:
            self._closed.clear()
            await self._closed.wait()

    def _hang_up(self) -> None:
        self.hang_ups += 1
        self.hung_up.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            exchange = Exchange(headers, body, writer)
            self.exchanges.append(exchange)
            behave = self.script[min(len(self.exchanges), len(self.script)) - 1]
            await self._until_hung_up(reader, asyncio.ensure_future(behave(exchange)))
        except (ConnectionError, asyncio.IncompleteReadError):
            self._hang_up()
        finally:
            writer.close()
            self._open -= 1
            self._closed.set()

    async def _until_hung_up(self, reader: asyncio.StreamReader, behaving: "asyncio.Future[None]") -> None:
        gone = asyncio.ensure_future(reader.read(1))
        both: list[asyncio.Future[Any]] = [behaving, gone]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if behaving.done():
            gone.cancel()
            behaving.result()
        else:
            behaving.cancel()
            self._hang_up()


@asynccontextmanager
async def model_server(*script: Behaviour) -> AsyncIterator[ModelServer]:
    """A server on a port of its own."""
    model = ModelServer(script)
    server = await asyncio.start_server(model.serve, "127.0.0.1", 0)
    model.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield model
    finally:
        server.close()


async def _serve() -> None:
    async with model_server(says("Let me ", "look ", "that up ", "for you.")) as model:
        print(model.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())
