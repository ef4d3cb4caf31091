"""Where those who wait stand to be matched: by what they need, or for one agent alone.

Made for a team: there are as many stands as it has abilities, whoever waits, and each agent knows those that concern
her. Whom she gets is the least of their first ones, however long the line.
"""

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from operator import attrgetter

from actors.supervisor.roster import Candidate
from actors.supervisor.waiting import ANY, LAST, Need, Stand, Waiting

OTHER = "*"
"""Any language that no agent names: only those speak it who are not particular."""

_first_of = attrgetter("first")


class Stands:
    """See the module. `waiting` are all who wait, whether they stand anywhere or not."""

    def __init__(self, waiting: Mapping[str, Waiting], team: Sequence[Candidate]) -> None:
        self._waiting = waiting
        self._standing = 0
        self._by_need: dict[Need, Stand] = {ANY: Stand()}
        self._held = {one.id: Stand() for one in team}
        self._dropped = {one.id: Stand() for one in team}  # they stand by their needs too: she has first refusal
        named = {language for one in team for language in one.languages}
        self._open_to = {one.id: [self._held[one.id], *self._suitable(one, named)] for one in team}

    def _suitable(self, one: Candidate, named: set[str]) -> Iterator[Stand]:
        for skill in ("", *one.skills):
            for language in ("", *(one.languages or (*named, OTHER))):
                yield self._by_need.setdefault((skill, language), Stand())

    def __len__(self) -> int:
        return self._standing

    def step_in(self, one: Waiting, held_for: str = "") -> None:
        """To be matched, by what is needed and the team can do; or with one agent only."""
        self._standing += 1
        one.held_for = held_for
        one.stand = self._held[held_for] if held_for else self._for(one.need)
        one.stand.add(one.key)
        if one.dropped_by in self._dropped:
            self._dropped[one.dropped_by].add(one.key)

    def _for(self, need: Need) -> Stand:
        return self._by_need.get(need) or self._by_need[need[0], OTHER]

    def step_out(self, one: Waiting) -> None:
        """Not to be matched for now, if it was; the place in the line is kept."""
        stand = one.stand
        if stand is None:
            return
        self._standing -= 1
        one.stand, one.held_for = None, ""
        stand.remove(one.key)
        if one.dropped_by in self._dropped:
            self._dropped[one.dropped_by].remove(one.key)

    def first_for(self, agent: str) -> Waiting | None:
        """The first of all whom the agent suits and who have not been offered to her.

        Before them all, whom she has dropped herself.
        """
        dropped = self._dropped[agent]
        if dropped.first is not LAST:
            one = self._first_but(agent, [dropped])
            if one is not None:
                return one
        stands = self._open_to[agent]
        first = min(map(_first_of, stands))
        if first is LAST:
            return None
        one = self._waiting[first[1]]
        return self._first_but(agent, stands) if agent in one.tried else one

    def _first_but(self, agent: str, stands: list[Stand]) -> Waiting | None:
        """The first that has not been offered to the agent."""
        in_order = (self._waiting[key[1]] for key in merge(*stands))
        return next((one for one in in_order if agent not in one.tried), None)

    def held(self, agent: str) -> list[Waiting]:
        """Those who are held for the agent."""
        return [self._waiting[key[1]] for key in self._held[agent]]
