"""Agents see when their Telegram group is behind or out of reach."""

from playwright.sync_api import expect

from tests.browser.conftest import Agent


def test_a_group_that_is_out_of_reach_is_said_above_the_conversations(agent: Agent) -> None:
    desk = agent()
    bots = desk.request.get("/api/bots").json()
    for bot in bots["items"]:
        bot["telegram"] = True
    told = {"bot": bots["items"][0]["id"], "pending": 12, "problem": "Telegram does not answer."}
    desk.route("**/api/bots", lambda route: route.fulfill(json=bots))
    desk.route("**/api/bots/*/telegram", lambda route: route.fulfill(json=told))
    desk.reload()
    line = desk.locator("ls-telegram")
    expect(line).to_contain_text("Telegram does not answer. 12 messages wait to be shown in the group.")
    told |= {"pending": 1, "problem": None}
    desk.reload()
    expect(desk.get_by_role("navigation", name="Mailboxes")).to_be_visible()
    expect(line).to_have_text("")
