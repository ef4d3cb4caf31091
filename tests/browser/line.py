"""A page's socket in our hands: it can be cut, fall silent, lose frames, and say what no server has said."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

Frame = dict[str, Any]


class Line:
    """Takes over the sockets that the page opens from now on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.down = False
        self.held: list[str] = []
        self.sockets: list[WebSocketRoute] = []
        self._holds: Callable[[Frame], bool] = lambda _: False
        page.route_web_socket("**/ws", self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        if self.down:
            socket.close(code=1012)
            return
        server = socket.connect_to_server()
        alive = self.sockets

        def pass_on(text: str | bytes) -> None:
            if self._holds(json.loads(text)):
                self.held.append(str(text))
            elif socket in alive:
                socket.send(text)

        socket.on_message(lambda text: server.send(text) if socket in alive else None)
        server.on_message(pass_on)
        self.sockets.append(socket)

    def cut(self) -> None:
        """The line breaks, and no new one is had."""
        self.down = True
        for socket in self.sockets:
            socket.close(code=1012)
        self.sockets.clear()

    def mend(self) -> None:
        """New lines are had again."""
        self.down = False

    def hush(self) -> None:
        """The line is dead and nobody says so: nothing comes and goes on the sockets that there are."""
        self.sockets.clear()

    def hold(self, frames: Callable[[Frame], bool]) -> None:
        """Keeps these frames from the page."""
        self._holds = frames

    def next_held(self) -> Frame:
        """The first frame that was kept, as soon as there is one."""
        while not self.held:
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
        return dict(json.loads(self.held[0]))

    def tell(self, frame: Frame) -> None:
        """The page hears a frame."""
        self.sockets[-1].send(json.dumps(frame))
