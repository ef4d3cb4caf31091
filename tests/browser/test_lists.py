"""A list that was chosen and is still to come: it looks so if that takes long, and what comes too late is not shown."""

import json

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import DOT, Agent, Visitor, answer, conversation_of, meet, write
from tests.browser.server import Server


class Lists:
    """Answers to what the page asks for lists are held until they are let go."""

    def __init__(self, desk: Page) -> None:
        self.desk = desk
        self.held: list[Route] = []
        desk.route("**/api/conversations?**", lambda route: self.held.append(route))

    def asked(self, part: str) -> Route:
        """The first request whose address has this part, as soon as there is one."""
        while not (found := [one for one in self.held if part in one.request.url]):
            self.desk.evaluate("0")
        self.held.remove(found[0])
        return found[0]

    def answer(self, part: str) -> None:
        """Let the server answer, and the page take the answer in."""
        route = self.asked(part)
        with self.desk.expect_response(lambda response: part in response.url) as answered:
            route.continue_()
        answered.value.finished()
        self.desk.evaluate("() => new Promise((done) => setTimeout(done))")


def rows(desk: Page) -> Locator:
    return desk.get_by_role("list", name="Conversations")


def look_for(desk: Page, text: str) -> None:
    desk.get_by_role("searchbox", name="Search conversations").fill(text)


def mailbox(desk: Page, name: str) -> None:
    desk.get_by_role("navigation", name="Mailboxes").get_by_text(name).click()


@pytest.fixture
def desk(agent: Agent, server: Server) -> Page:
    """Ana and Bjarne are with the assistant."""
    names = ("Ana Ruiz", "Bjarne Holm")
    for name in names:
        server.call("POST", "/api/bots/demo/visitors", {"name": name})
    page = agent(status=None)
    mailbox(page, "Assistant")
    for name in names:
        expect(conversation_of(page, name)).to_be_visible()
    return page


def test_everybody_in_the_queue_has_a_place_and_keeps_it_when_chosen(agent: Agent, visitor: Visitor) -> None:
    desk = agent(status="Busy")
    names = ["Ana Ruiz", "Bjarne Holm", "Carla Conti"]
    for name in names:
        visitor(name).get_by_role("button", name="Talk to a human").click()
        expect(desk.get_by_role("link", name="Queue")).to_contain_text(str(names.index(name) + 1))
    mailbox(desk, "Queue")
    for place, name in enumerate(names, 1):
        expect(conversation_of(desk, name)).to_contain_text(f"No. {place}")
    conversation_of(desk, "Carla Conti").click()
    expect(desk.get_by_role("region", name="Conversation")).to_contain_text("number 3 in the queue")
    for place, name in enumerate(names, 1):
        expect(conversation_of(desk, name)).to_have_attribute("aria-posinset", str(place))


def test_a_row_says_by_whom_the_last_word_is(agent: Agent, visitor: Visitor) -> None:
    desk, page = agent(), visitor()
    mailbox(desk, "Assistant")
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("AI: Hi! How can I help?")
    meet(page, desk)
    write(page, "My parcel is lost")
    expect(conversation_of(desk, "Ana Ruiz")).not_to_contain_text("AI:")
    answer(desk, "I am looking")
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("You: I am looking")
    page.locator("input[type=file]").set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("dot.png")


def test_a_row_that_moves_up_keeps_the_focus(agent: Agent, visitor: Visitor) -> None:
    desk, page = agent(status=None), visitor()
    visitor("Bjarne Holm")
    mailbox(desk, "Assistant")
    expect(conversation_of(desk, "Ana Ruiz")).to_have_attribute("aria-posinset", "2")
    conversation_of(desk, "Ana Ruiz").get_by_role("link").focus()
    write(page, "My parcel is lost")
    expect(conversation_of(desk, "Ana Ruiz")).to_have_attribute("aria-posinset", "1")
    expect(conversation_of(desk, "Ana Ruiz").get_by_role("link")).to_be_focused()


def test_a_page_that_cannot_be_loaded_says_so_and_can_be_tried_again(desk: Page) -> None:
    desk.route("**/manage/reports.js", lambda route: route.abort())
    desk.get_by_role("link", name="Reports").click()
    expect(desk.get_by_text("This page could not be loaded.")).to_be_visible()
    desk.unroute_all()
    desk.get_by_role("button", name="Try again").click()
    expect(desk.get_by_role("heading", name="Reports")).to_be_visible()


