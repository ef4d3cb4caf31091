"""`python -m benchmarks.replay FILE`: plays real dialogues, reads every conversation back, and says what differs."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

from benchmarks.configuration import Setup
from benchmarks.dialogue import Dialogue, load
from benchmarks.frames import JSON, MSGPACK
from benchmarks.load import command, show
from benchmarks.load.command import duration, positive
from benchmarks.replay.result import FAULTS_SHOWN, Result
from benchmarks.replay.run import CONCURRENCY, TIMEOUT_SECONDS, replay
from benchmarks.server import Server

AGENTS_VARIABLE = "LIVESUPPORT_BENCH_AGENTS"


@command.entry("replay")
def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing differs. 1: something does, or it could not be played."""
    options = _parser().parse_args(arguments)
    dialogues = load(options.file, options.conversations)
    result = command.run(_play(options, dialogues))
    console = Console()
    console.print(result.table())
    for fault in result.all_faults[:FAULTS_SHOWN]:
        console.print(f"  {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
    if len(result.all_faults) > FAULTS_SHOWN:
        console.print(f"  … and {len(result.all_faults) - FAULTS_SHOWN} more", style="red")
    if options.json:
        print(json.dumps(result.json(**_settings(options))))
    return 0 if result.ok else 1


async def _play(options: argparse.Namespace, dialogues: Sequence[Dialogue]) -> Result:
    if options.url and not options.start:
        agents = [_credentials(pair) for pair in options.agents or os.environ.get(AGENTS_VARIABLE, "").split()]
        if not agents:
            raise ValueError(f"--url needs --agents EMAIL:PASSWORD ..., or the same in {AGENTS_VARIABLE}")
        return await _show(options, options.url, agents, dialogues)
    setup = Setup(
        bot=options.bot, placement=options.placement, hosts=options.hosts, gateways=options.gateways,
        model_url=options.model, agents=options.desks, capacity=max(50, -(-options.concurrency // options.desks)),
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        with show.console.status("Starting a server"):
            server = await stack.enter_async_context(Server(setup, kept=options.keep))
        agents = [(agent.email, agent.password) for agent in server.agents]
        return await _show(options, server.url, agents, dialogues)


async def _show(
    options: argparse.Namespace, url: str, agents: list[tuple[str, str]], dialogues: Sequence[Dialogue]
) -> Result:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with show.progress(*columns) as progress:
        bar = progress.add_task(f"{len(dialogues)} conversations", total=sum(len(d.turns) for d in dialogues))
        return await replay(
            url, agents, dialogues, bot=options.bot, subprotocol=options.subprotocol, concurrency=options.concurrency,
            to_assistant=options.to_assistant, seed=options.seed, timeout_seconds=options.timeout,
            on_turn=lambda: progress.advance(bar),
        )  # fmt: skip


def _settings(options: argparse.Namespace) -> dict[str, object]:
    own = options.start or not options.url
    names = ("bot", "seed", "subprotocol", "concurrency", "to_assistant")
    started = (
        {name: getattr(options, name) for name in ("placement", "hosts", "gateways", "desks", "model")} if own else {}
    )
    return {"file": options.file.name, **{name: getattr(options, name) for name in names}, "started": started}


def _credentials(pair: str) -> tuple[str, str]:
    email, colon, password = pair.partition(":")
    if not colon:
        raise ValueError(f"{pair!r} is not EMAIL:PASSWORD")
    return email, password


def _parser() -> argparse.ArgumentParser:
    parser = command.parser("replay", "Plays real dialogues, reads every conversation back, and says what differs.")
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="JSON lines: {id, topics, turns: [{from: visitor|agent, text}]}")
    add(
        "--conversations",
        type=positive,
        default=200,
        metavar="N",
        help="how many, starting over if need be (200)",
    )
    add(
        "--concurrency",
        type=positive,
        default=CONCURRENCY,
        metavar="N",
        help=f"how many at once ({CONCURRENCY})",
    )
    add(
        "--to-assistant",
        type=positive,
        default=1,
        metavar="N",
        help="visitor's turns typed before request_human (1)",
    )
    add("--subprotocol", choices=(JSON, MSGPACK), default=JSON)
    add("--bot", default="demo")
    add(
        "--timeout",
        type=duration,
        default=TIMEOUT_SECONDS,
        metavar="SECONDS",
        help="how long to wait for anything (60)",
    )
    running = parser.add_argument_group("a server that runs")
    running.add_argument("--url", help="http://HOST:PORT; without, a server is started, and ended afterwards")
    running.add_argument(
        "--agents", nargs="+", action="extend", metavar="EMAIL:PASSWORD", help=f"who accepts; or in {AGENTS_VARIABLE}"
    )
    own = parser.add_argument_group("a server that is started")
    own.add_argument("--start", action="store_true", help="start one; the default without --url")
    own.add_argument("--placement", choices=("packed", "dedicated"), default="packed")
    own.add_argument("--hosts", type=positive, default=1)
    own.add_argument("--gateways", type=positive, default=1)
    own.add_argument("--model", default="", metavar="URL", help="an OpenAI-compatible server that the assistant asks")
    own.add_argument("--keep", type=Path, metavar="DIR", help="where its data and log stay; without, they are removed")
    own.add_argument("--desks", type=positive, default=8, help="how many agents (8)")
    return parser
