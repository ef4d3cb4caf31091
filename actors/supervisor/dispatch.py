"""Who gets whom. Plain data and decisions: no effects here, they are returned.

For a conversation: those who have the skill and the language (until that is relaxed) and have not had it; of these
the agent whom the visitor had last, for whom it even waits a while; else the first in the roster's order. For an
agent who has become free: the first in the line of all whom she suits.
"""

from typing import NamedTuple

from actors import commands as c
from actors.settings import Routing
from actors.supervisor.line import Line
from actors.supervisor.roster import Candidate, Roster
from actors.supervisor.stands import Stands
from actors.supervisor.timers import Answers, Timers
from actors.supervisor.waiting import ANY, Need, Waiting, words_of

ANSWER_SECONDS = 15
"""How long an agent's word is awaited; and, beyond the ringing, a conversation's."""
ROUND_SECONDS = 15
"""When everybody who is free has had it, they are all asked again after this; sooner where offers ring less long."""


class Decision(NamedTuple):
    """Ask this agent to take this conversation, and why her."""

    agent: str
    one: Waiting
    why: str


class Dispatch:
    """See the module. `time_passed` has something to do when something of `clocks` is due."""

    def __init__(self, roster: Roster, routing: Routing) -> None:
        self.roster = roster
        self.routing = routing
        self.line = Line()
        self.stands = Stands(self.line.all, tuple(roster.all.values()))
        self._round_ms = min(ROUND_SECONDS, routing.offer_seconds or ROUND_SECONDS) * 1000
        self._timers = Timers()
        self._offers = Answers(routing.offer_seconds + ANSWER_SECONDS)
        self._agents = Answers(ANSWER_SECONDS)
        self.clocks = (self._timers, self._offers, self._agents)

    # The conversations' side

    def enlist(self, conversation: str, enlist: c.Enlist, now_ms: int, offered_to: str = "") -> list[Decision]:
        """It waits, or waits on after an offer that failed. Old news is ignored."""
        one = Waiting(conversation, enlist)
        known = self.line.all.get(conversation)
        if known is not None:
            if (enlist.epoch, enlist.attempt) <= (known.enlist.epoch, known.enlist.attempt):
                return []
            one.told = known.told
            self.remove(known)
        if one.need != ANY:
            one.wanted = one.need = self._possible(one.need)
        self.line.add(one)
        if one.need != ANY:
            self._timers.add(self._relaxed_ms(one), one.id)
        if offered_to:  # it rings there, whoever asked her
            self._await(one, offered_to, now_ms)
            return []
        return self._match(one, now_ms)

    def _possible(self, need: Need) -> Need:
        """As much of it as the bot has an agent for: what nobody could ever do is not waited for."""
        skill, language = need
        if self.roster.could(skill, language):
            return need
        return next((one for one in ((skill, ""), ("", language)) if self.roster.could(*one)), ANY)

    def prioritise(self, conversation: str, epoch: int, priority: int) -> bool:
        """It moves to another place. Whether it did: old news is ignored."""
        one = self.line.all.get(conversation)
        if one is None or one.enlist.epoch != epoch or one.priority == priority:
            return False
        stood, held_for = one.stand, one.held_for
        self.stands.step_out(one)
        self.line.prioritise(one, priority)
        if stood is not None:
            self.stands.step_in(one, held_for)
        return True

    def delist(self, conversation: str, epoch: int) -> Waiting | None:
        """It waits no more. None if it did not, or does again since."""
        one = self.line.all.get(conversation)
        if one is None or one.enlist.epoch >= epoch:
            return None
        self.remove(one)
        return one

    def remove(self, one: Waiting) -> None:
        """It waits no more."""
        self.stands.step_out(one)
        self._offers.drop(one.id)
        self.line.remove(one)

    def _match(self, one: Waiting, now_ms: int) -> list[Decision]:
        """Whom it gets; nobody yet, and it stands where an agent who comes free finds it."""
        self._lapse(one, now_ms)
        sticky = self.roster.all.get(one.enlist.sticky)
        if sticky is not None and sticky.id not in one.tried and sticky.suits(*one.need):
            if sticky.rank is not None:
                return [self._decide(one, sticky, "had this visitor last", now_ms)]
            until_ms = one.enlist.since_ms + self.routing.sticky_seconds * 1000
            if sticky.status == "online" and until_ms > now_ms:
                self.stands.step_in(one, held_for=sticky.id)
                self._timers.add(until_ms, one.id)
                return []
        needs = (one.need,) if one.need is one.wanted else (one.wanted, one.need)  # relaxed, it still comes first
        for skill, language in needs:
            candidate = self.roster.first(skill, language, one.tried)
            if candidate is not None:
                return [self._decide(one, candidate, self._why(candidate), now_ms)]
        self.stands.step_in(one)
        if one.tried and not one.again_ms:
            one.again_ms = now_ms + self._round_ms
            self._timers.add(one.again_ms, one.id)
        return []

    def _lapse(self, one: Waiting, now_ms: int) -> None:
        """What was asked for, or who has had it, counts for a time only."""
        if one.need != ANY and self._relaxed_ms(one) <= now_ms:
            one.need = ANY
        if 0 < one.again_ms <= now_ms:
            one.tried, one.again_ms = frozenset(), 0

    def _relaxed_ms(self, one: Waiting) -> int:
        return one.enlist.since_ms + self.routing.skill_seconds * 1000

    def _why(self, candidate: Candidate) -> str:
        if self.roster.strategy == "round_robin":
            return "next in turn"
        return f"least loaded ({candidate.load} of {candidate.capacity}), idle longest"

    def _decide(self, one: Waiting, candidate: Candidate, why: str, now_ms: int) -> Decision:
        self._ask(candidate, now_ms)
        self._await(one, candidate.id, now_ms)
        if one.wanted != ANY:
            words = words_of(one.wanted)
            why = f"{words}, {why}" if candidate.suits(*one.wanted) else f"nobody with {words} was free in time, {why}"
        return Decision(candidate.id, one, why)

    def _ask(self, candidate: Candidate, now_ms: int) -> None:
        self.roster.ask(candidate)
        self._agents.add(now_ms, candidate.id)

    def _await(self, one: Waiting, agent: str, now_ms: int) -> None:
        one.asked = agent
        self._offers.add(now_ms, one.id)

    # The agents' side

    def agent_changed(self, agent: str, told: c.AgentChanged, now_ms: int) -> list[Decision]:
        """News of an agent: if she is free, whom she gets; if she has left, who waits for her no longer."""
        candidate = self.roster.update(agent, told)
        if candidate is None:
            return []
        self._agents.drop(agent)
        if candidate.status != "online":
            return [decision for one in self.stands.held(agent) for decision in self._again(one, now_ms)]
        return self._match_agent(candidate, now_ms) if candidate.free_now else []

    def _match_agent(self, candidate: Candidate, now_ms: int) -> list[Decision]:
        one = self.stands.first_for(candidate.id)
        if one is None:
            self.roster.place(candidate)
            return []
        self.stands.step_out(one)
        if one.dropped_by == candidate.id:
            why = "back again, and had this visitor"
        else:
            why = "had this visitor last" if one.enlist.sticky == candidate.id else "first to be free"
        return [self._decide(one, candidate, why, now_ms)]

    def slot_refused(self, agent: str, refused: c.SlotRefused, now_ms: int) -> list[Decision]:
        """She had no slot after all: on to the next."""
        candidate = self.roster.all.get(agent)
        if candidate is not None:
            self.roster.refused(candidate)
            self._agents.drop(agent)
        one = self.line.all.get(refused.conversation)
        if one is None or one.asked != agent:
            return []
        if (one.enlist.epoch, one.enlist.attempt) != (refused.epoch, refused.attempt):
            return []
        return self._again(one, now_ms)

    def _again(self, one: Waiting, now_ms: int) -> list[Decision]:
        one.asked = ""
        self._offers.drop(one.id)
        self.stands.step_out(one)
        return self._match(one, now_ms)

    # Time

    def remind(self, when_ms: int) -> None:
        """Have `time_passed` called then, whether it has something to do or not."""
        self._timers.add(when_ms, "")

    def time_passed(self, now_ms: int) -> tuple[list[Decision], list[str]]:
        """What follows from needs that are relaxed, preferences that lapse, rounds that begin anew, offers of which
        nothing was heard; and the agents who have not answered at all."""
        decisions: list[Decision] = []
        for conversation in self._offers.overdue(now_ms):
            decisions += self._again(self.line.all[conversation], now_ms)
        for conversation in self._timers.due(now_ms):
            one = self.line.all.get(conversation)
            if one is not None and not one.asked:
                decisions += self._again(one, now_ms)
        silent = self._agents.overdue(now_ms)
        for agent in silent:
            self._ask(self.roster.all[agent], now_ms)
        return decisions, silent
