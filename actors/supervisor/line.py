"""The visitors who wait, in their one true order, and by what they need.

The order is minutes waited plus priority, highest first. All age alike, so it never changes by itself: the key is
`since_ms - priority * 60,000`, and a place is a rank in a sorted list, found in O(log n).
"""

from collections.abc import Iterator

from sortedcontainers import SortedList

from actors import commands as c

Key = tuple[int, str]
Need = tuple[str, str]
"""A skill and a language; empty: any."""

ANY: Need = ("", "")
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
        self._buckets: dict[str, dict[str, SortedList[Key]]] = {}  # by skill, by language
        self._held: dict[str, SortedList[Key]] = {}

    def __len__(self) -> int:
        return len(self.all)

    def add(self, one: Waiting) -> None:
        """Join, at the place that waiting and priority give; not to be matched yet."""
        self.all[one.id] = one
        self._order.add(one.key)

    def remove(self, one: Waiting) -> None:
        """Leave."""
        self.step_out(one)
        self._order.remove(one.key)
        del self.all[one.id]

    def step_in(self, one: Waiting, held_for: str = "") -> None:
        """To be matched, by what is needed; or with one agent only."""
        one.held_for = held_for
        if held_for:
            self._held.setdefault(held_for, SortedList()).add(one.key)
        else:
            skill, language = one.need
            self._buckets.setdefault(skill, {}).setdefault(language, SortedList()).add(one.key)

    def step_out(self, one: Waiting) -> None:
        """Not to be matched for now; the place is kept."""
        skill, language = one.need
        if one.held_for:
            _discard(self._held, one.held_for, one.key)
            one.held_for = ""
        elif (bucket := self._buckets.get(skill)) is not None:
            _discard(bucket, language, one.key)
            if not bucket:
                del self._buckets[skill]

    def position(self, one: Waiting) -> int:
        """The place, from 1."""
        return int(self._order.index(one.key)) + 1

    def places(self, start: int, stop: int) -> Iterator[tuple[int, Waiting]]:
        """Places and who has them, from `start` (0: the first) to before `stop`."""
        for offset, key in enumerate(self._order.islice(start, stop)):
            yield start + offset + 1, self.all[key[1]]

    def first_for(self, agent: str, skills: frozenset[str], languages: frozenset[str]) -> Waiting | None:
        """The first of all whom the agent suits and who have not been offered to her. No languages: any."""
        best = self._first(self._held.get(agent), agent)
        for skill in ("", *skills):
            for language, keys in self._buckets.get(skill, _EMPTY).items():
                if not language or not languages or language in languages:
                    one = self._first(keys, agent)
                    if one is not None and (best is None or one.key < best.key):
                        best = one
        return best

    def _first(self, keys: "SortedList[Key] | None", agent: str) -> Waiting | None:
        waiting = (self.all[key[1]] for key in keys or ())
        return next((one for one in waiting if agent not in one.tried), None)

    def held(self, agent: str) -> list[Waiting]:
        """Those who are held for the agent."""
        return [self.all[key[1]] for key in self._held.get(agent, ())]


_EMPTY: "dict[str, SortedList[Key]]" = {}


def _discard(stands: "dict[str, SortedList[Key]]", name: str, key: Key) -> None:
    keys = stands.get(name)
    if keys is not None:
        keys.discard(key)
        if not keys:
            del stands[name]
