"""What an agent sees of a visitor beside the conversation, and finds them by."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Agent, Visitor, conversation_of, write
from tests.browser.server import HOME, Server

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"  # noqa: E501


def test_who_the_visitor_is_stands_beside(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status=None)
    page = visitor(
        attributes='data-email="ana@mail.example"',
        extra_http_headers={"X-Forwarded-For": HOME},
        user_agent=PHONE,
        locale="es-ES",
    )
    desk.get_by_role("link", name="Assistant").click()
    conversation_of(desk, "Ana Ruiz").click()
    beside = desk.get_by_role("region", name="Visitor")
    for words in ("ana@mail.example", "Boxford, United Kingdom", "Mobile Safari 18, iOS, iPhone", "es-ES", "Online"):
        expect(beside).to_contain_text(words)
    expect(beside.get_by_role("link", name="Shop")).to_have_attribute("href", page.url)
    page.evaluate("Livesupport.update({ attributes: { plan: 'gold' } })")
    expect(beside).to_contain_text("gold")
    page.close()
    expect(beside).to_contain_text("Last seen")
    expect(conversation_of(desk, "Ana Ruiz")).not_to_contain_text("online")


def test_an_e_mail_address_adds_no_recipient_and_no_text(agent: Agent, server: Server) -> None:
    desk = agent(status=None)
    left = {"name": "Eve", "email": "eve@mail.example?bcc=all@acme.example&body=Hi"}
    server.call("POST", "/api/bots/demo/visitors", left)
    desk.get_by_role("link", name="Assistant").click()
    conversation_of(desk, "Eve").click()
    link = desk.get_by_role("region", name="Visitor").get_by_role("link", name="eve@mail.example")
    expect(link).to_have_attribute("href", re.compile(r"^mailto:eve@mail\.example%3F[^?&]*$"))


def test_earlier_conversations_are_a_click_away(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(status=None), visitor()
    write(page, "The first time")
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("radiogroup")).to_be_visible()
    write(page, "The second time")
    expect(page.get_by_role("log")).not_to_contain_text("The first time")
    desk.get_by_role("link", name="Assistant").click()
    conversation_of(desk, "Ana Ruiz").click()
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("The second time")
    desk.get_by_role("list", name="Earlier conversations").get_by_role("link").click()
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("The first time")
    expect(desk.get_by_role("region", name="Conversation")).to_contain_text("Closed")


def test_a_search_reaches_every_mailbox(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(status=None), visitor(name="Wanda Lind")
    write(page, "Do you sell boomerangs?")
    expect(page.get_by_role("log")).to_contain_text("I don't know that")
    expect(desk.get_by_role("link", name="Assistant")).to_contain_text("1")
    desk.get_by_role("searchbox", name="Search conversations").fill("boomerang")
    desk.get_by_role("button", name="Search all mailboxes").click()
    expect(conversation_of(desk, "Wanda Lind")).to_contain_text("with the assistant")


def test_filters_narrow_by_tag_state_and_agent(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status=None)
    visitor(name="Ines Roth")
    visitor(name="Bjarne Holm").get_by_role("button", name="Talk to a human").click()
    desk.get_by_role("link", name="Assistant").click()
    conversation_of(desk, "Ines Roth").click()
    desk.get_by_role("textbox", name="Add a tag").fill("wholesale")
    desk.get_by_role("textbox", name="Add a tag").press("Enter")
    expect(conversation_of(desk, "Ines Roth")).to_contain_text("wholesale")
    desk.get_by_role("button", name="Take over").click()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()
    desk.get_by_role("link", name="Closed").click()
    desk.get_by_role("button", name="Filters").click()
    desk.get_by_role("combobox", name="Filter by state").select_option("any")
    desk.get_by_role("combobox", name="Filter by tag").fill("wholesale")
    expect(conversation_of(desk, "Ines Roth")).to_be_visible()
    expect(conversation_of(desk, "Bjarne Holm")).to_have_count(0)
    desk.get_by_role("combobox", name="Filter by tag").fill("")
    desk.get_by_role("combobox", name="Filter by state").select_option("live")
    desk.get_by_role("combobox", name="Filter by agent").select_option("Alice")
    expect(conversation_of(desk, "Ines Roth")).to_contain_text("with you")
    desk.get_by_role("combobox", name="Filter by agent").select_option("Bob")
    expect(desk.get_by_text("Nothing matches.")).to_be_visible()


def test_one_bot_at_a_time_if_one_likes(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status=None)
    visitor(name="Ana Ruiz")
    visitor(name="Bjarne Holm", bot="demo-basic")
    desk.get_by_role("link", name="Assistant").click()
    bots = desk.get_by_role("navigation", name="Bots")
    expect(bots.get_by_role("button", name="All bots, 2 open")).to_have_attribute("aria-pressed", "true")
    bots.get_by_role("button", name="Basic, 1 open").click()
    expect(conversation_of(desk, "Bjarne Holm")).to_be_visible()
    expect(conversation_of(desk, "Ana Ruiz")).to_have_count(0)
    expect(desk.get_by_role("link", name="Assistant")).to_contain_text("1")
