"""So many in a window of time, by key. The window slides: what was done leaves it one by one.

What is done again under its ref counts once: whoever did not hear the answer asks again, and must not pay for that. All
passes together are bounded too, so a ref is no pass for everything.
"""

import math
from collections import OrderedDict, deque
from typing import Protocol

KEYS_MAX = 10_000
"""Past it the key that was quiet for longest is forgotten."""
PASSES = 2
"""Times the limit: so many pass in a window, those that are done again included."""

Pass = tuple[int, str | None]
"""When, and under which ref; without one nothing is the same as anything."""


class Bound(Protocol):
    """What both kinds here are."""

    def wait_ms(self, key: str, now_ms: int, ref: str | None = None) -> int:
        """0, and it counts; or how long until there is room for one more."""


class RateLimit:
    """`count` in `seconds`; a count of 0 is no limit."""

    def __init__(self, count: int, seconds: int) -> None:
        self.count = count
        self._window_ms = seconds * 1000
        self._done: OrderedDict[str, deque[Pass]] = OrderedDict()

    def wait_ms(self, key: str, now_ms: int, ref: str | None = None) -> int:
        """0, and it counts; or how long until there is room for one more."""
        if not self.count:
            return 0
        done = self._done.get(key)
        if done is None:
            done = self._done[key] = deque(maxlen=self.count * PASSES)
            if len(self._done) > KEYS_MAX:
                self._done.popitem(last=False)
        else:
            self._done.move_to_end(key)
        if len(done) >= self.count and done[-self.count][0] + self._window_ms > now_ms:
            wait_ms = self._full_ms(done, now_ms, ref)
            if wait_ms:
                return wait_ms
        done.append((now_ms, ref))
        return 0

    def _full_ms(self, done: deque[Pass], now_ms: int, ref: str | None) -> int:
        """How long to wait, after so many passes: those of one ref are one."""
        since_ms = now_ms - self._window_ms
        window = [one for one in done if one[0] > since_ms]
        latest = {number if name is None else name: at_ms for number, (at_ms, name) in enumerate(window)}
        first_ms = window[0][0] if len(window) >= self.count * PASSES else since_ms
        if ref not in latest and len(latest) >= self.count:
            first_ms = max(first_ms, min(latest.values()))
        return first_ms - since_ms

    def forget(self, key: str) -> None:
        """What the key has done does not count any more."""
        self._done.pop(key, None)


class Pace:
    """`count` at once, and after that one each time that its share of `seconds` has passed.

    Costs a number for each key, so it is for what is done very often; a ref makes no difference.
    """

    def __init__(self, count: int, seconds: int) -> None:
        self._window_ms = seconds * 1000
        self._share_ms = self._window_ms / count
        self._paid_ms: OrderedDict[str, float] = OrderedDict()

    def wait_ms(self, key: str, now_ms: int, ref: str | None = None, much: int = 1) -> int:
        """0, and it counts; or how long until there is room for one more, or for so `much`."""
        paid_ms = max(self._paid_ms.get(key, 0.0), now_ms) + self._share_ms * much
        if paid_ms > now_ms + self._window_ms:
            return math.ceil(paid_ms - now_ms - self._window_ms)
        self._paid_ms[key] = paid_ms
        self._paid_ms.move_to_end(key)
        if len(self._paid_ms) > KEYS_MAX:
            self._paid_ms.popitem(last=False)
        return 0
