"""Dialogues to replay, and somebody who kills in the middle of them."""

from benchmarks.dialogue import Dialogue, Turn
from benchmarks.server import Server

CONVERSATIONS, TURNS = 30, 14


def dialogues() -> list[Dialogue]:
    speakers = ("visitor", "agent")
    return [
        Dialogue(f"d{number}", tuple(Turn(speakers[n % 2], f"turn {n} of dialogue {number}") for n in range(TURNS)))
        for number in range(CONVERSATIONS)
    ]


class KillOnce:
    """Kills one process of a title when so many turns are acked."""

    def __init__(self, server: Server, title: str, after: int) -> None:
        self._server, self._title, self._left = server, title, after
        self.killed = 0

    def __call__(self) -> None:
        self._left -= 1
        if not self._left:
            victims = sorted((one for one in self._server.processes() if self._title in one.title), key=lambda p: p.pid)
            victims[0].kill()
            self.killed = victims[0].pid
