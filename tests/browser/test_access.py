"""axe-core finds nothing serious on any view, in light and in dark, wide and on a phone.

With LIVESUPPORT_SCREENSHOTS=folder each view is also pictured there, for whoever wants to see.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Agent, Visitor, answer, conversation_of, meet, write

axe = pytest.importorskip("axe_playwright_python.base")

SCREENSHOTS = os.environ.get("LIVESUPPORT_SCREENSHOTS")
LISTS = ("mine", "queue", "assistant", "team", "closed")
PAGES = ("waiting", "agents", "replies", "reports", "settings")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}


def serious(page: Page, rules: list[str]) -> list[str]:
    """What is wrong, in a line each. The page keeps axe, and tells of nothing else: half of the time goes into that."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe.AXE_SCRIPT)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in ("serious", "critical", "moderate")
        for node in one["nodes"]
    ]


def look(page: Page, name: str, besides: tuple[str, ...] = ()) -> None:
    """In light and in dark, which differ in nothing but colours; what may be found is named by a part of its line."""
    assert page.viewport_size is not None
    for theme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{theme}-{page.viewport_size['width']}.png")
        found = serious(page, rules)
        assert [one for one in found if not any(part in one for part in besides)] == [], f"{name}, {theme}"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_dashboard_has_no_barriers(visitor: Visitor, agent: Agent, size: dict[str, int]) -> None:
    desk = agent("mona")
    desk.set_viewport_size(size)  # type: ignore[arg-type]
    visitor()
    person = visitor(name="Bjarne Holm")
    person.get_by_role("button", name="Talk to a human").click()
    for view in (*LISTS, *PAGES):
        desk.evaluate("(view) => (location.hash = `#/${view}`)", view)
        element = "ls-list" if view in LISTS else f"ls-{view}"
        expect(desk.locator(f"main {element}").get_by_role("heading").first).to_be_visible()
        if view == "reports":
            expect(desk.locator(".chart")).to_have_count(6)
        look(desk, view)
    desk.evaluate("location.hash = '#/queue'")
    conversation_of(desk, "Bjarne Holm").click()
    desk.get_by_role("button", name="Take over").click()
    write(person, "My pan has rusted. What can I do?")
    answer(desk, "Scrub it with steel wool, oil it thinly and bake it for an hour.")
    expect(person.get_by_role("log")).to_contain_text("steel wool")
    person.get_by_role("textbox", name="Message").press_sequentially("Thank")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("is typing")
    look(desk, "conversation")
    desk.get_by_role("textbox", name="Reply").fill("/")
    expect(desk.get_by_role("option").first).to_be_visible()
    look(desk, "quick-replies")
    desk.get_by_role("textbox", name="Reply").fill("")
    for button in ("Transfer", "Close conversation"):
        desk.get_by_role("button", name=button).click()
        expect(desk.get_by_role("dialog")).to_be_visible()
        look(desk, button.split()[0].lower())
        desk.keyboard.press("Escape")
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    look(desk, "shortcuts")
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name="Log out").click()
    expect(desk.get_by_role("button", name="Log in")).to_be_visible()
    look(desk, "login")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_widget_has_no_barriers(visitor: Visitor, agent: Agent, size: dict[str, int]) -> None:
    desk, page = agent(), visitor()
    page.set_viewport_size(size)  # type: ignore[arg-type]
    of_the_shop = ("landmark", "region")
    look(page, "widget-assistant", of_the_shop)
    meet(page, desk)
    write(page, "My pan has rusted. What can I do?")
    answer(desk, "Scrub it with steel wool, oil it thinly and bake it for an hour.")
    expect(page.get_by_role("log")).to_contain_text("steel wool")
    look(page, "widget-agent", of_the_shop)
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("radiogroup")).to_be_visible()
    look(page, "widget-rating", of_the_shop)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_demo_page_has_no_barriers(context, size: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    page.set_viewport_size(size)
    page.goto("/")
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    look(page, "shop")
