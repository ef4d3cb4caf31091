"""The pages: what they may load, how they are kept by browsers, and what other websites may import."""

import gzip
import json
import os
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from gateway.pages import WEB, Web
from tests.gateway.api.system import System, serving

pytestmark = pytest.mark.anyio

PAGES = {"/": "text/html", "/dashboard": "text/html", "/widget.js": "javascript"}


@pytest.mark.parametrize(("path", "type"), PAGES.items())
async def test_a_page_is_served_under_a_strict_policy(system: System, path: str, type: str) -> None:
    answer = await system.ask("GET", path)
    assert answer.status_code == 200
    assert type in answer.headers["content-type"]
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", [*PAGES, "/static/icon.svg"])
async def test_a_browser_asks_again_and_gets_again_only_what_has_changed(system: System, path: str) -> None:
    first = await system.ask("GET", path)
    assert first.headers["cache-control"] == "no-cache"
    again = await system.ask("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await system.ask("GET", path, headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", ["/widget.js", "/static/widget/view.js", "/static/common/dom.js"])
async def test_other_websites_may_import_the_widget(system: System, path: str) -> None:
    headers = (await system.ask("GET", path, headers={"Origin": "https://any.example"})).headers
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("page", sorted(WEB.glob("*.html")), ids=lambda page: page.name)
async def test_a_page_has_nothing_that_its_policy_forbids_and_all_it_names_is_there(system: System, page: Path) -> None:
    text = (await system.ask("GET", f"/static/{page.name}")).text
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", text)
    for link in re.findall(r'(?:src|href)="(/[^"#]*)"', text):
        assert (await system.ask("GET", link)).status_code == 200, link


async def test_a_file_that_has_changed_is_served_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "app.js"
    async with (
        serving(Starlette(routes=[Mount("/static", Web(tmp_path))])) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        for number, text in enumerate(("one;", "two;", "three;")):
            file.write_text(text)
            os.utime(file, (number, number))
            answers = [await http.get("/static/app.js") for _ in range(2)]
            assert [answer.text for answer in answers] == [text, text]
            assert answers[0].headers["content-length"] == str(len(text))
        assert (await http.head("/static/app.js")).headers["content-length"] == "6"


async def test_nothing_outside_the_folder_is_served(system: System) -> None:
    for path in ("/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/static//etc/passwd", "/static/"):
        assert (await system.refusal("GET", path))[0] == 404


@pytest.mark.parametrize("folder", ["texts", "texts/forms"])
def test_every_language_of_the_widget_says_all_there_is_to_say(folder: str) -> None:
    files = (WEB / "widget" / folder).glob("*.js")
    said = {file.name: re.findall(r"^  (\w+):", file.read_text(), re.MULTILINE) for file in files}
    assert said["en.js"]
    assert {tuple(words) for words in said.values()} == {tuple(said["en.js"])}
    (languages,) = re.findall(r"LANGUAGES = (\[.*\])", (WEB / "widget.js").read_text())
    assert said.keys() == {f"{language}.js" for language in json.loads(languages)}


def test_what_a_page_loads_of_the_widget_is_less_than_fifteen_kilobytes_in_every_language() -> None:
    modules = {WEB / "widget" / "view.js"}
    while found := {(one.parent / name).resolve() for one in modules for name in _imports(one)} - modules:
        modules |= found
    assert WEB / "common" / "socket.js" in modules
    when_needed = {WEB / "widget" / f"{name}.js" for name in ("forms", "older", "phone", "upload")}
    assert modules.isdisjoint(when_needed)
    for language in WEB.glob("widget/texts/*.js"):
        assert sum(len(gzip.compress(one.read_bytes(), 9)) for one in {*modules, WEB / "widget.js", language}) < 15_000


def _imports(module: Path) -> list[str]:
    return re.findall(r'^import .*"(.*)";', module.read_text(), re.MULTILINE)
