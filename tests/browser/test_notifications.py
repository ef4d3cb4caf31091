"""How an agent is called: sounds, desktop notifications, the tab's title, keywords."""

from playwright.sync_api import expect

from tests.browser.conftest import Agent, Visitor, conversation_of, meet, write


def test_desktop_notifications_are_asked_for_in_settings(agent: Agent) -> None:
    desk = agent(status=None, permissions=["notifications"])
    desk.get_by_role("link", name="Settings").click()
    switch = desk.get_by_role("switch", name="Desktop notifications")
    switch.check()
    expect(switch).to_be_checked()
    desk.reload()
    expect(desk.get_by_role("switch", name="Desktop notifications")).to_be_checked()


def test_that_the_browser_has_come_to_block_them_is_said(agent: Agent) -> None:
    desk = agent(status=None, permissions=["notifications"])
    desk.get_by_role("link", name="Settings").click()
    desk.get_by_role("switch", name="Desktop notifications").check()
    desk.add_init_script("Object.defineProperty(Notification, 'permission', { value: 'denied' })")
    desk.reload()
    expect(desk.get_by_role("switch", name="Desktop notifications")).not_to_be_checked()
    expect(desk.get_by_text("Your browser blocks notifications of this page.")).to_be_visible()


LETS_NO_PAGE = """() => {
  window.Notification = class {
    static permission = 'granted';
    static requestPermission = async () => 'granted';
    constructor() { throw new TypeError('Illegal constructor.'); }
  };
}"""


def test_a_browser_that_shows_none_of_a_page_says_so(agent: Agent) -> None:
    desk = agent(status=None)
    desk.evaluate(LETS_NO_PAGE)
    desk.get_by_role("link", name="Settings").click()
    desk.get_by_role("switch", name="Desktop notifications").click()
    expect(desk.get_by_text("This browser shows no notifications of pages.")).to_be_visible()
    expect(desk.get_by_role("switch", name="Desktop notifications")).not_to_be_checked()


NOTIFIED = """() => {
  window.notified = [];
  window.Notification = class { static permission = 'granted'; constructor(title) { notified.push(title); } };
  document.hasFocus = () => false;
}"""


def test_a_hidden_tab_tells_of_offers_and_replies(visitor: Visitor, agent: Agent) -> None:
    desk = agent(permissions=["notifications"])
    desk.get_by_role("link", name="Settings").click()
    desk.get_by_role("switch", name="Desktop notifications").check()
    page = visitor()
    desk.evaluate(NOTIFIED)
    meet(page, desk)
    write(page, "Are you there?")
    desk.wait_for_function("() => notified.length > 1")
    assert desk.evaluate("notified") == ["Ana Ruiz needs a human", "Ana Ruiz"]
    expect(desk).to_have_title("(1) Livesupport")


PLAYED = """() => {
  window.played = [];
  const nothing = () => {};
  const part = () => ({
    frequency: {}, gain: { setValueAtTime: nothing, exponentialRampToValueAtTime: nothing }, connect: (to) => to, stop: nothing,
    start() { played.push(this.frequency.value); },
  });
  window.AudioContext = class { currentTime = 0; createOscillator = part; createGain = part; };
}"""  # noqa: E501


def test_an_offer_rings_until_it_is_answered(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status=None)
    desk.clock.install()
    desk.reload()
    desk.evaluate(PLAYED)
    desk.get_by_role("button", name="Status").click()
    desk.get_by_role("menuitem", name="Online").click()
    visitor().get_by_role("button", name="Talk to a human").click()
    desk.wait_for_function("() => played.length >= 4")
    desk.clock.fast_forward("00:07")
    desk.wait_for_function("() => played.length >= 8")
    desk.get_by_role("button", name="Accept").click()
    expect(desk.get_by_role("button", name="Accept")).to_have_count(0)
    played = desk.evaluate("played.length")
    desk.clock.fast_forward("00:20")
    assert desk.evaluate("played.length") == played


def test_sound_can_be_switched_off(visitor: Visitor, agent: Agent) -> None:
    desk = agent()
    desk.evaluate(PLAYED)
    desk.get_by_role("link", name="Settings").click()
    desk.get_by_role("switch", name="Sound").uncheck()
    visitor().get_by_role("button", name="Talk to a human").click()
    expect(desk.get_by_role("button", name="Accept")).to_be_visible()
    expect(desk).to_have_title("(1) Livesupport")
    assert desk.evaluate("played") == []


def test_a_keyword_alerts_those_who_watch(visitor: Visitor, agent: Agent) -> None:
    desk = agent(status="Busy", permissions=["notifications"])
    desk.get_by_role("link", name="Settings").click()
    desk.get_by_role("switch", name="Desktop notifications").check()
    page = visitor()
    desk.evaluate(NOTIFIED)
    write(page, "Then I will do a chargeback")
    expect(desk.get_by_text("Ana Ruiz mentioned “chargeback”.")).to_be_visible()
    assert desk.evaluate("notified") == ["“chargeback” was mentioned"]
    desk.get_by_role("navigation", name="Mailboxes").get_by_role("link", name="Queue").click()
    expect(conversation_of(desk, "Ana Ruiz")).to_contain_text("! chargeback")
    conversation_of(desk, "Ana Ruiz").click()
    expect(desk.get_by_role("log", name="Messages")).to_contain_text("A keyword called for a human (chargeback)")
    expect(conversation_of(desk, "Ana Ruiz")).not_to_contain_text("! chargeback")
