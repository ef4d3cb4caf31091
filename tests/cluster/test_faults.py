"""What is killed in the middle of a replay costs seconds, and nothing that was acked."""

from collections.abc import Callable

import pytest

from benchmarks.configuration import Setup
from benchmarks.dialogue import Dialogue, Turn
from benchmarks.replay.run import replay
from benchmarks.server import Server

pytestmark = pytest.mark.anyio

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


@pytest.mark.parametrize("title", ["ray::HostProcess", "ray::GatewayProcess", "ray::AssistantProcess"])
async def test_nothing_acked_is_lost_when_a_process_is_killed_in_the_middle_of_a_replay(title: str) -> None:
    async with Server(Setup(hosts=2, agents=4)) as server:
        kill: Callable[[], None] = KillOnce(server, title, after=CONVERSATIONS * TURNS // 2)
        agents = [(agent.email, agent.password) for agent in server.agents]
        result = await replay(server.url, agents, dialogues(), on_turn=kill)
        assert isinstance(kill, KillOnce)
        assert kill.killed
        assert kill.killed not in {process.pid for process in server.processes()}
    assert result.messages == CONVERSATIONS * TURNS
    assert result.all_faults == []
