"""What a gateway counts: who is connected, how long events take to reach them, and what it refuses by itself."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from metrics.process import process_sampler
from metrics.recorder import Recorder, Samples
from metrics.refusals import Refusals
from runtime.lines import Line, opaque
from runtime.link import Links

log = logging.getLogger(__name__)

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
    def detail(self) -> Mapping[str, object]: ...
    @property
    def by_actor(self) -> bool: ...


class GatewayRecorder(Recorder):
    """A gateway's recorder."""

    def __init__(self, sessions: Iterable[Connected], links: Links, strict: bool = False) -> None:
        super().__init__(strict)
        self._refusals = Refusals(log)
        self._deliveries = self.cell("delivery_seconds")
        self.cell("rejected_total", "overloaded")
        self.samplers += [process_sampler(links), _session_sampler(sessions)]

    def delivered(self, oldest_ms: Iterable[int]) -> None:
        """Sockets have taken frames: of each, the time that the oldest event among them bears; 0: there was none."""
        now_ms = time.time() * 1000
        for at_ms, sockets in Counter(oldest_ms).items():
            if at_ms:
                self._deliveries.take(max(0.0, now_ms - at_ms) / 1000, sockets)

    def refused(self, error: Refused, **ids: str) -> None:
        """A request or a command was refused; `ids` say whose, as clients have them."""
        if not error.by_actor:
            self.cell("rejected_total", error.code).take(1)
            if self._refusals.may_write():
                known = {name: opaque(id) for name, id in ids.items()}
                log.info(Line("rejected", code=error.code, field=error.detail.get("field"), **known))

    def turned_away(self, receiver: str) -> None:
        """So much waits for a process that it was sent no more."""
        self.cell("rejected_total", "overloaded").take(1)
        log.warning(Line("rejected", code="overloaded", receiver=receiver))


def _session_sampler(sessions: Iterable[Connected]) -> Callable[[], Samples]:
    def sampled() -> Samples:
        count = Counter(one.role for one in sessions)
        return {"sessions": [((role,), count[role]) for role in ROLES]}

    return sampled
