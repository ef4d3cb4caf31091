"""What a gateway counts: who is connected, how long events take to reach them, and what it refuses by itself."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from metrics.process import process_sampler
from metrics.recorder import Recorder, Samples
from runtime.link import Links

ROLES = ("visitor", "agent")


class Connected(Protocol):
    """A session."""

    @property
    def role(self) -> str: ...


class Refused(Protocol):
    """A refusal in the protocol's words. What an actor refuses, its host has counted."""

    @property
    def code(self) -> str: ...
    @property
    def by_actor(self) -> bool: ...


class GatewayRecorder(Recorder):
    """A gateway's recorder."""

    def __init__(self, sessions: Iterable[Connected], links: Links, strict: bool = False) -> None:
        super().__init__(strict)
        self._deliveries = self.cell("delivery_seconds")
        self.cell("telegram_pending")
        self.samplers += [process_sampler(links), _session_sampler(sessions)]

    def delivered(self, at_ms: int) -> None:
        """A socket has taken frames; the oldest event of them bears this time."""
        self._deliveries.take(max(0.0, time.time() - at_ms / 1000))

    def refused(self, error: Refused) -> None:
        """A request or a command was refused."""
        if not error.by_actor:
            self.cell("rejected_total", error.code).take(1)


def _session_sampler(sessions: Iterable[Connected]) -> Callable[[], Samples]:
    def sampled() -> Samples:
        count = Counter(one.role for one in sessions)
        return {"sessions": [((role,), count[role]) for role in ROLES]}

    return sampled
