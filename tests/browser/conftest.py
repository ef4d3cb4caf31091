"""Two real browsers against one server: a visitor's and an agent's. An error on a page's console fails its test."""

import base64
import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.profiles import Profile, Profiles
from tests.browser.server import Server

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
FLAGS += ["--disable-features=LocalNetworkAccessChecks"]
"""The last one: a page that a test fulfils itself counts as one from the internet."""


EXPECTED = ("WebSocket connection", "Failed to load resource")
"""What Chromium itself writes when a test cuts the line or logs in wrongly."""

SHOP = """<!doctype html><html lang="en"><title>Shop</title><meta name="viewport" content="width=device-width">
<h1>Shop</h1><script src="/widget.js" data-bot="{bot}" {attributes}></script></html>"""

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""

KEEPS_NOTHING = "".join(
    f"Object.defineProperty(window, '{area}', {{ get() {{ throw new DOMException('denied', 'SecurityError'); }} }});"
    for area in ("localStorage", "sessionStorage")
)
"""Makes a page's storage what it is where the browser blocks it."""

Visitor = Callable[..., Page]
Agent = Callable[..., Page]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Server(tmp_path_factory.mktemp("server"), port)
    running.configure()
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("There is no chromium on the PATH; the environment variable CHROMIUM may name one elsewhere.")
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def profiles(browser: Browser, server: Server) -> Profiles:
    return Profiles(browser, (server.url, server.url.replace("127.0.0.1", "localhost")))


@pytest.fixture
def profile(profiles: Profiles) -> Iterator[Callable[..., Profile]]:
    """Lends a browser profile; fails the test for whatever its pages complained about."""
    lent: list[Profile] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)

    def lend(**options: object) -> Profile:
        lent.append(profiles.lend(watch, **options))
        return lent[-1]

    yield lend
    for one in lent:
        profiles.take_back(one, watch)
    assert [line for line in complaints if not line.startswith(EXPECTED)] == []


@pytest.fixture
def context(profile: Callable[..., Profile]) -> Callable[..., BrowserContext]:
    """A browser in which nobody is logged in."""
    return lambda **options: profile(**options).context


@pytest.fixture(autouse=True)
def empty_desks(server: Server) -> Iterator[None]:
    """After a test nothing is left for the next one."""
    yield
    server.clear()


@pytest.fixture
def visitor(context: Callable[..., BrowserContext]) -> Visitor:
    """Opens a shop's page with the widget on it, and the chat unless told otherwise."""

    def enter(
        name: str = "Ana Ruiz", chat: bool = True, attributes: str = "", bot: str = "demo", **options: object
    ) -> Page:
        page = context(**options).new_page()
        html = SHOP.format(bot=bot, attributes=f'data-name="{name}" {attributes}')
        page.route(re.compile(r"/shop(\?.*)?$"), lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto("/shop")
        if chat:
            page.get_by_role("button", name="Open chat").click()
            expect(page.get_by_role("log")).to_contain_text("Hi!")
        return page

    return enter


@pytest.fixture
def agent(profile: Callable[..., Profile], server: Server) -> Agent:
    """Opens an agent's dashboard, logged in, and online unless told otherwise."""

    def enter(name: str = "alice", status: str | None = "Online", **options: object) -> Page:
        browser = profile(**options)
        browser.store("livesupport:agent", json.dumps(server.session(name)))
        browser.context.add_cookies([{"name": "livesupport", "value": server.token(name), "url": server.url}])
        page = browser.context.new_page()
        page.goto("/dashboard")
        expect(page.get_by_role("navigation", name="Mailboxes")).to_be_visible()
        if status:
            set_status(page, status)
        return page

    return enter


def log_in(page: Page, name: str, password: str) -> None:
    """By the form."""
    page.get_by_role("textbox", name="E-mail").fill(f"{name}@demo.example")
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def set_status(page: Page, status: str) -> None:
    button = page.get_by_role("button", name="Status")
    button.click()
    page.get_by_role("menuitem", name=status).click()
    expect(button).to_contain_text(status)


def conversation_of(page: Page, name: str):  # type: ignore[no-untyped-def]
    """The list's item that names this visitor."""
    return page.get_by_role("list", name="Conversations").get_by_role("listitem").filter(has_text=name)


def write(page: Page, text: str) -> None:
    """The visitor writes and sends."""
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()


def answer(page: Page, text: str) -> None:
    """The agent writes and sends."""
    page.get_by_role("textbox", name="Reply").fill(text)
    page.get_by_role("button", name="Send").click()


def meet(person: Page, desk: Page) -> None:
    """The visitor asks for a human, the agent accepts."""
    person.get_by_role("button", name="Talk to a human").click()
    desk.get_by_role("button", name="Accept").click()
    expect(person.get_by_role("status")).to_contain_text("You are talking to")
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()
