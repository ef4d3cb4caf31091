"""One conversation, and a thousand agents who take it over at the same moment, each from a socket of her own.

    python -m benchmarks.takeovers [--agents 1000] [--json]

One of them must have it, and every other be told `conflict` and who that is: by the conversation itself as by the
answers. What it costs is said too: from the first command sent to the last answer read.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from benchmarks.client import Socket
from benchmarks.configuration import Credentials, Setup
from benchmarks.load import command, show
from benchmarks.machine import percentile
from benchmarks.rest import Rest
from benchmarks.server import Server

AT_ONCE = 32


class Result(msgspec.Struct):
    """`told_winner` counts the conflicts that name the winner. Times in milliseconds, from the first command sent."""

    agents: int
    won: int
    conflicts: int
    told_winner: int
    others: int
    owner_is_winner: bool
    assignments: int
    answer_p50_ms: float
    answer_p99_ms: float

    @property
    def right(self) -> bool:
        """One has it, and all others know who."""
        one = self.won == self.assignments == 1 and self.owner_is_winner
        return one and self.told_winner == self.conflicts == self.agents - 1 and not self.others


async def measure(agents: int) -> Result:
    """Start a server, connect everybody, and let them take."""
    async with Server(Setup(agents=agents, capacity=1)) as server, Rest(server.url) as rest:
        gate = asyncio.Semaphore(AT_ONCE)
        with show.progress() as progress:
            bar = progress.add_task("connecting agents", total=agents)

            async def enter(agent: Credentials) -> Socket:
                async with gate:
                    token = (await rest.login(agent.email, agent.password)).token
                    progress.advance(bar)
                    return await Socket.connect(server.url, token)

            sockets = await asyncio.gather(*map(enter, server.agents))
        visitor = await rest.open_visitor(server.bot)
        key: str = visitor.conversation["id"]
        answers: dict[str, tuple[Any, float]] = {}
        done = asyncio.Event()
        begun = time.perf_counter()

        def answered(agent: str, answer: Any) -> None:
            answers[agent] = answer, (time.perf_counter() - begun) * 1000
            if len(answers) == agents:
                done.set()

        for socket in sockets:
            socket.post("take_over", key, reply=lambda answer, agent=socket.id: answered(agent, answer))  # type: ignore[misc]
        await done.wait()
        token = (await rest.login(server.agents[0].email, server.agents[0].password)).token
        owner = (await rest.conversation(token, key))["owner"]
        events = await rest.events(token, key)
        await asyncio.gather(*(socket.close() for socket in sockets))
    return _result(answers, owner, [event for event in events if event["type"] == "agent_assigned"])


def _result(answers: dict[str, tuple[Any, float]], owner: Any, assigned: list[Any]) -> Result:
    frames: dict[str, Any] = {
        agent: frame if isinstance(frame, dict) else {"type": "lost"} for agent, (frame, _) in answers.items()
    }
    winners = [agent for agent, frame in frames.items() if frame["type"] == "ack"]
    lost = [frame for frame in frames.values() if frame.get("code") == "conflict"]
    named = [frame for frame in lost if frame["detail"]["owner"]["id"] in winners]
    times = [ms for _, ms in answers.values()]
    return Result(
        agents=len(answers),
        won=len(winners),
        conflicts=len(lost),
        told_winner=len(named),
        others=len(frames) - len(winners) - len(lost),
        owner_is_winner=[owner["id"]] == winners,
        assignments=len(assigned),
        answer_p50_ms=round(percentile(times, 50), 1),
        answer_p99_ms=round(percentile(times, 99), 1),
    )


@command.entry("takeovers")
def main(argv: Sequence[str] | None = None) -> int:
    """The command line. Exit code 1 unless one has it and all others know who."""
    parser = command.parser("takeovers", "Who takes it first.")
    parser.add_argument("--agents", type=command.positive, default=1_000, help="who take over at once")
    options = parser.parse_args(argv)
    result = command.run(measure(options.agents))
    facts = msgspec.to_builtins(result)
    show.report("takeovers", options, facts, [show.facts_table("Takeovers at once", facts)])
    return 0 if result.right else 1


if __name__ == "__main__":
    sys.exit(main())
