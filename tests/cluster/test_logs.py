"""What operators find in the log after a bad hour, and what they must not find: a word that a visitor wrote."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import anyio
import httpx
import pytest

from benchmarks.configuration import Setup
from benchmarks.server import Server
from runtime.identity import actor_id
from runtime.logs import log_file
from runtime.placement import Placement
from tests.metrics.whole import Whole

pytestmark = pytest.mark.anyio

SAID = "zanzibar"
"""In all that the visitor says."""
Entry = dict[str, Any]
SETTINGS = '[server]\nlog_format = "json"\n'


@pytest.fixture(scope="module")
async def hour(anyio_backend: str) -> "Hour":
    """A visitor who says a lot, clients that are refused, and every kind of process killed."""
    async with Server(Setup(hosts=2, agents=1, settings=SETTINGS)) as server:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
            hour = Hour(server, Whole(http, cluster=None, plan=None, packed=b""))  # type: ignore[arg-type]
            await hour.passes()
        hour.texts = {path: path.read_text(errors="replace") for path in _written(server)}
        hour.entries = hour._logged()
    return hour


class Hour:
    """What was done, and what was written of it."""

    def __init__(self, server: Server, whole: Whole) -> None:
        self.server, self.whole = server, whole
        self.texts: dict[Path, str] = {}
        self.entries: list[Entry] = []

    async def passes(self) -> None:
        """See the module."""
        [agent] = self.server.agents
        login = {"email": agent.email, "password": agent.password}
        self.agent = (await self.whole.call("POST", "/api/login", json=login))["token"]
        self.whole.http.cookies.clear()
        page = {"url": f"https://{SAID}.example/{SAID}", "title": SAID, "referrer": f"https://{SAID}.example"}
        body = {"name": SAID, "email": f"{SAID}@example.com", "page": page, "attributes": {SAID: SAID}}
        opened = await self.whole.call("POST", "/api/bots/demo/visitors", json=body)
        self.token, self.key = opened["token"], opened["conversation"]["id"]
        self.visitor = opened["visitor"]["id"]
        await self._refused()
        self.host = Placement(2).host_of(actor_id("conversation", self.key))
        for process in ("assistant/0", self.host, "gateway/0"):
            await self._killed(process)

    async def _refused(self) -> None:
        await self.whole.command(self.token, self.key, "send_message", text=f"What is {SAID}?")
        await self._post(self.token, {"type": "take_over", "ref": "r-forbidden"})
        await self._post(self.token, {"type": "rate", "ref": "r-rate", "score": 9, "comment": SAID})
        await self._post(self.token, {"type": "rate", "ref": SAID + " as a ref", "score": SAID})
        await self._post(self.agent, {"type": "return_to_assistant", "ref": "r-return", "summary": SAID})
        await self.whole.http.get(f"/api/conversations/{SAID}%20{SAID}", headers=_bearer(self.token))
        async with self.whole.connected(self.token) as line:
            for frame in (SAID, {"type": SAID}, {"type": "send_message", "ref": "r-wrong", "text": [SAID]}):
                await line.send(frame if isinstance(frame, str) else json.dumps(frame))
                await _error(line)
            await line.send(json.dumps({"type": "add_note", "ref": "r-note", "text": SAID}))
            assert (await _error(line))["ref"] == "r-note"

    async def _post(self, token: str, body: Entry) -> None:
        path = f"/api/conversations/{self.key}/commands"
        answer = await self.whole.http.post(path, headers=_bearer(token), json=body)
        assert answer.is_client_error, answer.text

    async def _killed(self, process: str) -> None:
        """One of the processes, while a visitor writes; until the log says that it lives again."""
        [pid] = [one["pid"] for one in self._logged() if (one["event"], one.get("process")) == ("started", process)]
        [victim] = [one for one in self.server.processes() if one.pid == pid]
        victim.kill()
        with anyio.fail_after(30):
            while not (await self._wrote() and self._restarted(process)):  # noqa: ASYNC110 - it tells nobody
                await anyio.sleep(0.1)

    async def _wrote(self) -> bool:
        body = {"type": "send_message", "ref": secrets.token_hex(4), "text": f"And {SAID}?"}
        path = f"/api/conversations/{self.key}/commands"
        try:
            return (await self.whole.http.post(path, headers=_bearer(self.token), json=body)).is_success
        except httpx.TransportError:
            return False

    def _logged(self) -> list[Entry]:
        return [json.loads(line) for line in log_file(self.server.data).read_text().splitlines()]

    def _restarted(self, process: str) -> bool:
        return any((one["event"], one["process"]) == ("restarted", process) for one in self._logged())

    def of(self, event: str, **fields: str) -> list[Entry]:
        """The entries of this event with these fields."""
        return [one for one in self.entries if one["event"] == event and fields.items() <= one.items()]


async def _error(line: Any) -> Entry:
    """What the client is refused; the assistant's answer may come in between."""
    while (frame := json.loads(await line.recv()))["type"] != "error":
        pass
    return cast(Entry, frame)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _written(server: Server) -> Iterator[Path]:
    """Every file that anything of the system writes for operators: ours, Ray's, and what `up` printed."""
    titles = " ".join(one.title for one in server.processes())
    [session] = set(re.findall(r"(/\S+/session_[\d_-]+)(?=[/\s])", titles))
    yield server.log
    for folder in (server.data / "logs", Path(session) / "logs"):
        found = [path for path in folder.rglob("*") if path.is_file()]
        assert found, f"{folder} is empty"
        yield from found


async def test_no_log_holds_a_word_that_a_visitor_wrote(hour: Hour) -> None:
    assert len(hour.texts) > 10
    assert [path for path, text in hour.texts.items() if SAID in text.lower()] == []


async def test_every_start_and_every_restart_is_a_line(hour: Hour) -> None:
    started = {one["process"] for one in hour.of("started")}
    assert started == {"host/0", "host/1", "assistant/0", "gateway/0"}
    assert [one["process"] for one in hour.of("restarted")] == ["assistant/0", hour.host, "gateway/0"]
    assert {one["level"] for one in hour.of("restarted")} == {"warning"}


async def test_what_was_sent_again_is_a_line_that_says_from_whom_to_whom(hour: Hour) -> None:
    [first, *_] = hour.of("resend", sender="gateway/0", to=hour.host)
    assert (first["failures"], first["process"]) == (1, "gateway/0")
    assert first["batch"] > 0


REFUSED: list[tuple[str, Callable[[Hour], Entry]]] = [
    ("r-forbidden", lambda hour: {"code": "forbidden", "process": "gateway/0", "conversation": hour.key}),
    ("r-rate", lambda hour: {"code": "bad_request", "field": "score"}),
    ("r-return", lambda hour: {"code": "not_allowed", "actor": f"conversation/{hour.key}", "sender": "agent/agent-1"}),
    ("r-wrong", lambda hour: {"code": "bad_request", "field": "text", "sender": f"visitor/{hour.visitor}"}),
    ("r-note", lambda hour: {"code": "forbidden", "command": "add_note", "conversation": hour.key}),
]


@pytest.mark.parametrize(("ref", "fields"), REFUSED, ids=[ref for ref, _ in REFUSED])
async def test_a_refused_command_is_one_line_with_its_ids(
    hour: Hour, ref: str, fields: Callable[[Hour], Entry]
) -> None:
    [one] = hour.of("rejected", ref=ref)
    assert fields(hour).items() <= one.items()
