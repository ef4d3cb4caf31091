"""The widget in a long chat: its log holds the newest messages, and the older ones for who scrolls up to them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Agent, Visitor, answer, meet, write
from tests.browser.server import Server
from tests.browser.test_messages import opened
from tests.browser.test_read_out import HEARD, heard

LOADED = "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/older.js'))"
SCROLL = """(log, top) => {
  log.scrollTop = top;
  window.looked_at = log.children[2].textContent;
  window.place = log.children[2].getBoundingClientRect().top;
}"""
MOVED = """(log) => {
  const now = [...log.children].find(({ textContent }) => textContent === looked_at);
  return Math.abs(now.getBoundingClientRect().top - place);
}"""
"""How far from its place is what was looked at before older messages came in above it."""

Talk = Callable[[list[str]], tuple[Page, Page]]


@pytest.fixture
def talk(visitor: Visitor, agent: Agent, server: Server) -> Talk:
    """A visitor's page and the agent's desk, who has said this before the page was loaded."""

    def after(texts: list[str]) -> tuple[Page, Page]:
        desk, page = agent(), visitor()
        meet(page, desk)
        server.say("alice", opened(desk), texts)
        page.reload()
        expect(page.get_by_role("log").get_by_text(texts[-1], exact=True)).to_be_in_viewport()
        return page, desk

    return after


def lines(count: int) -> list[str]:
    return [f"line {number}." for number in range(count)]


def held(page: Page) -> Locator:
    """What the log holds."""
    return page.get_by_role("log").locator("> *")


def scroll(page: Page, top: int | str) -> None:
    page.get_by_role("log").evaluate(SCROLL, top)


def to_end(page: Page) -> None:
    page.get_by_role("log").evaluate("(log) => (log.scrollTop = log.scrollHeight)")


def test_the_page_holds_what_is_looked_at(talk: Talk) -> None:
    page, desk = talk(lines(250))
    log = page.get_by_role("log")
    expect(held(page)).to_have_count(100)
    for top, count in ((150, 200), (0, 253)):
        scroll(page, top)
        expect(held(page)).to_have_count(count)
        assert log.evaluate(MOVED) < 1
    said = [re.search(r"line \d+\.", text) for text in held(page).all_text_contents()]
    assert [one[0] for one in said if one] == lines(250)
    expect(held(page).first).to_contain_text("Hi! How can I help?")
    answer(desk, "And one more")
    expect(held(page)).to_have_count(254)
    assert log.evaluate(MOVED) < 1
    to_end(page)
    answer(desk, "The last one")
    expect(log.get_by_text("The last one")).to_be_in_viewport()
    expect(held(page)).to_have_count(100)


def test_who_writes_is_back_at_the_newest(talk: Talk) -> None:
    page, _ = talk(lines(150))
    scroll(page, 0)
    expect(held(page)).to_have_count(153)
    write(page, "Where was I?")
    expect(page.get_by_role("log").get_by_text("Where was I?")).to_be_in_viewport()
    expect(held(page).get_by_text("Read")).to_be_attached()
    expect(held(page)).to_have_count(100)


def test_the_way_back_is_loaded_when_there_is_one(talk: Talk) -> None:
    page, desk = talk(lines(96))
    scroll(page, 0)
    answer(desk, "Just as much as there is room for")
    expect(held(page)).to_have_count(100)
    assert not page.evaluate(LOADED)
    to_end(page)
    answer(desk, "And one more")
    page.wait_for_function(LOADED)


def test_a_way_back_that_could_not_be_loaded_is_tried_again_with_the_next_scroll(talk: Talk) -> None:
    page, desk = talk(lines(150))
    page.route("**/older.js", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("log").get_by_text("line 149.")).to_be_in_viewport()
    with page.expect_event("requestfailed"):
        scroll(page, 100)
    answer(desk, "Are you still there?")
    expect(held(page)).to_have_count(101)
    page.unroute_all()
    scroll(page, 90)
    expect(held(page)).to_have_count(154)


def test_what_one_has_scrolled_back_to_is_not_read_out(visitor: Visitor, agent: Agent, server: Server) -> None:
    """Not even what nobody had read before the chat was closed."""
    desk, page = agent(), visitor()
    meet(page, desk)
    page.get_by_role("button", name="Minimise chat").click()
    server.say("alice", opened(desk), lines(150))
    close = {"type": "close_conversation", "ref": "close", "resolution": "resolved"}
    server.call("POST", f"/api/conversations/{opened(desk)}/commands", close, server.token("alice"))
    page.get_by_role("button", name="Open chat, 150 unread").click()
    expect(page.get_by_role("log").get_by_text("Chat ended")).to_be_in_viewport()
    page.get_by_role("log").evaluate(HEARD)
    scroll(page, 0)
    expect(held(page)).to_have_count(155)
    assert heard(page, "") == 0


def test_what_has_the_focus_stays(talk: Talk) -> None:
    page, desk = talk([f"https://example.com/{number}" for number in range(150)])
    link = page.get_by_role("link", name="https://example.com/60")
    link.focus()
    to_end(page)
    for count, text in ((101, "Have you read it?"), (102, "All of it?")):
        answer(desk, text)
        expect(page.get_by_role("log").get_by_text(text)).to_be_in_viewport()
        expect(held(page)).to_have_count(count)
        expect(link).to_be_focused()
    page.get_by_role("textbox", name="Message").focus()
    answer(desk, "Then it is done")
    expect(held(page)).to_have_count(100)
