"""The log of a conversation: its history, days, newest messages, attachments."""

import json
from datetime import timedelta

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DOT, Agent, Visitor, answer, conversation_of, meet, write
from tests.browser.server import Server

DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)


def opened(desk: Page) -> str:
    """The id of the conversation that is open."""
    return str(desk.evaluate("location.hash.split('/').at(-1)"))


SCROLLED_BACK = """() => {
  const log = document.querySelector('ls-messages .log');
  log.scrollTop = 0;
  return log.textContent.includes('Hi! How can I help?');
}"""


def test_history_reaches_back_to_the_first_message(visitor: Visitor, agent: Agent, server: Server) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    server.say("alice", opened(desk), [f"line {number}." for number in range(250)])
    desk.reload()
    log = desk.get_by_role("log", name="Messages")
    expect(log).to_contain_text("line 249.")
    expect(log).not_to_contain_text("line 0.")
    desk.wait_for_function(SCROLLED_BACK)
    expect(log.get_by_text("line 0.", exact=True)).to_have_count(1)
    expect(log.get_by_text("line 120.", exact=True)).to_have_count(1)
    expect(log.get_by_text("Hi! How can I help?")).to_have_count(1)


def test_who_has_scrolled_up_is_told_of_what_is_new(visitor: Visitor, agent: Agent, server: Server) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    server.say("alice", opened(desk), [f"line {number}." for number in range(40)])
    log = desk.get_by_role("log", name="Messages")
    expect(log.get_by_text("line 39.")).to_be_in_viewport()
    newest = desk.get_by_role("button", name="new")
    expect(newest).to_be_hidden()
    log.evaluate("(log) => (log.scrollTop = 0)")
    expect(newest).to_have_text("Newest messages")
    write(page, "Are you still there?")
    expect(newest).to_have_text("1 new message")
    expect(page.get_by_role("log").get_by_text("Sent")).to_be_attached()
    newest.click()
    expect(log.get_by_text("Are you still there?")).to_be_in_viewport()
    expect(newest).to_be_hidden()
    expect(page.get_by_role("log").get_by_text("Read")).to_be_attached()
    log.evaluate("(log) => (log.scrollTop = 0)")
    expect(newest).to_be_visible()
    answer(desk, "Here I am")
    expect(log.get_by_text("Here I am")).to_be_in_viewport()
    desk.get_by_role("link", name="Settings").click()
    expect(desk.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_bubble_is_as_wide_as_its_words_whatever_the_authors_name(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor("Maximiliane-Alexandra von und zu Hohenlohe-Langenburg-Schillingsfürst")
    meet(page, desk)
    write(page, "Hi")
    # Not what she saw of it while it was typed, which goes when it comes.
    bubble = desk.locator(".message").get_by_text("Hi", exact=True).bounding_box()
    assert bubble is not None
    assert bubble["width"] < 60


def test_days_are_divided_by_their_dates(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)

    def began_yesterday(route: Route) -> None:
        answer = route.fetch().json()
        answer["events"][0]["at_ms"] -= DAY_MS
        route.fulfill(body=json.dumps(answer))

    desk.route("**/events?**", began_yesterday)
    desk.reload()
    dates = desk.get_by_role("log", name="Messages").locator(".date")
    expect(dates.last).to_have_text("Today")


def test_files_go_to_the_conversation_that_they_were_chosen_for(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    for name in ("Bjarne Holm", "Ana Ruiz"):
        meet(visitor(name), desk)
    held: list[Route] = []
    desk.route("**/attachments", lambda route: held.append(route), times=1)
    texts = [{"name": f"{name}.txt", "mimeType": "text/plain", "buffer": b"Oil it."} for name in ("one", "two")]
    desk.locator("ls-composer input[type=file]").set_input_files(texts)  # type: ignore[arg-type]
    chosen = desk.get_by_role("list", name="Attachments").get_by_role("listitem")
    expect(chosen).to_have_count(1)
    conversation_of(desk, "Bjarne Holm").click()
    expect(desk.get_by_role("heading", name="Bjarne Holm")).to_be_visible()
    expect(chosen).to_have_count(0)
    held[0].continue_()
    conversation_of(desk, "Ana Ruiz").get_by_text("Ana Ruiz").click()
    expect(chosen).to_have_count(2)
    expect(chosen.filter(has_text="uploading")).to_have_count(0)
    desk.get_by_role("button", name="Send").click()
    expect(desk.get_by_role("log").get_by_role("link", name="two.txt")).to_be_visible()


def test_an_agent_sends_a_picture_and_a_file(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    files = [
        {"name": "dot.png", "mimeType": "image/png", "buffer": DOT},
        {"name": "manual.txt", "mimeType": "text/plain", "buffer": b"Oil it once a month."},
    ]
    desk.locator("ls-composer input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    chosen = desk.get_by_role("list", name="Attachments").get_by_role("listitem")
    expect(chosen).to_have_count(2)
    assert chosen.first.locator("img").evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 1
    expect(chosen.filter(has_text="uploading")).to_have_count(0)
    desk.get_by_role("textbox", name="Reply").press("Enter")
    for side in (desk, page):
        log = side.get_by_role("log")
        expect(log.get_by_role("img", name="dot.png")).to_be_visible()
        with side.expect_download() as download:
            log.get_by_role("link", name="manual.txt").click()
        assert download.value.path().read_text() == "Oil it once a month."
