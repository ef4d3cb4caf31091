"""So many in a window of time, by key. The window slides: what was done leaves it one by one."""

from collections import OrderedDict, deque

KEYS_MAX = 10_000
"""Past it the key that was quiet for longest is forgotten."""


class RateLimit:
    """`count` in `seconds`; a count of 0 is no limit."""

    def __init__(self, count: int, seconds: int) -> None:
        self._count = count
        self._window_ms = seconds * 1000
        self._done: OrderedDict[str, deque[int]] = OrderedDict()

    def wait_ms(self, key: str, now_ms: int) -> int:
        """0, and it counts; or how long until there is room for one more."""
        if not self._count:
            return 0
        done = self._done.setdefault(key, deque(maxlen=self._count))
        self._done.move_to_end(key)
        if len(self._done) > KEYS_MAX:
            self._done.popitem(last=False)
        if len(done) == self._count and done[0] + self._window_ms > now_ms:
            return done[0] + self._window_ms - now_ms
        done.append(now_ms)
        return 0

    def forget(self, key: str) -> None:
        """What the key has done does not count any more."""
        self._done.pop(key, None)
