"""A visitor who waits, what is needed, and the stand where those with the same need are found in order."""

from collections.abc import Iterator

from sortedcontainers import SortedList

from actors import commands as c
from actors.supervisor.timers import NEVER_MS

Key = tuple[int, str]
"""Who has the lesser one comes first."""
Need = tuple[str, str]
"""A skill and a language; empty: any."""

ANY: Need = ("", "")
LAST: Key = (NEVER_MS, "")
MINUTE_MS = 60_000


def key_of(since_ms: int, priority: int, conversation: str) -> Key:
    """The place in the order that time and priority give."""
    return since_ms - priority * MINUTE_MS, conversation


def words_of(need: Need) -> str:
    """What is needed, in words; empty: nothing."""
    skill, language = need
    return f"{skill} and {language}" if skill and language else skill or language


class Stand:
    """Those who can be matched by the same need, in their order. `first` is kept, since every agent who comes free
    compares it; `LAST` if nobody stands here."""

    __slots__ = ("_keys", "first")

    def __init__(self) -> None:
        self._keys: SortedList[Key] = SortedList()
        self.first = LAST

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def add(self, key: Key) -> None:
        """Step in."""
        self._keys.add(key)
        if key < self.first:
            self.first = key

    def remove(self, key: Key) -> None:
        """Step out."""
        if key != self.first:
            self._keys.remove(key)
            return
        self._keys.pop(0)
        self.first = self._keys[0] if self._keys else LAST


class Waiting:
    """A conversation in the queue. `asked` is the agent whose answer, or whose visitor's, is awaited."""

    __slots__ = (
        "again_ms",
        "asked",
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
        self.wanted: Need = (enlist.skill.casefold(), enlist.language)
        self.need = self.wanted  # until that is relaxed
        self.tried = frozenset(enlist.tried)
        self.stand: Stand | None = None
        self.asked = ""
        self.held_for = ""
        self.again_ms = 0
        self.told: tuple[int, int] = (0, 0)  # the position that was told last, and under which pace
        self.dropped_by = enlist.sticky if enlist.trigger == "disconnect" else ""  # who has first refusal
        self.priority = enlist.priority
        self.key = key_of(enlist.since_ms, enlist.priority, conversation)
