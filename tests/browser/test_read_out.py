"""What a screen reader reads out: what is new, once; not what was there before, and not what is still being typed."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Agent, Visitor, answer, meet, write

HEARD = """(log) => {
  window.heard = [];
  const told = (element) => {
    const region = element?.closest('[role=log], [role=status], [role=alert], [aria-live]');
    return region && region.ariaLive !== 'off' && !element.closest('[aria-hidden=true]');
  };
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes)
      for (const node of addedNodes) if (told(node.nodeType === 1 ? node : target)) heard.push(node.textContent);
  }).observe(log.getRootNode(), { childList: true, subtree: true });
}"""


def heard(page: Page, words: str) -> int:
    """How often these words came into a live region."""
    return int(page.evaluate("(words) => heard.filter((text) => text.includes(words)).length", words))


def test_every_message_is_read_out_once_and_what_is_typed_not_at_all(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    for side in (desk, page):
        side.get_by_role("log").evaluate(HEARD)
    page.get_by_role("textbox", name="Message").press_sequentially("Where is it?")
    expect(desk.get_by_role("log")).to_contain_text("Ana Ruiz is typing")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log").get_by_text("Read")).to_be_attached()
    desk.get_by_role("textbox", name="Reply").press_sequentially("On its")
    expect(page.get_by_role("dialog", name="Chat")).to_contain_text("Alice is typing")
    answer(desk, "On its way")
    expect(desk.get_by_role("log").get_by_title("Read")).to_be_visible()
    for side in (desk, page):
        assert [heard(side, words) for words in ("Where is it?", "On its way", "is typing")] == [1, 1, 0]


def test_what_was_said_before_is_not_read_out_again(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    answer(desk, "Which number has it?")
    write(page, "My parcel is lost")
    expect(page.get_by_role("log").get_by_text("Read")).to_be_attached()
    for side in (desk, page):
        side.reload()
        for words in ("Alice", "Which number has it?", "My parcel is lost"):
            said = side.get_by_role("log").locator(".message, .line").filter(has_text=words).first
            expect(said).to_have_attribute("aria-live", "off")
        side.get_by_role("log").evaluate(HEARD)
    answer(desk, "Then I look")
    expect(page.get_by_role("log")).to_contain_text("Then I look")
    assert [heard(side, "Then I look") for side in (desk, page)] == [1, 1]


def test_what_a_dialog_could_not_do_is_read_out_in_it(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    desk.get_by_role("button", name="Close conversation").click()
    page.get_by_role("button", name="End chat").click()
    expect(desk.locator("ls-messages .log")).to_contain_text("Closed by the visitor")
    dialog = desk.get_by_role("dialog", name="Close conversation")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("This conversation has been closed.")


def test_an_offer_that_comes_while_a_dialog_is_open_is_read_out_in_it_once(visitor: Visitor, agent: Agent) -> None:
    """All outside of the dialog is inert: its banner is not."""
    desk = agent()
    meet(visitor(name="Bjarne Holm"), desk)
    desk.get_by_role("button", name="Close conversation").click()
    told = desk.get_by_role("dialog", name="Close conversation").locator("[aria-live=assertive]")
    for name in ("Ana Ruiz", "Chen Li"):
        visitor(name=name).get_by_role("button", name="Talk to a human").click()
        expect(told.get_by_text(f"{name} asked for a human")).to_have_count(1)
    assert desk.locator(".offer").count() == 2
    assert told.get_by_text("Ana Ruiz").count() == 1


def test_what_is_told_for_a_moment_is_read_out_in_a_dialog_too(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(status="Busy"), visitor()
    desk.keyboard.press("?")
    write(page, "Then I will do a chargeback")
    told = desk.get_by_role("dialog", name="Keyboard shortcuts").locator("[aria-live=assertive]")
    expect(told.get_by_text("Ana Ruiz mentioned “chargeback”.")).to_have_count(1)
