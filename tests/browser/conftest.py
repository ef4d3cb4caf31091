"""Two real browsers against one server: a visitor's and an agent's. An error on a page's console fails its test."""

import base64
import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from gateway import passwords

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
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

TEAM = (("Alice", "agent"), ("Bob", "agent"), ("Mona", "manager"))

FAQ = """# Shop

## How do I return something?
<!-- return returns send back -->

You can return anything within 30 days. The label is at https://example.com/returns.

## What does shipping cost?
<!-- shipping delivery -->

Shipping is free from 60 EUR.
"""

HOME = "81.2.69.7"
"""An address that the database of places knows: Boxford, United Kingdom."""

CONFIGURATION = """
[runtime]
hosts = 1

[server]
geoip_database = "places.mmdb"
trusted_proxies = ["127.0.0.1"]

[[bots]]
id = "demo"
name = "Shop"
tier = "premium"
greeting = "Hi! How can I help?"
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]
[bots.escalation]
keywords = ["chargeback"]

[[bots]]
id = "demo-basic"
name = "Basic"
tier = "basic"
greeting = "Hi! How can I help?"
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]

[[bots]]
id = "elsewhere"
name = "Elsewhere"
tier = "premium"
greeting = "Hi! How can I help?"
allowed_origins = ["http://localhost:PORT"]
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]

[[quick_replies]]
shortcut = "hello"
text = "Hi {visitor.name}, this is {agent.name}. How can I help?"

[[quick_replies]]
shortcut = "moment"
text = "One moment please."
"""

AGENT = """
[[agents]]
id = "{id}"
name = "{name}"
email = "{id}@demo.example"
role = "{role}"
bots = ["demo", "demo-basic"]
capacity = 3
password_hash = "{hash}"
"""

Visitor = Callable[..., Page]
Agent = Callable[..., Page]


@dataclass
class Server:
    """A real `livesupport up` with a team of three, all with the same password."""

    folder: Path
    port: int
    password: str = "a secret of three words"
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def configure(self) -> None:
        """Writes the configuration."""
        (self.folder / "faq.md").write_text(FAQ)
        places = MMDBWriter(ip_version=6, database_type="City", ipv4_compatible=True)
        names = {"city": {"names": {"en": "Boxford"}}, "country": {"names": {"en": "United Kingdom"}}}
        places.insert_network(IPSet([f"{HOME}/32"]), names)
        places.to_db_file(str(self.folder / "places.mmdb"))
        agents = [
            AGENT.format(id=name.lower(), name=name, role=role, hash=passwords.hash(self.password))
            for name, role in TEAM
        ]
        (self.folder / "live.toml").write_text(CONFIGURATION.replace("PORT", str(self.port)) + "".join(agents))

    def start(self) -> None:
        """Returns when it serves."""
        program = [str(Path(sys.executable).with_name("livesupport")), "up", "--port", str(self.port)]
        program += ["--config", str(self.folder / "live.toml"), "--data", str(self.folder)]
        with (self.folder / "up.log").open("a") as log:
            self.process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready"), (self.folder / "up.log").read_text()

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """The JSON that an endpoint answers."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def token(self, name: str) -> str:
        """An agent's token."""
        answer = self.call("POST", "/api/login", {"email": f"{name}@demo.example", "password": self.password})
        return str(answer["token"])

    def say(self, name: str, conversation: str, texts: list[str]) -> None:
        """An agent writes to a conversation of hers."""
        token = self.token(name)
        for number, text in enumerate(texts):
            body = {"type": "send_message", "ref": f"said-{number}", "text": text}
            self.call("POST", f"/api/conversations/{conversation}/commands", body, token)

    def clear(self) -> None:
        """Nobody is online, and no conversation is open any more."""
        token = self.token("mona")
        for name in ("alice", "bob", "mona"):
            self.call("PUT", f"/api/agents/{name}/status", {"status": "offline"}, token)
        path = "/api/conversations?state=assistant&state=queued&state=live&limit=200"
        for one in self.call("GET", path, token=token)["items"]:
            close = {"type": "close_conversation", "ref": f"clear-{one['id']}", "resolution": "other"}
            self.call("POST", f"/api/conversations/{one['id']}/commands", close, token)

    def stop(self) -> None:
        """Ends it as an operator would."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.terminate()
        code = self.process.wait(60)
        self.process.stdout.close()
        assert code == 0, (self.folder / "up.log").read_text()


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
    if not Path(CHROMIUM).exists():
        pytest.skip(f"There is no Chromium at {CHROMIUM}.")
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser profile of its own; fails the test for whatever its pages complained about."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)

    def make(**options: object) -> BrowserContext:
        made = browser.new_context(**{"base_url": server.url, "viewport": {"width": 1440, "height": 900}} | options)  # type: ignore[arg-type]
        made.set_default_timeout(10_000)
        made.on("page", watch)
        opened.append(made)
        return made

    yield make
    for one in opened:
        one.close()
    assert [line for line in complaints if not line.startswith(EXPECTED)] == []


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
def agent(context: Callable[..., BrowserContext], server: Server) -> Agent:
    """Logs an agent in, online unless told otherwise."""

    def log_in(name: str = "alice", status: str | None = "Online", **options: object) -> Page:
        page = context(**options).new_page()
        page.goto("/dashboard")
        page.get_by_role("textbox", name="E-mail").fill(f"{name}@demo.example")
        page.get_by_role("textbox", name="Password").fill(server.password)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("navigation", name="Mailboxes")).to_be_visible()
        if status:
            set_status(page, status)
        return page

    return log_in


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
