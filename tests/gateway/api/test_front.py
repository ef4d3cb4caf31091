"""What the front adds to an answer: it is small where that pays, and may be read where that is allowed."""

import asyncio
import logging

import pytest

from tests.gateway.api.system import SHOP, System

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/openapi.json", "/static/widget/view.js"])
async def test_what_is_large_is_compressed_for_those_who_can_read_it(system: System, path: str) -> None:
    packed = await system.ask("GET", path, headers={"Accept-Encoding": "gzip"})
    plain = await system.ask("GET", path, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) == len(plain.content)
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content


async def test_what_is_short_comes_as_it_is(system: System) -> None:
    answer = await system.ask("GET", "/healthz", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


async def test_another_website_reads_the_same_answer(system: System) -> None:
    own = await system.ask("GET", "/openapi.json")
    across = await system.ask("GET", "/openapi.json", headers={"Origin": SHOP})
    assert across.content == own.content
    assert across.headers["access-control-allow-origin"] == SHOP
    assert across.headers["access-control-expose-headers"] == "Retry-After"
    assert across.headers["vary"] == "Accept-Encoding, Origin"


async def test_a_slash_at_the_end_changes_nothing(system: System) -> None:
    token, key = await system.visitor()
    assert (await system.call("GET", f"/api/conversations/{key}/", token))["id"] == key


async def test_a_head_has_the_headers_and_nothing_more(system: System) -> None:
    whole, head = [await system.ask(method, "/openapi.json") for method in ("GET", "HEAD")]
    assert head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    ("place", "type", "begun"),
    [
        (
            "attachments",
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"',
        ),
        ("commands", "application/json", b'{"type":'),
    ],
)
async def test_who_leaves_in_the_middle_of_a_request_leaves_no_trace_in_the_log(
    system: System, caplog: pytest.LogCaptureFixture, place: str, type: str, begun: bytes
) -> None:
    token, key = await system.visitor()
    url = system.http.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST /api/conversations/{key}/{place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Type: {type}\r\nContent-Length: 5000\r\n\r\n".encode() + begun)
    await writer.drain()
    await system.call("GET", f"/api/conversations/{key}", token)  # and is at it by then
    writer.close()
    await writer.wait_closed()
    for _ in range(3):
        await system.call("GET", f"/api/conversations/{key}", token)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []
