"""Files: uploaded, sent, seen; and whatever is in them, no browser runs it."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from actors.settings import ServerSettings
from tests.gateway.api.system import SHOP, System, limits, running

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 50


def file(name: str = "cat.png", content: bytes = PNG, type: str = "image/png") -> dict[str, Any]:
    return {"files": {"file": (name, content, type)}}


async def upload(system: System, token: str, key: str, **form: Any) -> Any:
    body = await system.call("POST", f"/api/conversations/{key}/attachments", token, **(form or file()))
    return body["attachment"]


def files_below(folder: Path) -> int:
    return sum(one.is_file() for one in folder.rglob("*"))


async def refused(system: System, token: str, key: str, **form: Any) -> tuple[int, str, dict[str, Any]]:
    return await system.refusal("POST", f"/api/conversations/{key}/attachments", token, **form)


async def test_a_file_is_uploaded_sent_in_a_message_and_seen_by_both(system: System) -> None:
    ann, key = await system.visitor()
    kept = await upload(system, ann, key)
    assert (kept["name"], kept["content_type"], kept["size"]) == ("cat.png", "image/png", len(PNG))
    await system.command(ann, key, "send_message", attachments=[kept])
    alice = await system.agent("alice")
    events = (await system.call("GET", f"/api/conversations/{key}/events", alice))["events"]
    assert [event["attachments"] for event in events if event.get("attachments")] == [[kept]]
    for options in ({"token": alice}, {"token": ann}, {}):  # an <img> can send no token along
        assert (await system.ask("GET", kept["url"], **options)).content == PNG


async def test_of_what_a_message_says_of_its_attachment_only_the_id_is_believed(system: System) -> None:
    ann, key = await system.visitor()
    kept = await upload(system, ann, key)
    lie = {"id": kept["id"], "name": "free money.exe", "url": "https://evil.example", "size": 1}
    await system.command(ann, key, "send_message", attachments=[lie, kept["id"]])
    events = (await system.call("GET", f"/api/conversations/{key}/events", ann))["events"]
    assert events[-1]["attachments"] == [kept, kept]


@pytest.mark.parametrize(
    ("name", "type", "disposition"),
    [
        ("cat.png", "image/png", "inline"),
        ("a.pdf", "application/pdf", "attachment"),
        ("a.txt", "text/plain", "attachment"),
    ],
)
async def test_a_file_is_served_so_that_no_browser_runs_it(
    system: System, name: str, type: str, disposition: str
) -> None:
    ann, key = await system.visitor()
    script = b"<script>alert(1)</script>"
    kept = await upload(system, ann, key, **file(name, script, type))
    headers = (await system.ask("GET", kept["url"])).headers
    assert headers["content-type"].partition(";")[0] == type
    assert headers["content-disposition"] == f'{disposition}; filename="{name}"'
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "immutable" in headers["cache-control"]
    assert headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("name", "type"), [("x.html", "text/html"), ("x.svg", "image/svg+xml"), ("x.js", "text/javascript"), ("x.exe", "")]
)
async def test_types_that_are_not_on_the_list_are_refused(system: System, name: str, type: str) -> None:
    ann, key = await system.visitor()
    assert await refused(system, ann, key, **file(name, b"x", type)) == (400, "bad_request", {"field": "file"})


async def test_which_types_may_be_sent_can_be_configured(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(attachment_types=["image/svg+xml", "image/png"])) as system:
        ann, key = await system.visitor()
        for name, type in (("x.svg", "image/svg+xml"), ("x.png", "IMAGE/PNG; q=1"), ("x.png", "")):
            await upload(system, ann, key, **file(name, b"x", type))
        assert (await refused(system, ann, key, **file("x.txt", b"x", "text/plain")))[0] == 400


async def test_a_file_without_a_type_has_that_of_its_name(system: System) -> None:
    ann, key = await system.visitor()
    kept = await upload(system, ann, key, **file("report.pdf", b"%PDF", "application/octet-stream"))
    assert kept["content_type"] == "application/pdf"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Temp\\a.txt", "a.txt"),
        ("inv\u202etxt.png", "invtxt.png"),
        ("x" * 500 + ".txt", "x" * 116 + ".txt"),
    ],
)
async def test_a_name_is_a_name_and_no_path(system: System, sent: str, kept: str) -> None:
    ann, key = await system.visitor()
    assert (await upload(system, ann, key, **file(sent, b"x", "text/plain")))["name"] == kept


async def test_a_file_of_the_largest_size_fits_and_one_byte_more_does_not(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(attachment_bytes=30_000)) as system:
        ann, key = await system.visitor()
        assert (await upload(system, ann, key, **file(content=b"x" * 30_000)))["size"] == 30_000
        too_large = (413, "too_large", {"limit": 30_000})
        assert await refused(system, ann, key, **file(content=b"x" * 30_001)) == too_large
        assert await refused(system, ann, key, **file(content=b"x" * 3_000_000)) == too_large
        assert files_below(tmp_path / "attachments" / "uploads") == 1


async def test_an_endless_upload_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        while sent < 5_000_000:
            sent += 10_000
            yield b"x" * 10_000

    async with running(tmp_path, **limits(attachment_bytes=30_000)) as system:
        ann, key = await system.visitor()
        system.http = httpx.AsyncClient(transport=httpx.ASGITransport(system.app), base_url="http://test")
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        assert (await refused(system, ann, key, content=endless(), headers=headers))[:2] == (413, "too_large")
    assert sent < 60_000


async def test_the_same_content_is_stored_once_under_ids_of_its_own(tmp_path: Path) -> None:
    async with running(tmp_path) as system:
        ann, key = await system.visitor()
        first, second = await upload(system, ann, key), await upload(system, ann, key, **file("other.png"))
        assert first["id"] != second["id"]
        assert files_below(tmp_path / "attachments" / "blobs") == 1


async def test_what_was_uploaded_is_there_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as system:
        ann, key = await system.visitor()
        kept = await upload(system, ann, key)
    async with running(tmp_path) as system:
        assert (await system.ask("GET", kept["url"])).content == PNG
        await system.command(ann, key, "send_message", attachments=[kept])


async def test_strangers_upload_nothing(system: System) -> None:
    _, key = await system.visitor()
    stranger, _ = await system.visitor()
    assert (await refused(system, stranger, key, **file()))[:2] == (403, "forbidden")
    assert (await refused(system, "", key, **file()))[:2] == (401, "unauthorized")


async def test_uploads_count_as_messages(tmp_path: Path) -> None:
    async with running(tmp_path, **limits(visitor_messages=2)) as system:
        ann, key = await system.visitor()
        await upload(system, ann, key)
        await upload(system, ann, key)
        assert (await refused(system, ann, key, **file()))[:2] == (429, "rate_limited")


async def test_what_a_visitor_and_an_address_upload_in_an_hour_has_a_bound(tmp_path: Path) -> None:
    server, content = ServerSettings(trusted_proxies=["127.0.0.1"]), b"x" * 500
    bounds = limits(upload_bytes=1_000, attachment_bytes=500, visitor_messages=0)
    async with running(tmp_path, server=server, **bounds) as system:
        ann, key = await system.visitor()
        for _ in range(2):
            await upload(system, ann, key, **file(content=content))
        status, code, detail = await refused(system, ann, key, **file(content=content))
        assert (status, code) == (429, "rate_limited")
        assert 0 < detail["retry_after_ms"] <= 1_800_000
        for _ in range(3):
            await upload(system, await system.agent("alice"), key, **file(content=content))
        stored = 0
        for _ in range(12):
            token, theirs = await system.visitor()
            while True:
                path, headers = f"/api/conversations/{theirs}/attachments", {"X-Forwarded-For": "8.8.8.8"}
                answer = await system.ask("POST", path, token, headers=headers, **file(content=content))
                if answer.is_error:
                    break
                stored += 1
        assert stored == 20, "ten visitors' worth"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"json": {}}, "file"),
        ({"content": b""}, "file"),
        ({"data": {"file": "text"}}, "file"),
        ({"content": b"--b\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, "file"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "body"),
        ({"files": [("file", ("a.png", b"x", "image/png")), ("file", ("b.png", b"x", "image/png"))]}, "body"),
    ],
)
async def test_what_is_no_form_with_one_file_is_a_bad_request(system: System, form: dict[str, Any], field: str) -> None:
    ann, key = await system.visitor()
    assert await refused(system, ann, key, **form) == (400, "bad_request", {"field": field})


@pytest.mark.parametrize("headers", [b"A:b\r\n" * 100_000, b"A:" + b"b" * 500_000 + b"\r\n"], ids=["many", "long"])
async def test_a_part_is_no_way_around_what_headers_may_take(system: System, headers: bytes) -> None:
    token, key = await system.visitor()
    form = b"--b\r\n" + headers + b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n'
    sent = {"content": form, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}
    refused = await system.refusal("POST", f"/api/conversations/{key}/attachments", token, **sent)
    assert refused == (400, "bad_request", {"field": "body"})


@pytest.mark.parametrize("id", ["0" * 32, "x", "..%2f..%2fsecret", "%00"])
async def test_an_attachment_that_was_never_uploaded_is_not_found(system: System, id: str) -> None:
    assert (await system.refusal("GET", f"/api/attachments/{id}"))[:2] == (404, "not_found")


async def test_a_widget_on_a_bots_website_may_upload(system: System) -> None:
    ann, key = await system.visitor()
    path = f"/api/conversations/{key}/attachments"
    answer = await system.ask("POST", path, ann, **file(), headers={"Origin": SHOP})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (201, SHOP)
