"""A conversation changes hands: taken over, given back, passed on, lost; and everybody knows who has it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Agent, Visitor, answer, conversation_of, meet, set_status, write
from tests.browser.server import Server


def test_an_agent_takes_over_from_the_assistant_and_hands_back(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Assistant").click()
    conversation_of(desk, "Ana Ruiz").click()
    desk.get_by_role("button", name="Take over").click()
    answer(desk, "This is Alice.")
    expect(page.get_by_role("log")).to_contain_text("This is Alice.")
    desk.get_by_role("button", name="Return to AI").click()
    expect(page.get_by_role("log")).to_contain_text("Alice left")
    expect(page.get_by_role("status")).to_contain_text("AI assistant")
    write(page, "How about shipping?")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("Shipping is free")


def test_a_double_click_takes_over_once_and_does_not_hand_back(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Assistant").click()
    conversation_of(desk, "Ana Ruiz").click()
    take = desk.get_by_role("button", name="Take over")
    box = take.bounding_box()
    assert box is not None
    take.dblclick(position={"x": 10, "y": 10})
    expect(desk.get_by_role("button", name="Return to AI")).to_be_visible()
    desk.mouse.click(box["x"] + 10, box["y"] + 10)
    answer(desk, "Still with me")
    expect(page.get_by_role("log")).to_contain_text("Still with me")
    expect(desk.get_by_role("log", name="Messages").get_by_text("Alice took over")).to_have_count(1)


def test_nobody_is_asked_to_take_over_where_there_is_no_live_support(agent: Agent, server: Server) -> None:
    server.call("POST", "/api/bots/demo-basic/visitors", {"name": "Basil"})
    desk = agent("mona", status=None)
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Assistant").click()
    conversation_of(desk, "Basil").click()
    conversation = desk.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text("With the assistant, who answers alone")
    expect(conversation.get_by_role("button", name="Close conversation")).to_be_visible()
    for name in ("Take over", "Assign"):
        expect(conversation.get_by_role("button", name=name)).to_have_count(0)


def test_a_summary_can_go_with_it(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    desk.get_by_role("button", name="Hand back with a summary").click()
    desk.get_by_role("textbox", name="Summary").fill("Board 7 is on its way")
    desk.get_by_role("button", name="Hand back", exact=True).click()
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("Board 7 is on its way")
    expect(page.get_by_role("log")).not_to_contain_text("Board 7")


def test_who_comes_second_learns_who_was_first(visitor: Visitor, agent: Agent) -> None:
    alice, bob = agent("alice", status=None), agent("bob", status=None)
    visitor()
    for desk in (alice, bob):
        desk.get_by_role("navigation", name="Mailboxes").get_by_text("Assistant").click()
        conversation_of(desk, "Ana Ruiz").click()
        expect(desk.get_by_role("button", name="Take over")).to_be_visible()
    bob.evaluate("late = [...document.querySelectorAll('.actions button')].find((one) => /Take/.test(one.textContent))")
    alice.get_by_role("button", name="Take over").click()
    expect(bob.get_by_role("region", name="Conversation")).to_contain_text("With Alice")
    bob.evaluate("late.click()")
    expect(bob.get_by_text("Alice was first.")).to_be_visible()


def test_a_transfer_reaches_the_other_agent_with_its_note(visitor: Visitor, agent: Agent) -> None:
    alice, bob = agent("alice"), agent("bob", status=None)
    page = visitor()
    meet(page, alice)
    set_status(bob, "Online")
    alice.get_by_role("button", name="Transfer").click()
    dialog = alice.get_by_role("dialog", name="Transfer")
    dialog.get_by_role("combobox", name="To").select_option("agent:bob")
    dialog.get_by_role("textbox", name="Note").fill("Wants an invoice")
    dialog.get_by_role("button", name="Transfer").click()
    bob.get_by_role("button", name="Accept").click()
    conversation_of(bob, "Ana Ruiz").click()
    expect(bob.get_by_role("log", name="Messages")).to_contain_text("Wants an invoice")
    expect(page.get_by_role("status")).to_contain_text("You are talking to Bob.")


def test_a_transfer_that_is_not_taken_is_hers_again_and_she_is_told_why(visitor: Visitor, agent: Agent) -> None:
    alice, bob, page = agent("alice"), agent("bob", status=None), visitor()
    meet(page, alice)
    set_status(bob, "Online")
    alice.get_by_role("button", name="Transfer").click()
    dialog = alice.get_by_role("dialog", name="Transfer")
    to = dialog.get_by_role("combobox", name="To")
    expect(to.locator("option", has_text="Mona")).to_be_disabled()
    to.select_option("agent:bob")
    dialog.get_by_role("button", name="Transfer").click()
    bob.get_by_role("button", name="Decline").click()
    expect(alice.get_by_text("Ana Ruiz is with you again: Bob declined.")).to_be_visible()
    log = alice.get_by_role("log", name="Messages")
    for line in ("Bob was asked", "Bob declined the offer", "Alice has it now"):
        expect(log).to_contain_text(line)


def test_who_loses_a_conversation_is_told(visitor: Visitor, agent: Agent) -> None:
    alice, mona, page, other = agent("alice"), agent("mona", status=None), visitor(), visitor("Bjarne Holm")
    for one in (page, other):
        meet(one, alice)
    mona.get_by_role("navigation", name="Mailboxes").get_by_text("Others").click()
    conversation_of(mona, "Ana Ruiz").click()
    expect(mona.get_by_role("region", name="Conversation")).to_contain_text("With Alice · online")
    expect(mona.get_by_role("region", name="Conversation")).not_to_contain_text("Alice also looking")
    mona.get_by_role("button", name="Take over").click()
    expect(alice.get_by_text("Mona has Ana Ruiz now.")).to_be_visible()
    other.get_by_role("button", name="End chat").click()
    expect(alice.get_by_text("Bjarne Holm has ended the chat.")).to_be_visible()


def test_what_is_closed_and_not_looked_at_is_watched_no_more(visitor: Visitor, agent: Agent) -> None:
    desk, page, other = agent(), visitor(), visitor("Bjarne Holm")
    for one in (page, other):
        meet(one, desk)
    watched = "async () => (await import('/static/dashboard/store.js')).store.timelines.size"
    viewed = "async () => (await import('/static/dashboard/store.js')).store.viewers.size"
    desk.wait_for_function(f"async () => (await ({viewed})()) === 2")
    assert desk.evaluate(watched) == 2
    page.get_by_role("button", name="End chat").click()
    expect(desk.get_by_text("Ana Ruiz has ended the chat.")).to_be_visible()
    assert desk.evaluate(watched) == 1
    assert desk.evaluate(viewed) == 1
    other.get_by_role("button", name="End chat").click()
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("Closed by the visitor")
    assert desk.evaluate(watched) == 1


@pytest.mark.parametrize("target", ["queue", "skill:billing"])
def test_a_transfer_back_to_the_queue_rings_at_whoever_can_help(visitor: Visitor, agent: Agent, target: str) -> None:
    alice, page = agent("alice"), visitor()
    meet(page, alice)
    bob = agent("bob")
    alice.get_by_role("button", name="Transfer").click()
    dialog = alice.get_by_role("dialog", name="Transfer")
    dialog.get_by_role("combobox", name="To").select_option(target)
    dialog.get_by_role("button", name="Transfer").click()
    expect(bob.get_by_role("region", name="Offers")).to_contain_text("Ana Ruiz was transferred")
    bob.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("You are talking to Bob.")
