"""What managers see and do: who waits and why, the team, quick replies, reports."""

import json
import re
from datetime import date, datetime, time
from functools import partial
from time import monotonic
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.conftest import Agent, Visitor, answer, conversation_of, meet, set_status, write
from tests.browser.server import Server


def test_managers_see_why_somebody_waits_and_assign(visitor: Visitor, agent: Agent) -> None:
    agent("bob", status="Busy")
    page = visitor()
    page.get_by_role("button", name="Talk to a human").click()
    manager = agent("mona", status=None)
    manager.get_by_role("link", name="Waiting").click()
    row = manager.get_by_role("row").filter(has_text="Ana Ruiz")
    expect(row).to_contain_text(re.compile("busy|nobody", re.IGNORECASE))
    row.get_by_role("button", name="Assign").click()
    dialog = manager.get_by_role("dialog", name="Assign")
    dialog.get_by_role("combobox", name="To").select_option("bob")
    dialog.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("status")).to_contain_text("You are talking to Bob.")


def test_managers_edit_quick_replies(agent: Agent) -> None:
    manager = agent("mona", status=None)
    manager.get_by_role("link", name="Quick replies").click()
    manager.get_by_role("button", name="New quick reply").click()
    manager.get_by_role("textbox", name="Shortcut").fill("oil")
    manager.get_by_role("textbox", name="Text").fill("Oil it once a month.")
    manager.get_by_role("button", name="Save").click()
    item = manager.get_by_role("list", name="Quick replies").get_by_role("listitem").filter(has_text="/oil")
    expect(item).to_contain_text("Oil it once a month.")
    manager.get_by_role("button", name="Delete oil").click()
    manager.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(item).to_have_count(0)


FIGURES = {
    "conversations": 12, "first_response_p50_ms": 8_000, "first_response_p90_ms": 26_000, "within_target": 0.9,
    "handle_p50_ms": 240_000, "resolutions": {"resolved": 9, "unresolved": 2, "other": 1}, "missed_offers": 1,
    "rating": {"average": 4.5, "count": 6}, "time_by_status": {"online": 14_400_000},
}  # fmt: skip


def tell(of: dict[str, str], route: Route) -> None:
    """Figures of the whole time, or of three days of it."""
    days = ["2026-03-01", "2026-03-02", "2026-03-03"] if "by=day" in route.request.url else [""]
    route.fulfill(body=json.dumps({"items": [{"day": day} | of | FIGURES for day in days]}))


def test_reports_are_charts_with_numbers_and_leave_as_csv(agent: Agent) -> None:
    manager = agent("mona", status=None)
    manager.route("**/api/reports/bots?**", partial(tell, {"bot": "demo", "name": "Shop"}))
    manager.route("**/api/reports/agents?**", partial(tell, {"agent": "alice", "name": "Alice"}))
    manager.get_by_role("link", name="Reports").click()
    chart = manager.get_by_role("img", name=re.compile("^Response time.*Mar 2 8 s"))
    expect(chart).to_have_attribute("viewBox", "0 0 520 200")
    expect(manager.get_by_role("img")).to_have_count(6)
    expect(manager.get_by_role("row").filter(has_text="Alice")).to_contain_text("90 %")
    manager.set_viewport_size({"width": 390, "height": 844})
    expect(chart).to_have_attribute("viewBox", "0 0 324 200")
    with manager.expect_download() as download:
        manager.get_by_role("button", name="Export CSV").click()
    saved = download.value.path().read_text()
    assert saved.startswith("Of,When,Conversations,First answer p50 (ms)")
    assert "Alice,whole time,12,8000,26000,0.9" in saved
    assert "Shop,Mar 2,12,8000,26000,0.9" in saved


def test_a_chart_of_nothing_says_so(agent: Agent) -> None:
    manager = agent("mona", status=None)
    for kind in ("bots", "agents"):
        manager.route(f"**/api/reports/{kind}?**", lambda route: route.fulfill(body=json.dumps({"items": []})))
    manager.get_by_role("link", name="Reports").click()
    manager.get_by_label("Period").select_option("1")
    expect(manager.get_by_text("Nothing yet")).to_have_count(6)
    expect(manager.get_by_role("img", name=re.compile("^Handling time"))).not_to_contain_text("< 1 s")


