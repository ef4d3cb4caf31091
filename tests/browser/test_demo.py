"""The demo page: somebody new sees within a minute what this is."""

from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Agent, answer

SECONDS_MAX = 60


def plays(page: Page, seen: Locator) -> None:
    """Lets the page's own time pass, a twentieth of a second at once, until this is seen at the desk."""
    for _ in range(SECONDS_MAX * 20):
        if seen.count():
            return
        page.clock.run_for(50)
    expect(seen).to_be_attached()


def test_the_page_plays_visitors_whom_an_agent_can_talk_to(context, agent: Agent) -> None:  # type: ignore[no-untyped-def]
    desk, page = agent(), context().new_page()
    page.clock.install()
    page.goto("/")
    page.clock.pause_at(datetime.now() + timedelta(seconds=5))
    page.get_by_role("button", name="Play three visitors").click()
    expect(page.get_by_role("complementary")).to_contain_text("on their way")
    with_assistant = desk.get_by_role("link", name="Assistant")
    expect(with_assistant).to_contain_text("3")
    plays(page, desk.get_by_role("region", name="Offers").get_by_text("Tomás Vega (sample) asked for a human"))
    expect(with_assistant).not_to_contain_text("3")
    desk.get_by_role("button", name="Accept").click()
    answer(desk, "Hello Tomás, what is the number of your order?")
    log = desk.get_by_role("log", name="Messages")
    plays(page, log.get_by_text("Tomás Vega (sample) is typing"))
    plays(page, log.get_by_text("The order number is F-20417.", exact=False))
    expect(log.get_by_text("Read")).to_be_attached()


def test_the_page_leads_to_the_dashboard_with_the_address_filled_in(context) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    page.goto("/")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="dashboard").click()
    expect(popup.value.get_by_role("textbox", name="E-mail")).to_have_value("alice@demo.example")
    expect(popup.value.get_by_role("textbox", name="Password")).to_be_focused()
