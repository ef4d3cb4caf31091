"""How fast it is, and how it looks when it is late: typing, thousands of conversations, waiting times."""

import json
import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Agent, Visitor, conversation_of, meet
from tests.browser.line import Frame, Line
from tests.browser.server import Server

WATCH = """() => {
  window.seen = {};
  const look = () => {
    const text = document.querySelector('ls-messages .typing-preview .text')?.textContent ?? '';
    if (text && !(text in seen)) seen[text] = performance.timeOrigin + performance.now();
  };
  new MutationObserver(look).observe(document.querySelector('ls-messages'), { subtree: true, childList: true });
}"""
TYPED = """() => {
  window.typed = {};
  const input = document.querySelector('livesupport-chat').shadowRoot.querySelector('textarea');
  input.addEventListener('input', () => (typed[input.value] = performance.timeOrigin + performance.now()), true);
}"""


def test_what_is_typed_is_seen_on_the_other_side_within_a_tenth_of_a_second(visitor: Visitor, agent: Agent) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    desk.evaluate(WATCH)
    page.evaluate(TYPED)
    words = "I would like to know when my board"
    page.get_by_role("textbox", name="Message").press_sequentially(words, delay=70)
    expect(desk.get_by_role("log", name="Messages")).to_contain_text(words)
    typed, seen = page.evaluate("typed"), desk.evaluate("seen")
    waits = sorted(seen[text] - at for text, at in typed.items() if text in seen)
    assert len(waits) > len(words) / 2
    assert waits[int(len(waits) * 0.95)] < 100


def many(route: Route) -> None:
    """Five thousand conversations with the assistant, in pages."""
    if "state=assistant" not in route.request.url:
        return route.fallback()
    at = int(route.request.url.partition("before=")[2].partition("&")[0] or 0)
    items = [
        {
            "id": f"x{number}", "bot": "demo", "state": "assistant", "owner": {"kind": "assistant"}, "epoch": 1,
            "visitor": {"id": f"v{number}", "name": f"Visitor {number}", "online": number % 3 == 0},
            "tags": ["returns"] if number % 4 == 0 else [], "opened_at_ms": 1_700_000_000_000, "closed_at_ms": None,
            "updated_at_ms": 1_700_000_000_000 - number, "last_sequence": 2, "read": {"visitor": 0, "agent": 0},
            "queue": None, "preview": "Where is my order?", "resolution": None, "rating": None,
        }
        for number in range(at, at + 500)
    ]  # fmt: skip
    return route.fulfill(body=json.dumps({"items": items, "next": str(at + 500) if at < 4500 else None}))


def rows(page: Page) -> int:
    return page.get_by_role("list", name="Conversations").get_by_role("listitem").count()


SCROLL = """() => new Promise((done) => {
  const scroller = document.querySelector('.scroller');
  const frames = [];
  let last = performance.now();
  const step = () => {
    const now = performance.now();
    frames.push(now - last);
    last = now;
    scroller.scrollTop += 900;
    if (frames.length < 60) requestAnimationFrame(step);
    else done(frames.sort((a, b) => a - b)[54]);
  };
  requestAnimationFrame(step);
})"""


CHANGES = """async () => {
  const { store } = await import('/static/dashboard/store.js');
  const costs = [];
  for (let at = 0; at < 60; at += 1) {
    for (let of = 0; of < 10; of += 1) {
      store.conversations.get(`x${at * 10 + of}`).updated_at_ms += 1e6;
      store.changed('conversations');
    }
    await new Promise((frame) => requestAnimationFrame((start) => {
      frame();
      costs.push(performance.now() - start);
    }));
  }
  return costs.sort((a, b) => a - b)[54];
}"""
"""Ten conversations change in each of sixty frames: how long nine of ten frames keep the page busy at most."""


