"""Agents see when their Telegram group is behind or out of reach."""

from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.conftest import Agent


def with_group(route: Route) -> None:
    """The bots as the server has them, each with a group."""
    items = [{**bot, "telegram": True} for bot in route.fetch().json()["items"]]
    route.fulfill(json={"items": items[:1]})


def test_a_group_that_is_out_of_reach_is_said_above_the_conversations(agent: Agent) -> None:
    desk = agent()
    told: dict[str, Any] = {"pending": 12, "problem": "Telegram does not answer."}
    desk.route("**/api/bots", with_group)

    def standing(route: Route) -> None:
        route.fulfill(json={"bot": route.request.url.split("/")[-2], **told})

    desk.route("**/api/bots/*/telegram", standing)
    desk.reload()
    line = desk.locator("ls-telegram")
    expect(line).to_contain_text("Telegram does not answer. 12 messages wait to be shown in the group.")
    told |= {"pending": 1, "problem": None}
    desk.reload()
    expect(desk.get_by_role("navigation", name="Mailboxes")).to_be_visible()
    expect(line).to_have_text("")
