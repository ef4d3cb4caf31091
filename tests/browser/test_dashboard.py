"""What an agent does at the dashboard, and what the visitor sees of it."""

import json
import re

from playwright.sync_api import expect

from tests.browser.conftest import (
    KEEPS_NOTHING,
    Agent,
    Visitor,
    answer,
    conversation_of,
    log_in,
    meet,
    set_status,
    write,
)
from tests.browser.line import Line
from tests.browser.server import Server


def test_a_wrong_password_is_told(agent: Agent, context, server) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    page.goto("/dashboard")
    for _ in range(3):
        page.get_by_role("textbox", name="E-mail").press("Escape")
    log_in(page, "alice", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is wrong.")
    page.route("**/api/login", lambda route: route.abort())
    log_in(page, "alice", "right")
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")


def test_a_browser_that_keeps_nothing_is_good_enough_to_work_with(context, server: Server) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    page.add_init_script(KEEPS_NOTHING)
    page.goto("/dashboard")
    log_in(page, "alice", server.password)
    expect(page.get_by_role("navigation", name="Mailboxes")).to_be_visible()
    set_status(page, "Busy")


def test_an_address_that_leads_nowhere_says_so(agent: Agent) -> None:
    desk = agent(status=None)
    desk.goto("/dashboard#/assistant/nobody")
    expect(desk.get_by_text("There is no such conversation")).to_be_visible()
    expect(desk).to_have_url(re.compile("#/assistant$"))
    desk.goto("/dashboard#/queue/%E0%A4")
    expect(desk.get_by_role("heading", name="Queue")).to_be_visible()
    expect(desk).to_have_url(re.compile("#/queue$"))


def test_logging_out_ends_the_session(agent: Agent, server: Server) -> None:
    desk = agent(status=None)
    desk.get_by_role("button", name="Log out").click()
    expect(desk.get_by_role("button", name="Log in")).to_be_visible()
    desk.reload()
    log_in(desk, "alice", server.password)
    expect(desk.get_by_role("navigation", name="Mailboxes")).to_be_visible()


def test_logging_out_in_one_tab_ends_the_session_in_the_others(agent: Agent, server: Server) -> None:
    desk = agent(status=None)
    other = desk.context.new_page()
    other.goto("/dashboard")
    other.get_by_role("button", name="Log out").click()
    expect(desk.get_by_text("Your session has ended.")).to_be_visible()
    log_in(other, "alice", server.password)
    expect(desk.get_by_role("button", name="Log in")).to_be_hidden()
    expect(desk.get_by_role("navigation", name="Mailboxes")).to_be_visible()


def test_a_session_that_ends_keeps_the_half_written_reply(visitor: Visitor, agent: Agent, server: Server) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    desk.get_by_role("textbox", name="Reply").fill("Half of a rep")
    ended = json.dumps({"error": {"code": "unauthorized", "message": "The token is expired."}})
    desk.route("**/api/conversations?**", lambda route: route.fulfill(status=401, body=ended), times=1)
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Closed").click()
    expect(desk.get_by_text("Your session has ended.")).to_be_visible()
    log_in(desk, "alice", server.password)
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Mine").click()
    expect(conversation_of(desk, "Ana Ruiz")).to_have_count(1)  # what was closed before is not shown any more
    conversation_of(desk, "Ana Ruiz").click()
    expect(desk.get_by_role("textbox", name="Reply")).to_have_value("Half of a rep")


def test_an_offer_names_the_visitor_and_may_be_declined(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    page.get_by_role("button", name="Talk to a human").click()
    expect(desk.get_by_role("region", name="Offers")).to_contain_text("Ana Ruiz asked for a human")
    expect(desk.get_by_role("region", name="Offers")).to_contain_text(re.compile(r"\d+ s"))
    desk.get_by_role("button", name="Decline").click()
    expect(desk.get_by_role("button", name="Accept")).to_have_count(0)
    expect(desk.get_by_role("navigation", name="Mailboxes").get_by_role("link", name="Queue")).to_contain_text("1")


def test_one_key_accepts_an_offer(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    page.get_by_role("button", name="Talk to a human").click()
    expect(desk.get_by_role("button", name="Accept")).to_be_visible()
    desk.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("You are talking to Alice.")
    expect(desk.get_by_role("textbox", name="Reply")).to_be_focused()


def test_a_second_offer_leaves_the_focus_at_the_first(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    offers = desk.get_by_role("region", name="Offers")
    visitor().get_by_role("button", name="Talk to a human").click()
    offers.get_by_role("button", name="Accept").focus()
    visitor("Bjarne Holm").get_by_role("button", name="Talk to a human").click()
    expect(offers.get_by_role("button", name="Accept")).to_have_count(2)
    expect(offers.get_by_role("button", name="Accept").first).to_be_focused()


def test_taking_over_what_rings_ends_the_ringing(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    page.get_by_role("button", name="Talk to a human").click()
    expect(desk.get_by_role("button", name="Accept")).to_be_visible()
    desk.get_by_role("navigation", name="Mailboxes").get_by_role("link", name="Queue").click()
    conversation_of(desk, "Ana Ruiz").click()
    desk.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("status")).to_contain_text("You are talking to Alice.")
    expect(desk.get_by_role("button", name="Accept")).to_have_count(0)


def test_closing_asks_for_the_resolution_and_archives(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    desk.get_by_role("button", name="Close conversation").click()
    dialog = desk.get_by_role("dialog", name="Close conversation")
    dialog.get_by_role("combobox", name="Resolution").select_option("Resolved")
    dialog.get_by_role("textbox", name="Notes").fill("Sent a new board")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("radiogroup", name="Rate this conversation")).to_be_visible()
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Closed").click()
    conversation_of(desk, "Ana Ruiz").first.click()
    expect(desk.get_by_role("log", name="Messages")).to_contain_text(
        "Closed by the agent: resolved. “Sent a new board”"
    )


def test_an_end_without_words_archives_too(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    desk.get_by_role("button", name="End without a resolution").click()
    expect(page.get_by_role("radiogroup", name="Rate this conversation")).to_be_visible()
    expect(desk.get_by_role("region", name="Conversation")).to_contain_text("Closed: other")


def test_it_fits_a_phone(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(viewport={"width": 360, "height": 640}), visitor()
    page.get_by_role("button", name="Talk to a human").click()
    desk.get_by_role("button", name="Accept").click()
    answer(desk, "Written with a thumb")
    expect(page.get_by_role("log")).to_contain_text("Written with a thumb")
    for name in ("Return to AI", "Transfer", "Close conversation", "Send"):
        expect(desk.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    desk.get_by_role("button", name="Visitor details").click()
    expect(desk.get_by_role("textbox", name="Add a note")).to_be_in_viewport()
    desk.get_by_role("button", name="Visitor details").click()
    expect(desk.get_by_role("region", name="Visitor")).to_be_hidden()
    desk.get_by_role("link", name="Back to the list").click()
    expect(conversation_of(desk, "Ana Ruiz")).to_be_in_viewport(ratio=1)
    assert desk.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_visitors_details_leave_offers_and_the_conversations_buttons_in_reach(
    visitor: Visitor, agent: Agent
) -> None:
    desk, page = agent(viewport={"width": 1024, "height": 700}), visitor()
    meet(page, desk)
    details = desk.get_by_role("region", name="Visitor")
    desk.get_by_role("button", name="Visitor details").click()
    expect(details).to_be_visible()
    visitor("Bjarne Holm").get_by_role("button", name="Talk to a human").click()
    desk.get_by_role("button", name="Accept").click(trial=True)
    for name in ("Close conversation", "Visitor details", "Hide details"):
        desk.get_by_role("button", name=name, exact=True).click(trial=True)
    details.get_by_role("textbox", name="Add a tag").press("Escape")
    expect(details).to_be_hidden()
    expect(desk.get_by_role("button", name="Visitor details")).to_be_focused()


def test_who_types_and_is_gone_does_not_type_for_ever(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    log = desk.get_by_role("log", name="Messages")
    page.get_by_role("textbox", name="Message").press_sequentially("I was won")
    expect(log).to_contain_text("Ana Ruiz is typing")
    page.close()
    expect(desk.get_by_role("region", name="Visitor")).to_contain_text("Last seen")
    expect(log).not_to_contain_text("is typing")


def test_typing_that_nobody_ends_is_over_after_ten_seconds(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    line = Line(desk)
    desk.clock.install()
    desk.reload()
    log = desk.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Hi!")
    conversation = desk.url.rpartition("/")[2]
    line.tell({"type": "typing", "conversation": conversation, "from": "visitor", "active": True, "text": "I was"})
    expect(log).to_contain_text("Ana Ruiz is typing")
    desk.clock.fast_forward("00:10")
    expect(log).not_to_contain_text("is typing")


def test_typing_is_seen_on_both_sides(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    page.get_by_role("textbox", name="Message").press_sequentially("I was won")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("Ana Ruiz is typing")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("I was won")
    desk.get_by_role("textbox", name="Reply").press_sequentially("On it")
    expect(page.get_by_role("dialog", name="Chat")).to_contain_text("Alice is typing")
    page.get_by_role("textbox", name="Message").fill("")
    expect(desk.get_by_role("log", name="Messages")).not_to_contain_text("is typing")


def test_quick_replies_are_filtered_and_filled_in(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    reply = desk.get_by_role("textbox", name="Reply")
    reply.press_sequentially("/hel")
    expect(desk.get_by_role("option")).to_have_count(1)
    reply.press("Enter")
    expect(reply).to_have_value(re.compile("Hi Ana Ruiz, this is Alice"))
    reply.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Hi Ana Ruiz, this is Alice")


def test_drafts_stay_with_their_conversation(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    meet(visitor(name="Ana Ruiz"), desk)
    reply, note = (desk.get_by_role("textbox", name=name) for name in ("Reply", "Add a note"))
    reply.fill("For Ana")
    note.fill("About Ana")
    meet(visitor(name="Bjarne Holm"), desk)
    for field in (reply, note):
        expect(field).to_have_value("")
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("Draft: For Ana")
    conversation_of(desk, "Ana Ruiz").click()
    expect(reply).to_have_value("For Ana")
    expect(note).to_have_value("About Ana")


def test_a_draft_is_the_same_in_every_tab_and_gone_from_all_when_sent(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    other = desk.context.new_page()
    other.goto(desk.url)
    desk.get_by_role("textbox", name="Reply").fill("Half of it")
    expect(other.get_by_role("textbox", name="Reply")).to_have_value("Half of it")
    answer(desk, "All of it")
    expect(other.get_by_role("log", name="Messages")).to_contain_text("All of it")
    expect(other.get_by_role("textbox", name="Reply")).to_have_value("")


def test_the_focus_is_not_lost_when_a_conversation_is_closed(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    desk.get_by_role("button", name="Close conversation").press("Enter")
    desk.get_by_role("dialog").get_by_role("button", name="Close", exact=True).press("Enter")
    expect(desk.get_by_role("region", name="Conversation")).to_contain_text("Closed: resolved")
    expect(desk.get_by_role("log", name="Messages")).to_be_focused()


def test_notes_and_tags_stay_inside(visitor: Visitor, agent: Agent, server: Server) -> None:
    other = server.call("POST", "/api/bots/demo/visitors", {"name": "Bjarne Holm"})["conversation"]["id"]
    change = {"type": "change_tags", "ref": "elsewhere", "add": ["trade fair"]}
    server.call("POST", f"/api/conversations/{other}/commands", change, server.token("alice"))
    desk = agent()
    page = visitor()
    meet(page, desk)
    beside = desk.get_by_role("region", name="Visitor")
    beside.get_by_role("textbox", name="Add a note").fill("Likes oak")
    beside.get_by_role("textbox", name="Add a note").press("Enter")
    expect(beside.get_by_role("list", name="Notes")).to_contain_text("Likes oak")
    beside.get_by_role("textbox", name="Add a tag").fill("vip")
    beside.get_by_role("textbox", name="Add a tag").press("Enter")
    expect(beside.get_by_role("list", name="Tags")).to_contain_text("vip")
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("vip")
    beside.get_by_role("textbox", name="Add a tag").press_sequentially("fair")
    beside.get_by_role("list", name="Suggested tags").get_by_role("button", name="trade fair").click()
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("trade fair")
    expect(beside.get_by_role("list", name="Suggested tags")).to_be_hidden()
    beside.get_by_role("button", name="Remove the tag vip").click()
    expect(conversation_of(desk, "Ana Ruiz")).not_to_contain_text("vip")
    expect(page.get_by_role("log")).not_to_contain_text("Likes oak")


def test_a_message_in_another_conversation_is_marked_unread(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    ana = visitor(name="Ana Ruiz")
    meet(ana, desk)
    meet(visitor(name="Bjarne Holm"), desk)
    write(ana, "Hello?")
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("1 unread")
    expect(desk.get_by_role("link", name="Mine")).to_contain_text("1")
    expect(desk).to_have_title("(1) Livesupport")
    conversation_of(desk, "Ana Ruiz").click()
    expect(conversation_of(desk, "Ana Ruiz")).not_to_contain_text("unread")
    expect(desk.get_by_role("link", name="Mine")).to_contain_text("2")
    expect(ana.get_by_role("log").get_by_text("Read")).to_be_attached()


def test_searching_finds_a_visitor_by_name(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    visitor(name="Ana Ruiz")
    visitor(name="Bjarne Holm")
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Assistant").click()
    expect(conversation_of(desk, "Ana Ruiz")).to_be_visible()
    desk.get_by_role("searchbox", name="Search conversations").fill("bjarne")
    expect(conversation_of(desk, "Ana Ruiz")).to_have_count(0)
    expect(conversation_of(desk, "Bjarne Holm")).to_be_visible()
