"""The line is cut and the server restarted while people write: no hole, no double, nothing forgotten."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Agent, Visitor, answer, conversation_of, log_in, meet, write
from tests.browser.line import Frame, Line
from tests.browser.server import Server


def cut_line(desk: Page) -> Line:
    """The dashboard's line, which has just been cut while a conversation of hers is open."""
    line = Line(desk)
    desk.reload()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()
    line.cut()
    return line


def test_what_was_written_while_the_line_was_cut_arrives_once(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor(chat=False)
    line = Line(page)
    page.reload()
    page.get_by_role("button", name="Open chat").click()
    meet(page, desk)
    line.cut()
    expect(page.get_by_role("status")).to_contain_text("Connection lost")
    write(page, "from the tunnel")
    answer(desk, "are you there?")
    expect(page.get_by_role("log").get_by_text("Sending")).to_be_attached()
    line.mend()
    expect(page.get_by_role("log")).to_contain_text("are you there?")
    expect(desk.get_by_role("log", name="Messages").get_by_text("from the tunnel")).to_have_count(1)
    expect(page.get_by_role("log").get_by_text("from the tunnel")).to_have_count(1)
    expect(page.get_by_role("log").get_by_text("Sending")).to_have_count(0)


def test_a_reply_that_was_not_acked_outlives_a_reload(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    line = cut_line(desk)
    answer(desk, "sent into the void")
    expect(desk.get_by_role("log", name="Messages").get_by_title("Sending")).to_be_visible()
    desk.reload()
    line.mend()
    expect(page.get_by_role("log").get_by_text("sent into the void")).to_have_count(1)
    expect(desk.get_by_role("log", name="Messages").get_by_text("sent into the void")).to_have_count(1)


def test_an_agent_misses_nothing_while_away(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    line = cut_line(desk)
    expect(desk.get_by_text("Connection lost. Trying again…")).to_be_visible()
    for number in range(5):
        write(page, f"message {number}")
    line.mend()
    log = desk.get_by_role("log", name="Messages")
    for number in range(5):
        expect(log.get_by_text(f"message {number}")).to_have_count(1)


def is_message(frame: Frame) -> bool:
    return bool(frame["type"] == "event" and frame["event"]["type"] == "message_sent")


def test_who_is_too_slow_fetches_what_it_was_not_sent(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor(chat=False)
    lines = Line(desk), Line(page)
    for side in (desk, page):
        side.reload()
    page.get_by_role("button", name="Open chat").click()
    meet(page, desk)
    for line in lines:
        line.hold(is_message)
    write(page, "one")
    answer(desk, "two")
    expect(desk.get_by_role("log").get_by_text("Sending")).to_have_count(0)
    conversation = desk.evaluate("location.hash.split('/').at(-1)")
    for line in lines:
        line.hold(lambda _: False)
        line.tell({"type": "resync", "conversation": conversation})
    for text in ("one", "two"):
        for side in (desk, page):
            expect(side.get_by_role("log").get_by_text(text, exact=True)).to_have_count(1)


def test_a_line_that_died_while_the_computer_slept_is_noticed(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor(chat=False)
    line = Line(page)
    page.clock.install()
    page.reload()
    page.get_by_role("button", name="Open chat").click()
    meet(page, desk)
    line.hush()
    answer(desk, "Are you still there?")
    write(page, "I was away")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.clock.fast_forward("00:06")
    page.clock.fast_forward("00:02")
    expect(page.get_by_role("log")).to_contain_text("Are you still there?")
    expect(desk.get_by_role("log").get_by_text("I was away")).to_have_count(1)


def test_an_answer_grows_while_it_is_written(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(status=None), visitor(chat=False)
    lines = Line(desk), Line(page)
    for side in (desk, page):
        side.reload()
    page.get_by_role("button", name="Open chat").click()
    expect(page.get_by_role("log")).to_contain_text("Hi!")
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Assistant").click()
    conversation_of(desk, "Ana Ruiz").click()
    expect(desk.get_by_role("log")).to_contain_text("Hi!")
    for line in lines:
        line.hold(lambda frame: is_message(frame) and frame["event"]["from"] == "assistant")
    write(page, "What does shipping cost?")
    for side, line in zip((desk, page), lines, strict=True):
        whole = line.next_held()
        turn = {"conversation": whole["conversation"], "turn": whole["event"]["turn"]}
        for offset, text in ((0, "Shipping "), (9, "is free")):
            line.tell({"type": "assistant_chunk", "offset": offset, "text": text} | turn)
        expect(side.get_by_role("log")).to_contain_text("Shipping is free")
        expect(side.locator(".message[aria-hidden=true]")).to_be_visible()
        line.tell(whole)
        expect(side.locator(".message[aria-hidden=true]")).to_have_count(0)
        expect(side.get_by_role("log").get_by_text("Shipping is free")).to_have_count(1)


def test_a_network_that_is_gone_is_noticed_at_once(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    for side, words in ((desk, "Connection lost. Trying again…"), (page, "Connection lost. Trying again…")):
        side.context.set_offline(True)
        expect(side.get_by_text(words)).to_be_visible(timeout=1_000)
        side.context.set_offline(False)
        expect(side.get_by_text(words)).to_be_hidden()


def test_a_reply_that_is_refused_says_why_and_can_be_removed(visitor: Visitor, agent: Agent) -> None:
    desk, mona, page = agent(), agent("mona", status=None), visitor()
    meet(page, desk)
    line = cut_line(desk)
    answer(desk, "Too late")
    mona.get_by_role("navigation", name="Mailboxes").get_by_text("Others").click()
    conversation_of(mona, "Ana Ruiz").click()
    mona.get_by_role("button", name="Take over").click()
    expect(mona.get_by_role("textbox", name="Reply")).to_be_visible()
    line.mend()
    log = desk.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Mona has this conversation.")
    log.get_by_role("button", name="Remove").click()
    expect(log).not_to_contain_text("Too late")


def test_what_was_not_sent_is_not_sent_by_whoever_logs_in_next(visitor: Visitor, agent: Agent, server: Server) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    conversation = desk.url.rpartition("/")[2]
    line = cut_line(desk)
    answer(desk, "In the name of Alice")
    take = {"type": "take_over", "ref": "hers-now"}
    server.call("POST", f"/api/conversations/{conversation}/commands", take, server.token("mona"))
    desk.get_by_role("button", name="Log out").click()
    line.mend()
    log_in(desk, "mona", server.password)
    conversation_of(desk, "Ana Ruiz").click()
    answer(desk, "This is Mona")
    expect(page.get_by_role("log")).to_contain_text("This is Mona")
    expect(page.get_by_role("log")).not_to_contain_text("In the name of Alice")


def test_without_a_line_nothing_is_done_later_behind_ones_back(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    line = cut_line(desk)
    expect(desk.get_by_text("Connection lost. Trying again…")).to_be_visible()
    desk.get_by_role("button", name="Close conversation").click()
    closing = desk.get_by_role("dialog", name="Close conversation")
    closing.get_by_role("textbox", name="Notes").fill("All said")
    closing.get_by_role("button", name="Close", exact=True).click()
    expect(desk.get_by_text("There is no connection just now")).to_be_visible()
    expect(closing.get_by_role("textbox", name="Notes")).to_have_value("All said")
    closing.get_by_role("button", name="Cancel").click()
    line.mend()
    answer(desk, "Still here")
    expect(page.get_by_role("log")).to_contain_text("Still here")
    expect(desk.get_by_role("region", name="Conversation")).to_contain_text("With you")


def test_a_restart_of_the_server_loses_nothing(visitor: Visitor, agent: Agent, server: Server) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    write(page, "before")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("before")
    server.stop()
    expect(desk.get_by_text("Connection lost. Trying again…")).to_be_visible()
    write(page, "in between")
    answer(desk, "me too")
    server.start()
    for text in ("before", "in between", "me too"):
        for side in (page, desk):
            expect(side.get_by_role("log").get_by_text(text, exact=True)).to_have_count(1, timeout=20_000)
    expect(page.get_by_role("log").get_by_text("Sending")).to_have_count(0)
