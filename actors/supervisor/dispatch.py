"""Who gets whom. Plain data and decisions: no effects here, they are returned.

For a conversation: those who have the skill and the language (until that is relaxed) and have not had it; of these
the agent whom the visitor had last, for whom it even waits a while; else the first in the roster's order. For an
agent who has become free: the first in the line of all whom she suits.
"""

from collections import deque
from heapq import heappop, heappush

from actors import commands as c
from actors.settings import Routing
from actors.supervisor.line import Line, Need, Waiting
from actors.supervisor.roster import Candidate, Roster

ANY: Need = ("", "")
ANSWER_SECONDS = 15
"""How long beyond the ringing an agent's or a conversation's word is awaited."""
ROUND_SECONDS = 15
"""When everybody has declined, the next round begins after this."""
RATE_SAMPLES = 50
GUESS_SECONDS = (60, 300)
"""The range for one place when nothing is known of how fast slots become free."""


class Decision:
    """Ask this agent to take this conversation, and why her."""

    __slots__ = ("agent", "conversation", "epoch", "why")

    def __init__(self, agent: str, conversation: str, epoch: int, why: str) -> None:
        self.agent = agent
        self.conversation = conversation
        self.epoch = epoch
        self.why = why


class Dispatch:
    """See the module."""

    def __init__(self, roster: Roster, routing: Routing) -> None:
        self.roster = roster
        self.routing = routing
        self.line = Line()
        self._timers: list[tuple[int, str]] = []
        self._assigned_ms: deque[int] = deque(maxlen=RATE_SAMPLES)

    # The conversations' side

    def enlist(self, conversation: str, enlist: c.Enlist, now_ms: int) -> list[Decision]:
        """It waits, or waits on after an offer that failed. Old news is ignored."""
        known = self.line.all.get(conversation)
        if known is not None:
            if (enlist.epoch, enlist.attempt) < (known.enlist.epoch, known.enlist.attempt):
                return []
            self.line.remove(known)
        one = Waiting(conversation, enlist)
        if not self.roster.could(*one.need):
            one.need = (enlist.skill, "") if self.roster.could(enlist.skill, "") else ANY
        self.line.add(one)
        if one.need != ANY:
            self._ring(one, enlist.since_ms + self.routing.skill_seconds * 1000)
        return self._match_waiting(one, now_ms)

    def delist(self, conversation: str, epoch: int, assigned: bool, now_ms: int) -> bool:
        """It waits no more. False if it did not, or does again since."""
        one = self.line.all.get(conversation)
        if one is None or one.enlist.epoch >= epoch:
            return False
        self.line.remove(one)
        if assigned:
            self._assigned_ms.append(now_ms)
        return True

    def _match_waiting(self, one: Waiting, now_ms: int) -> list[Decision]:
        sticky = self.roster.all.get(one.enlist.sticky)
        if sticky is not None and sticky.id not in one.tried and sticky.suits(*one.need):
            if sticky.key is not None:
                return [self._decide(one, sticky, "had this visitor last", now_ms)]
            until_ms = one.enlist.since_ms + self.routing.sticky_seconds * 1000
            if sticky.status == "online" and until_ms > now_ms:
                self.line.step_in(one, one.need, held_for=sticky.id)
                self._ring(one, until_ms)
                return []
        for candidate in self.roster.available():
            if candidate.id not in one.tried and candidate.suits(*one.need):
                return [self._decide(one, candidate, self._why(candidate), now_ms)]
        if one.tried and not one.again_ms and self._all_tried(one):
            one.again_ms = now_ms + ROUND_SECONDS * 1000
            self._ring(one, one.again_ms)
        return []

    def _all_tried(self, one: Waiting) -> bool:
        return not any(
            other.status == "online" and other.id not in one.tried and other.suits(*one.need)
            for other in self.roster.all.values()
        )

    def _why(self, candidate: Candidate) -> str:
        if self.routing.strategy == "round_robin":
            return "next in turn"
        return f"least loaded ({candidate.load} of {candidate.capacity}), idle longest"

    def _decide(self, one: Waiting, candidate: Candidate, why: str, now_ms: int) -> Decision:
        self.line.step_out(one)
        one.asked, one.asked_ms = candidate.id, now_ms
        self.roster.ask(candidate)
        self._ring(one, now_ms + (self.routing.offer_seconds + ANSWER_SECONDS) * 1000)
        skill, language = one.need
        asked_for = [word for word in (skill, language) if word]
        return Decision(candidate.id, one.id, one.enlist.epoch, ", ".join([*asked_for, why]))

    # The agents' side

    def agent_changed(self, agent: str, told: c.AgentChanged, now_ms: int) -> list[Decision]:
        """News of an agent: if she is free, whom she gets."""
        candidate = self.roster.update(agent, told)
        return self.match_agent(candidate, now_ms) if candidate is not None else []

    def match_agent(self, candidate: Candidate, now_ms: int) -> list[Decision]:
        """The first of all whom she suits."""
        if candidate.key is None:
            return []
        found = [self.line.held(candidate.id)]
        found += [self.line.first(need, candidate.id) for need in self.line.needs() if candidate.suits(*need)]
        best = min((one for one in found if one is not None), key=lambda one: one.key, default=None)
        if best is None:
            return []
        why = "had this visitor last" if best.enlist.sticky == candidate.id else "first to be free"
        return [self._decide(best, candidate, why, now_ms)]

    def slot_refused(self, agent: str, conversation: str, epoch: int, now_ms: int) -> list[Decision]:
        """She had no slot after all: on to the next."""
        candidate = self.roster.all.get(agent)
        if candidate is not None:
            self.roster.refused(candidate)
        one = self.line.all.get(conversation)
        if one is None or one.asked != agent or one.enlist.epoch != epoch:
            return []
        return self._again(one, now_ms)

    def _again(self, one: Waiting, now_ms: int) -> list[Decision]:
        one.asked = ""
        self.line.step_in(one, one.need)
        return self._match_waiting(one, now_ms)

    # Time

    def _ring(self, one: Waiting, when_ms: int) -> None:
        heappush(self._timers, (when_ms, one.id))

    def next_ms(self) -> int | None:
        """When `time_passed` has something to do."""
        return self._timers[0][0] if self._timers else None

    def time_passed(self, now_ms: int) -> list[Decision]:
        """Needs that are relaxed, preferences that lapse, rounds that begin anew, answers that never came."""
        decisions: list[Decision] = []
        while self._timers and self._timers[0][0] <= now_ms:
            one = self.line.all.get(heappop(self._timers)[1])
            if one is not None:
                decisions += self._lapse(one, now_ms)
        return decisions

    def _lapse(self, one: Waiting, now_ms: int) -> list[Decision]:
        need = one.need
        if one.need != ANY and one.enlist.since_ms + self.routing.skill_seconds * 1000 <= now_ms:
            need = ANY
        if one.asked:
            one.need = need
            if one.asked_ms + (self.routing.offer_seconds + ANSWER_SECONDS) * 1000 > now_ms:
                return []
            one.asked = ""
        if one.again_ms and one.again_ms <= now_ms:
            one.tried, one.again_ms = frozenset(), 0
        self.line.step_in(one, need)
        return self._match_waiting(one, now_ms)

    # What people are told

    def eta_seconds(self, position: int, now_ms: int) -> tuple[int, int]:
        """An honest range for the wait: from half to twice what the recent rate of assignments says."""
        samples = len(self._assigned_ms)
        if samples < 2:
            slots = max(1, sum(one.capacity for one in self.roster.all.values() if one.status == "online"))
            rounds = -(-position // slots)
            return rounds * GUESS_SECONDS[0], rounds * GUESS_SECONDS[1]
        seconds_each = (now_ms - self._assigned_ms[0]) / 1000 / samples
        return int(position * seconds_each / 2), max(1, round(position * seconds_each * 2))

    def why_not(self, one: Waiting, now_ms: int) -> str:
        """Why nobody has it yet, in words."""
        if one.asked:
            return f"Offered to {self.roster.all[one.asked].name}."
        if one.held_for:
            return f"Waits a moment for {self.roster.all[one.held_for].name}, who had this visitor last."
        if one.again_ms:
            return "Everybody who could take it has been asked; a new round begins in a moment."
        online = [other for other in self.roster.all.values() if other.status == "online"]
        suitable = [other for other in online if other.suits(*one.need)]
        if not online:
            return "Nobody is online." if not self.roster.present else "All who are here are busy."
        if not suitable:
            needed = " and ".join(word for word in one.need if word)
            return f"Nobody online has {needed}; anybody will do soon."
        return "Everybody online is at capacity."
