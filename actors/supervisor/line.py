"""The visitors who wait, in their one true order, and by what they need.

The order is minutes waited plus priority, highest first. All age alike, so it never changes by itself: the key is
`since_ms - priority * 60,000`, and a place is a rank in a sorted list, found in O(log n).
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from sortedcontainers import SortedList

from actors import commands as c

Key = tuple[int, str]
Need = tuple[str, str]
"""A skill and a language; empty: any."""

ANY: Need = ("", "")
MINUTE_MS = 60_000


def key_of(since_ms: int, priority: int, conversation: str) -> Key:
    """The place in the order that time and priority give."""
    return since_ms - priority * MINUTE_MS, conversation


class Waiting:
    """A conversation in the queue. `asked` is the agent whose answer, or whose visitor's, is awaited."""

    __slots__ = (
        "again_ms",
        "asked",
        "asked_ms",
        "dropped_by",
        "enlist",
        "held_for",
        "id",
        "key",
        "need",
        "priority",
        "stand",
        "told",
        "tried",
        "wanted",
    )

    def __init__(self, conversation: str, enlist: c.Enlist) -> None:
        self.id = conversation
        self.enlist = enlist
        self.wanted: Need = (enlist.skill, enlist.language)
        self.need = self.wanted  # until that is relaxed
        self.tried = frozenset(enlist.tried)
        self.stand: Stand | None = None
        self.asked = ""
        self.asked_ms = 0
        self.held_for = ""
        self.again_ms = 0
        self.told: tuple[int, int] = (0, 0)  # the position that was told last, and under which pace
        self.dropped_by = enlist.sticky if enlist.trigger == "disconnect" else ""  # who has first refusal
        self.priority = enlist.priority
        self.key = key_of(enlist.since_ms, enlist.priority, conversation)


class Stand:
    """Those who can be matched by the same need, or with the same agent. Who has left is found out when looked at."""

    __slots__ = ("_line", "keys")

    def __init__(self, line: dict[str, Waiting]) -> None:
        self._line = line
        self.keys: list[Key] = []  # a heap

    def add(self, one: Waiting) -> None:
        """Step in."""
        one.stand = self
        heappush(self.keys, one.key)

    def first(self, before: Key | None = None) -> Waiting | None:
        """Who stands first; None also if that is not before the key."""
        keys = self.keys
        while keys and (before is None or keys[0] < before):
            one = self._line.get(keys[0][1])
            if one is not None and one.stand is self and one.key == keys[0]:
                return one
            heappop(keys)
        return None

    def first_but(self, agent: str) -> Waiting | None:
        """Who stands first of those who have not been offered to the agent."""
        had: list[Key] = []
        while (one := self.first()) is not None and agent in one.tried:
            had.append(heappop(self.keys))
        for key in had:
            heappush(self.keys, key)
        return one

    def all(self) -> list[Waiting]:
        """Everybody who stands here."""
        found = ((key, self._line.get(key[1])) for key in sorted(set(self.keys)))
        return [one for key, one in found if one is not None and one.stand is self and one.key == key]


class Line:
    """See the module. Who is not asked just now stands among those with the same need, or is held for one agent."""

    def __init__(self) -> None:
        self.all: dict[str, Waiting] = {}
        self._order: SortedList[Key] = SortedList()
        self._stands: dict[str, dict[str, Stand]] = {}  # by skill, by language: as many as the team has abilities
        self._held: dict[str, Stand] = {}
        self._dropped: dict[str, dict[str, Waiting]] = {}  # by the agent who has first refusal

    def __len__(self) -> int:
        return len(self.all)

    def add(self, one: Waiting) -> None:
        """Join, at the place that waiting and priority give; not to be matched yet."""
        self.all[one.id] = one
        self._order.add(one.key)
        if one.dropped_by:
            self._dropped.setdefault(one.dropped_by, {})[one.id] = one

    def remove(self, one: Waiting) -> None:
        """Leave."""
        self.step_out(one)
        self._order.remove(one.key)
        del self.all[one.id]
        if one.dropped_by:
            dropped = self._dropped[one.dropped_by]
            del dropped[one.id]
            if not dropped:
                del self._dropped[one.dropped_by]

    def prioritise(self, one: Waiting, priority: int) -> None:
        """Move to the place that the priority gives."""
        self._order.remove(one.key)
        one.priority, one.key = priority, key_of(one.enlist.since_ms, priority, one.id)
        self._order.add(one.key)
        if one.stand is not None:
            one.stand.add(one)

    def step_in(self, one: Waiting, held_for: str = "") -> None:
        """To be matched, by what is needed; or with one agent only."""
        one.held_for = held_for
        if held_for:
            stands, name = self._held, held_for
        else:
            skill, name = one.need
            stands = self._stands.setdefault(skill, {})
        stand = stands.get(name)
        if stand is None:
            stand = stands[name] = Stand(self.all)
        stand.add(one)

    def step_out(self, one: Waiting) -> None:
        """Not to be matched for now; the place is kept."""
        one.stand, one.held_for = None, ""

    def position(self, one: Waiting) -> int:
        """The place, from 1."""
        return int(self._order.index(one.key)) + 1

    def places(self, start: int, stop: int) -> Iterator[tuple[int, Waiting]]:
        """Places and who has them, from `start` (0: the first) to before `stop`."""
        for offset, key in enumerate(self._order.islice(start, stop)):
            yield start + offset + 1, self.all[key[1]]

    def first_for(self, agent: str, skills: frozenset[str], languages: frozenset[str]) -> Waiting | None:
        """The first of all whom the agent suits and who have not been offered to her. No languages: any.

        Before them all, whom she has dropped herself.
        """
        if agent in self._dropped:
            dropped = [one for one in self._dropped[agent].values() if one.stand and agent not in one.tried]
            if dropped:
                return min(dropped, key=_key)
        held = self._held.get(agent)
        best = held.first_but(agent) if held is not None else None
        for skill in ("", *skills):
            for language, stand in self._stands.get(skill, _NONE).items():
                if not stand.keys or (best is not None and stand.keys[0] > best.key):
                    continue  # the quickest way out comes first: this is done for every agent who comes free
                if not language or not languages or language in languages:
                    one = stand.first(best.key if best is not None else None)
                    if one is not None and agent in one.tried:
                        one = stand.first_but(agent)
                    if one is not None and (best is None or one.key < best.key):
                        best = one
        return best

    def held(self, agent: str) -> list[Waiting]:
        """Those who are held for the agent."""
        stand = self._held.get(agent)
        return stand.all() if stand is not None else []


_NONE: dict[str, Stand] = {}


def _key(one: Waiting) -> Key:
    return one.key
