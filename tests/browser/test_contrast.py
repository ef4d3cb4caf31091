"""Colours of one's own system, or more contrast than usual: everything is still seen."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Agent, Visitor, answer, meet, write


def test_what_colours_say_is_said_by_lines_where_the_system_brings_its_own(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(forced_colors="active"), visitor(forced_colors="active")
    meet(page, desk)
    reply = desk.get_by_role("textbox", name="Reply")
    reply.press_sequentially("/")
    expect(desk.get_by_role("option", name="hello")).to_have_css("outline-style", "solid")
    expect(desk.get_by_role("option", name="moment")).to_have_css("outline-style", "none")
    expect(desk.locator("ls-composer .line")).to_have_css("outline-style", "solid")
    page.get_by_role("button", name="End chat").click()
    page.get_by_role("radio", name="3 stars").check()
    star = "(one) => getComputedStyle(one.parentElement, '::before').content[1]"
    assert [one.evaluate(star) for one in page.get_by_role("radio").all()] == [*"★★★☆☆"]
    desk.get_by_role("link", name="Settings").click()
    expect(desk.get_by_role("switch", name="Sound")).to_have_css("appearance", "auto")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_asks_for_more_contrast_has_seven_to_one(visitor: Visitor, agent: Agent, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.base")
    desk, page = agent(contrast="more", color_scheme=scheme, reduced_motion="reduce"), visitor()
    meet(page, desk)
    write(page, "My pan has rusted.")
    answer(desk, "Scrub it with steel wool.")
    expect(desk.get_by_role("log").get_by_title("Read")).to_be_visible()
    desk.evaluate(axe.AXE_SCRIPT)
    options = {"runOnly": ["color-contrast-enhanced"], "resultTypes": ["violations"]}
    found = desk.evaluate("async (options) => (await axe.run(options)).violations", options)
    assert [f"{node['html'][:90]} {node['any'][0]['message'][:160]}" for one in found for node in one["nodes"]] == []
