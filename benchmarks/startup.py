"""`python -m benchmarks.startup`: everything has crashed, and 100,000 conversations are open, 10,000 of them overdue.

Seconds until the system is ready, until every host acks, and until everybody whose time had come was seen to; and how
long a visitor waited for an ack meanwhile. Exit 1 if anybody was forgotten.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter, time
from typing import Any

from rich.progress import Progress

from actors import commands as c
from actors import events as e
from actors.conversation import ConversationMachine
from actors.settings import BotSettings, Routing, Settings
from benchmarks.configuration import Setup, bot_table
from benchmarks.load import command, show
from benchmarks.machine import percentile
from benchmarks.rest import Rest
from benchmarks.server import Server
from runtime.activation import Codec
from runtime.identity import SHARDS, actor_id
from runtime.journal import Append, Journal, Record, Row, open_journal
from runtime.machine import Event, Origin

PATIENT, OVERDUE = "patient", "overdue"
WARNED_AFTER_SECONDS = {PATIENT: 0, OVERDUE: 1}
"""A bot whose visitors may be silent for ever, and one whose are warned after a second."""
BOTS = [
    BotSettings(id=bot, name=bot.title(), tier="basic", routing=Routing(idle_close_seconds=seconds))
    for bot, seconds in WARNED_AFTER_SECONDS.items()
]
SETTINGS = "".join(bot_table(bot, idle_close_seconds=seconds) for bot, seconds in WARNED_AFTER_SECONDS.items())
A_TURN = 2_000
HOUR_MS = 3_600_000


def fill(
    journal: Journal, conversations: int, overdue: int, now_ms: int, advance: Callable[[int], None] = lambda count: None
) -> None:
    """A journal as it is left by a crash: so many open conversations, an hour old, and so many of them overdue.

    `advance` is told as they are written.
    """
    fences = journal.claim([f"shard/{shard}" for shard in range(SHARDS)])
    written = _written(conversations, overdue, now_ms - HOUR_MS)
    while turn := list(islice(written, A_TURN)):
        journal.append(Append(fences, [one for records, _ in turn for one in records], [row for _, row in turn], []))
        advance(len(turn))


def _written(conversations: int, overdue: int, at_ms: int) -> Iterator[tuple[list[Record], Row]]:
    kind = ConversationMachine(Settings(bots=BOTS))
    encode = Codec(kind).encode_event
    for number in range(conversations):
        key = f"visitor{number}-1"
        actor, state = actor_id("conversation", key), kind.initial(key)
        opening = c.Open(OVERDUE if number < overdue else PATIENT, e.Visitor(f"visitor{number}"))
        records: list[Record] = []
        for fact in kind.decide(state, opening, Origin(f"visitor/visitor{number}", at_ms)):
            state = kind.apply(state, fact, at_ms)
            if isinstance(fact, Event):
                records.append(Record(actor, len(records) + 1, at_ms, "", encode(fact)))
        due = kind.deadline(state)
        yield records, Row(actor, at_ms, len(records), len(records), due[0] if due else None, kind.summary(state))


def left(journal: Journal, before_ms: int) -> int:
    """How many still wait for a time before that."""
    return sum(when_ms < before_ms for _, when_ms in journal.alarms())


async def measure(conversations: int, overdue: int, folder: Path, bars: Progress) -> dict[str, Any]:
    """A server on such a journal."""
    (folder / "data").mkdir()
    journal = open_journal(f"sqlite:///{folder}/data/live.db")
    began_ms = int(time() * 1000)
    begun = perf_counter()
    bar = bars.add_task("conversations, written", total=conversations)
    fill(journal, conversations, overdue, began_ms, partial(bars.advance, bar))
    waiting = left(journal, began_ms)
    result: dict[str, Any] = {"conversations": conversations, "overdue": waiting}
    result["fill_seconds"] = round(perf_counter() - begun, 1)
    bar = bars.add_task("overdue ones, seen to", total=waiting)
    begun = perf_counter()
    async with Server(Setup(hosts=2, agents=1, settings=SETTINGS), kept=folder) as server, Rest(server.url) as rest:
        result["ready_seconds"] = round(perf_counter() - begun, 1)
        visitor = await rest.open_visitor("demo")
        result["first_ack_seconds"] = round(perf_counter() - begun, 1)
        waits: list[float] = []
        while (still := left(journal, began_ms)) and perf_counter() - begun < 120:
            bars.update(bar, completed=waiting - still)
            sent = perf_counter()
            await rest.command(visitor.token, visitor.conversation["id"], "send_message", text="How do refunds work?")
            waits.append((perf_counter() - sent) * 1000)
        result["all_seen_to_seconds"] = round(perf_counter() - begun, 1)
    journal.close()
    latencies = {"p50": round(percentile(waits, 50), 1), "p99": round(percentile(waits, 99), 1)}
    return {**result, "forgotten": still, "ack_ms_meanwhile": latencies}


@command.entry("startup")
def main(arguments: Sequence[str] | None = None) -> int:
    """0: nobody was forgotten."""
    parser = command.parser("startup", "A system that has crashed, with many conversations overdue.")
    parser.add_argument("--conversations", type=command.positive, default=100_000, help="open ones")
    parser.add_argument("--overdue", type=command.positive, default=10_000, help="those of them whose time has come")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, show.progress() as bars:
        result = command.run(measure(options.conversations, options.overdue, Path(folder), bars))
    ok = not result["forgotten"]
    show.report("startup", options, {"ok": ok, **result}, [show.facts_table("Start-up", result)])
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