def test_five_thousand_conversations_scroll_and_only_what_shows_is_in_the_page(agent: Agent) -> None:
    desk = agent(status=None)
    desk.route("**/api/conversations?**", many)
    desk.goto("/dashboard#/assistant")
    desk.reload()
    expect(desk.get_by_role("link", name="Assistant")).to_contain_text("999+")
    expect(conversation_of(desk, "Visitor 0")).to_be_visible()
    assert rows(desk) < 40
    assert desk.evaluate(SCROLL) < 100
    assert desk.evaluate(CHANGES) < 100
    desk.locator("ls-list .row a").first.focus()
    desk.evaluate("document.querySelector('.scroller').scrollTop = 1e9")
    expect(conversation_of(desk, "Visitor 4999")).to_be_visible()
    expect(desk.locator(".scroller")).to_be_focused()
    assert rows(desk) < 40


DRAWN = """() => {
  window.drawn = window.painted = 0;
  const log = document.querySelector('livesupport-chat').shadowRoot.querySelector('.log');
  new MutationObserver(() => (drawn += 1)).observe(log, { childList: true });
  requestAnimationFrame(function count() {
    painted += 1;
    requestAnimationFrame(count);
  });
}"""
LOBBY = """async () => {
  const { store } = await import('/static/dashboard/store.js');
  const log = document.querySelector('ls-messages');
  let updates = 0;
  log.update = () => (updates += 1);
  store.changed('conversations');
  await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
  delete log.update;
  return updates;
}"""
"""How often the open log looks at its messages because something was told of other conversations."""


def test_a_long_chat_is_drawn_once_a_frame_and_only_when_there_is_something_new(
    visitor: Visitor, agent: Agent, server: Server
) -> None:
    desk, page = agent(), visitor()
    meet(page, desk)
    page.evaluate(DRAWN)
    server.say("alice", desk.url.rpartition("/")[2], [f"line {number}." for number in range(500)])
    for side in (page, desk):
        expect(side.get_by_role("log").get_by_text("line 499.")).to_be_in_viewport()
    assert page.evaluate("drawn <= painted + 1")
    assert desk.evaluate(LOBBY) == 0


def closed(numbers: range) -> Frame:
    """The lobby tells that these conversations were closed."""
    same = {"bot": "demo", "state": "closed", "owner": None, "tags": [], "opened_at_ms": 1, "last_sequence": 9}
    changed = [
        same | {"id": f"c{at}", "visitor": {"id": f"v{at}", "name": f"Visitor {at}"}, "updated_at_ms": at}
        for at in numbers
    ]
    return {"type": "lobby", "bot": "demo", "changed": changed, "removed": []}


HELD = "async () => (await import('/static/dashboard/store.js')).store.conversations.size"


def test_of_the_thousands_that_a_shift_closes_the_oldest_are_forgotten_and_found_again(agent: Agent) -> None:
    desk = agent(status=None)
    line = Line(desk)
    desk.reload()
    expect(desk.get_by_text("Nothing to answer.")).to_be_visible()
    for thousand in range(5):
        line.tell(closed(range(thousand * 1000, thousand * 1000 + 1000)))
    desk.wait_for_function("async () => (await import('/static/dashboard/store.js')).store.conversations.has('c4999')")
    assert desk.evaluate(HELD) <= 1000
    asked = re.compile("/api/conversations.*state=closed")
    with desk.expect_request(asked):
        desk.get_by_role("link", name="Closed").click()
        expect(conversation_of(desk, "Visitor 4999")).to_be_visible()
        desk.evaluate("document.querySelector('.scroller').scrollTop = 1e9")


def test_waiting_turns_amber_and_then_red_at_thirty_seconds(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status="Busy")
    desk.clock.install()
    desk.reload()
    visitor().get_by_role("button", name="Talk to a human").click()
    desk.get_by_role("navigation", name="Mailboxes").get_by_text("Queue").click()
    item = conversation_of(desk, "Ana Ruiz")
    expect(item).to_be_visible()
    desk.clock.fast_forward("00:16")
    expect(item.get_by_text("answer soon")).to_be_attached()
    item.click()
    expect(desk.get_by_role("region", name="Conversation").get_by_text("answer soon")).to_be_attached()
    desk.clock.fast_forward("00:16")
    expect(item.get_by_text("waiting too long")).to_be_attached()
    expect(item).to_contain_text("3")
