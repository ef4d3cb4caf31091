"""axe-core finds nothing serious on any view, in light and in dark, wide and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Agent, Visitor, answer, conversation_of, meet, write

axe = pytest.importorskip("axe_playwright_python.base")

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
LISTS = ("mine", "queue", "assistant", "team", "closed")
PAGES = ("waiting", "agents", "replies", "reports", "settings")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}


def picture(page: Page, name: str) -> None:
    """Kept where git does not look, for whoever wants to see."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def serious(page: Page) -> list[str]:
    """What is wrong, in a line each. The page keeps axe, and tells of nothing else: half of the time goes into that."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe.AXE_SCRIPT)
    found = page.evaluate("async (options) => (await axe.run(options)).violations", OPTIONS)
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in ("serious", "critical", "moderate")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_dashboard_has_no_barriers(visitor: Visitor, agent: Agent, theme: str, size: dict[str, int]) -> None:
    desk = agent("mona", color_scheme=theme, viewport=size)

    def look(name: str) -> None:
        picture(desk, f"{name}-{theme}-{size['width']}")
        assert serious(desk) == [], name

    visitor()
    person = visitor(name="Bjarne Holm")
    person.get_by_role("button", name="Talk to a human").click()
    for view in (*LISTS, *PAGES):
        desk.evaluate("(view) => (location.hash = `#/${view}`)", view)
        element = "ls-list" if view in LISTS else f"ls-{view}"
        expect(desk.locator(f"main {element}").get_by_role("heading").first).to_be_visible()
        if view == "reports":
            expect(desk.locator(".chart")).to_have_count(6)
        look(view)
    desk.evaluate("location.hash = '#/queue'")
    conversation_of(desk, "Bjarne Holm").click()
    desk.get_by_role("button", name="Take over").click()
    write(person, "My pan has rusted. What can I do?")
    answer(desk, "Scrub it with steel wool, oil it thinly and bake it for an hour.")
    expect(person.get_by_role("log")).to_contain_text("steel wool")
    person.get_by_role("textbox", name="Message").press_sequentially("Thank")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("is typing")
    look("conversation")
    desk.get_by_role("textbox", name="Reply").fill("/")
    expect(desk.get_by_role("option").first).to_be_visible()
    look("quick-replies")
    desk.get_by_role("textbox", name="Reply").fill("")
    for button in ("Transfer", "Close conversation"):
        desk.get_by_role("button", name=button).click()
        expect(desk.get_by_role("dialog")).to_be_visible()
        look(button.split()[0].lower())
        desk.keyboard.press("Escape")
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    look("shortcuts")
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name="Log out").click()
    expect(desk.get_by_role("button", name="Log in")).to_be_visible()
    look("login")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_widget_has_no_barriers(visitor: Visitor, agent: Agent, theme: str, size: dict[str, int]) -> None:
    desk = agent()
    page = visitor(color_scheme=theme, viewport=size)

    def look(name: str) -> None:
        picture(page, f"widget-{name}-{theme}-{size['width']}")
        assert [one for one in serious(page) if "landmark" not in one and "region" not in one] == []

    look("assistant")
    meet(page, desk)
    write(page, "My pan has rusted. What can I do?")
    answer(desk, "Scrub it with steel wool, oil it thinly and bake it for an hour.")
    expect(page.get_by_role("log")).to_contain_text("steel wool")
    look("agent")
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("radiogroup")).to_be_visible()
    look("rating")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_demo_page_has_no_barriers(context, theme: str, size: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    page = context(color_scheme=theme, viewport=size).new_page()
    page.goto("/")
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    picture(page, f"shop-{theme}-{size['width']}")
    assert serious(page) == []
