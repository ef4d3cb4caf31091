"""A process's own counts, cheap to record."""

from typing import Any


class Recorder:
    """Counts by name and labels."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, tuple[str, ...]], float] = {}

    def measure(self, measure: Any) -> None:
        """One measure of a durable fact."""
        key = (measure.name, measure.labels)
        self.counts[key] = self.counts.get(key, 0.0) + measure.value

    def commit(self, records: int, seconds: float) -> None:
        """One append."""

    def text(self, host: Any) -> bytes:
        """In Prometheus text."""
        return b""
