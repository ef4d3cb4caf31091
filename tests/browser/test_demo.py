"""The demo page: somebody new sees within a minute what this is."""

from playwright.sync_api import expect

from tests.browser.conftest import Agent, answer


def test_the_page_plays_visitors_whom_an_agent_can_talk_to(context, agent: Agent) -> None:  # type: ignore[no-untyped-def]
    desk, page = agent(), context().new_page()
    page.goto("/")
    page.get_by_role("button", name="Play three visitors").click()
    expect(page.get_by_role("complementary")).to_contain_text("on their way")
    expect(desk.get_by_role("region", name="Offers")).to_contain_text(
        "Tomás Vega (sample) asked for a human", timeout=20_000
    )
    expect(desk.get_by_role("link", name="Assistant")).to_contain_text("2")
    desk.get_by_role("button", name="Accept").click()
    answer(desk, "Hello Tomás, what is the number of your order?")
    log = desk.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Tomás Vega (sample) is typing")
    expect(log.get_by_text("The order number is F-20417.", exact=False)).to_be_visible()
    expect(log.get_by_text("Read")).to_be_attached()


def test_the_page_leads_to_the_dashboard_with_the_address_filled_in(context) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    page.goto("/")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="dashboard").click()
    expect(popup.value.get_by_role("textbox", name="E-mail")).to_have_value("alice@demo.example")
    expect(popup.value.get_by_role("textbox", name="Password")).to_be_focused()
