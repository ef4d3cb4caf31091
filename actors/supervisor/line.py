"""The visitors who wait, in their one true order, and by what they need.

The order is minutes waited plus priority, highest first. All age alike, so it never changes by itself: the key is
`since_ms - priority * 60,000`, and a place is a rank in a sorted list, found in O(log n).
"""

from collections.abc import Iterator
from typing import TypeVar

from sortedcontainers import SortedList

from actors import commands as c

Key = tuple[int, str]
Name = TypeVar("Name")
Need = tuple[str, str]
"""A skill and a language; empty: any."""

MINUTE_MS = 60_000


class Waiting:
    """A conversation in the queue. `asked` is the agent whose answer, or whose visitor's, is awaited."""

    __slots__ = ("again_ms", "asked", "asked_ms", "enlist", "held_for", "id", "key", "need", "told", "tried")

    def __init__(self, conversation: str, enlist: c.Enlist) -> None:
        self.id = conversation
        self.enlist = enlist
        self.key: Key = (enlist.since_ms - enlist.priority * MINUTE_MS, conversation)
        self.need: Need = (enlist.skill, enlist.language)
        self.tried = frozenset(enlist.tried)
        self.asked = ""
        self.asked_ms = 0
        self.held_for = ""
        self.again_ms = 0
        self.told = 0  # the position that was told last


class Line:
    """See the module. Who is not asked just now stands in the bucket of what she needs, or is held for one agent."""

    def __init__(self) -> None:
        self.all: dict[str, Waiting] = {}
        self._order: SortedList[Key] = SortedList()
        self._buckets: dict[Need, SortedList[Key]] = {}
        self._held: dict[str, SortedList[Key]] = {}

    def __len__(self) -> int:
        return len(self.all)

    def add(self, one: Waiting) -> None:
        """Join, at the place that waiting and priority give."""
        self.all[one.id] = one
        self._order.add(one.key)
        self._stand(one)

    def remove(self, one: Waiting) -> None:
        """Leave."""
        self.step_out(one)
        self._order.remove(one.key)
        del self.all[one.id]

    def step_out(self, one: Waiting) -> None:
        """Not to be matched for now; the place is kept."""
        _leave(self._buckets, one.need, one.key)
        _leave(self._held, one.held_for, one.key)

    def step_in(self, one: Waiting, need: Need, held_for: str = "") -> None:
        """To be matched, by what is needed now; or with one agent only."""
        self.step_out(one)
        one.need, one.held_for = need, held_for
        self._stand(one)

    def _stand(self, one: Waiting) -> None:
        if one.held_for:
            self._held.setdefault(one.held_for, SortedList()).add(one.key)
        else:
            self._buckets.setdefault(one.need, SortedList()).add(one.key)

    def position(self, one: Waiting) -> int:
        """The place, from 1."""
        return int(self._order.index(one.key)) + 1

    def places(self, start: int, stop: int) -> Iterator[tuple[int, Waiting]]:
        """Places and who has them, from `start` (0: the first) to before `stop`."""
        for offset, key in enumerate(self._order.islice(start, stop)):
            yield start + offset + 1, self.all[key[1]]

    def needs(self) -> list[Need]:
        """What is needed by those who can be matched."""
        return list(self._buckets)

    def first(self, need: Need, agent: str) -> Waiting | None:
        """The first with this need whom the agent has not been offered."""
        return self._first(self._buckets.get(need), agent)

    def held(self, agent: str) -> Waiting | None:
        """The first of those who are held for the agent."""
        return self._first(self._held.get(agent), agent)

    def _first(self, keys: "SortedList[Key] | None", agent: str) -> Waiting | None:
        waiting = (self.all[key[1]] for key in keys or ())
        return next((one for one in waiting if agent not in one.tried), None)


def _leave(stands: "dict[Name, SortedList[Key]]", name: Name, key: Key) -> None:
    keys = stands.get(name)
    if keys is not None and key in keys:
        keys.remove(key)
        if not keys:
            del stands[name]
