"""Flood control: so many calls a minute for a group, so many a second overall; then 429 until there is room."""

import math
import time
from collections import defaultdict, deque

from tests.telegram.bot_api.errors import ApiError

MINUTE, SECOND = 60.0, 1.0


class Flood:
    """Sends, edits and topics of a group share its limit. `exceeded` counts the refusals."""

    def __init__(self, group_per_minute: int, per_second: int, minute: float = MINUTE) -> None:
        self.group_per_minute, self.per_second, self.minute = group_per_minute, per_second, minute
        self.exceeded = 0
        self._groups: defaultdict[int, deque[float]] = defaultdict(deque)
        self._all: deque[float] = deque()

    def take(self, group: int) -> None:
        """One call for the group. Raises 429 with `retry_after`."""
        now = time.monotonic()
        waits = (
            self._wait(self._groups[group], self.group_per_minute, self.minute, now),
            self._wait(self._all, self.per_second, SECOND, now),
        )
        if max(waits) > 0:
            self.exceeded += 1
            seconds = math.ceil(max(waits))
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        self._groups[group].append(now)
        self._all.append(now)

    @staticmethod
    def _wait(calls: deque[float], limit: int, window: float, now: float) -> float:
        while calls and calls[0] <= now - window:
            calls.popleft()
        return calls[0] + window - now if len(calls) >= limit else 0.0