def test_what_cannot_be_read_is_not_said_to_be_nothing(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent("mona"), visitor()
    meet(page, desk)
    for path in ("**/api/quick-replies**", "**/queue", "**/api/conversations?visitor=*"):
        desk.route(path, lambda route: route.abort())
    desk.reload()
    details = desk.get_by_role("region", name="Visitor")
    expect(details.get_by_role("list", name="Earlier conversations")).to_contain_text("They could not be read.")
    desk.get_by_role("textbox", name="Reply").press_sequentially("/")
    expect(desk.get_by_role("listbox", name="Quick replies")).to_contain_text("could not be read")
    desk.get_by_role("link", name="Quick replies").click()
    expect(desk.get_by_role("list", name="Quick replies")).to_contain_text("could not be read")
    desk.unroute("**/api/quick-replies**")
    desk.get_by_role("button", name="Try again").click()
    expect(desk.get_by_role("list", name="Quick replies")).to_contain_text("/hello")
    desk.get_by_role("link", name="Waiting").click()
    expect(desk.get_by_text("The queue cannot be read just now. Trying again…")).to_be_visible()
    desk.unroute_all()
    expect(desk.get_by_text("Nobody is waiting.")).to_be_visible()


def test_messages_that_are_still_to_come_are_waited_for_and_asked_for_again(desk: Page) -> None:
    held: list[Route] = []
    desk.route("**/events?**", lambda route: held.append(route))
    conversation_of(desk, "Ana Ruiz").click()
    log = desk.get_by_role("log", name="Messages")
    expect(log.get_by_text("Loading messages…")).to_be_visible()
    held[0].abort()
    desk.unroute_all()
    expect(log).to_contain_text("Hi! How can I help?")
    expect(log.get_by_text("Loading messages…")).to_be_hidden()


def test_what_comes_soon_does_not_flicker_and_what_comes_late_looks_so(desk: Page) -> None:
    desk.clock.install()
    desk.reload()
    expect(conversation_of(desk, "Ana Ruiz")).to_be_visible()
    lists = Lists(desk)
    desk.clock.pause_at(desk.evaluate("Date.now() + 1000"))
    look_for(desk, "bjarne")
    desk.clock.run_for(250)  # then it asks
    desk.clock.run_for(150)
    assert rows(desk).get_attribute("aria-busy") != "true"
    desk.clock.run_for(50)
    assert rows(desk).get_attribute("aria-busy") == "true"
    expect(conversation_of(desk, "Ana Ruiz")).to_be_visible()
    desk.clock.resume()
    expect(rows(desk)).to_have_css("opacity", "0.45")
    lists.answer("q=bjarne")
    expect(rows(desk)).to_have_attribute("aria-busy", "false")
    expect(conversation_of(desk, "Ana Ruiz")).to_have_count(0)
    expect(conversation_of(desk, "Bjarne Holm")).to_be_visible()


def test_an_answer_for_a_list_that_was_left_is_not_shown(desk: Page) -> None:
    lists = Lists(desk)
    look_for(desk, "bjarne")
    late = lists.asked("q=bjarne")
    look_for(desk, "ana")
    lists.answer("q=ana")
    expect(conversation_of(desk, "Bjarne Holm")).to_have_count(0)
    lists.held.append(late)
    lists.answer("q=bjarne")
    expect(conversation_of(desk, "Ana Ruiz")).to_be_visible()
    expect(conversation_of(desk, "Bjarne Holm")).to_have_count(0)


def test_another_mailbox_shows_the_list_before_until_its_own_has_come(desk: Page) -> None:
    look_for(desk, "bjarne")
    expect(conversation_of(desk, "Ana Ruiz")).to_have_count(0)
    lists = Lists(desk)
    mailbox(desk, "Queue")
    expect(desk.get_by_role("heading", name="Queue")).to_be_visible()
    expect(rows(desk)).to_have_attribute("aria-busy", "true")
    expect(conversation_of(desk, "Bjarne Holm")).to_be_visible()
    lists.answer("state=queued")
    expect(desk.get_by_text("Nothing matches here.")).to_be_visible()
    expect(conversation_of(desk, "Bjarne Holm")).to_have_count(0)
    mailbox(desk, "Assistant")
    lists.answer("state=assistant")
    expect(conversation_of(desk, "Bjarne Holm")).to_be_visible()


def test_that_nothing_is_closed_is_not_said_before_it_is_known(desk: Page) -> None:
    lists = Lists(desk)
    mailbox(desk, "Closed")
    expect(desk.get_by_text("Loading…")).to_be_visible()
    lists.asked("state=closed").fulfill(body=json.dumps({"items": [], "next": None}))
    expect(desk.get_by_text("Nothing has been closed yet.")).to_be_visible()


def test_a_search_that_fails_says_so_and_can_be_tried_again(desk: Page) -> None:
    error = {"error": {"code": "overloaded", "message": "That took too long. Try again in a moment."}}
    lists = Lists(desk)
    look_for(desk, "bjarne")
    lists.asked("q=bjarne").fulfill(status=503, body=json.dumps(error))
    expect(desk.get_by_text("That took too long.")).to_be_visible()
    desk.get_by_role("button", name="Try again").click()
    lists.answer("q=bjarne")
    expect(conversation_of(desk, "Bjarne Holm")).to_be_visible()
