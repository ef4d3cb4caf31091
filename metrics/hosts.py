"""What a host counts besides its machines' measures: how long commands took, appends, mailboxes, actors in memory.

    batch arrives ── taken() ──> host ── all its replies are there ──> command_seconds, or rejected_total

The clock is read twice a batch; nothing is computed that only a reader needs.
"""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from metrics.instruments import FACTS
from metrics.ledger import counts
from metrics.process import process_sampler
from metrics.recorder import NOTHING, Cell, Measured, Recorder, Samples
from metrics.refusals import Refusals
from runtime.host import Host
from runtime.ingress import Answered
from runtime.lines import Line, opaque
from runtime.link import Links
from runtime.machine import Command
from runtime.messages import Batch, Deliver, Hello, Reply

log = logging.getLogger(__name__)

DEPTH_SECONDS = 60.0
"""For so long the fullest mailbox is told, however often somebody asks."""

_REFUSAL = attrgetter("refusal")


class HostRecorder(Recorder):
    """A host's recorder and observer; `watch` it once the host is there."""

    counts = staticmethod(counts)

    def __init__(self, strict: bool = False) -> None:
        super().__init__(strict)
        self._commits = self.cell("commit_seconds")
        self._records = self.cell("committed_records_total")
        self._batches = self.cell("batch_commands")
        self._refusals = Refusals(log)
        self._commands: dict[type[Command], Cell] = {}
        self.cell("rejected_total", "overloaded")
        self.cell("stale_assistant_messages_total")

    def measured(self, measures: Iterable[Measured]) -> None:
        """What is durable now. Facts are counted in the journal, by `metrics.ledger`."""
        for one in measures:
            if one.name not in FACTS:
                self.measure(one)

    def commit(self, records: int, seconds: float) -> None:
        """One append is durable."""
        self._commits.take(seconds)
        self._records.take(records)

    def taken(self, batch: Batch[Any]) -> Answered:
        """A batch has just arrived. To be called with its replies when the last one is there: they leave together."""
        self._batches.take(len(batch.messages))
        return partial(self._answered, batch.messages, time.perf_counter())

    def _answered(self, messages: Sequence[Any], arrived: float, replies: Sequence[Reply | None]) -> None:
        seconds = time.perf_counter() - arrived
        if any(map(_REFUSAL, replies)):
            messages = self._accepted(messages, replies)
        commands = [message.command for message in messages if type(message) is Deliver]
        for kind, count in Counter(map(type, commands)).items():
            (self._commands.get(kind) or self._command(kind)).take(seconds, count)

    def _accepted(self, messages: Sequence[Any], replies: Sequence[Reply | None]) -> list[Any]:
        accepted = []
        for message, reply in zip(messages, replies, strict=True):
            if type(message) is Hello:
                continue  # it asks how the host is, and is no command
            if reply is not None and reply.refusal is not None:
                self.cell("rejected_total", reply.refusal.code).take(1)
                if self._refusals.may_write():
                    log.info(_rejected(message, reply.refusal.code))
            else:
                accepted.append(message)
        return accepted

    def _command(self, kind: type[Command]) -> Cell:
        # What only asks waits for no commit.
        tag = str(kind.__struct_config__.tag)
        cell = self._commands[kind] = NOTHING if kind.asks else self.cell("command_seconds", tag)
        return cell

    def watch(self, host: Host, links: Links, *samplers: Callable[[], Samples]) -> None:
        """Tell from now on what the host holds."""
        self.samplers += [process_sampler(links), _host_sampler(host), *samplers]


def _rejected(message: Any, code: str) -> Line:
    if type(message) is not Deliver:
        return Line("rejected", actor=message.to, sender=message.sender, command=type(message).__name__, code=code)
    ref, command = opaque(message.ref), message.command.__struct_config__.tag
    return Line("rejected", actor=message.to, sender=message.sender, ref=ref, command=command, code=code)


def _host_sampler(host: Host) -> Callable[[], Samples]:
    depth = _Highest(DEPTH_SECONDS)

    def sampled() -> Samples:
        statistics = host.statistics
        fullest = depth.seen(statistics.mailbox_depth_max, time.monotonic())
        statistics.mailbox_depth_max = 0
        kinds = Counter(one.machine.kind for one in host.activations.values())
        return {
            "mailbox_depth_max": [((), fullest)],
            "mailbox_bound": [((), host.limits.mailbox_commands)],
            "activations": [((kind,), count) for kind, count in kinds.items()],
            "failed_appends_total": [((), statistics.failed_appends)],
            "lost_events_total": [((), statistics.lost_events)],
            "store_away": [((), float(host.unsettled))],
        }

    return sampled


class _Highest:
    """The highest of what was seen in the last seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: deque[tuple[float, int]] = deque()

    def seen(self, value: int, now: float) -> int:
        """One more value; the highest that is not too old."""
        self._seen.append((now, value))
        while self._seen[0][0] < now - self._seconds:
            self._seen.popleft()
        return max(value for _, value in self._seen)