def figures(server: Server, kind: str, name: str) -> dict[str, Any]:
    """Today's figures of a bot or an agent, as the server tells them."""
    midnight = int(datetime.combine(date.today(), time.min).timestamp() * 1000)
    items = server.call("GET", f"/api/reports/{kind}?bot=demo&from_ms={midnight}", token=server.token("mona"))["items"]
    return next(dict(one) for one in items if one["name"] == name)


def test_reports_tell_what_has_just_happened(visitor: Visitor, agent: Agent, server: Server) -> None:
    before = figures(server, "agents", "Bob")["conversations"]
    desk, page = agent("bob"), visitor()
    meet(page, desk)
    write(page, "Hello?")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("Hello?")
    answer(desk, "Hello!")
    desk.get_by_role("button", name="Close conversation").click()
    desk.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("radio", name="5 stars").check()
    expect(page.get_by_text("Thank you!")).to_be_visible()
    until = monotonic() + 10
    while figures(server, "agents", "Bob")["rating"]["count"] == 0 and monotonic() < until:
        continue
    manager = agent("mona", status=None)
    manager.get_by_role("link", name="Reports").click()
    row = manager.get_by_role("group", name="Per agent").get_by_role("row").filter(has_text="Bob")
    expect(row.get_by_role("cell").nth(0)).to_have_text(str(before + 1))
    expect(row).to_contain_text("5.0")
    manager.get_by_role("combobox", name="Agent").select_option("Bob")
    expect(manager.get_by_role("img", name=re.compile(r"^Rating\. average: .* 5\.0"))).to_be_visible()
    manager.get_by_role("combobox", name="Period").select_option("Today")
    expect(manager.get_by_role("img", name=re.compile(r"^Resolutions\. resolved: .*:00 1"))).to_be_visible()
    manager.get_by_role("link", name="Agents").click()
    expect(manager.get_by_role("row").filter(has_text="Bob")).to_contain_text("100 %")


def test_a_manager_looks_on_and_leaves_a_note(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    manager = agent("mona", status=None)
    manager.get_by_role("navigation", name="Mailboxes").get_by_role("link", name="Others").click()
    conversation_of(manager, "Ana Ruiz").click()
    expect(desk.get_by_role("region", name="Conversation")).to_contain_text("Mona also looking")
    write(page, "Can I have a discount?")
    expect(manager.get_by_role("log", name="Messages")).to_contain_text("Can I have a discount?")
    manager.get_by_role("textbox", name="Add a note").fill("Give her ten per cent")
    manager.get_by_role("textbox", name="Add a note").press("Enter")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("Give her ten per cent")
    expect(manager.get_by_role("textbox", name="Reply")).to_have_count(0)
    manager.get_by_role("navigation", name="Mailboxes").get_by_role("link", name="Queue").click()
    expect(desk.get_by_role("region", name="Conversation")).not_to_contain_text("also looking")
    expect(page.get_by_role("log")).not_to_contain_text("ten per cent")


def test_the_team_page_shows_who_is_there_and_what_they_have(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    manager = agent("mona", status=None)
    manager.get_by_role("link", name="Agents").click()
    row = manager.get_by_role("row").filter(has_text="Alice")
    expect(row).to_contain_text("1 of 3")
    expect(row.get_by_role("link", name="Ana Ruiz")).to_be_visible()
    for status in ("Busy", "Away"):
        set_status(desk, status)
        expect(row.get_by_role("combobox", name="Status of Alice")).to_have_value(status.lower())
    row.get_by_role("combobox", name="Status of Alice").select_option("Online")
    expect(desk.get_by_role("button", name="Status")).to_contain_text("Online")
    expect(desk.get_by_text("Your status is now Online.")).to_be_visible()
    expect(desk.get_by_text("Your status is now Busy.")).to_have_count(0)
