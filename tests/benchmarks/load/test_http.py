"""Requests over kept connections, against a server of a few lines."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from benchmarks.load.http import Refused, ask, post
from benchmarks.load.websocket import Lost


class Echo(BaseHTTPRequestHandler):
    """Answers a body with itself; one that says a status, with that status; a large one, in pieces. `hangs_up`: ends
    the connection after the answer; `late`: answers when that has been done."""

    protocol_version = "HTTP/1.1"
    hung_up = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = msgspec.json.decode(body)
        status = asked.get("status", 200)
        if asked.get("late"):
            self.hung_up.wait(10)
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if asked.get("hangs_up"):
            self.connection.shutdown(socket.SHUT_WR)
            self.hung_up.set()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_answers_come_in_the_order_of_their_requests(port: int) -> None:
    advanced: list[int] = []
    answered = ask(port, [post("/", {"number": n}) for n in range(50)], advanced.append, connections=4)
    assert [msgspec.json.decode(body)["number"] for body in answered.bodies] == list(range(50))
    assert sum(advanced) == len(answered.latencies) == 50
    assert 0 < answered.seconds < 60


def test_an_answer_in_pieces_is_whole(port: int) -> None:
    large = {"text": "x" * 1_000_000}
    assert msgspec.json.decode(ask(port, [post("/", large)]).bodies[0]) == large


def test_a_refusal_raises_with_its_body(port: int) -> None:
    with pytest.raises(Refused, match=r"503.*overloaded"):
        ask(port, [post("/", {"status": 503, "code": "overloaded"})])


def test_a_connection_that_has_nothing_more_to_ask_may_end(port: int) -> None:
    assert len(ask(port, [post("/", {"hangs_up": True}), post("/", {"late": True})]).latencies) == 2


def test_a_connection_that_ends_raises(port: int) -> None:
    with pytest.raises(Lost):
        ask(port, [post("/", {"status": 0})])
