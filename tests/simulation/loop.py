"""The plain loop that a simulation runs in: actions in the order of their times, and the only randomness there is."""

import random
from collections.abc import Callable
from heapq import heappop, heappush

Action = Callable[[], None]


class Loop:
    """A clock in milliseconds that stands still while an action runs, and dice. The same seed runs the same way."""

    def __init__(self, seed: int, now_ms: int) -> None:
        self.now_ms = now_ms
        self.dice = random.Random(seed)
        self._heap: list[tuple[int, float, int, Action]] = []
        self._count = 0
        self.steps = 0

    def later(self, delay_ms: int, action: Action) -> None:
        """Run the action after a delay. Those of one millisecond run in any order."""
        self._count += 1
        heappush(self._heap, (self.now_ms + delay_ms, self.dice.random(), self._count, action))

    def chance(self, probability: float) -> bool:
        """Whether something happens now that happens this often."""
        return probability > 0 and self.dice.random() < probability

    def between(self, least: int, most: int) -> int:
        """A number, both ends included."""
        return self.dice.randint(least, most)

    def run(self, until_ms: int, done: Callable[[], bool] = lambda: False) -> bool:
        """Run what is due until then, or until it is done. Whether it is."""
        while self._heap and self._heap[0][0] <= until_ms:
            if done():
                return True
            when_ms, _, _, action = heappop(self._heap)
            self.now_ms = when_ms
            self.steps += 1
            action()
        self.now_ms = max(self.now_ms, until_ms)
        return done()
