"""What a visitor sees and does in the widget."""

import gzip
import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import DOT, KEEPS_NOTHING, Agent, Visitor, answer, conversation_of, meet, write
from tests.browser.line import Line
from tests.browser.server import Server

AT_END = "(log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2"


def test_the_assistant_answers_a_question(visitor: Visitor) -> None:
    page = visitor()
    expect(page.get_by_role("status")).to_contain_text("AI assistant")
    write(page, "How do I return a board?")
    expect(page.get_by_role("log")).to_contain_text("within 30 days")
    expect(page.get_by_role("link", name="https://example.com/returns")).to_be_visible()


def test_what_people_write_is_text_and_never_markup(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor(name="<img src=x onerror=alert(1)>")
    meet(page, desk)
    write(page, "<b>bold</b> <script>alert(2)</script>")
    expect(page.get_by_role("log")).to_contain_text("<b>bold</b>")
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("<script>alert(2)</script>")
    expect(desk.get_by_role("heading", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert desk.locator("ls-app img[src=x]").count() == 0


def test_a_visitor_waits_is_helped_and_rates(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status="Busy")
    page = visitor()
    page.get_by_role("button", name="Talk to a human").click()
    status = page.get_by_role("status")
    expect(status).to_contain_text(re.compile(r"You are next in line\. .* min"))
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Queue").click()
    desk.get_by_role("list", name="Conversations").get_by_text("Ana Ruiz").click()
    desk.get_by_role("button", name="Take over").click()
    expect(status).to_contain_text("You are talking to Alice.")
    expect(page.get_by_role("log")).to_contain_text("Alice joined")
    answer(desk, "Hello, what can I do?")
    expect(page.get_by_role("log")).to_contain_text("Hello, what can I do?")
    page.get_by_role("button", name="End chat").click()
    page.get_by_role("radiogroup", name="Rate this conversation").get_by_role("radio", name="4 stars").check()
    expect(page.get_by_text("Thank you!")).to_be_visible()
    page.get_by_role("textbox", name="Anything to add?").fill("Quick and kind")
    page.get_by_role("button", name="Add comment").click()
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("“Quick and kind”")


def test_a_message_after_the_end_begins_a_new_conversation(visitor: Visitor) -> None:
    page = visitor()
    write(page, "first question")
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("status").first).to_contain_text("This chat has ended")
    write(page, "second question")
    log = page.get_by_role("log")
    expect(log).to_contain_text("second question")
    expect(log).not_to_contain_text("first question")
    expect(page.get_by_role("radiogroup")).to_have_count(0)


def test_the_chat_goes_on_after_a_reload_and_on_the_next_page(visitor: Visitor) -> None:
    page = visitor()
    write(page, "remember me")
    expect(page.get_by_role("log")).to_contain_text("I don't know that")
    for address in ("/shop", "/shop?page=2"):
        page.goto(address)
        expect(page.get_by_role("dialog", name="Chat")).to_be_visible()
        expect(page.get_by_role("log").get_by_text("remember me")).to_have_count(1)
    write(page, "still here")
    expect(page.get_by_role("log").get_by_text("still here")).to_have_count(1)


def test_a_browser_that_keeps_nothing_for_the_site_has_the_chat_as_long_as_the_page(visitor: Visitor) -> None:
    page = visitor(chat=False)
    page.add_init_script(KEEPS_NOTHING)
    page.reload()
    page.get_by_role("button", name="Open chat").click()
    write(page, "How do I return a board?")
    expect(page.get_by_role("log")).to_contain_text("within 30 days")
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("radiogroup")).to_be_visible()


def test_an_answer_to_a_minimised_chat_is_counted_on_the_bubble(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    page.get_by_role("button", name="Minimise chat").click()
    answer(desk, "Are you there?")
    expect(page.get_by_role("button", name="Open chat, 1 unread")).to_be_visible()
    assert desk.get_by_role("log").get_by_title("Read").count() == 0
    page.get_by_role("button", name="Open chat").click()
    expect(desk.get_by_role("log").get_by_title("Read")).to_be_visible()


def test_it_speaks_german_where_the_page_says_so(visitor: Visitor) -> None:
    page = visitor(chat=False, attributes='data-language="de" data-title="Hallo!"')
    page.get_by_role("button", name="Chat öffnen").click()
    expect(page.get_by_role("button", name="Mit einem Menschen sprechen")).to_be_visible()
    expect(page.get_by_role("heading", name="Hallo!")).to_be_visible()


def test_the_page_gets_one_global_and_its_styles_stay_outside(visitor: Visitor) -> None:
    page = visitor(attributes='data-color="#ffd400"')
    assert page.evaluate("Object.keys(window).filter((name) => /support|chat/i.test(name))") == ["Livesupport"]
    page.add_style_tag(
        content="* { color: rgb(1, 2, 3) !important } button, section, livesupport-chat { display: none !important }"
    )
    send = page.get_by_role("button", name="Send")
    expect(send).to_be_visible()
    expect(send).to_have_css("background-color", "rgb(255, 212, 0)")
    expect(send).to_have_css("color", "rgb(0, 0, 0)")


def test_everything_is_reached_by_keyboard(visitor: Visitor) -> None:
    page = visitor(chat=False)
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.type("line one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("line two")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text(re.compile("line one\nline two"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open chat")).to_be_focused()


def test_a_picture_reaches_the_agent(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    page = visitor()
    meet(page, desk)
    page.locator("input[type=file]").set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
    expect(page.get_by_role("img", name="dot.png")).to_be_visible()
    expect(desk.get_by_role("img", name="dot.png")).to_be_visible()


def test_a_file_shows_while_it_is_uploaded_and_what_may_not_be_sent_is_told(visitor: Visitor) -> None:
    page = visitor()
    held: list[Route] = []
    page.route("**/attachments", lambda route: held.append(route))
    picker = page.locator("input[type=file]")
    picker.set_input_files({"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    expect(page.get_by_role("log").get_by_text("plan.pdf")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Sending")).to_be_attached()
    held[0].continue_()
    expect(page.get_by_role("log").get_by_text("Sending")).to_have_count(0)
    expect(page.get_by_role("log").get_by_role("link", name="plan.pdf")).to_have_count(1)
    page.unroute_all()
    picker.set_input_files({"name": "run.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"})
    expect(page.get_by_role("alert")).to_contain_text("Files of this kind cannot be sent here.")
    expect(page.get_by_role("log")).not_to_contain_text("run.exe")


def test_the_end_of_the_log_stays_in_view_when_a_picture_comes(visitor: Visitor) -> None:
    page = visitor(viewport={"width": 400, "height": 420})
    tall = b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="190"/>'
    page.route("**/api/attachments/*", lambda route: route.fulfill(body=tall, content_type="image/svg+xml"))
    page.locator("input[type=file]").set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
    log = page.get_by_role("log")
    expect(log.get_by_role("img", name="dot.png")).to_have_js_property("naturalHeight", 190)
    page.wait_for_function(AT_END, arg=log.element_handle())


def test_who_opens_the_chat_while_the_server_is_away_is_not_left_alone(visitor: Visitor) -> None:
    page = visitor(chat=False)
    page.clock.install()
    page.route("**/visitors", lambda route: route.abort())
    page.get_by_role("button", name="Open chat").click()
    expect(page.get_by_role("alert")).to_contain_text("Connection lost. Trying again")
    write(page, "What does shipping cost?")
    page.unroute_all()
    page.clock.fast_forward("00:05")
    expect(page.get_by_role("log")).to_contain_text("free from 60 EUR")
    expect(page.get_by_role("log").get_by_text("What does shipping cost?", exact=True)).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_text("")


def test_that_the_assistant_thinks_is_seen(visitor: Visitor) -> None:
    page = visitor(chat=False)
    line = Line(page)
    page.reload()
    page.get_by_role("button", name="Open chat").click()
    expect(page.get_by_role("log")).to_contain_text("Hi!")
    line.hold(lambda frame: frame["type"] == "assistant_chunk" or frame.get("event", {}).get("from") == "assistant")
    write(page, "What does shipping cost?")
    thinks = page.get_by_role("log").get_by_text("…", exact=True)
    expect(thinks).to_be_visible()
    line.tell(line.next_held())
    expect(page.get_by_role("log")).to_contain_text("free from 60 EUR")
    expect(thinks).to_have_count(0)


def test_a_long_wait_is_told_in_hours_and_an_agent_who_is_gone_does_not_type(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(status="Busy"), visitor(chat=False)
    line = Line(page)
    page.reload()
    page.get_by_role("button", name="Open chat").click()
    conversation = {"conversation": str(desk.context.request.get("/api/conversations").json()["items"][0]["id"])}
    page.get_by_role("button", name="Talk to a human").click()
    expect(page.get_by_role("status")).to_contain_text("You are next in line.")
    line.tell({"type": "queue_position", "position": 61, "eta_seconds": [1800, 9180]} | conversation)
    expect(page.get_by_role("status")).to_contain_text("You are number 61 in the queue. It may take an hour or more.")
    line.tell({"type": "typing", "from": "agent", "name": "Alice", "active": True} | conversation)
    expect(page.get_by_text("Alice is typing…")).to_be_visible()
    line.tell({"type": "presence", "agent_online": False} | conversation)
    expect(page.get_by_text("Alice is typing…")).to_have_count(0)


def test_right_to_left_is_right_to_left(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    write(page, "مرحبا، أين طلبي؟")
    for side in (page, desk):
        expect(side.get_by_role("log").get_by_text("مرحبا")).to_have_css("unicode-bidi", "plaintext")
    expect(page.get_by_role("textbox", name="Message")).to_have_css("unicode-bidi", "plaintext")
    expect(desk.get_by_role("textbox", name="Reply")).to_have_css("unicode-bidi", "plaintext")


def test_it_fits_a_phone(visitor: Visitor) -> None:
    page = visitor(viewport={"width": 360, "height": 640})
    box = page.get_by_role("dialog", name="Chat").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 640}
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


KEYBOARD = """() => {
  const seen = { offsetTop: 40, height: 300 };
  for (const [name, value] of Object.entries(seen)) Object.defineProperty(visualViewport, name, { value });
  visualViewport.dispatchEvent(new Event('resize'));
}"""


def test_on_a_phone_it_stays_above_the_keyboard(visitor: Visitor) -> None:
    page = visitor(viewport={"width": 360, "height": 640})
    page.evaluate(KEYBOARD)
    assert page.get_by_role("dialog", name="Chat").bounding_box() == {"x": 0, "y": 40, "width": 360, "height": 300}
    below = page.get_by_role("textbox", name="Message").bounding_box()
    assert below is not None
    assert below["y"] + below["height"] < 340


def test_it_waits_for_the_page_it_stands_in_the_head_of(context) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    html = '<!doctype html><script src="/widget.js" data-bot="demo"></script><script src="/slow.js"></script><p>Shop'
    slow: list[Route] = []
    page.route("**/head", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("**/slow.js", lambda route: slow.append(route))
    with page.expect_response("**/texts/en.js"):
        page.goto("/head", wait_until="commit")
    page.evaluate("import('/static/widget/view.js').then(() => 0)")
    slow[0].fulfill(body="", content_type="text/javascript")
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()


def test_nobody_is_there_and_an_address_can_be_left(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status=None)
    page = visitor()
    page.get_by_role("button", name="Talk to a human").click()
    page.get_by_role("textbox", name="E-mail").fill("ana@mail.example")
    page.get_by_role("button", name="Leave e-mail").click()
    expect(page.get_by_text("Thank you!")).to_be_focused()
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Assistant").click()
    conversation_of(desk, "Ana Ruiz").click()
    expect(desk.get_by_role("region", name="Visitor")).to_contain_text("ana@mail.example")


AGAIN = """() => {
  document.dispatchEvent(new Event('visibilitychange'));
  return document.querySelector('livesupport-chat').shadowRoot.querySelector('[role=radiogroup]');
}"""


@pytest.mark.parametrize("part", ["/widget/forms.js", "/widget/texts/forms/en.js"])
def test_a_form_that_could_not_be_loaded_comes_with_the_next_change(visitor: Visitor, part: str) -> None:
    page = visitor()
    page.route(f"**{part}", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="End chat").click()
    page.unroute_all()
    page.wait_for_function(AGAIN)


def test_who_writes_too_fast_is_told_why_nothing_was_sent(visitor: Visitor) -> None:
    page = visitor()
    for number in range(21):
        write(page, f"message {number}")
    expect(page.get_by_role("log")).to_contain_text("Not sent. Please wait a moment.")


def test_what_a_page_loads_of_it_is_less_than_fifteen_kilobytes_compressed(visitor: Visitor) -> None:
    page = visitor(chat=False)
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(gzip.compress(answer.body(), 9))}))
    page.reload()
    page.get_by_role("button", name="Open chat").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    loaded = {url: size for url, size in sizes.items() if url.endswith(".js")}
    assert len(loaded) > 5
    assert sum(loaded.values()) < 15_000


def test_pages_forbid_inline_scripts_and_foreign_sources(visitor: Visitor) -> None:
    page = visitor(chat=False)
    for path in ("/", "/dashboard"):
        answer = page.request.get(path)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son\w+=", answer.text())


def test_one_tag_brings_it_to_another_website(context, server: Server) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    html = f'<!doctype html><title>Far</title><script src="{server.url}/widget.js" data-bot="elsewhere"></script>'
    allowed = f"script-src {server.url}; connect-src {server.url} ws://127.0.0.1:{server.port}; img-src {server.url}"
    far = {"content-type": "text/html", "content-security-policy": f"default-src 'none'; {allowed}"}
    page.route("**/far", lambda route: route.fulfill(body=html, headers=far))
    page.goto(f"http://localhost:{server.port}/far")
    page.get_by_role("button", name="Open chat").click()
    write(page, "What does shipping cost?")
    expect(page.get_by_role("log")).to_contain_text("free from 60 EUR")
    page.locator("input[type=file]").set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
    expect(page.get_by_role("img", name="dot.png")).to_have_js_property("naturalWidth", 1)
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("radiogroup", name="Rate this conversation")).to_be_visible()


def test_a_basic_bot_has_no_humans_and_says_so(context, server: Server) -> None:  # type: ignore[no-untyped-def]
    page = context().new_page()
    html = '<!doctype html><title>Basic</title><script src="/widget.js" data-bot="demo-basic"></script>'
    page.route("**/basic", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("/basic")
    page.get_by_role("button", name="Open chat").click()
    page.get_by_role("button", name="Talk to a human").click()
    expect(page.get_by_role("alert")).to_contain_text("Only the assistant helps you here.")
