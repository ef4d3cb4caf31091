"""What every process tells of itself, as the client library reads it from the operating system."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, ProcessCollector

from metrics.instruments import INSTRUMENTS
from metrics.recorder import Samples
from runtime.link import Links

_TOLD = tuple(name for name in INSTRUMENTS if name.startswith("process_") and not INSTRUMENTS[name].prefix)


def process_sampler(links: Links) -> Callable[[], Samples]:
    """CPU, memory, open files and the time of the start; and what its links had to send again."""
    collector = ProcessCollector(registry=CollectorRegistry())

    def sampled() -> Samples:
        read = {one.name: one.value for family in collector.collect() for one in family.samples}
        found: Samples = {name: [((), read[name])] for name in _TOLD if name in read}
        found["link_resends_total"] = [((), links.resends)]
        return found

    return sampled
