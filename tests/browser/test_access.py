"""axe-core finds nothing serious on any view, in light and in dark, wide and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Agent, Visitor, conversation_of, meet

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
ELEMENTS = {"assistant": "ls-list", "queue": "ls-list"}
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}


def picture(page: Page, name: str) -> None:
    """Kept where git does not look, for whoever wants to see."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def serious(page: Page) -> list[str]:
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.Axe().run(page, options={"runOnly": rules})
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical", "moderate")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_dashboard_has_no_barriers(visitor: Visitor, agent: Agent, theme: str, size: dict[str, int]) -> None:
    desk = agent("mona", color_scheme=theme, viewport=size)
    visitor()
    person = visitor(name="Bjarne Holm")
    person.get_by_role("button", name="Talk to a human").click()
    for view in ("assistant", "queue", "waiting", "agents", "replies", "reports", "settings"):
        desk.evaluate("(view) => (location.hash = `#/${view}`)", view)
        expect(desk.locator(f"main {ELEMENTS.get(view, f'ls-{view}')}").get_by_role("heading").first).to_be_visible()
        picture(desk, f"{view}-{theme}-{size['width']}")
        assert serious(desk) == [], view
    desk.evaluate("location.hash = '#/queue'")
    conversation_of(desk, "Bjarne Holm").click()
    desk.get_by_role("button", name="Take over").click()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()
    picture(desk, f"conversation-{theme}-{size['width']}")
    assert serious(desk) == []
    desk.get_by_role("button", name="Close conversation").click()
    assert serious(desk) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_widget_has_no_barriers(visitor: Visitor, agent: Agent, theme: str) -> None:
    desk = agent()
    page = visitor(color_scheme=theme)
    assert [one for one in serious(page) if "landmark" not in one and "region" not in one] == []
    meet(page, desk)
    picture(page, f"widget-{theme}")
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("radiogroup")).to_be_visible()
    assert [one for one in serious(page) if "landmark" not in one and "region" not in one] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_demo_page_has_no_barriers(context, theme: str) -> None:  # type: ignore[no-untyped-def]
    page = context(color_scheme=theme).new_page()
    page.goto("/")
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    picture(page, f"shop-{theme}")
    assert serious(page) == []
