"""What a replay found: counts, latencies, faults; as a table and as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rich.table import Table

from benchmarks.machine import machine, percentile, versions
from benchmarks.replay.recording import Recording, Said
from benchmarks.replay.verify import Count, Verdict

FAULTS_SHOWN = 20


@dataclass
class Result:
    """See the module."""

    recordings: Sequence[Recording]
    verdicts: Sequence[Verdict]
    seconds: float
    """Of the playing, without the reading back."""
    reconnects: int = 0
    resent: int = 0
    lost_offers: int = 0
    """Offers accepted too late."""
    faults: Sequence[str] = field(default_factory=list)
    """Of the agents' sockets, of no single conversation."""

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return not self.all_faults

    @cached_property
    def all_faults(self) -> list[str]:
        """Everything that is wrong, in words."""
        return [*self.faults, *(f"{v.conversation or '-'}: {fault}" for v in self.verdicts for fault in v.faults)]

    @property
    def messages(self) -> int:
        """Texts that were acked."""
        return sum(verdict.messages for verdict in self.verdicts)

    @property
    def failed(self) -> int:
        """Conversations that were not played to their end."""
        return sum(bool(recording.failure) for recording in self.recordings)

    @cached_property
    def stored(self) -> Count:
        """Of the texts in the journals, over all conversations."""
        return sum((verdict.stored for verdict in self.verdicts), Count())

    @cached_property
    def live(self) -> Count:
        """Of the events on the sockets, over all conversations."""
        return sum((verdict.live for verdict in self.verdicts), Count())

    @cached_property
    def ack_ms(self) -> dict[str, float]:
        """From sending a text to its ack."""
        return _latencies([(said.acked - said.sent) * 1000 for said in self._said if said.acked is not None])

    @cached_property
    def seen_ms(self) -> dict[str, float]:
        """From sending a text until the other side's socket has brought it."""
        return _latencies([(said.seen - said.sent) * 1000 for said in self._said if said.seen is not None])

    @property
    def _said(self) -> list[Said]:
        return [said for recording in self.recordings for said in recording.said]

    def table(self) -> Table:
        """For people."""
        table = Table(title="Replay", title_justify="left")
        table.add_column("")
        for heading in ("in the journal", "on the sockets"):
            table.add_column(heading, justify="right")
        stored, live = self.stored, self.live
        table.add_row("conversations", f"{len(self.recordings):,}", f"{self.failed:,} not played to the end")
        table.add_row("messages", f"{self.messages:,}", f"{self.messages / max(self.seconds, 1e-9):,.0f} a second")
        table.add_section()
        table.add_row("lost", f"{stored.lost:,}", f"{live.lost:,}")
        table.add_row("duplicated", f"{stored.duplicated:,}", f"{live.duplicated:,}")
        table.add_row("out of order", f"{stored.out_of_order:,}", f"{live.out_of_order:,}")
        table.add_row("differences in all", f"{len(self.all_faults):,}", "")
        table.add_section()
        table.add_row("", "p50 ms", "p99 ms")
        table.add_row("send → ack", f"{self.ack_ms['p50']:.1f}", f"{self.ack_ms['p99']:.1f}")
        table.add_row("send → seen by the other side", f"{self.seen_ms['p50']:.1f}", f"{self.seen_ms['p99']:.1f}")
        return table

    def json(self, **settings: Any) -> dict[str, Any]:
        """For programs, with how it was run."""
        return {
            "benchmark": "replay",
            "ok": self.ok,
            **settings,
            "conversations": len(self.recordings),
            "failed": self.failed,
            "messages": self.messages,
            "lost": self.stored.lost,
            "duplicated": self.stored.duplicated,
            "out_of_order": self.stored.out_of_order,
            "live": {
                "lost": self.live.lost, "duplicated": self.live.duplicated, "out_of_order": self.live.out_of_order,
            },
            "ack_ms": self.ack_ms,
            "seen_ms": self.seen_ms,
            "seconds": round(self.seconds, 3),
            "reconnects": self.reconnects,
            "resent": self.resent,
            "lost_offers": self.lost_offers,
            "fault_count": len(self.all_faults),
            "faults": self.all_faults[:FAULTS_SHOWN],
            "machine": machine(),
            "versions": versions(),
        }  # fmt: skip


def _latencies(milliseconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50": round(percentile(milliseconds, 50), 3),
        "p99": round(percentile(milliseconds, 99), 3),
        "max": round(max(milliseconds, default=0.0), 3),
    }
