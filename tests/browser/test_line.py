"""The line is cut and the server restarted while people write: no hole, no double, nothing forgotten."""

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Agent, Server, Visitor, answer, meet, write


class Line:
    """A page's socket in our hands: it can be cut, and kept from coming back."""

    def __init__(self, page: Page) -> None:
        self.down = False
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/ws", self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        if self.down:
            socket.close(code=1012)
            return
        socket.connect_to_server()
        self.sockets.append(socket)

    def cut(self) -> None:
        self.down = True
        for socket in self.sockets:
            socket.close(code=1012)
        self.sockets.clear()

    def mend(self) -> None:
        self.down = False


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
    line = Line(desk)
    desk.reload()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()
    line.cut()
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
    line = Line(desk)
    desk.reload()
    expect(desk.get_by_role("textbox", name="Reply")).to_be_visible()
    line.cut()
    expect(desk.get_by_text("Connection lost. Trying again…")).to_be_visible()
    for number in range(5):
        write(page, f"message {number}")
    line.mend()
    log = desk.get_by_role("log", name="Messages")
    for number in range(5):
        expect(log.get_by_text(f"message {number}")).to_have_count(1)


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
