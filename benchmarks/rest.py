"""The HTTP endpoints that benchmarks need, thin and async; a server that is away or overloaded is tried again."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.frames import CommandError, Frame

RETRY_SECONDS = 60.0
RETRY_DELAY_SECONDS = 0.2
PAGE_EVENTS = 500
CONNECTIONS_MAX = 64


@dataclass(frozen=True, slots=True)
class Visitor:
    """What opening a chat gives: the visitor's token, who it is and its conversation."""

    token: str
    visitor: Frame
    conversation: Frame


@dataclass(frozen=True, slots=True)
class Login:
    """What logging in gives."""

    token: str
    agent: Frame


class Rest:
    """An async context manager. Raises CommandError when refused, httpx.TransportError when the server stays away."""

    def __init__(self, base_url: str) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
        timeout = httpx.Timeout(RETRY_SECONDS, pool=None)
        secure = base_url.startswith("https:")  # whose certificates count takes 50 ms to read
        self._http = httpx.AsyncClient(
            base_url=base_url, limits=limits, timeout=timeout, trust_env=False, verify=secure
        )

    async def __aenter__(self) -> Rest:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def open_visitor(self, bot: str, *, token: str | None = None, **fields: Any) -> Visitor:
        """A new visitor of the bot with its conversation, or with a visitor's token the same one again."""
        body = await self.request("POST", f"/api/bots/{bot}/visitors", token, json=fields)
        return Visitor(body["token"], body["visitor"], body["conversation"])

    async def login(self, email: str, password: str) -> Login:
        """An agent's token, and who she is."""
        body = await self.request("POST", "/api/login", json={"email": email, "password": password})
        return Login(body["token"], body["agent"])

    async def conversation(self, token: str, conversation: str) -> Frame:
        """The conversation's object as it is now."""
        return await self.request("GET", f"/api/conversations/{conversation}", token)

    async def events(self, token: str, conversation: str, after: int = 0, limit: int = PAGE_EVENTS) -> list[Frame]:
        """Every event of the conversation after a sequence, through all pages."""
        events: list[Frame] = []
        while True:
            body = await self.request(
                "GET", f"/api/conversations/{conversation}/events", token, params={"after": after, "limit": limit}
            )
            page: list[Frame] = body["events"]
            events += page
            if not page or page[-1]["sequence"] >= body["last_sequence"] or page[-1]["sequence"] <= after:
                return events
            after = page[-1]["sequence"]

    async def command(self, token: str, conversation: str, type: str, **fields: Any) -> Frame:
        """One command over HTTP; returns its ack."""
        body = {"type": type, "ref": secrets.token_hex(8), **fields}
        return await self.request("POST", f"/api/conversations/{conversation}/commands", token, json=body)

    async def request(self, method: str, path: str, token: str | None = None, **options: Any) -> Frame:
        """The body of a 2xx answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        give_up_at = asyncio.get_running_loop().time() + RETRY_SECONDS
        while True:
            try:
                response = await self._http.request(method, path, headers=headers, **options)
                if response.is_success:
                    body: Frame = response.json() if response.content else {}
                    return body
                error = _error(response)
                if error.retry_after is None or asyncio.get_running_loop().time() > give_up_at:
                    raise error
                await asyncio.sleep(error.retry_after)
            except httpx.TransportError:
                if asyncio.get_running_loop().time() > give_up_at:
                    raise
                await asyncio.sleep(RETRY_DELAY_SECONDS)


def _error(response: httpx.Response) -> CommandError:
    try:
        return CommandError.of(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return CommandError(f"http_{response.status_code}", response.text[:200])
