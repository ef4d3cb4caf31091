"""Everything an agent does with a conversation has a key."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Agent, Visitor, conversation_of, meet


def test_the_question_mark_lists_the_keys(agent: Agent) -> None:
    desk = agent(status=None)
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Take over")


def test_escape_closes_the_menu_of_statuses(agent: Agent) -> None:
    desk = agent(status=None)
    desk.get_by_role("button", name="Status").click()
    expect(desk.get_by_role("menuitem", name="Offline")).to_be_focused()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("menu")).to_be_hidden()
    expect(desk.get_by_role("button", name="Status")).to_be_focused()


def test_an_offer_is_accepted_while_notes_are_being_written(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    desk.get_by_role("button", name="Close conversation").click()
    notes = desk.get_by_role("dialog").get_by_role("textbox", name="Notes")
    notes.fill("All said")
    other = visitor("Bjarne Holm")
    other.get_by_role("button", name="Talk to a human").click()
    expect(desk.locator("ls-offers")).to_contain_text("Bjarne Holm")
    desk.keyboard.press("Alt+a")
    expect(other.get_by_role("status")).to_contain_text("You are talking to Alice.")
    expect(notes).to_have_value("All said")
    desk.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("radiogroup", name="Rate this conversation")).to_be_visible()


def test_a_conversation_is_handled_without_the_mouse(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent("mona"), visitor()
    key = desk.keyboard.press
    conversation = desk.get_by_role("region", name="Conversation")
    expect(desk.get_by_role("link", name="Assistant")).to_contain_text("1")
    key("3")
    expect(conversation_of(desk, "Ana Ruiz")).to_be_visible()
    key("j")
    expect(conversation.get_by_role("heading", name="Ana Ruiz")).to_be_visible()
    key("t")
    expect(desk.get_by_role("textbox", name="Reply")).to_be_focused()
    desk.keyboard.type("Hello,")
    key("Shift+Enter")
    desk.keyboard.type("look: https://example.com/oil.")
    key("Enter")
    for side in (desk, page):
        expect(side.get_by_role("log").get_by_text(re.compile("Hello,\\nlook"))).to_be_visible()
        expect(side.get_by_role("link", name="https://example.com/oil", exact=True)).to_be_visible()
    for letter, field in (("n", "Add a note"), ("l", "Add a tag"), ("r", "Reply")):
        key("Escape")
        key(letter)
        expect(desk.get_by_role("textbox", name=field)).to_be_focused()
    key("Escape")
    for keys, title in (("x", "Transfer"), ("E", "Hand back to the assistant"), ("c", "Close conversation")):
        key(keys)
        expect(desk.get_by_role("dialog", name=title)).to_be_visible()
        key("Escape")
        expect(desk.get_by_role("dialog")).to_have_count(0)
    key("e")
    expect(page.get_by_role("status")).to_contain_text("AI assistant")
    key("g")
    expect(desk.get_by_role("dialog", name="Assign")).to_be_visible()
    key("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    key("/")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    key("Escape")
    key("C")
    expect(page.get_by_role("radiogroup", name="Rate this conversation")).to_be_visible()
    key("5")
    expect(conversation_of(desk, "Ana Ruiz").first).to_contain_text("other")
    key("1")
    page.get_by_role("textbox", name="Message").fill("One more thing")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Talk to a human").click()
    expect(desk.get_by_role("button", name="Decline")).to_be_visible()
    key("d")
    expect(desk.get_by_role("button", name="Decline")).to_have_count(0)


def test_letters_do_nothing_once_they_are_switched_off(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    desk.get_by_role("link", name="Settings").click()
    desk.get_by_role("switch", name="Single-key shortcuts").uncheck()
    visitor().get_by_role("button", name="Talk to a human").click()
    expect(desk.get_by_role("button", name="Accept")).to_be_visible()
    desk.keyboard.press("d")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(desk.get_by_role("button", name="Accept")).to_be_visible()
    desk.keyboard.press("Alt+a")
    expect(desk.get_by_role("textbox", name="Reply")).to_be_focused()
