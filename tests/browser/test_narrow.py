"""Little room: on a phone, or magnified on a small screen. What is covered is out of reach, and nothing else is."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Agent, Visitor, answer, conversation_of, meet
from tests.browser.server import Server

PHONE = {"width": 390, "height": 844}
MAGNIFIED = {"width": 640, "height": 400}
"""1280 × 800 pixels at 200 %."""

LINK = """() => {
  const link = Object.assign(document.createElement('a'), { href: '#behind', textContent: 'Behind' });
  document.body.prepend(link);
}"""


def told(page: Page) -> list[str]:
    """The names of everything that the browser tells a screen reader of."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [str(node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]


def test_on_a_phone_nothing_behind_the_chat_is_reached_or_read_out(visitor: Visitor) -> None:
    page = visitor(viewport=PHONE)
    page.evaluate(LINK)
    link = page.get_by_text("Behind")
    for _ in range(9):
        page.keyboard.press("Tab")
        expect(link).not_to_be_focused()
    assert "Behind" not in told(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open chat")).to_be_focused()
    assert "Behind" in told(page)


def test_a_phone_that_is_turned_gives_the_page_back(visitor: Visitor) -> None:
    page = visitor(viewport=PHONE)
    page.evaluate(LINK)
    assert "Behind" not in told(page)
    page.set_viewport_size({"width": 844, "height": 390})
    page.get_by_text("Behind").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    assert "Behind" not in told(page)


def test_a_chat_that_was_open_on_the_last_page_leaves_the_focus_to_this_one(visitor: Visitor) -> None:
    page = visitor()
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("Hi!")
    assert page.evaluate("document.activeElement === document.body")


def test_the_focus_goes_along_into_a_conversation_and_back_to_its_row(agent: Agent, server: Server) -> None:
    for name in ("Ana Ruiz", "Bjarne Holm"):
        server.call("POST", "/api/bots/demo/visitors", {"name": name})
    desk = agent(status=None, viewport=MAGNIFIED)
    desk.goto("/dashboard#/assistant")
    row = conversation_of(desk, "Ana Ruiz").get_by_role("link")
    row.press("Enter")
    expect(desk.get_by_role("heading", name="Ana Ruiz")).to_be_focused()
    desk.keyboard.press("Shift+Tab")
    desk.keyboard.press("Enter")
    expect(row).to_be_focused()


def test_the_visitors_details_cover_nothing_that_can_be_reached(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(viewport=MAGNIFIED), visitor()
    meet(page, desk)
    desk.get_by_role("button", name="Visitor details").click()
    answer(desk, "Here beside them")
    expect(page.get_by_role("log")).to_contain_text("Here beside them")
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(desk.get_by_role("region", name="Visitor")).to_be_visible()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_hidden()
    desk.get_by_role("button", name="Hide details").click()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()


def test_long_words_are_broken_and_push_nothing_aside(visitor: Visitor, agent: Agent, server: Server) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitän" * 2
    desk, page = agent(viewport=PHONE), visitor(word)
    page.get_by_role("button", name="Talk to a human").click()
    desk.get_by_role("button", name="Decline").click(trial=True)
    assert desk.get_by_role("region", name="Offers").evaluate("(one) => one.scrollWidth") <= PHONE["width"]
    desk.get_by_role("button", name="Accept").click()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()
    close = {"type": "close_conversation", "ref": "long", "resolution": "other", "notes": word}
    tag = {"type": "change_tags", "ref": "tag", "add": [word[:40]]}
    conversation = desk.url.rpartition("/")[2]
    for command in (tag, close):
        server.call("POST", f"/api/conversations/{conversation}/commands", command, server.token("alice"))
    log = desk.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Closed by the agent")
    assert log.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
    desk.get_by_role("button", name="Visitor details").click()
    details = desk.get_by_role("region", name="Visitor")
    expect(details).to_contain_text(word[:40])
    assert details.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0


def test_magnified_a_list_of_keys_begins_with_the_first_and_offers_leave_room(visitor: Visitor, agent: Agent) -> None:
    desk = agent(viewport=MAGNIFIED)
    for number in range(3):
        visitor(f"Visitor {number}").get_by_role("button", name="Talk to a human").click()
    expect(desk.get_by_role("button", name="Accept")).to_have_count(3)
    expect(desk.get_by_role("searchbox", name="Search conversations")).to_be_in_viewport(ratio=1)
    desk.keyboard.press("?")
    expect(desk.get_by_role("heading", name="Keyboard shortcuts")).to_be_in_viewport(ratio=1)
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
