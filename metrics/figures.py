"""What a report says, computed from facts: counts, medians and ninetieth percentiles, shares, ratings.

A percentile is a value that occurred: the smallest that so large a share of all values do not exceed (nearest rank).
Every figure belongs to the moment at which it happened: a conversation to when it was opened, or given to an agent; an
answer to when it was given, and one that was not to when its target had passed; handling to when the conversation left
the agent; so what spans midnight, or several agents, is nowhere counted twice.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, get_args

from actors.events import How, OfflineReason, Outcome, Resolution, Speaker, Trigger
from metrics.rollup import ASSIGNED, OPENED, UNANSWERED, Fact, Key

RESOLUTIONS: tuple[str, ...] = get_args(Resolution)
OUTCOMES: tuple[str, ...] = get_args(Outcome)
SPEAKERS: tuple[str, ...] = get_args(Speaker)
TRIGGERS: tuple[str, ...] = get_args(Trigger)
HOWS: tuple[str, ...] = get_args(How)
REASONS: tuple[str, ...] = get_args(OfflineReason)

Figures = dict[str, Any]


class Tally:
    """The facts of one agent, or of one bot, in the time of a report."""

    def __init__(self) -> None:
        self._values: defaultdict[str, list[float]] = defaultdict(list)
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._ratings: dict[int, tuple[int, float]] = {}
        self._conversations: defaultdict[str, set[int]] = defaultdict(set)

    def add(self, key: Key, facts: Sequence[Fact]) -> None:
        """Take in the facts of a column."""
        match key.name:
            case "rating":
                for at_ms, conversation, score in facts:
                    if at_ms >= self._ratings.get(conversation, (0, 0.0))[0]:
                        self._ratings[conversation] = at_ms, score
            case name if name.endswith("_seconds"):
                self._values[name] += (value for _, _, value in facts)
            case name if name in (OPENED, ASSIGNED):
                self._conversations[name].update(conversation for _, conversation, _ in facts)
            case name:
                self._counts[name][key.label] += len(facts)

    def agent(self) -> Figures:
        """An agent's figures; what there is nothing to tell of is null."""
        return {"conversations": len(self._conversations[ASSIGNED]), **self._answers(), **self._outcomes()}

    def bot(self) -> Figures:
        """A bot's figures."""
        return {
            "conversations": len(self._conversations[OPENED]),
            "messages": self._by("messages_total", SPEAKERS),
            "handoffs": self._by("handoffs_total", TRIGGERS),
            "takeovers": self._by("takeovers_total", HOWS),
            "offline_answered": self._by("offline_answered_total", REASONS),
            **self._times("wait", "handoff_wait_seconds"),
            **self._answers(),
            **self._outcomes(),
        }

    def _answers(self) -> Figures:
        answers = len(self._values["response_seconds"])
        within = self._counts["responses_within_target_total"].total()
        unanswered = self._counts[UNANSWERED].total()
        wanted = answers + unanswered
        return {
            **self._times("first_response", "first_response_seconds"),
            **self._times("response", "response_seconds"),
            "responses": answers,
            "unanswered": unanswered,
            "within_target": within / wanted if wanted else None,
            **self._times("handle", "handle_seconds"),
        }

    def _outcomes(self) -> Figures:
        scores = [score for _, score in self._ratings.values()]
        offers = self._by("offers_total", OUTCOMES)
        return {
            "resolutions": self._by("closed_total", RESOLUTIONS),
            "rating": {"average": sum(scores) / len(scores) if scores else None, "count": len(scores)},
            "offers": offers,
            "missed_offers": offers["expired"],
        }

    def _by(self, name: str, labels: Sequence[str]) -> dict[str, int]:
        return {label: self._counts[name][label] for label in labels}

    def _times(self, name: str, measure: str) -> Figures:
        values = sorted(self._values[measure])
        return {f"{name}_p{share}_ms": _percentile_ms(values, share) for share in (50, 90)}


def _percentile_ms(values: Sequence[float], share: int) -> int | None:
    """The nearest rank of so many per cent, in milliseconds; `values` are seconds, sorted."""
    return round(values[-(-share * len(values) // 100) - 1] * 1000) if values else None
