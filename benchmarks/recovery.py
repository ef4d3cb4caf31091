"""A host with 10,000 live conversations is killed while agents write in them: how long until they are acked again?

    python -m benchmarks.recovery [--conversations 10000] [--agents 100] [--in-flight 500] [--seconds 5] [--json]

Agents write in all of their conversations in turn, so many messages in flight together. Told are the times from SIGKILL
to the first ack of a message sent after it, to the last ack of what was in flight, and until every conversation has
acked a message that was sent after it. No ack may come twice, and none may be missing.
"""

import argparse
import re
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from rich.progress import Progress

from benchmarks.configuration import Setup
from benchmarks.flat import HELD
from benchmarks.load import command, show
from benchmarks.load.alone import alone
from benchmarks.load.crowd import Crowd, Member
from benchmarks.load.websocket import frame
from benchmarks.peers.livesupport import Livesupport, Socket

ACKED = re.compile(rb'"ack","ref":"(\d{8})"')
REFUSED = re.compile(rb'"type":"error"[^\n]*?"ref":"(\d{8})"')
PATIENCE_SECONDS = 60.0
TEXT = "x" * 100


@dataclass(slots=True)
class Sent:
    """One message under way."""

    conversation: int
    at: float
    data: bytes


@dataclass(slots=True)
class Watch:
    """What is timed from the kill on."""

    at: float
    under_way: set[int]
    silent: set[int]
    first: float | None = None
    last_under_way: float | None = None
    all_again: float | None = None

    def ack(self, number: int, sent: Sent, now: float) -> None:
        """A message was acked."""
        self.under_way.discard(number)
        if sent.at >= self.at:
            self.silent.discard(sent.conversation)
            self.first = self.first or now - self.at
        since = now - self.at
        if not self.under_way and self.last_under_way is None:
            self.last_under_way = since
        if not self.silent and self.all_again is None:
            self.all_again = since


@dataclass(slots=True)
class Count:
    """What became of all commands."""

    sent: int = 0
    acked: int = 0
    again: int = 0
    """Refused as overloaded, and sent once more under the same ref."""
    strays: int = 0
    """Acks for what was acked before."""


class Desks(Crowd[Member]):
    """Agents who write in their conversations in turn."""

    def __init__(self, messages: Sequence[tuple[Member, bytes, bytes]]) -> None:
        super().__init__()
        self._messages = messages
        self._turn = deque(range(len(messages)))
        self._sent: dict[int, Sent] = {}
        self.count = Count()
        self.watch: Watch | None = None
        self.writing = False

    def start(self, in_flight: int) -> None:
        """Put so many messages in flight."""
        self.writing = True
        for _ in range(in_flight):
            self._say()

    def killed(self, now: float) -> Watch:
        """From now on it is timed."""
        self.watch = Watch(now, set(self._sent), set(range(len(self._messages))))
        return self.watch

    @property
    def under_way(self) -> int:
        """Messages without an ack."""
        return len(self._sent)

    def heard(self, member: Member, data: bytes, whole: int, now: float) -> bytes:
        """The next message for each ack; the same one again for each refusal."""
        for found in ACKED.findall(data, 0, whole):
            number = int(found)
            sent = self._sent.pop(number, None)
            if sent is None:
                self.count.strays += 1
                continue
            self.count.acked += 1
            if self.watch is not None:
                self.watch.ack(number, sent, now)
            if self.writing:
                self._say()
        if b'"type":"error"' in data:
            for found in REFUSED.findall(data, 0, whole):
                self.count.again += 1
                sent = self._sent[int(found)]
                self.write(self._messages[sent.conversation][0], sent.data)
        return b""

    def _say(self) -> None:
        conversation = self._turn[0]
        self._turn.rotate(-1)
        member, before, after = self._messages[conversation]
        self.count.sent = number = self.count.sent + 1
        data = b"%b%08d%b" % (before, number, after)
        self._sent[number] = Sent(conversation, time.perf_counter(), data)
        self.write(member, data)


def enter(server: Livesupport, options: argparse.Namespace, progress: Progress) -> Desks:
    """Everybody is there, and every conversation live."""
    bar = progress.add_task("opening", total=options.conversations)
    bodies = server.open(options.conversations, lambda n: progress.advance(bar, n)).bodies
    keys = [msgspec.json.decode(body)["conversation"]["id"] for body in bodies]
    messages: list[tuple[Member, bytes, bytes]] = []
    bar = progress.add_task("taking over", total=len(keys))
    members = []
    for number, token in enumerate(server.log_in(range(options.agents))):
        socket = Socket(server.port, token)
        mine = keys[number :: options.agents]
        for key in mine:
            socket.send({"type": "take_over", "ref": key, "conversation": key})
        for _ in mine:
            socket.receive("ack")
            progress.advance(bar)
        member = Member(socket.line(str.encode))
        members.append(member)
        for key in mine:
            body = socket.encode({"type": "send_message", "ref": "@" * 8, "conversation": key, "text": TEXT})
            before, _, after = frame(body).partition(b"@" * 8)
            messages.append((member, before, after))
    desks = Desks(messages)
    for member in members:
        desks.join(member)
    return desks


def crash(server: Livesupport, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Load, kill, and wait until all is as before."""
    desks = enter(server, options, progress)
    bar = progress.add_task("writing, then a kill", total=options.seconds)
    desks.start(options.in_flight)
    begun = time.perf_counter()
    host = next(one for one in server.processes() if server.group(one) == "host")
    desks.turn(begun + options.seconds)
    progress.update(bar, completed=options.seconds)
    before = desks.count.acked / (time.perf_counter() - begun)
    watch = desks.killed(time.perf_counter())
    host.kill()
    while watch.all_again is None and time.perf_counter() < watch.at + PATIENCE_SECONDS:
        desks.turn(time.perf_counter() + 0.05)
    desks.writing = False
    while desks.under_way and time.perf_counter() < watch.at + PATIENCE_SECONDS * 2:
        desks.turn(time.perf_counter() + 0.05)
    desks.close()
    return {
        "conversations": options.conversations,
        "acked_a_second_before": round(before),
        "in_flight_at_the_kill": options.in_flight,
        "first_ack_seconds": _rounded(watch.first),
        "in_flight_acked_seconds": _rounded(watch.last_under_way),
        "all_conversations_seconds": _rounded(watch.all_again),
        "sent": desks.count.sent,
        "acked": desks.count.acked,
        "sent_again": desks.count.again,
        "acked_twice": desks.count.strays,
        "faults": desks.under_way + desks.count.strays + (watch.all_again is None),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


@command.entry("recovery")
def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if an ack is missing or came twice."""
    parser = command.parser("recovery", "From a host's SIGKILL to the first ack and to all.")
    parser.add_argument("--conversations", type=command.positive, default=10_000, help="live ones, all in the one host")
    parser.add_argument("--agents", type=command.positive, default=100, help="who write in them")
    parser.add_argument("--in-flight", type=command.positive, default=500, help="messages, all agents together")
    parser.add_argument("--seconds", type=command.duration, default=5.0, help="of load before the kill")
    options = parser.parse_args(argv)
    setup = Setup(agents=options.agents, capacity=1_000, hosts=1, runtime=HELD)
    return show.facts("recovery", options, "Recovery", command.run(alone(setup, crash, options)))


if __name__ == "__main__":
    sys.exit(main())
