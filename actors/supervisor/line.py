"""The visitors who wait, in their one true order.

The order is minutes waited plus priority, highest first. All age alike, so it never changes by itself: the key is
`since_ms - priority * 60,000`, and a place is a rank in a sorted list, found in O(log n).
"""

from collections.abc import Iterator

from sortedcontainers import SortedList

from actors.supervisor.waiting import Key, Waiting, key_of


class Line:
    """See the module."""

    def __init__(self) -> None:
        self.all: dict[str, Waiting] = {}
        self._order: SortedList[Key] = SortedList()

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Waiting]:
        return (self.all[key[1]] for key in self._order)

    def add(self, one: Waiting) -> None:
        """Join, at the place that waiting and priority give."""
        self.all[one.id] = one
        self._order.add(one.key)

    def remove(self, one: Waiting) -> None:
        """Leave."""
        self._order.remove(one.key)
        del self.all[one.id]

    def prioritise(self, one: Waiting, priority: int) -> None:
        """Move to the place that the priority gives."""
        self._order.remove(one.key)
        one.priority, one.key = priority, key_of(one.enlist.since_ms, priority, one.id)
        self._order.add(one.key)

    def position(self, one: Waiting) -> int:
        """The place, from 1."""
        if self._order[-1] == one.key:  # as it is for nearly everybody who has just come
            return len(self.all)
        return int(self._order.index(one.key)) + 1

    def places(self, start: int, stop: int) -> Iterator[tuple[int, Waiting]]:
        """Places and who has them, from `start` (0: the first) to before `stop`."""
        for offset, key in enumerate(self._order.islice(start, stop)):
            yield start + offset + 1, self.all[key[1]]
